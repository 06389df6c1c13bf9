"""One contender of bench_peers in a process of its own.

worker.py KIND JOB.json: reads a number a line from standard input, runs that
many times and answers {"times_ms": [...], "rss_mb": peak}. After an empty line
it writes the logits of the last run to JOB's "logits", if it has any.
"""
import json
import os
import sys
import time

import numpy as np


def torch_net(job):
    import torch

    sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    import torch_csnet

    torch.manual_seed(1)
    torch.set_num_threads(job["threads"])
    if job.get("state"):
        arrays = dict(np.load(job["state"]))
        net = torch_csnet.load(torch_csnet.CSNet(torch_csnet.widths_of(arrays)), arrays)
    else:
        net = torch_csnet.CSNet(torch_csnet.widths())
    return torch, torch_csnet, net


def images(job, channels=3):
    shape = (job["batch"], channels, job["size"], job["size"])
    return np.fromfile(job["input"], "<f4").reshape(shape)


def torch_eager(job):
    torch, _, net = torch_net(job)
    net.eval()
    x = torch.from_numpy(images(job))

    def run():
        with torch.inference_mode():
            return net(x).numpy()

    return run


def torch_frozen(job):
    torch, _, net = torch_net(job)
    net.eval()
    x = torch.from_numpy(images(job))
    torch.jit.enable_onednn_fusion(True)
    with torch.no_grad():
        f = torch.jit.freeze(torch.jit.trace(net, x))
        for _ in range(5):
            f(x)

    def run():
        with torch.no_grad():
            return f(x).numpy()

    return run


def torch_optimized(job):
    torch, _, net = torch_net(job)
    net.eval()
    x = torch.from_numpy(images(job))
    with torch.no_grad():
        f = torch.jit.optimize_for_inference(torch.jit.trace(net, x))
        for _ in range(5):
            f(x)

    def run():
        with torch.no_grad():
            return f(x).numpy()

    return run


def torch_train(job):
    torch, torch_csnet, net = torch_net(job)
    trainer = torch_csnet.Trainer(net)
    x = torch.from_numpy(images(job))
    rng = np.random.default_rng(2)
    y = torch.from_numpy(rng.random((job["batch"], 1, job["size"], job["size"]), np.float32))

    def run():
        bce, _ = trainer.step(x, y)
        if not bool(torch.isfinite(bce)):
            raise ValueError("loss is not finite")

    return run


def opencv(job):
    import cv2

    cv2.setNumThreads(job["threads"])
    net = cv2.dnn.readNetFromONNX(job["onnx"])
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    net.setPreferableTarget(cv2.dnn.DNN_TARGET_CPU)
    x = images(job)

    def run():
        net.setInput(x)
        return net.forward()

    return run


def peak_rss():
    with open("/proc/self/status") as f:
        for line in f:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0


def main():
    kinds = {"torch-eager": torch_eager, "torch-frozen": torch_frozen, "torch-optimized": torch_optimized,
             "torch-train": torch_train, "opencv": opencv}
    with open(sys.argv[2]) as f:
        job = json.load(f)
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    run = kinds[sys.argv[1]](job)
    out = None
    for line in sys.stdin:
        if not line.strip():
            if out is not None:
                np.ascontiguousarray(out, "<f4").tofile(job["logits"])
            answer.write("{}\n")
        else:
            times = []
            for _ in range(int(line)):
                start = time.perf_counter()
                out = run()
                times.append(1e3 * (time.perf_counter() - start))
            answer.write(json.dumps({"times_ms": times, "rss_mb": peak_rss()}) + "\n")
        answer.flush()


if __name__ == "__main__":
    main()
