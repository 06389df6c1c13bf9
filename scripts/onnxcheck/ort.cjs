// Runs the files of onnxcheck in ONNX Runtime (native) or ONNX Runtime Web
// (wasm) and prints a line a run: program, file, size, largest difference,
// relative to the largest logit. Usage: node ort.cjs onnxruntime-node|onnxruntime-web DIR
const fs = require('fs');
const path = require('path');
const [program, dir] = process.argv.slice(2);
const ort = require(require.resolve(program, { paths: [process.cwd()] }));

const read = (f) => {
  const b = fs.readFileSync(path.join(dir, f));
  return new Float32Array(b.buffer.slice(b.byteOffset, b.byteOffset + b.length));
};

async function check(name, file, h, w) {
  const session = await ort.InferenceSession.create(fs.readFileSync(path.join(dir, file)));
  const out = await session.run({ image: new ort.Tensor('float32', read(`${name}.${h}x${w}.in`), [1, 3, h, w]) });
  const got = out.logits.data;
  const want = read(`${name}.${h}x${w}.out`);
  let diff = got.length === want.length ? 0 : Infinity;
  let most = 0;
  for (let i = 0; i < want.length; i++) {
    diff = Math.max(diff, Math.abs(got[i] - want[i]));
    most = Math.max(most, Math.abs(want[i]));
  }
  console.log([program, file, `${h}x${w}`, (diff / most).toExponential(1)].join('\t'));
}

(async () => {
  if (program === 'onnxruntime-web') ort.env.wasm.numThreads = 1;
  for (const { name, sizes, half } of JSON.parse(fs.readFileSync(path.join(dir, 'list.json')))) {
    await check(name, `${name}-a.onnx`, ...sizes[0]);
    if (half) continue;
    await check(name, `${name}-b.onnx`, ...sizes[1]);
    for (const [h, w] of sizes) await check(name, `${name}-dynamic.onnx`, h, w);
  }
})().catch((e) => { console.error(String(e)); process.exit(1); });
