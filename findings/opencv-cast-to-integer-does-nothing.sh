#!/usr/bin/env bash
# OpenCV 4.12 runs Cast to an integer type as a node that does nothing.
#
# Versions:    npm @techstark/opencv-js 4.12.0-release.1 (OpenCV 4.12 for the web),
#              npm onnxruntime-node 1.30.0, npm onnx-proto 8.0.1 (to write the model)
# Expectation: Cast from float to int32 and back drops the digits after the point, or is refused.
# Behaviour:   Both nodes are accepted and the values come out as they went in: a net that scales to grey levels inside the file is not rounded.
# Output seen: ONNX Runtime 0 1 -2 3; OpenCV 0.4 1.6 -2.7 3.2.
# Exits 0 while this holds, 1 when it has changed. Needs node and npm.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  @techstark/opencv-js@4.12.0-release.1 onnxruntime-node@1.30.0 onnx-proto@8.0.1 > /dev/null
cat > run.cjs <<'JS'
const { onnx } = require('onnx-proto');
const ort = require('onnxruntime-node');
const cv = require('@techstark/opencv-js');
const x = [0.4, 1.6, -2.7, 3.2];
const [h, w] = [1, 4];
const value = (name, dims) => ({ name, type: { tensorType: { elemType: 1, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });
const model = Buffer.from(onnx.ModelProto.encode(onnx.ModelProto.create({
  irVersion: 7,
  opsetImport: [{ domain: '', version: 13 }],
  graph: {
    name: 'g',
    input: [value('x', [1, 1, h, w])],
    output: [value('y', [1, 1, 1, 4])],
    initializer: [],
    node: [{ opType: 'Cast', input: ['x'], output: ['i'], attribute: [{ name: 'to', type: 2, i: 6 }] }, { opType: 'Cast', input: ['i'], output: ['y'], attribute: [{ name: 'to', type: 2, i: 1 }] }],
  },
})).finish());
(async () => {
  const session = await ort.InferenceSession.create(model);
  const a = Array.from((await session.run({ x: new ort.Tensor('float32', Float32Array.from(x), [1, 1, h, w]) })).y.data);
  while (!cv.Mat) await new Promise((done) => setTimeout(done, 100));
  cv.FS_createDataFile('/', 'm.onnx', new Uint8Array(model), true, false, false);
  const net = cv.readNetFromONNX('/m.onnx');
  const image = new cv.Mat(h, w, cv.CV_32FC1);
  image.data32F.set(x);
  net.setInput(cv.blobFromImage(image, 1, new cv.Size(w, h), new cv.Scalar(0, 0, 0, 0), false, false, cv.CV_32F));
  const b = Array.from(net.forward().data32F);
  const show = (v) => v.map((n) => (Number.isFinite(n) ? Math.round(n * 1000) / 1000 : String(n))).join(' ');
  console.log('ONNX Runtime:', show(a));
  console.log('OpenCV:      ', show(b));
  process.exit(show(a) === '0 1 -2 3' && show(b) === '0.4 1.6 -2.7 3.2' ? 0 : 1);
})();
JS
node run.cjs
