"""Weights of a CSNet's ONNX file as a state dict with the release's names.

Exporting to ONNX cuts stacked weights into their (input octave, output octave)
slices and multiplies the factor 100 in; state() puts them back together. All
declared octaves must be in the net.
"""
import json
import struct

import numpy as np


def _varint(b, i):
    r = s = 0
    while True:
        c = b[i]
        i += 1
        r |= (c & 127) << s
        s += 7
        if c < 128:
            return r, i


def _parts(b):
    """The (number, wire type, value) triples of a protobuf message."""
    i = 0
    while i < len(b):
        key, i = _varint(b, i)
        kind = key & 7
        if kind == 0:
            v, i = _varint(b, i)
        elif kind == 2:
            n, i = _varint(b, i)
            v, i = b[i : i + n], i + n
        elif kind in (1, 5):
            n = 8 if kind == 1 else 4
            v, i = b[i : i + n], i + n
        else:
            raise ValueError(f"protobuf: wire type {kind}")
        yield key >> 3, kind, v


def _fields(b):
    """The (number, value) pairs of a protobuf message."""
    return ((number, v) for number, _, v in _parts(b))


def _encode(parts):
    """The message of (number, wire type, value) triples."""

    def varint(n):
        out = bytearray()
        while True:
            out.append(n & 127 | (128 if n > 127 else 0))
            n >>= 7
            if not n:
                return bytes(out)

    out = bytearray()
    for number, kind, v in parts:
        out += varint(number << 3 | kind)
        out += varint(v) if kind == 0 else varint(len(v)) + v if kind == 2 else v
    return bytes(out)


def without_identities(path, to):
    """Copies an ONNX file without the Identity nodes on stored tensors, which
    exporters write for equal ones and OpenCV cannot read."""
    _, tensors = _graph(path, follow=False)
    with open(path, "rb") as f:
        model = list(_parts(f.read()))
    renamed = {}
    for _, _, graph in (p for p in model if p[0] == 7):
        for number, _, node in _parts(graph):
            if number != 1:
                continue
            part = [(q, x) for q, x in _fields(node) if q in (1, 2, 4)]
            if (4, b"Identity") in part and dict(part)[1].decode() in tensors:
                renamed[dict(part)[2]] = dict(part)[1]

    def node(b):
        parts = list(_parts(b))
        if any(q == 2 and x in renamed for q, _, x in parts):
            return None
        return _encode([(q, k, renamed.get(x, x) if q == 1 else x) for q, k, x in parts])

    def graph(b):
        kept = ((q, k, node(x) if q == 1 else x) for q, k, x in _parts(b))
        return _encode([p for p in kept if p[2] is not None])

    with open(to, "wb") as f:
        f.write(_encode([(q, k, graph(x) if q == 7 else x) for q, k, x in model]))


def _tensor(b):
    dims, kind, raw, name = [], 1, None, ""
    for f, v in _fields(b):
        if f == 1:
            dims.append(v)
        elif f == 2:
            kind = v
        elif f in (4, 9):
            raw = v
        elif f == 8:
            name = v.decode()
    if kind != 1 or raw is None:
        return name, None
    return name, np.frombuffer(raw, "<f4").reshape(dims)


def _graph(path, follow=True):
    """Nodes (op, inputs, outputs) in order and float tensors by name, those of
    Identity nodes too unless follow is False."""
    nodes, tensors = [], {}
    with open(path, "rb") as f:
        model = f.read()
    for f, v in _fields(model):
        if f != 7:
            continue
        for g, w in _fields(v):
            if g == 5:
                name, t = _tensor(w)
                if t is not None:
                    tensors[name] = t
            elif g == 1:
                part = {1: [], 2: [], 4: []}
                for q, x in _fields(w):
                    if q in part:
                        part[q].append(x.decode())
                nodes.append((part[4][0], part[1], part[2]))
    for op, ins, outs in nodes:
        if follow and op == "Identity" and ins[0] in tensors:
            tensors[outs[0]] = tensors[ins[0]]
    return nodes, tensors


def _module(output):
    """/stage1.0/conv1x1/conv/Conv_2_output_0 -> stage1.0.conv1x1.conv"""
    return output.strip("/").rsplit("/", 1)[0].replace("/", ".")


def state(path):
    """The state dict, numpy arrays by name."""
    nodes, tensors = _graph(path)
    sd, owner = {}, {}
    for op, ins, outs in nodes:
        if op == "Conv":
            name = _module(outs[0])
            owner.setdefault(name, []).append(tensors[ins[1]])
            if len(ins) > 2:
                sd[name + ".bias"] = tensors[ins[2]]
        elif op == "BatchNormalization":
            name = ins[4][: -len(".running_var")]
            for key, v in zip(("weight", "bias", "running_mean", "running_var"), ins[1:]):
                sd[f"{name}.{key}"] = tensors[v]
        elif op == "PRelu":
            sd[_module(outs[0]) + ".weight"] = tensors[ins[1]].reshape(-1)
    for name, ws in owner.items():
        if not name.endswith(".conv"):  # depthwise, MSBlock, last conv
            scale = 1 if name == "cls_layer" else 100
            sd[name + ".weight"] = (ws[0] / np.float32(scale)).astype(np.float32)
            continue
        outs = sum(1 for k in sd if k.startswith(name[: -len("conv")] + "bns.") and k.endswith("running_var"))
        if len(ws) % outs:
            raise ValueError(f"{path}: {name} has {len(ws)} slices for {outs} octaves: one is absent")
        cols = [np.concatenate(ws[i : i + outs], 0) for i in range(0, len(ws), outs)]
        w = np.concatenate(cols, 1)
        sd[name + ".weight"] = w / np.float32(100) if len(ws) == 1 else w
    return sd


def write_safetensors(path, arrays):
    """Writes float32 arrays as a safetensors file."""
    header, at = {}, 0
    for k, v in arrays.items():
        n = v.size * 4
        header[k] = {"dtype": "F32", "shape": list(v.shape), "data_offsets": [at, at + n]}
        at += n
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for v in arrays.values():
            f.write(np.ascontiguousarray(v, "<f4").tobytes())
