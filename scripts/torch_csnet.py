#!/usr/bin/python3
"""CSNet in PyTorch, the yardstick of csnet's speed in training and inference.

Modules are named so that the state dict has the names of the authors' release.
Octaves are lists of maps, finest first, None where absent.

Run as a program it checks itself against the reference numbers in
$CSNET_SHARED/golden/train_* (default ../shared): logits, losses and gradients
of step 1, losses and parameters of the steps after it, in float64. With
--float32 it prints instead how far the losses of those steps are off in float32,
by several kernels that PyTorch has.
"""
import glob
import itertools
import json
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

DILATIONS = (1, 2, 4, 8, 16)


def widths(width=1.0, split=(0.5, 0.5)):
    """The channel counts of a net that is not pruned: stages of blocks as
    (kernel, stride, channels per octave), then fuse, ms and out of the head."""
    base = round(20 * width)
    cut = [0] + [sum(split[: k + 1]) / sum(split) for k in range(len(split))]

    def share(c):
        at = [round(c * x) for x in cut]
        return [b - a for a, b in zip(at, at[1:])]

    stages = [[(3, 1, share(base))]]
    for s, (blocks, m) in enumerate(zip((3, 4, 6, 4), (1, 2, 4, 4)), 1):
        stage = []
        for b in range(blocks):
            halve = s > 1 and b == 0
            last = s > 1 and b == blocks - 1
            stage.append((3 if halve else 1, 2 if halve else 1, [m * base] if last else share(m * base)))
        stages.append(stage)
    fuse = [2 * base // 3, 4 * base // 3, 4 * base // 3]
    ms = [[c // 5] * 4 + [c - 4 * (c // 5)] for c in fuse]
    return {"stages": stages, "fuse": fuse, "ms": ms, "out": sum(fuse)}


def widths_of(state):
    """The channel counts of a state dict with the release's names; all
    declared octaves must be in it."""

    def octaves(prefix):
        n = 0
        while f"{prefix}.bns.{n}.weight" in state:
            n += 1
        return [len(state[f"{prefix}.bns.{k}.weight"]) for k in range(n)]

    stages = []
    for s in range(5):
        stage = []
        while f"stage{s}.{len(stage)}.conv1x1.conv.weight" in state:
            p = f"stage{s}.{len(stage)}.conv1x1"
            stage.append((state[p + ".conv.weight"].shape[-1], 2 if s > 1 and not stage else 1, octaves(p)))
        stages.append(stage)
    fuse = octaves("oct_fuse.fuse")
    ms = [[0] * len(DILATIONS) for _ in fuse]
    for k, cs in enumerate(ms):
        for d in range(len(DILATIONS)):
            w = state.get(f"oct_fuse.ms.convs.{k}.msconv.{d}.weight")
            cs[d] = 0 if w is None else w.shape[0]
    return {"stages": stages, "fuse": fuse, "ms": ms, "out": octaves("oct_fuse.fuse1x1")[0]}


class Weight(nn.Module):
    """One convolution weight, uniform in +-1/sqrt(fan in)."""

    def __init__(self, *shape):
        super().__init__()
        bound = (shape[1] * shape[2] * shape[3]) ** -0.5
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


class Act(nn.Module):
    """Norm and PReLU per octave; keeps its outputs when asked to."""

    def __init__(self, channels):
        super().__init__()
        self.bns = nn.ModuleDict({str(k): nn.BatchNorm2d(c) for k, c in enumerate(channels) if c})
        self.prelus = nn.ModuleDict({str(k): nn.PReLU(c) for k, c in enumerate(channels) if c})
        self.keep = False
        self.kept = []

    def act(self, xs):
        ys = [None if x is None else self.prelus[str(k)](self.bns[str(k)](x)) for k, x in enumerate(xs)]
        if self.keep:
            self.kept = [(y, self.bns[str(k)].weight) for k, y in enumerate(ys) if y is not None]
        return ys


class OctCBR(Act):
    """Generalized octave convolution, norm, PReLU."""

    def __init__(self, cin, cout, kernel, stride=1):
        super().__init__(cout)
        self.cin, self.cout, self.kernel, self.stride = cin, cout, kernel, stride
        self.conv = Weight(sum(cout), sum(cin), kernel, kernel)

    def forward(self, xs):
        pad, w = self.kernel // 2, self.conv.weight
        if len(self.cin) == 1 and len(self.cout) == 1:
            return self.act([F.conv2d(xs[0], 100 * w, None, self.stride, pad)])
        if self.stride == 2:
            xs = [None if x is None else F.avg_pool2d(x, 2) for x in xs]
        ys = [None] * len(self.cout)
        col = 0
        for i, ci in enumerate(self.cin):
            row = 0
            for j, cj in enumerate(self.cout):
                if ci and cj:
                    x = xs[i]
                    if i < j:
                        x = F.max_pool2d(x, 2 ** (j - i))
                    y = F.conv2d(x, w[row : row + cj, col : col + ci], None, 1, pad)
                    if i > j:
                        y = F.interpolate(y, scale_factor=float(2 ** (i - j)), mode="bilinear", align_corners=False)
                    ys[j] = y if ys[j] is None else ys[j] + y
                row += cj
            col += ci
        return self.act(ys)


class Depthwise(Act):
    """Depthwise 3x3 per octave, norm, PReLU."""

    def __init__(self, channels):
        super().__init__(channels)
        self.convs = nn.ModuleDict({str(k): Weight(c, 1, 3, 3) for k, c in enumerate(channels) if c})

    def forward(self, xs):
        return self.act([None if x is None else F.conv2d(x, 100 * self.convs[str(k)].weight, None, 1, 1, 1, x.shape[1])
                         for k, x in enumerate(xs)])


class ILBlock(nn.Module):
    def __init__(self, cin, kernel, stride, cout):
        super().__init__()
        self.conv1x1 = OctCBR(cin, cout, kernel, stride)
        self.conv3x3_1 = Depthwise(cout)
        self.conv3x3_2 = Depthwise(cout)

    def forward(self, xs):
        return self.conv3x3_2(self.conv3x3_1(self.conv1x1(xs)))


class MSConv(nn.Module):
    """Parallel dilated 3x3 convolutions of one octave, norm, PReLU."""

    def __init__(self, cin, couts):
        super().__init__()
        self.msconv = nn.ModuleDict({str(d): Weight(c, cin, 3, 3) for d, c in enumerate(couts) if c})
        self.bn = nn.BatchNorm2d(sum(couts))
        self.prelu = nn.PReLU(sum(couts))

    def forward(self, x):
        ys = [F.conv2d(x, 100 * m.weight, None, 1, DILATIONS[int(d)], DILATIONS[int(d)]) for d, m in self.msconv.items()]
        return self.prelu(self.bn(torch.cat(ys, 1)))


class MSBlocks(nn.Module):
    def __init__(self, cin, couts):
        super().__init__()
        self.convs = nn.ModuleList([MSConv(c, cs) for c, cs in zip(cin, couts)])

    def forward(self, xs):
        return [m(x) for m, x in zip(self.convs, xs)]


class Fusion(nn.Module):
    def __init__(self, taps, fuse, ms, out):
        super().__init__()
        self.fuse = OctCBR(taps, fuse, 1)
        self.ms = MSBlocks(fuse, ms)
        self.fuse1x1 = OctCBR([sum(cs) for cs in ms], [out], 1)

    def forward(self, xs):
        return self.fuse1x1(self.ms(self.fuse(xs)))[0]


class CSNet(nn.Module):
    def __init__(self, widths):
        super().__init__()
        cin, taps = [3], []
        for s, blocks in enumerate(widths["stages"]):
            stage = nn.Sequential()
            for b, (kernel, stride, cout) in enumerate(blocks):
                stage.add_module(str(b), ILBlock(cin, kernel, stride, cout))
                cin = cout
            self.add_module(f"stage{s}", stage)
            taps.append(cin[0])
        self.oct_fuse = Fusion(taps[2:], widths["fuse"], widths["ms"], widths["out"])
        self.cls_layer = nn.Conv2d(widths["out"], 1, 1)

    def forward(self, x):
        xs, taps = [x], []
        for s in range(5):
            xs = getattr(self, f"stage{s}")(xs)
            taps.append(xs[0])
        y = self.cls_layer(self.oct_fuse(taps[2:]))
        return F.interpolate(y, scale_factor=2.0, mode="bilinear", align_corners=False)

    def decayed(self):
        """The layers whose gammas are under dynamic weight decay."""
        return [m for name, m in self.named_modules() if isinstance(m, Act) and name.startswith("stage")]


class Trainer:
    """Steps of BCE, dynamic weight decay and Adam with coupled L2. An octave's
    term of the decay is multiplied by factor to the power that its stage and
    octave set."""

    def __init__(self, net, lam=3.0, factor=1.0, lr=1e-4, betas=(0.9, 0.99), l2=5e-3, slip=False):
        self.net, self.lam, self.factor = net.train(), lam, factor
        for m in net.decayed():
            m.keep = True
        free = {id(bn.weight) for name, m in net.named_modules() if isinstance(m, Act) and name.startswith("stage")
                and not (slip and name.endswith("conv3x3_2")) for bn in m.bns.values()}
        params = list(net.parameters())
        self.adam = torch.optim.Adam([
            {"params": [p for p in params if id(p) not in free], "weight_decay": l2},
            {"params": [p for p in params if id(p) in free], "weight_decay": 0.0},
        ], lr=lr, betas=betas, eps=1e-8)

    def decay(self):
        reg = 0.0
        for name, m in self.net.named_modules():
            if not (isinstance(m, Act) and m.keep):
                continue
            stage = max(int(name[5]), 1)
            n = len(m.kept)
            for k, (y, gamma) in enumerate(m.kept):
                f = self.factor ** (4 - stage) * self.factor ** (n - 1 - k)
                gap = y.detach().mean((2, 3)).abs().mean(0)
                reg = reg + f * 0.5 * (gap * gamma * gamma).sum()
            m.kept = []
        return reg

    def losses(self, x, target):
        self.logits = self.net(x)
        return F.binary_cross_entropy_with_logits(self.logits, target), self.decay()

    def step(self, x, target):
        bce, reg = self.losses(x, target)
        self.adam.zero_grad(set_to_none=True)
        (bce + self.lam * reg).backward()
        self.adam.step()
        return bce, reg


def load(net, arrays):
    """Loads a state dict of numpy arrays; counters of norms may lack."""
    missing, unexpected = net.load_state_dict({k: torch.as_tensor(v) for k, v in arrays.items()}, strict=False)
    missing = [k for k in missing if not k.endswith("num_batches_tracked")]
    if missing or unexpected:
        raise ValueError(f"state dict: missing {missing[:5]}, unexpected {unexpected[:5]}")
    return net


def check(folder):
    """Compares ten steps with the reference numbers in folder; the worst
    relative errors by name."""
    meta = json.load(open(os.path.join(folder, "meta.json")))
    read = lambda name: dict(np.load(os.path.join(folder, name + ".npz")))
    net = load(CSNet(widths(meta["width"], meta["split"])).double(), read("init"))
    t = Trainer(net, meta["lambda"], meta["factor"], meta["lr"], meta["betas"], meta["l2"], meta["compat_slip"])
    data, losses, first = read("data"), read("losses"), read("step1")
    x, target = (torch.as_tensor(data[k]).double() for k in ("x", "target"))
    worst = {}

    def near(name, got, want):
        got, want = np.asarray(got, np.float64), np.asarray(want, np.float64)
        if got.shape != want.shape:
            raise ValueError(f"{name}: shape {got.shape}, want {want.shape}")
        worst[name] = max(worst.get(name, 0), float(np.abs(got - want).max() / max(np.abs(want).max(), 1e-30)))

    for k in range(len(losses["bce"])):
        bce, reg = t.step(x, target)
        near("bce", bce.item(), losses["bce"][k])
        near("reg", float(reg), losses["reg"][k])
        if k == 0:
            near("logits", t.logits.detach(), first["logits"])
            for name, p in net.named_parameters():
                near("gradients", p.grad, first["grad." + name])
        if os.path.exists(os.path.join(folder, f"after{k + 1}.npz")):
            after = read(f"after{k + 1}")
            for name, v in net.state_dict().items():
                if name in after and not name.endswith("num_batches_tracked"):
                    near(f"parameters after {k + 1}", v, after[name])
    return worst


def float32(folder):
    """Prints the relative errors of the ten losses in float32: PyTorch's kernels
    sum in other orders with oneDNN or without, channels last or not, and with
    other numbers of threads."""
    meta = json.load(open(os.path.join(folder, "meta.json")))
    read = lambda name: dict(np.load(os.path.join(folder, name + ".npz")))
    data, want = read("data"), read("losses")["bce"]
    for threads, onednn, last in itertools.product((1, 2), (True, False), (False, True)):
        torch.set_num_threads(threads)
        torch.backends.mkldnn.enabled = onednn
        order = torch.channels_last if last else torch.contiguous_format
        net = load(CSNet(widths(meta["width"], meta["split"])).double(), read("init")).float().to(memory_format=order)
        t = Trainer(net, meta["lambda"], meta["factor"], meta["lr"], meta["betas"], meta["l2"], meta["compat_slip"])
        x, target = (torch.as_tensor(data[k]).float().contiguous(memory_format=order) for k in ("x", "target"))
        off = [abs(t.step(x, target)[0].item() / v - 1) for v in want]
        print(os.path.basename(folder), f"{threads} threads", "oneDNN" if onednn else "native",
              "channels last:" if last else "channels first:", " ".join(f"{v:.1e}" for v in off),
              f"({sum(v > 2e-3 for v in off)} beyond 2e-3)")


def main():
    shared = os.environ.get("CSNET_SHARED") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../shared")
    folders = sorted(glob.glob(os.path.join(shared, "golden", "train_*")))
    if not folders:
        sys.exit(f"torch_csnet.py: no golden/train_* in {shared}")
    if sys.argv[1:] == ["--float32"]:
        for folder in folders:
            float32(folder)
        return
    if len(sys.argv) > 1:
        sys.exit(f"torch_csnet.py: {sys.argv[1]!r}, must be --float32 or nothing")
    bad = False
    for folder in folders:
        worst = check(folder)
        print(os.path.basename(folder), ", ".join(f"{k} {v:.1e}" for k, v in worst.items()))
        bad = bad or not max(worst.values()) < 1e-5
    sys.exit("torch_csnet.py: off by more than 1e-5" if bad else 0)


if __name__ == "__main__":
    main()
