"""CSF on ResNet-50 in PyTorch, with drawn weights, as a contender of bench_csf.

csf.py infer|train H W THREADS: reads a number a line from standard input, runs that many
times and answers {"times_ms": [...], "rss_mb": peak}.
csf.py onnx H W FILE: writes the net as ONNX.
"""
import json
import sys
import time

import torch
import torch.nn.functional as F
import torchvision
from torch import nn


def to(x, like):
    """x resized to the size of like."""
    if x.shape[2:] == like.shape[2:]:
        return x
    return F.interpolate(x, size=like.shape[2:], mode="bilinear", align_corners=False)


class Oct(nn.Module):
    """A gOctConv 1x1 of the resize dialect, group norm, PReLU."""

    def __init__(self, ins, outs):
        super().__init__()
        self.convs = nn.ModuleList(nn.ModuleList(nn.Conv2d(i, o, 1, bias=False) for i in ins) for o in outs)
        self.norms = nn.ModuleList(nn.GroupNorm(32, o) for o in outs)
        self.acts = nn.ModuleList(nn.PReLU(o) for o in outs)

    def forward(self, xs):
        out = []
        for j, (convs, norm, act) in enumerate(zip(self.convs, self.norms, self.acts)):
            ys = [to(c(x), xs[j]) if i > j else c(to(x, xs[j])) for i, (c, x) in enumerate(zip(convs, xs))]
            y = ys[0]
            for more in ys[1:]:
                y = y + more
            out.append(act(norm(y)))
        return out


class MS(nn.Module):
    """Five dilated 3x3 convolutions beside one another, group norm, PReLU."""

    def __init__(self, c):
        super().__init__()
        outs = [c // 5] * 4 + [c - c // 5 * 4]
        self.convs = nn.ModuleList(nn.Conv2d(c, o, 3, padding=d, dilation=d, bias=False) for o, d in zip(outs, (1, 2, 4, 8, 16)))
        self.norm, self.act = nn.GroupNorm(32, c), nn.PReLU(c)

    def forward(self, x):
        return self.act(self.norm(torch.cat([c(x) for c in self.convs], 1)))


class CSF(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = torchvision.models.resnet50(weights=None)
        del self.base.fc
        widths = (128, 256, 512, 512)
        self.fuse = Oct((256, 512, 1024, 2048), widths)
        self.ms = nn.ModuleList(MS(w) for w in widths)
        self.out = Oct(widths, (sum(widths),))
        self.cls = nn.Conv2d(sum(widths), 1, 1)
        for m in self.base.modules():  # frozen norms
            if isinstance(m, nn.BatchNorm2d):
                m.weight.requires_grad_(False)
                m.bias.requires_grad_(False)

    def train(self, mode=True):
        super().train(mode)
        for m in self.base.modules():
            if isinstance(m, nn.BatchNorm2d):
                m.eval()
        return self

    def forward(self, x):
        b = self.base
        y = b.maxpool(b.relu(b.bn1(b.conv1(x))))
        xs = []
        for layer in (b.layer1, b.layer2, b.layer3, b.layer4):
            y = layer(y)
            xs.append(y)
        xs = [m(y) for m, y in zip(self.ms, self.fuse(xs))]
        return to(self.cls(self.out(xs)[0]), x)


def runner(mode, x):
    net = CSF()
    if sum(p.numel() for p in net.parameters()) != 36367169:
        sys.exit("csf.py: the net has another number of parameters than CSF on ResNet-50")
    if mode == "infer":
        net.eval()
        torch.jit.enable_onednn_fusion(True)
        with torch.no_grad():
            f = torch.jit.freeze(torch.jit.trace(net, x))
            for _ in range(3):
                f(x)

        def run():
            with torch.no_grad():
                return f(x).numpy()

        return run
    net.train()
    y = torch.rand(1, 1, *x.shape[2:])

    def step():
        loss = F.binary_cross_entropy_with_logits(net(x), y, reduction="sum") / 10
        loss.backward()  # gradients add up, as they do over ten pictures

    return step


def main():
    mode, h, w = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.manual_seed(1)
    x = torch.randn(1, 3, h, w)
    if mode == "onnx":
        torch.onnx.export(CSF().eval(), x, sys.argv[4], opset_version=13)
        return
    torch.set_num_threads(int(sys.argv[4]))
    run = runner(mode, x)
    for line in sys.stdin:
        times = []
        for _ in range(int(line)):
            t = time.perf_counter()
            run()
            times.append(1000 * (time.perf_counter() - t))
        with open("/proc/self/status") as f:
            rss = next(int(s.split()[1]) for s in f if s.startswith("VmHWM")) * 1024 / 1e6
        print(json.dumps({"times_ms": times, "rss_mb": rss}), flush=True)


main()
