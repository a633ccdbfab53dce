#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""monte_carlo_origin.py CLI [--draws N] [--seed S] [--trained FILE.safetensors] : how often random tensors are called trained.

Draws N times a tensor of each of 17 shapes from each of 7 initialisers, stores it in each of 6 dtypes of safetensors and (where the rows have
whole blocks) 10 block types of GGUF, and counts the verdicts of `stats --json`. With --trained the matrices of a trained model are stored in the
block types too, and those that are called random are counted (tensors that never were trained should not be in it).
Needs the Python packages torch, safetensors and gguf.
"""
import argparse
import collections
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

import gguf
import k_quants
import numpy
import torch
from safetensors.torch import load_file, save_file

NO_CACHE = os.environ | {"XDG_CACHE_HOME": "/dev/null"}
SHAPES = [(32, 32), (64, 64), (128, 64), (16, 256), (256, 256), (512, 128), (1024, 256), (384, 1536), (768, 768), (2000, 64), (5000, 32), (10, 300),
          (3, 1024), (64, 3, 7, 7), (128, 64, 3, 3), (256, 1, 3, 3), (80, 96, 5)]
DTYPES = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "F64": torch.float64, "F8_E4M3": torch.float8_e4m3fn,
          "F8_E5M2": torch.float8_e5m2}


def truncated(tensor):
    return torch.nn.init.trunc_normal_(tensor, std=0.02, a=-0.04, b=0.04)


SCHEMES = {"normal": lambda t: torch.nn.init.normal_(t, 0, 0.02), "small_normal": lambda t: torch.nn.init.normal_(t, 0, 0.003), "truncated": truncated, "xavier_uniform": torch.nn.init.xavier_uniform_,
           "he_normal": torch.nn.init.kaiming_normal_, "torch_default": lambda t: torch.nn.init.kaiming_uniform_(t, a=math.sqrt(5)),
           "numpy_uniform": lambda t: t.copy_(torch.from_numpy(numpy.random.uniform(-0.05, 0.05, t.shape).astype(numpy.float32)))}


BLOCKS = ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", *k_quants.KINDS]


def blocks_of(values, kind):
    """The rows of a matrix as bytes of a block type; nothing where they have no whole blocks."""
    dtype = gguf.GGMLQuantizationType[kind]
    size = gguf.constants.GGML_QUANT_SIZES[dtype][0]
    if values.ndim != 2 or values.shape[1] % size:
        return None
    raw = k_quants.quantize(values, kind) if kind in k_quants.KINDS else gguf.quants.quantize(values, dtype)
    error = numpy.sqrt(((gguf.quants.dequantize(raw, dtype) - values) ** 2).mean()) / values.std()
    assert error < 0.4, (kind, error)
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
    answer = subprocess.run([cli, "stats", path, "--json"], capture_output=True, check=True, env=NO_CACHE).stdout
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
