#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""make_statistics_data.py OUTDIR : writes tests/data/statistics from the Python packages gguf, numpy, torch and safetensors.

blocks.json      per GGUF type: two blocks in hexadecimal, and the float32 values that the package makes of them
float8.json      per 8-bit float: what torch makes of all 256 codes (null: NaN; "inf", "-inf")
references.json  per tensor of references.safetensors: what numpy says
"""
import json
import pathlib
import sys

import numpy
import torch
from gguf import GGMLQuantizationType, quants
from gguf.constants import GGML_QUANT_SIZES
from safetensors.torch import save_file

TYPES = ("Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS TQ1_0 TQ2_0 MXFP4 "
         "IQ2_XXS IQ2_XS IQ2_S IQ3_XXS IQ3_S IQ1_S IQ1_M").split()


def blocks(random, names):
    out = {}
    for name in names:
        kind = GGMLQuantizationType[name]
        while True:
            raw = random.integers(0, 256, (2, GGML_QUANT_SIZES[kind][1]), dtype=numpy.uint8)
            with numpy.errstate(all="ignore"):
                values = quants.dequantize(raw, kind).astype(numpy.float32).reshape(-1)
            if numpy.isfinite(values).all() and numpy.abs(values).max() < 1e6:
                break
        out[name] = {"blocks": raw.tobytes().hex(), "values": values.tobytes().hex()}
    return out


def float8():
    codes = torch.arange(256, dtype=torch.int16).to(torch.uint8)
    def shown(value):
        return None if value != value else value if abs(value) != float("inf") else str(value)
    kinds = {"F8_E4M3": torch.float8_e4m3fn, "F8_E5M2": torch.float8_e5m2, "F8_E4M3FNUZ": torch.float8_e4m3fnuz,
             "F8_E5M2FNUZ": torch.float8_e5m2fnuz, "F8_E8M0": torch.float8_e8m0fnu}
    return {name: [shown(value) for value in codes.view(kind).float().tolist()] for name, kind in kinds.items()}


def tensors(random):
    normal = random.standard_normal(3000).astype(numpy.float32)
    large = (random.standard_normal(100000) * 0.02).astype(numpy.float32)
    holes = normal.copy()
    holes[::7] = numpy.nan
    holes[3::100] = numpy.inf
    holes[5::11] = 0
    return {"normal": torch.from_numpy(normal.reshape(50, 60)), "large": torch.from_numpy(large), "holes": torch.from_numpy(holes),
            "offset": torch.from_numpy((normal + 10000).astype(numpy.float32)), "skewed": torch.from_numpy(numpy.exp(normal)),
            "half": torch.from_numpy(normal * 1e-5).half(), "bfloat": torch.from_numpy(normal).bfloat16(),
            "double": torch.from_numpy(normal.astype(numpy.float64) / 3), "integers": torch.from_numpy(random.integers(-1000, 1000, 2500)),
            "flags": torch.from_numpy(random.integers(0, 2, 500).astype(bool)), "constant": torch.full((40,), 0.3), "nothing": torch.zeros(0),
            "scalar": torch.tensor(2.5), "nans": torch.full((9,), float("nan"))}


def reference(tensor):
    x = tensor.double().numpy().reshape(-1)
    finite = x[numpy.isfinite(x)]
    out = {"count": x.size, "finite": finite.size, "nan": int(numpy.isnan(x).sum()), "inf": int(numpy.isinf(x).sum()), "zeros": int((x == 0).sum())}
    if tensor.is_floating_point():
        magnitudes = numpy.abs(finite)
        out["denormals"] = int(((magnitudes > 0) & (magnitudes < torch.finfo(tensor.dtype).smallest_normal)).sum())
    if finite.size:
        d = finite - finite.mean()
        variance = (d ** 2).mean()
        out |= {"mean": finite.mean(), "std": variance ** 0.5, "min": finite.min(), "max": finite.max(), "absmax": numpy.abs(finite).max(),
                "skewness": (d ** 3).mean() / variance ** 1.5 if finite.min() < finite.max() else 0, "kurtosis": (d ** 4).mean() / variance ** 2 if finite.min() < finite.max() else 0,
                "quantiles": numpy.quantile(finite, [.0005, .01, .1, .25, .5, .75, .9, .99, .9995]).tolist()}
    return out


def main(folder):
    random = numpy.random.default_rng(20)
    made_blocks = blocks(random, TYPES) | blocks(numpy.random.default_rng(40), ["NVFP4"])  # numbers of its own: those of the others stay
    (folder / "blocks.json").write_text(json.dumps(made_blocks, indent=0) + "\n")
    (folder / "float8.json").write_text(json.dumps(float8(), indent=0) + "\n")
    made = tensors(random)
    save_file(made, folder / "references.safetensors")
    with numpy.errstate(all="ignore"):
        (folder / "references.json").write_text(json.dumps({name: reference(tensor) for name, tensor in made.items()}, indent=0) + "\n")


main(pathlib.Path(sys.argv[1]))
