// ONNX Runtime as a contender of bench_peers: see worker.py.
// node worker.cjs FOLDER_OF_ONNXRUNTIME_NODE JOB.json
'use strict';
const fs = require('fs');
const readline = require('readline');
const { createRequire } = require('module');

async function main() {
  const ort = createRequire(process.argv[2] + '/')('onnxruntime-node');
  const job = JSON.parse(fs.readFileSync(process.argv[3], 'utf8'));
  const session = await ort.InferenceSession.create(job.onnx, {
    executionProviders: ['cpu'], graphOptimizationLevel: 'all',
    intraOpNumThreads: job.threads, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 3,
  });
  const raw = fs.readFileSync(job.input);
  const x = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
  const feeds = { [session.inputNames[0]]: new ort.Tensor('float32', x, [job.batch, 3, job.size, job.size]) };
  let out = null;
  for await (const line of readline.createInterface({ input: process.stdin })) {
    if (!line.trim()) {
      if (out) fs.writeFileSync(job.logits, Buffer.from(out.buffer, out.byteOffset, out.byteLength));
      console.log('{}');
      continue;
    }
    const times = [];
    for (let n = Number(line); n > 0; n--) {
      const start = process.hrtime.bigint();
      const got = await session.run(feeds);
      times.push(Number(process.hrtime.bigint() - start) / 1e6);
      out = got[session.outputNames[0]].data;
    }
    const hwm = /VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'));
    console.log(JSON.stringify({ times_ms: times, rss_mb: hwm ? hwm[1] * 1024 / 1e6 : 0 }));
  }
}

main().catch((e) => { console.error(String(e)); process.exit(1); });
