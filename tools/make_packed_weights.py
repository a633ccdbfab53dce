#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""make_packed_weights.py OUTDIR [NAME...]: writes tests/data/packing from the packages that quantize weights.

NAME/model.safetensors  what the package writes of one layer "l", and as "expected" the float32 values that it makes of it again
NAME/config.json        what stands in the model's config, where the values depend on it

Needs torch, transformers, bitsandbytes, compressed-tensors, hqq, aqlm, optimum-quanto, nvidia-modelopt and mlx; the directory of auto_gptq's
qlinear_cuda.py and of awq's packing_utils.py in PACKED_SOURCES, because these packages no longer import beside a current transformers.
"""
import importlib.util
import json
import os
import pathlib
import sys

import numpy
import torch
from safetensors.torch import save_file

OUT, IN = 48, 128


def weight(rows=OUT, columns=IN):
    generator = torch.Generator().manual_seed(7)
    return torch.randn(rows, columns, generator=generator) * 0.02


def source(name):
    for folder in os.environ["PACKED_SOURCES"].split(":"):
        path = pathlib.Path(folder) / f"{name}.py"
        if path.exists():
            spec = importlib.util.spec_from_file_location(name, path)
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            return module
    raise FileNotFoundError(name)


def affine(values, bits, group):
    """Scales and zero points (out x groups) of an asymmetric quantization, both as AutoGPTQ has them."""
    cut = values.reshape(values.shape[0], -1, group)
    low, high = cut.amin(-1).clamp(max=0), cut.amax(-1).clamp(min=0)
    scale = (high - low) / (2**bits - 1)
    return scale, torch.round(-low / scale)


def gptq(bits, order=None):
    group = 32
    linear = torch.nn.Linear(IN, 64, bias=False)
    linear.weight.data = weight(64).half()
    layer = source("qlinear_cuda").QuantLinear(bits, group, IN, 64, False)
    values = linear.weight.data.float()
    scale, zero = affine(values if order is None else values[:, torch.argsort(order, stable=True)], bits, group)
    zero = zero.clamp(min=1)  # the package cannot keep a zero point of 0
    layer.pack(linear, scale, zero, order)
    state = {f"l.{name}": value for name, value in layer.state_dict().items() if value is not None and name in ("qweight", "qzeros", "scales", "g_idx")}
    layer.scales = layer.scales.float()
    return state, layer(torch.eye(IN)).T, {"quantization_config": {"quant_method": "gptq", "bits": bits}}


def gptq4():
    return gptq(4)


def gptq3_ordered():
    return gptq(3, torch.randperm(IN, generator=torch.Generator().manual_seed(3)) % (IN // 32))


def gptq_v2():
    state, expected, config = gptq(8)
    config["quantization_config"]["checkpoint_format"] = "gptq_v2"
    scales = state["l.scales"].float().repeat_interleave(32, 0).T
    return state, expected + scales, config  # zero points are one less than in the first version


def awq():
    utils = source("packing_utils")
    group, bits = 32, 4
    scale, zero = affine(weight(), bits, group)
    codes = torch.clamp(torch.round(weight() / scale.repeat_interleave(group, 1) + zero.repeat_interleave(group, 1)), 0, 15).to(torch.int32).T.contiguous()

    def pack(columns):
        places = columns.view(columns.shape[0], -1, 8)[:, :, utils.AWQ_ORDER]
        return sum(places[:, :, i].to(torch.int64) << (bits * i) for i in range(8)).to(torch.int64).numpy().astype(numpy.uint32).view(numpy.int32)
    state = {"l.qweight": torch.from_numpy(pack(codes)), "l.qzeros": torch.from_numpy(pack(zero.to(torch.int32).T.contiguous())), "l.scales": scale.T.half().contiguous()}
    return state, utils.dequantize_gemm(state["l.qweight"], state["l.qzeros"], state["l.scales"].float(), bits, group).T, None


def bitsandbytes4(kind, nested):
    from bitsandbytes import functional
    packed, quantized = functional.quantize_4bit(weight(30, 70), quant_type=kind, compress_statistics=nested, blocksize=64)
    state = {"l.weight": packed}
    state |= {f"l.weight.{name}": value for name, value in quantized.as_dict(packed=True).items()}
    return state, functional.dequantize_4bit(packed, quantized), None


def nf4():
    return bitsandbytes4("nf4", False)


def nf4_nested():
    return bitsandbytes4("nf4", True)


def fp4():
    return bitsandbytes4("fp4", False)


def int8_rows():
    from bitsandbytes import functional
    codes, scales, _ = functional.int8_vectorwise_quant(weight().half())
    return {"l.weight": codes, "l.SCB": scales}, functional.int8_vectorwise_dequant(codes, scales), None


def compressed(**args):
    from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme
    scheme = QuantizationScheme(targets=["Linear"], weights=QuantizationArgs(**args))
    if scheme.weights.type == "float":
        from compressed_tensors.compressors.nvfp4.base import NVFP4PackedCompressor as compressor
    else:
        from compressed_tensors.compressors.pack_quantized.base import PackedQuantizationCompressor as compressor
    group, bits = scheme.weights.group_size, scheme.weights.num_bits
    values = {"weight": weight()}
    if scheme.weights.type == "float":
        values["weight_global_scale"] = (448 * 6 / weight().abs().max()).reshape(1)
        values["weight_scale"] = (weight().view(OUT, -1, group).abs().amax(-1) / 6 * values["weight_global_scale"]).to(torch.float8_e4m3fn).float()
    elif scheme.weights.symmetric:
        values["weight_scale"] = weight().view(OUT, -1, group).abs().amax(-1) / (2 ** (bits - 1) - 1)
    else:
        values["weight_scale"], zero = affine(weight(), bits, group)
        values["weight_zero_point"] = (zero - 2 ** (bits - 1)).to(torch.int8)
    state = compressor.compress(values, scheme)
    expected = compressor.decompress({name: value.clone() for name, value in state.items()}, scheme)["weight"]
    return {f"l.{name}": value.contiguous() for name, value in state.items()}, expected.float(), None


def int4_groups():
    return compressed(num_bits=4, type="int", symmetric=True, strategy="group", group_size=32)


def int3_zeros():
    return compressed(num_bits=3, type="int", symmetric=False, strategy="group", group_size=32)


def nvfp4():
    state, _, config = compressed(num_bits=4, type="float", symmetric=True, strategy="tensor_group", group_size=16)
    table = torch.tensor([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0.0, -0.5, -1, -1.5, -2, -3, -4, -6])
    codes = torch.stack((state["l.weight_packed"] & 15, state["l.weight_packed"] >> 4), -1).reshape(OUT, -1)
    scales = state["l.weight_scale"].float() / state["l.weight_global_scale"]  # decompress() computes in bfloat16
    return state, table[codes.long()] * scales.repeat_interleave(16, 1), config


def nvfp4_modelopt():
    from modelopt.torch.quantization.qtensor import NVFP4QTensor
    tensor, scale, double = NVFP4QTensor.quantize(weight(), 16)
    expected = tensor.dequantize(torch.float32, scale=scale, double_scale=double, block_sizes={-1: 16})
    return {"l.weight": tensor._quantized_data, "l.weight_scale": scale, "l.weight_scale_2": double}, expected, None


def mxfp4_experts():
    from transformers.integrations.mxfp4 import convert_moe_packed_tensors
    random = numpy.random.default_rng(5)
    blocks = torch.from_numpy(random.integers(0, 256, (2, 6, 3, 16), dtype=numpy.uint8))
    scales = torch.from_numpy(random.integers(118, 124, (2, 6, 3), dtype=numpy.uint8))
    expected = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32)
    return {"l.gate_up_proj_blocks": blocks, "l.gate_up_proj_scales": scales}, expected.transpose(1, 2), None


def fp8_boxes():
    rows, columns, side = 130, 131, 128
    values = weight(rows, columns)
    codes = (values * 8000).to(torch.float8_e4m3fn)
    scales = torch.rand(2, 2, generator=torch.Generator().manual_seed(2)) / 8000
    each = scales.repeat_interleave(side, 0)[:rows].repeat_interleave(side, 1)[:, :columns]
    return {"l.weight": codes, "l.weight_scale_inv": scales}, codes.float() * each, None


def quanto8():
    from optimum.quanto import qint8, quantize_weight
    tensor = quantize_weight(weight(), qint8, 0, weight().abs().amax(1, keepdim=True) / 127)
    return {"l.weight._data": tensor._data, "l.weight._scale": tensor._scale}, tensor.dequantize(), None


def bitnet():
    from transformers.integrations.bitnet import pack_weights
    codes = torch.clamp(torch.round(weight() / 0.02), -1, 1)
    scale = torch.tensor([37.5])
    return {"l.weight": pack_weights(codes.clone()), "l.weight_scale": scale}, codes * (1 / scale), None


def mlx(bits):
    import mlx.core as mx
    codes, scales, biases = mx.quantize(mx.array(weight().numpy()), group_size=64, bits=bits)
    state = {"l.weight": codes, "l.scales": scales, "l.biases": biases}
    expected = mx.dequantize(codes, scales, biases, group_size=64, bits=bits)
    return {name: torch.from_numpy(numpy.array(value)) for name, value in state.items()}, torch.from_numpy(numpy.array(expected)), {"quantization": {"group_size": 64, "bits": bits}}


def mlx4():
    return mlx(4)


def mlx6():
    return mlx(6)


def hqq(bits, axis, group):
    from hqq.core.quantize import Quantizer
    from hqq.core.utils import encode_safetensor_type
    packed, meta = Quantizer.quantize(weight(), nbits=bits, axis=axis, group_size=group, device="cpu", compute_dtype=torch.float32, optimize=False)
    state = {"l.W_q": packed} | {f"l.{name}": encode_safetensor_type(value) for name, value in meta.items()}
    return {name: value for name, value in state.items() if isinstance(value, torch.Tensor)}, Quantizer.dequantize(packed, meta), None


def hqq4():
    return hqq(4, 1, 64)


def hqq3():
    return hqq(3, 0, 64)


def aqlm():
    from aqlm.utils import _dequantize_weight, pack_int_data
    generator = torch.Generator().manual_seed(11)
    codes = torch.randint(0, 256, (OUT // 2, IN // 8, 2), generator=generator)
    codebooks = torch.randn(2, 256, 2, 8, generator=generator).half()
    scales = torch.rand(OUT // 2, 1, 1, 1, generator=generator).half()
    expected = _dequantize_weight(codes.clone(), codebooks.float(), scales.float())
    return {"l.codes": pack_int_data(codes, 8), "l.codebooks": codebooks, "l.scales": scales}, expected, None


PACKINGS = [gptq4, gptq3_ordered, gptq_v2, awq, nf4, nf4_nested, fp4, int8_rows, int4_groups, int3_zeros, nvfp4, nvfp4_modelopt, mxfp4_experts, fp8_boxes, quanto8,
            bitnet, mlx4, mlx6, hqq4, hqq3, aqlm]


def main(folder, names):
    for packing in PACKINGS:
        if names and packing.__name__ not in names:
            continue
        state, expected, config = packing()
        target = folder / packing.__name__.replace("_", "-")
        target.mkdir(parents=True, exist_ok=True)
        tensors = {name: value.detach().contiguous().clone() for name, value in state.items()}
        save_file(tensors | {"expected": expected.detach().float().contiguous().clone()}, target / "model.safetensors")
        if config:
            (target / "config.json").write_text(json.dumps(config) + "\n")
        print(target.name, tuple(expected.shape))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
