#!/usr/bin/env python3
"""Yardstick for `csnet eval --maps`: the same measures in numpy and scipy.

Scores a folder of maps against a folder of masks (paired by file stem) under
both protocols, vectorised the way PySODMetrics does it: histograms for the
curves, scipy.ndimage's distance transform with indices and a dense 7x7
convolution for the weighted F. Needs numpy, scipy and Pillow
(Debian: python3-numpy python3-scipy python3-pil).

  score_yardstick.py --maps DIR --masks DIR [--threads N] [--per-image]
                     [--expected FILE]     compare with a golden expected.json
  score_yardstick.py --draw N --out DIR    draw N pairs of 400x300 (pred, gt)

Prints one JSON object: images, seconds (decoding included), scores.
"""
import argparse
import json
import os
import sys
import time
from multiprocessing import Pool

for _v in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_v, "1")  # one thread a process: --threads says how many

import numpy as np
from PIL import Image
from scipy.ndimage import convolve, distance_transform_edt, gaussian_filter

EPS = np.spacing(1)
BINS = np.arange(257)


def gauss_kernel():
    y, x = np.ogrid[-3:4, -3:4]
    k = np.exp(-(x * x + y * y) / (2.0 * 5 * 5))
    return k / k.sum()


KERNEL = gauss_kernel()


def cumulative(values, gt):
    """Counts of values >= t for t = 255..0, foreground and background."""
    fg = np.histogram(values[gt], bins=BINS)[0]
    bg = np.histogram(values[~gt], bins=BINS)[0]
    return np.cumsum(fg[::-1]), np.cumsum(bg[::-1])


def f_curve(tp, fp, n_fg):
    pos = tp + fp
    p = tp / np.where(pos == 0, 1, pos)
    r = tp / max(n_fg, 1)
    num = 1.3 * p * r
    return num / np.where(num == 0, 1, 0.3 * p + r)


def e_values(tp, fp, n_fg, n):
    """Enhanced alignment for arrays (or scalars) of counts."""
    pred_fg = tp + fp
    pred_bg = n - pred_fg
    if n_fg == 0:
        total = pred_bg
    elif n_fg == n:
        total = pred_fg
    else:
        fn = n_fg - tp
        parts = (tp, fp, fn, pred_bg - fn)
        mp, mg = pred_fg / n, n_fg / n
        pairs = ((1 - mp, 1 - mg), (1 - mp, -mg), (-mp, 1 - mg), (-mp, -mg))
        total = 0
        for count, (a, b) in zip(parts, pairs):
            align = 2 * (a * b) / (a**2 + b**2 + EPS)
            total = total + (align + 1) ** 2 / 4 * count
    return total / (n - 1 + EPS)


def s_object(x):
    mean = x.mean()
    std = x.std(ddof=1) if x.size > 1 else 0.0
    return 2 * mean / (mean**2 + 1 + std + EPS)


def ssim(p, g):
    n = p.size
    if n == 0:
        return 0.0  # its weight is 0
    x, y = p.mean(), g.mean()
    d = n - 1 + EPS
    sx = ((p - x) ** 2).sum() / d
    sy = ((g - y) ** 2).sum() / d
    sxy = ((p - x) * (g - y)).sum() / d
    a = 4 * x * y * sxy
    b = (x**2 + y**2) * (sx + sy)
    if a != 0:
        return a / (b + EPS)
    return 1.0 if b == 0 else 0.0


def s_measure(p, gt):
    y = gt.mean()
    if y == 0:
        return 1 - p.mean()
    if y == 1:
        return p.mean()
    obj = s_object(p[gt]) * y + s_object((1 - p)[~gt]) * (1 - y)
    h, w = gt.shape
    cy, cx = np.argwhere(gt).mean(axis=0).round()
    cy, cx = int(cy) + 1, int(cx) + 1
    area = h * w
    w1, w2, w3 = cx * cy / area, cy * (w - cx) / area, (h - cy) * cx / area
    reg = (
        ssim(p[:cy, :cx], gt[:cy, :cx]) * w1
        + ssim(p[:cy, cx:], gt[:cy, cx:]) * w2
        + ssim(p[cy:, :cx], gt[cy:, :cx]) * w3
        + ssim(p[cy:, cx:], gt[cy:, cx:]) * (1 - w1 - w2 - w3)
    )
    return max(0, obj * 0.5 + reg * 0.5)


def weighted_f(p, gt):
    if not gt.any():
        return 0.0
    bg = ~gt
    dist, (iy, ix) = distance_transform_edt(bg, return_indices=True)
    e = np.abs(p - gt)
    et = e.copy()
    et[bg] = et[iy[bg], ix[bg]]
    ea = convolve(et, weights=KERNEL, mode="constant", cval=0)
    mn = np.where(gt & (ea < e), ea, e)
    b = np.where(bg, 2 - np.exp(np.log(0.5) / 5 * dist), 1.0)
    ew = mn * b
    tpw = gt.sum() - ew[gt].sum()
    fpw = ew[bg].sum()
    r = 1 - ew[gt].mean()
    pr = tpw / (tpw + fpw + EPS)
    return 2 * r * pr / (r + pr + EPS)


def pysod(sal, mask):
    gt = mask > 128
    p = sal / 255
    lo, hi = p.min(), p.max()
    if hi != lo:
        p = (p - lo) / (hi - lo)
    n, n_fg = gt.size, np.count_nonzero(gt)
    tp, fp = cumulative((p * 255).astype(np.uint8), gt)
    binary = p >= min(2 * p.mean(), 1)
    atp = np.count_nonzero(binary & gt)
    afp = np.count_nonzero(binary) - atp
    adp_f = 0.0
    if atp:
        ap, ar = atp / (atp + afp), atp / n_fg
        adp_f = 1.3 * ap * ar / (0.3 * ap + ar)
    one = {
        "MAE": np.abs(p - gt).mean(),
        "adpF": adp_f,
        "wF": weighted_f(p, gt),
        "Sm": s_measure(p, gt),
        "adpE": e_values(atp, afp, n_fg, n),
    }
    return one, f_curve(tp, fp, n_fg), e_values(tp, fp, n_fg, n)


def salmetric(sal, mask):
    gt = mask > 128
    tp, fp = cumulative(sal, gt)  # >= 255 .. >= 0
    tp = np.concatenate(([0], tp[:-1]))  # > 255 .. > 0
    fp = np.concatenate(([0], fp[:-1]))
    eps = 1e-4
    p = (tp + eps) / (tp + fp + eps)
    r = (tp + eps) / (np.count_nonzero(gt) + eps)
    mae = np.abs(sal.astype(np.int32) - mask).mean() / 255
    return mae, p, r


def score(job):
    name, map_path, mask_path = job
    sal = np.asarray(Image.open(map_path).convert("L"))
    mask = np.asarray(Image.open(mask_path).convert("L"))
    if sal.shape != mask.shape:
        raise ValueError(f"{map_path}: {sal.shape}, mask is {mask.shape}")
    return name, pysod(sal, mask), salmetric(sal, mask)


class Total:
    """Sums of one or many images; bounded memory."""

    def __init__(self):
        self.n, self.one = 0, {}
        self.f = self.e = self.p = self.r = 0.0
        self.mae = 0.0

    def add(self, py, sal):
        one, f, e = py
        for k, v in one.items():
            self.one[k] = self.one.get(k, 0.0) + v
        self.f, self.e = self.f + f, self.e + e
        mae, p, r = sal
        self.mae, self.p, self.r = self.mae + mae, self.p + p, self.r + r
        self.n += 1
        return self

    def result(self):
        n = self.n
        m = {k: float(v / n) for k, v in self.one.items()}
        f, e, p, r = self.f / n, self.e / n, self.p / n, self.r / n
        sal = {"maxF": float((1.3 * p * r / (0.3 * p + r)).max()), "MAE": float(self.mae / n)}
        py = {
            "MAE": m["MAE"], "maxF": float(f.max()), "meanF": float(f.mean()), "adpF": m["adpF"],
            "wF": m["wF"], "Sm": m["Sm"], "maxE": float(e.max()), "meanE": float(e.mean()), "adpE": m["adpE"],
        }
        return {"pysod": py, "salmetric": sal}


def files(folder):
    return {os.path.splitext(n)[0]: os.path.join(folder, n) for n in sorted(os.listdir(folder)) if not n.startswith(".")}


def compare(got, expected):
    """Largest difference to a golden file, and where."""
    worst, where = 0.0, ""
    for name, protocols in expected.items():
        key = name if name == "all" else os.path.splitext(name)[0]
        for protocol, measures in protocols.items():
            for measure, want in measures.items():
                diff = abs(got[key][protocol][measure] - want)
                if not diff <= worst:
                    worst, where = diff, f"{name} {protocol} {measure}"
    return {"largest_difference": worst, "where": where}


def draw(n, out):
    """Smooth maps with noise around one or two blobs, like a net's output."""
    os.makedirs(os.path.join(out, "pred"), exist_ok=True)
    os.makedirs(os.path.join(out, "gt"), exist_ok=True)
    yy, xx = np.mgrid[0:300, 0:400]
    for i in range(n):
        rng = np.random.default_rng(i)
        gt = np.zeros((300, 400), bool)
        for _ in range(rng.integers(1, 3)):
            cy, cx = rng.uniform(60, 240), rng.uniform(80, 320)
            ry, rx = rng.uniform(25, 90), rng.uniform(25, 120)
            wave = 1 + 0.2 * np.sin(np.arctan2(yy - cy, xx - cx) * rng.integers(2, 9))
            gt |= ((yy - cy) / ry) ** 2 + ((xx - cx) / rx) ** 2 < wave
        noise = gaussian_filter(rng.normal(size=gt.shape), 12)
        soft = gaussian_filter(gt.astype(float), rng.uniform(2, 8)) + 3 * noise * rng.uniform(0, 1)
        sal = (np.clip(soft, 0, 1) * 255).astype(np.uint8)
        Image.fromarray(sal).save(os.path.join(out, "pred", f"{i:04d}.png"))
        Image.fromarray(gt.astype(np.uint8) * 255).save(os.path.join(out, "gt", f"{i:04d}.png"))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--maps")
    ap.add_argument("--masks")
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--per-image", action="store_true")
    ap.add_argument("--expected")
    ap.add_argument("--draw", type=int)
    ap.add_argument("--out")
    a = ap.parse_args()
    if a.draw:
        if not a.out:
            ap.error("--draw needs --out")
        draw(a.draw, a.out)
        return 0
    if not (a.maps and a.masks):
        ap.error("--maps and --masks, or --draw and --out")
    maps, masks = files(a.maps), files(a.masks)
    jobs = [(s, maps[s], masks[s]) for s in sorted(masks) if s in maps]
    if not jobs:
        ap.error(f"no stem of {a.maps} is in {a.masks}")
    keep = a.per_image or a.expected
    total, each = Total(), {}
    start = time.perf_counter()
    pool = Pool(a.threads) if a.threads > 1 else None
    scored = pool.imap(score, jobs, chunksize=4) if pool else map(score, jobs)
    for name, py, sal in scored:
        total.add(py, sal)
        if keep:
            each[name] = Total().add(py, sal).result()
    seconds = time.perf_counter() - start
    if pool:
        pool.close()
    out = {"images": total.n, "threads": a.threads, "seconds": round(seconds, 3), "all": total.result()}
    if a.per_image:
        out["per_image"] = each
    if a.expected:
        with open(a.expected) as f:
            out["check"] = compare({**each, "all": out["all"]}, json.load(f))
    json.dump(out, sys.stdout, indent=1)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
