// Saliency map of a photo with OpenCV.
// Build: g++ -O2 saliency.cpp -o saliency $(pkg-config --cflags --libs opencv4)
// Usage: ./saliency csnet.onnx photo.jpg map.png
#include <algorithm>
#include <iostream>
#include <opencv2/dnn.hpp>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: saliency csnet.onnx photo.jpg map.png\n";
    return 2;
  }
  const int side = 224;  // of the net's input: what `csnet export` printed
  cv::dnn::Net net = cv::dnn::readNetFromONNX(argv[1]);

  cv::Mat photo = cv::imread(argv[2], cv::IMREAD_COLOR);  // turned as its EXIF says
  if (photo.empty()) {
    std::cerr << argv[2] << ": not a photo that OpenCV reads\n";
    return 1;
  }

  // The nets learned from photos of about 400 pixels: reduce larger ones by area.
  cv::Mat small = photo;
  const double scale = std::min(1.0, 400.0 / std::max(photo.rows, photo.cols));
  if (scale < 1) cv::resize(photo, small, cv::Size(), scale, scale, cv::INTER_AREA);
  cv::resize(small, small, cv::Size(side, side), 0, 0, cv::INTER_LINEAR);

  net.setInput(cv::dnn::blobFromImage(small, 1.0, cv::Size(), cv::Scalar(), true));  // RGB, 0 to 255
  cv::Mat out = net.forward();                                                      // (1, 1, side, side), 0 to 1
  cv::Mat saliency(side, side, CV_32F, out.ptr<float>());

  cv::Mat full, map;
  cv::resize(saliency, full, photo.size(), 0, 0, cv::INTER_LINEAR);
  full.convertTo(map, CV_8U, 255, -0.5);  // truncated, as csnet does
  return cv::imwrite(argv[3], map) ? 0 : 1;
}
