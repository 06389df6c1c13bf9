"""Times csnet beside its peers in alternating rounds: see ../bench_peers."""
import argparse
import datetime
import json
import os
import platform
import re
import signal
import statistics
import subprocess
import sys
import time

import numpy as np

import onnx_state

HERE = os.path.dirname(os.path.abspath(__file__))
# Fused floors of PERF.md: ms at 116 GFLOP/s on one core, 224x224, batch 1.
FLOORS = {"x1-L": 5.8, "x1 not pruned": 8.5}
NAMES = {
    "torch-eager": "PyTorch, eager", "torch-frozen": "PyTorch, traced, frozen, oneDNN",
    "torch-optimized": "PyTorch, traced, optimize_for_inference", "ort": "ONNX Runtime", "opencv": "OpenCV DNN",
    "torch-train": "PyTorch", "csnet": "csnet", "csnet-avx2": "csnet, AVX2 alone", "csnet-mixed": "csnet, mixed precision",
}


class Contender:
    """One program at one number of threads. times are ms per image."""

    def __init__(self, kind, job, opts):
        self.kind, self.job, self.opts = kind, job, opts
        self.times, self.rss, self.failed, self.peak, self.proc = [], 0.0, None, 0.0, None

    def fail(self, why):
        lines = [x.strip() for x in why.splitlines() if x.strip(" >")] or ["ended without a word"]
        self.failed = ([x for x in lines if "rror" in x] or lines)[-1][:200]
        print(f"  {NAMES[self.kind]}: {self.failed}", file=sys.stderr)
        self.close()

    def close(self):
        if self.proc:
            self.proc.send_signal(signal.SIGCONT)
            self.proc.stdin.close()
            self.proc.wait()
            self.proc = None


class Peer(Contender):
    """A worker process that stays alive between rounds, stopped meanwhile: some
    runtimes' threads spin while they wait."""

    def start(self):
        path = f"{self.opts.tmp}/{self.kind}-{self.job['threads']}"
        with open(path + ".json", "w") as f:
            json.dump(self.job, f)
        env = dict(os.environ, OMP_NUM_THREADS=str(self.job["threads"]))
        if self.kind == "ort":
            cmd = [self.opts.node, f"{HERE}/worker.cjs", self.opts.ort, path + ".json"]
        else:
            cmd = [sys.executable, f"{HERE}/worker.py", self.kind, path + ".json"]
            env["LD_PRELOAD"] = self.opts.tcmalloc
        self.err = open(path + ".err", "w+")
        self.proc = subprocess.Popen(cmd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.err, text=True, env=env)

    def ask(self, line):
        try:
            self.proc.stdin.write(line + "\n")
            self.proc.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.proc.stdout.readline()
        if not answer:
            self.err.seek(0)
            self.fail(self.err.read())
            return None
        return json.loads(answer)

    def round(self, runs, first):
        if self.proc is None:
            self.start()
        self.proc.send_signal(signal.SIGCONT)
        if first:
            self.ask(str(min(runs, 10) if self.job["batch"] == 1 else 2))  # warm-up
        got = None if self.failed else self.ask(str(runs))
        if got is None:
            return
        self.times += [t / self.job["batch"] for t in got["times_ms"]]
        self.rss = max(self.rss, got["rss_mb"])
        if first and self.job.get("logits"):
            self.ask("")
        self.proc.send_signal(signal.SIGSTOP)


class Csnet(Contender):
    """csnet bench, a process a round."""

    def round(self, runs, first):
        j = self.job
        cmd = [self.opts.csnet, "bench", "--json", "--mode", j["mode"], "--batch", str(j["batch"]), "--size", str(j["size"]),
               "--threads", str(j["threads"]), "--runs", str(runs), *j["net"]]
        if self.kind == "csnet-avx2":
            cmd += ["--cpu", "avx2"]
        if self.kind == "csnet-mixed":
            cmd += ["--precision", "mixed"]
        if j["mode"] == "infer":
            cmd += ["--input", j["input"], "--logits", j["logits"]]
        p = subprocess.run(cmd, capture_output=True, text=True)
        if p.returncode:
            self.fail(p.stderr)
            return
        got = json.loads(p.stdout)
        self.times += [t / j["batch"] for t in got["times_ms"]]
        self.rss, self.peak = max(self.rss, got["peak_rss_mb"]), max(self.peak, got["peak_gflops"])
        self.cpu = got["cpu"]


def contest(kinds, job, opts, rounds, runs):
    """Runs kinds at all numbers of threads in alternating rounds; the
    contenders by (kind, threads)."""
    all_ = {}
    for t in opts.threads:
        for kind in kinds:
            j = dict(job, threads=t, logits=f"{opts.tmp}/{kind}-{t}.f32" if job["mode"] == "infer" else None)
            all_[kind, t] = (Csnet if kind.startswith("csnet") else Peer)(kind, j, opts)
    for r in range(rounds):
        order = list(all_.values())
        for c in order[:: 1 if r % 2 == 0 else -1]:
            if not c.failed:
                c.round(runs, r == 0)
        print(f"  round {r + 1}/{rounds}", file=sys.stderr)
    for c in all_.values():
        c.close()
    return all_


def busy(seconds=2.0):
    """The share of the processors' time in use, by whomever."""

    def read():
        with open("/proc/stat") as f:
            v = [int(x) for x in f.readline().split()[1:]]
        return v[3] + v[4], sum(v[:8])

    idle, total = read()
    time.sleep(seconds)
    idle2, total2 = read()
    return 1 - (idle2 - idle) / max(total2 - total, 1)


def median(c):
    return statistics.median(c.times) if c.times and not c.failed else None


def table(name, kinds, all_, opts, job):
    """The rows of a contest: markdown and JSON."""
    heads = "".join(f" {t} thread{'s' * (t > 1)}, ms | times csnet |" for t in opts.threads)
    diff = " logits off by at most |" if job["mode"] == "infer" else ""
    lines = [f"| |{heads} runs | peak RSS, MB |{diff}", "|---|" + "---|---|" * len(opts.threads) + "---|---|" + "---|" * bool(diff)]
    rows, disagree = [], []
    for kind in kinds:
        row, cells, why = {"name": NAMES[kind], "threads": {}}, "", ""
        cs = [all_[kind, t] for t in opts.threads]
        for c in cs:
            ms, own = median(c), median(all_["csnet", c.job["threads"]])
            ratio = ms / own if ms and own else None
            cells += f" {ms:.2f} | {ratio:.2f} |" if ratio else " - | - |"
            row["threads"][c.job["threads"]] = {"ms_per_image": ms, "times_csnet": ratio, "runs": len(c.times), "times_ms": c.times}
            why = why or c.failed or ""
        row["peak_rss_mb"] = max(c.rss for c in cs)
        row["failed"] = why or None
        cells += f" {min(len(c.times) for c in cs)} | {row['peak_rss_mb']:.0f} |"
        if diff:
            off = difference(cs, all_["csnet", opts.threads[0]])
            row["logits_off"] = off
            cells += f" {off:.1e} |" if off is not None else " - |"
            if off is not None and not off < 1e-3:
                disagree.append(f"{name}: the logits of {NAMES[kind]} are off by {off:.1e} of csnet's largest")
        lines.append(f"| {NAMES[kind]} |{cells}" + (f" failed: {why}" if why else ""))
        rows.append(row)
    return lines + [""] + notes(name, kinds, all_, opts, job), rows, disagree


def difference(cs, own):
    """The largest difference of logits from csnet's, of its largest logit;
    None when one has none."""
    worst = None
    try:
        ref = np.fromfile(own.job["logits"], "<f4")
        for c in cs:
            if not c.failed:
                got = np.fromfile(c.job["logits"], "<f4")
                off = float(np.abs(got - ref).max() / np.abs(ref).max()) if got.shape == ref.shape else float("inf")
                worst = off if worst is None else max(worst, off)
    except OSError:
        return None
    return worst


def notes(name, kinds, all_, opts, job):
    """What the table says about csnet."""
    lines = []
    for t in opts.threads:
        own = median(all_["csnet", t])
        peers = [(median(all_[k, t]), k) for k in kinds if not k.startswith("csnet") and median(all_[k, t])]
        if not own:
            continue
        if peers:
            ms, k = min(peers)
            line = f"- {t} thread{'s' * (t > 1)}: {ms / own:.2f} times as fast as the fastest peer ({NAMES[k]})"
            for kind, how in (("csnet-avx2", "with AVX2 alone"), ("csnet-mixed", "in mixed precision")):
                other = median(all_[kind, t]) if (kind, t) in all_ else None
                line += f", {how} {ms / other:.2f} times" if other else ""
            lines.append(line + ".")
        if job["mode"] == "infer" and name in FLOORS and job["size"] == 224:
            peak = all_["csnet", t].peak
            floor = FLOORS[name] * 116 / peak / t
            lines.append(f"- {t} thread{'s' * (t > 1)}: {own / floor:.2f} times the fused floor, {floor:.2f} ms at {peak:.0f} GFLOP/s a core.")
    first, last = opts.threads[0], opts.threads[-1]
    if first != last and median(all_["csnet", first]) and median(all_["csnet", last]):
        lines.append(f"- csnet, {first} to {last} threads: {median(all_['csnet', first]) / median(all_['csnet', last]):.2f} times as fast.")
    return lines + [""]


def infer(opts):
    """Both nets, all peers."""
    kinds = ["csnet", "csnet-avx2", "torch-eager", "torch-frozen", "torch-optimized", "ort", "opencv"]
    if opts.no_avx2:
        kinds.remove("csnet-avx2")
    if opts.size != 224:  # the size that the ONNX files were written for
        kinds = [k for k in kinds if k not in ("ort", "opencv")]
    for name, file in (("x1-L", "csnet-L-x1"), ("x1 not pruned", "csnet-x1-not-pruned")):
        onnx = f"{opts.shared}/checkpoints/{file}.onnx"
        if not os.path.exists(onnx):
            print(f"{onnx} is missing: {name} is left out", file=sys.stderr)
            continue
        arrays = onnx_state.state(onnx)
        np.savez(f"{opts.tmp}/{file}.npz", **arrays)
        release = f"{opts.shared}/checkpoints/{file}.pth.tar"
        if not os.path.exists(release):
            release = f"{opts.tmp}/{file}.safetensors"
            onnx_state.write_safetensors(release, arrays)
        ckpt = f"{opts.tmp}/{file}.ckpt"
        subprocess.run([opts.csnet, "import", "--from", release, "--out", ckpt], check=True)
        plain = f"{opts.tmp}/{file}.onnx"
        onnx_state.without_identities(onnx, plain)
        job = {"mode": "infer", "onnx": plain, "state": f"{opts.tmp}/{file}.npz", "batch": 1, "size": opts.size,
               "input": photo(opts), "net": ["--checkpoint", ckpt]}
        print(f"{name}, inference", file=sys.stderr)
        yield name, f"{name}, inference, {opts.size}x{opts.size}, batch 1", kinds, contest(kinds, job, opts, opts.rounds, opts.runs), job


def photo(opts):
    """The file of the input: a photo as the net sees it, or drawn numbers."""
    path, golden = f"{opts.tmp}/input.f32", f"{opts.shared}/golden/import_x1/chelsea_in.npy"
    x = None
    if os.path.exists(golden):
        x = np.load(golden).astype("<f4")
    if x is None or x.shape != (1, 3, opts.size, opts.size):
        x = np.random.default_rng(1).standard_normal((1, 3, opts.size, opts.size)).astype("<f4")
    x.tofile(path)
    return path


def train(opts):
    kinds = ["csnet", "csnet-mixed", "torch-train"]
    for batch in opts.batches:
        path = f"{opts.tmp}/train-{batch}.f32"
        np.random.default_rng(3).standard_normal((batch, 3, opts.size, opts.size)).astype("<f4").tofile(path)
        job = {"mode": "train", "batch": batch, "size": opts.size, "input": path, "net": ["--config", f"{opts.root}/configs/csnet-x1.yaml"]}
        name = f"x1 not pruned, training step, {opts.size}x{opts.size}, batch {batch}"
        print(name, file=sys.stderr)
        yield name, name, kinds, contest(kinds, job, opts, opts.train_rounds, opts.train_runs), job


def cpu_name():
    with open("/proc/cpuinfo") as f:
        m = re.search(r"model name\s*:\s*(.*)", f.read())
    return m.group(1) if m else platform.machine()


def versions(opts):
    code = "import torch, cv2; print(torch.__version__, cv2.__version__)"
    torch, cv2 = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    with open(f"{opts.ort}/node_modules/onnxruntime-node/package.json") as f:
        ort = json.load(f)["version"]
    return {"PyTorch": torch, "OpenCV": cv2, "ONNX Runtime": ort}


def record_json(record):
    """The record as JSON, one contender a line, so that a new measurement is a diff of a few lines."""
    lines = []
    for title, rows in record["tables"].items():
        contenders = ",\n".join("   " + json.dumps(r) for r in rows)
        lines.append(f"  {json.dumps(title)}: [\n{contenders}\n  ]")
    fields = [f" {json.dumps(k)}: {json.dumps(v)}" for k, v in record.items() if k != "tables"]
    fields.append(' "tables": {\n' + ",\n".join(lines) + "\n }")
    return "{\n" + ",\n".join(fields) + "\n}\n"


def main():
    p = argparse.ArgumentParser(prog="bench_peers", description="csnet beside PyTorch, ONNX Runtime and OpenCV DNN; see docs/bench/README.md")
    p.add_argument("--mode", choices=["infer", "train", "both"], default="both")
    p.add_argument("--threads", default="1,2", help="numbers of threads, with commas")
    p.add_argument("--size", type=int, default=224, help="side of the input; the ONNX files run at 224 alone")
    p.add_argument("--rounds", type=int, default=6, help="rounds of inference")
    p.add_argument("--runs", type=int, default=20, help="runs a round")
    p.add_argument("--train-rounds", type=int, default=5)
    p.add_argument("--train-runs", type=int, default=5, help="steps a round")
    p.add_argument("--batches", default="24,8", help="of training, with commas")
    p.add_argument("--out", default="", help="files OUT.md and OUT.json (default docs/bench/peers-<cpu>)")
    for name in ("csnet", "shared", "ort", "node", "tcmalloc", "tmp", "root"):
        p.add_argument("--" + name, required=True, help=argparse.SUPPRESS)
    opts = p.parse_args()
    opts.threads = [int(t) for t in opts.threads.split(",")]
    opts.batches = [int(b) for b in opts.batches.split(",")]
    opts.no_avx2 = "avx512" not in open("/proc/cpuinfo").read()

    load = busy()
    vs = versions(opts)
    head = [f"# csnet beside its peers: {cpu_name()}, {os.cpu_count()} cores", "",
            f"Made by scripts/bench_peers on {datetime.date.today()}. " + ", ".join(f"{k} {v}" for k, v in vs.items()) + ".",
            "Times are medians in ms per image; \"times csnet\" is a contender's time over csnet's at the same number of threads, in one run of alternating rounds."]
    body, record, disagree = [], {"cpu": cpu_name(), "cores": os.cpu_count(), "versions": vs, "tables": {}}, []
    for wanted, make in (("infer", infer), ("train", train)):
        if opts.mode not in (wanted, "both"):
            continue
        for name, title, kinds, all_, job in make(opts):
            lines, rows, bad = table(name, kinds, all_, opts, job)
            body += ["", f"## {title}", *lines]
            record["tables"][title] = rows
            disagree += bad
            print("\n".join([title, *lines]), flush=True)
    load = max(load, busy())
    record["busy_before_or_after"] = load
    if load > 0.05:
        head += ["", f"**Not a record: the machine was {100 * load:.0f}% busy with other work before or after.**"]
        print(f"the machine was {100 * load:.0f}% busy with other work: these figures are no record", file=sys.stderr)
    slug = re.sub(r"[^a-z0-9]+", "-", re.sub(r"\((r|tm)\)", "", cpu_name().lower())).strip("-")
    out = opts.out or f"{opts.root}/docs/bench/peers-{slug}"
    with open(out + ".md", "w") as f:
        f.write("\n".join(head + body).rstrip() + "\n")
    with open(out + ".json", "w") as f:
        f.write(record_json(record))
    print(f"written to {out}.md and {out}.json", file=sys.stderr)
    if disagree:
        sys.exit("\n".join(disagree))


if __name__ == "__main__":
    main()
