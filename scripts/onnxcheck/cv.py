"""Runs the files of onnxcheck in OpenCV DNN and prints a line a run: program,
file, size, largest difference relative to the largest logit.
Usage: cv.py DIR"""
import json
import os
import sys

import cv2
import numpy as np

root = sys.argv[1]
program = 'opencv-' + cv2.__version__


def check(name, file, h, w):
    net = cv2.dnn.readNetFromONNX(os.path.join(root, file))
    base = os.path.join(root, f'{name}.{h}x{w}')
    net.setInput(np.fromfile(base + '.in', '<f4').reshape(1, 3, h, w))
    got = net.forward().ravel()
    want = np.fromfile(base + '.out', '<f4')
    diff = np.abs(got - want).max() if got.size == want.size else float('inf')
    print(program, file, f'{h}x{w}', f'{diff / np.abs(want).max():.1e}', sep='\t')


for net in json.load(open(os.path.join(root, 'list.json'))):
    if net.get('half'):  # 4.6 refuses weights of 16 bits
        if int(cv2.__version__.split('.')[0]) > 4 or int(cv2.__version__.split('.')[1]) >= 8:
            check(net['name'], net['name'] + '-a.onnx', *net['sizes'][0])
        continue
    check(net['name'], net['name'] + '-b.onnx', *net['sizes'][1])
    for h, w in net['sizes'][:1 if net.get('fixed') else None]:  # OpenCV takes other sizes than the file's
        check(net['name'], net['name'] + '-a.onnx', h, w)
