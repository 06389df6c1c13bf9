"""The rounds of bench_csf: see there."""
import glob
import json
import os
import signal
import statistics
import subprocess
import sys

mode, h, w, threads, rounds, runs, csnet, onnx, ort = sys.argv[1:]
here = os.path.dirname(os.path.abspath(__file__))
env = dict(os.environ, OMP_NUM_THREADS=threads, MKL_NUM_THREADS=threads, GOMAXPROCS=threads)
tcmalloc = dict(env, LD_PRELOAD=glob.glob("/usr/lib/*/libtcmalloc_minimal.so.4")[0])
commands = {"csnet": ([csnet, mode, h, w, threads], env), "PyTorch": (["/usr/bin/python3", f"{here}/csf.py", mode, h, w, threads], tcmalloc)}
if mode == "infer":
    commands["ONNX Runtime"] = (["node", f"{here}/csf.cjs", ort, onnx, h, w, threads], env)

processes, times, rss = {}, {}, {}


def ask(name, n):
    p = processes[name]
    p.send_signal(signal.SIGCONT)
    p.stdin.write(f"{n}\n")
    p.stdin.flush()
    line = p.stdout.readline()
    if not line:
        sys.exit(f"bench_csf: {name} ended")
    p.send_signal(signal.SIGSTOP)  # some threads spin while they wait
    return json.loads(line)


for name, (command, e) in commands.items():
    processes[name] = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=e)
    ask(name, 2)  # warm-up
    times[name] = []
for k in range(int(rounds)):
    for name in list(processes)[:: 1 if k % 2 == 0 else -1]:
        got = ask(name, int(runs))
        times[name] += got["times_ms"]
        rss[name] = got["rss_mb"]
best = min(min(t) for n, t in times.items() if n != "csnet")
typical = min(statistics.median(t) for n, t in times.items() if n != "csnet")
print(f"{mode} {h}x{w}, {threads} thread(s), {rounds} rounds of {runs}")
for name, t in times.items():
    print(f"  {name:13} min {min(t):8.1f} ms  median {statistics.median(t):8.1f} ms  peak RSS {rss[name]:6.0f} MB")
    p = processes[name]
    p.send_signal(signal.SIGCONT)
    p.stdin.close()
print(f"  fastest other / csnet: {best / min(times['csnet']):.2f} by minima, {typical / statistics.median(times['csnet']):.2f} by medians")
