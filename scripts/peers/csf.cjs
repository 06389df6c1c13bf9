// ONNX Runtime as a contender of bench_csf.
// node csf.cjs FOLDER_OF_ONNXRUNTIME_NODE NET.onnx H W THREADS
'use strict';
const fs = require('fs');
const readline = require('readline');
const { createRequire } = require('module');

async function main() {
  const [dir, net, h, w, threads] = process.argv.slice(2);
  const ort = createRequire(dir + '/')('onnxruntime-node');
  const session = await ort.InferenceSession.create(net, {
    executionProviders: ['cpu'], graphOptimizationLevel: 'all',
    intraOpNumThreads: Number(threads), interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3,
  });
  const x = new Float32Array(3 * h * w).map((_, i) => Math.sin(0.37 * i));
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', x, [1, 3, Number(h), Number(w)]) };
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const times = [];
    for (let n = Number(line); n > 0; n--) {
      const start = process.hrtime.bigint();
      await session.run(feeds);
      times.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
    const hwm = /VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'));
    console.log(JSON.stringify({ times_ms: times, rss_mb: hwm[1] * 1024 / 1e6 }));
  }
}

main().catch((e) => { console.error(String(e)); process.exit(1); });
