"""The ten lines that people write: photos in, maps out, by OpenCV's DNN.

Usage: opencv_photos.py NET.onnx THREADS OUT REDUCE SIDE PHOTO...
REDUCE is 1, or 2, 4, 8: IMREAD_REDUCED_COLOR_n; SIDE is the longer side of the map,
0 the photo's.
"""
import os
import sys

import cv2
import numpy as np

net = cv2.dnn.readNetFromONNX(sys.argv[1])
cv2.setNumThreads(int(sys.argv[2]))
out, reduce, side = sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
flag = {1: cv2.IMREAD_COLOR, 2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}[reduce]
for path in sys.argv[6:]:
    photo = cv2.imread(path, flag)
    h, w = photo.shape[0] * reduce, photo.shape[1] * reduce
    if side:
        w, h = round(w * side / max(w, h)), round(h * side / max(w, h))
    x = cv2.resize(photo, (224, 224))[:, :, ::-1].astype(np.float32) / 255
    x = (x - (0.485, 0.456, 0.406)) / (0.229, 0.224, 0.225)
    net.setInput(x.transpose(2, 0, 1)[None].astype(np.float32))
    logits = net.forward()[0, 0]
    saliency = cv2.resize(1 / (1 + np.exp(-logits)), (w, h))
    name = os.path.splitext(os.path.basename(path))[0] + ".png"
    cv2.imwrite(os.path.join(out, name), (saliency * 255).astype(np.uint8))
