"""A server of saliency maps as people write it: http.server and OpenCV's DNN.

Usage: opencv_server.py NET.onnx THREADS PORT
A photo is posted to /; the answer is its map as PNG, at the photo's size. NET.onnx is
of csnet export --format onnx --with-normalize --with-sigmoid. THREADS nets of one
thread each serve one request at a time.
"""
import queue
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np

file, threads, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
cv2.setNumThreads(1)
nets = queue.Queue()
for _ in range(threads):
    nets.put(cv2.dnn.readNetFromONNX(file))


class Handler(BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        net = nets.get()
        try:
            photo = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR)
            net.setInput(cv2.dnn.blobFromImage(photo, size=(224, 224), swapRB=True))
            h, w = photo.shape[:2]
            saliency = cv2.resize(net.forward()[0, 0], (w, h))
            answer = cv2.imencode('.png', (saliency * 255).astype(np.uint8))[1].tobytes()
        finally:
            nets.put(net)
        self.send_response(200)
        self.send_header('Content-Type', 'image/png')
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(('127.0.0.1', port), Handler).serve_forever()
