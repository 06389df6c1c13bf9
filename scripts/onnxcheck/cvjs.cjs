// Runs the files of onnxcheck in OpenCV.js and prints a line a run: program, file,
// size, largest difference, relative to the largest logit.
// Usage: node cvjs.cjs PACKAGE DIR
const fs = require('fs');
const path = require('path');
const [name, dir] = process.argv.slice(2);
const from = require.resolve(name, { paths: [process.cwd()] });
const { version } = JSON.parse(fs.readFileSync(path.join(path.dirname(from), '..', 'package.json')));
const program = `opencv.js-${version.replace(/-.*/, '')}`;

const read = (f) => {
  const b = fs.readFileSync(path.join(dir, f));
  return new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
};

function check(cv, net, file, h, w) {
  const planes = read(`${net}.${h}x${w}.in`);
  const image = new cv.Mat(h, w, cv.CV_32FC3);
  for (let i = 0; i < h * w; i++) for (let c = 0; c < 3; c++) image.data32F[3 * i + c] = planes[c * h * w + i];
  cv.FS_createDataFile('/', 'net.onnx', new Uint8Array(fs.readFileSync(path.join(dir, file))), true, true, true);
  const model = cv.readNetFromONNX('/net.onnx');
  cv.FS_unlink('/net.onnx');
  const blob = cv.blobFromImage(image, 1, new cv.Size(w, h), new cv.Scalar(0, 0, 0, 0), false, false, cv.CV_32F);
  model.setInput(blob, '');
  const out = model.forward('');
  const got = out.data32F;
  const want = read(`${net}.${h}x${w}.out`);
  let diff = got.length === want.length ? 0 : Infinity;
  let most = 0;
  for (let i = 0; i < want.length; i++) {
    diff = Math.max(diff, Math.abs(got[i] - want[i]));
    most = Math.max(most, Math.abs(want[i]));
  }
  console.log([program, file, `${h}x${w}`, (diff / most).toExponential(1)].join('\t'));
  for (const m of [image, blob, out, model]) m.delete();
}

(async () => {
  let cv = require(from);
  if (cv instanceof Promise) cv = await cv;
  else {
    delete cv.then; // of builds whose "then" hands on the module itself, so that await never ends
    if (!cv.Mat) await new Promise((ready) => { cv.onRuntimeInitialized = ready; });
  }
  for (const { name: net, sizes, half, fixed } of JSON.parse(fs.readFileSync(path.join(dir, 'list.json')))) {
    if (half) {
      check(cv, net, `${net}-a.onnx`, ...sizes[0]);
      continue;
    }
    check(cv, net, `${net}-b.onnx`, ...sizes[1]);
    for (const [h, w] of fixed ? sizes.slice(0, 1) : sizes) check(cv, net, `${net}-a.onnx`, h, w); // OpenCV takes other sizes than the file's
  }
})().catch((e) => { console.error(program, typeof e === 'number' ? `exception ${e}` : String(e)); process.exit(1); });
