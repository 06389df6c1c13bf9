"""Saliency map of a photo with OpenCV alone.
Usage: python3 saliency.py csnet.onnx photo.jpg map.png"""
import sys

import cv2

SIDE = 224  # of the net's input: what `csnet export` printed

model, photo_file, map_file = sys.argv[1:4]
net = cv2.dnn.readNetFromONNX(model)

photo = cv2.imread(photo_file, cv2.IMREAD_COLOR)  # turned as its EXIF says
if photo is None:
    sys.exit(f'{photo_file}: not a photo that OpenCV reads')
height, width = photo.shape[:2]

# The nets learned from photos of about 400 pixels: reduce larger ones by area.
scale = min(1, 400 / max(height, width))
small = photo if scale == 1 else cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
small = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)

net.setInput(cv2.dnn.blobFromImage(small, swapRB=True))  # RGB, 0 to 255
saliency = net.forward()[0, 0]  # (SIDE, SIDE), 0 to 1

full = cv2.resize(saliency, (width, height), interpolation=cv2.INTER_LINEAR)
cv2.imwrite(map_file, (full * 255).clip(0, 255).astype('uint8'))
