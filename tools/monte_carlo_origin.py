#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""monte_carlo_origin.py CLI [--draws N] [--seed S] [--trained FILE.safetensors] : how often random tensors are called trained.

Draws N times a tensor of each of 17 shapes from each of 6 initialisers, stores it in each of 5 dtypes of safetensors and (where the rows have
whole blocks) 8 block types of GGUF, and counts the verdicts of `stats --json`. With --trained the matrices of a trained model are stored in the
block types too, and those that are called random are counted (tensors that never were trained should not be in it).
Needs the Python packages torch, safetensors and gguf. The K-quants come from plain quantisers: scale and minimum of each block from its extremes.
"""
import argparse
import collections
import json
import math
import pathlib
import subprocess
import sys
import tempfile

import gguf
import numpy
import torch
from safetensors.torch import load_file, save_file

SHAPES = [(32, 32), (64, 64), (128, 64), (16, 256), (256, 256), (512, 128), (1024, 256), (384, 1536), (768, 768), (2000, 64), (5000, 32), (10, 300),
          (3, 1024), (64, 3, 7, 7), (128, 64, 3, 3), (256, 1, 3, 3), (80, 96, 5)]
DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64, "F8_E4M3": torch.float8_e4m3fn}


def truncated(tensor):
    return torch.nn.init.trunc_normal_(tensor, std=0.02, a=-0.04, b=0.04)


SCHEMES = {"normal": lambda t: torch.nn.init.normal_(t, 0, 0.02), "truncated": truncated, "xavier_uniform": torch.nn.init.xavier_uniform_,
           "he_normal": torch.nn.init.kaiming_normal_, "torch_default": lambda t: torch.nn.init.kaiming_uniform_(t, a=math.sqrt(5)),
           "numpy_uniform": lambda t: t.copy_(torch.from_numpy(numpy.random.uniform(-0.05, 0.05, t.shape).astype(numpy.float32)))}


def half(x):
    return x.astype(numpy.float16).view(numpy.uint8).reshape(len(x), 2)


def with_minimum(x, bits):
    """Q4_K and Q5_K: 8 sub-blocks of 32, each with a 6-bit scale and minimum."""
    x = x.reshape(-1, 8, 32)
    low = numpy.minimum(x.min(2), 0)
    step = (x.max(2) - low) / (2**bits - 1)
    d, dmin = step.max(1) / 63, (-low).max(1) / 63
    d, dmin = (half(v.astype(numpy.float32)) for v in (d, dmin))
    wide = [v.copy().view(numpy.float16).astype(numpy.float32) for v in (d, dmin)]
    scale, minimum = (numpy.clip(numpy.round(v / numpy.maximum(w, 1e-12)), 0, 63).astype(numpy.uint8) for v, w in ((step, wide[0]), (-low, wide[1])))
    true = numpy.maximum(wide[0] * scale, 1e-12)[:, :, None]
    q = numpy.clip(numpy.round((x + (wide[1] * minimum)[:, :, None]) / true), 0, 2**bits - 1).astype(numpy.uint8)
    packed = numpy.zeros((len(x), 12), numpy.uint8)
    packed[:, :4] = scale[:, :4] | (scale[:, 4:] >> 4) << 6
    packed[:, 4:8] = minimum[:, :4] | (minimum[:, 4:] >> 4) << 6
    packed[:, 8:] = scale[:, 4:] & 15 | (minimum[:, 4:] & 15) << 4
    nibbles = ((q[:, ::2] & 15) | (q[:, 1::2] & 15) << 4).reshape(len(x), 128)
    parts = [d, dmin, packed]
    if bits == 5:
        high = numpy.zeros((len(x), 32), numpy.uint8)
        for j in range(8):
            high |= (q[:, j] >> 4) << j
        parts.append(high)
    return numpy.concatenate([*parts, nibbles], 1)


def q6_k(x):
    """16 sub-blocks of 16, each with an 8-bit scale."""
    x = x.reshape(-1, 16, 16)
    step = numpy.abs(x).max(2) / 31
    d = half((step.max(1) / 127).astype(numpy.float32))
    wide = d.copy().view(numpy.float16).astype(numpy.float32)
    scale = numpy.clip(numpy.round(step / numpy.maximum(wide, 1e-12)), 0, 127).astype(numpy.int8)
    true = numpy.maximum(wide * scale, 1e-12)[:, :, None]
    q = (numpy.clip(numpy.round(x / true), -32, 31) + 32).astype(numpy.uint8).reshape(len(x), 2, 4, 32)
    low = numpy.concatenate([q[:, :, 0] & 15 | (q[:, :, 2] & 15) << 4, q[:, :, 1] & 15 | (q[:, :, 3] & 15) << 4], 2)
    high = q[:, :, 0] >> 4 | (q[:, :, 1] >> 4) << 2 | (q[:, :, 2] >> 4) << 4 | (q[:, :, 3] >> 4) << 6
    return numpy.concatenate([low.reshape(len(x), 128), high.reshape(len(x), 64), scale.view(numpy.uint8), d], 1)


BLOCKS = {"Q4_0": None, "Q4_1": None, "Q5_0": None, "Q5_1": None, "Q8_0": None, "Q4_K": lambda x: with_minimum(x, 4), "Q5_K": lambda x: with_minimum(x, 5), "Q6_K": q6_k}


def blocks_of(values, kind):
    """The rows of a matrix as bytes of a block type; nothing where they have no whole blocks."""
    dtype = gguf.GGMLQuantizationType[kind]
    size = gguf.constants.GGML_QUANT_SIZES[dtype][0]
    if values.ndim != 2 or values.shape[1] % size:
        return None
    raw = gguf.quants.quantize(values, dtype) if BLOCKS[kind] is None else BLOCKS[kind](values).reshape(values.shape[0], -1)
    error = numpy.sqrt(((gguf.quants.dequantize(raw, dtype) - values) ** 2).mean()) / values.std()
    assert error < 0.25, (kind, error)
    return raw


def write_gguf(path, tensors, kind):
    writer = gguf.GGUFWriter(str(path), "llama")
    count = 0
    for name, tensor in tensors.items():
        raw = blocks_of(tensor.float().numpy(), kind)
        if raw is not None:
            writer.add_tensor(name, raw, raw_dtype=gguf.GGMLQuantizationType[kind])
            count += 1
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return count


def verdicts(cli, path):
    """Of each tensor: verdict and count of values."""
    answer = subprocess.run([cli, "stats", path, "--json"], capture_output=True, check=True).stdout
    return {name: (entry["origin"]["verdict"], entry["count"], entry["origin"]["sentence"]) for name, entry in json.loads(answer)["tensors"].items()}


def drawn(draws):
    out = {}
    for draw in range(draws):
        for shape in SHAPES:
            for scheme, fill in SCHEMES.items():
                tensor = torch.empty(shape)
                fill(tensor)
                out[f"{scheme}.{'x'.join(map(str, shape))}.{draw}"] = tensor
    return out


def count(rows, wrong, counts, label):
    for name, (verdict, values, sentence) in rows.items():
        size = "small" if values < 1024 else "large"
        counts[label, size, verdict] += 1
        if verdict == wrong and size == "large":
            print("WRONG", label, name, sentence)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("cli")
    parser.add_argument("--draws", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--trained")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    numpy.random.seed(options.seed)
    counts = collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "drawn.safetensors"
        tensors = drawn(options.draws)
        for name, dtype in DTYPES.items():
            save_file({key: tensor.to(dtype) for key, tensor in tensors.items()}, path)
            count(verdicts(options.cli, path), "trained", counts, name)
        trained = load_file(options.trained) if options.trained else {}
        trained = {name: tensor for name, tensor in trained.items() if tensor.ndim == 2 and tensor.is_floating_point()}
        for kind in BLOCKS:
            gguf_path = path.with_suffix(f".{kind}.gguf")
            if write_gguf(gguf_path, tensors, kind):
                count(verdicts(options.cli, gguf_path), "trained", counts, kind)
            if trained and write_gguf(gguf_path, trained, kind):
                count(verdicts(options.cli, gguf_path), "random", counts, kind + " of the trained model")
    for key, number in sorted(counts.items()):
        print(*key, number)
    random_total = sum(n for (label, size, _), n in counts.items() if "of the" not in label and size == "large")
    called = sum(n for (label, size, verdict), n in counts.items() if "of the" not in label and size == "large" and verdict == "trained")
    print(f"random tensors of 1024 values and more called trained: {called} of {random_total}")
    return called > 0


sys.exit(main())
