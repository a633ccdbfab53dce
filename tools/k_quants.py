# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The K-quants of GGUF from float32 values, which the gguf package can only read: `quantize(values, kind)` gives the bytes of whole blocks.

As llama.cpp does without an importance matrix, the scale (and minimum) of a sub-block is searched for that gives the smallest weighted square error; it is not
the one that the extremes give. That clips the largest values a little, which a test of a distribution's shape sees.
Layouts: https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-common.h
"""
import numpy


def half(x):
    """Bytes of float16 and the values that they stand for."""
    rounded = x.astype(numpy.float16)
    return rounded.view(numpy.uint8).reshape(len(x), 2), rounded.astype(numpy.float32)


def nonzero(x):
    return numpy.where(x == 0, numpy.float32(1e-30), x)


def best_scale(x, levels):
    """The scale of each last axis, for q in [-levels, levels): weighted by the squares."""
    extreme = numpy.take_along_axis(x, numpy.abs(x).argmax(-1)[..., None], -1)
    weight = x * x
    best, scale = numpy.full(x.shape[:-1], -1.0), numpy.zeros(x.shape[:-1])
    for step in range(-9, 10):
        q = numpy.clip(numpy.round(x * (-(levels + 0.1 * step) / nonzero(extreme))), -levels, levels - 1)
        cross, square = (weight * x * q).sum(-1), (weight * q * q).sum(-1)
        gain = numpy.where(square > 0, cross**2 / nonzero(square), 0)
        scale = numpy.where(gain > best, cross / nonzero(square), scale)
        best = numpy.maximum(gain, best)
    return scale


def best_scale_and_minimum(x, most, weight, first, steps):
    """Scale and (positive) minimum of each last axis for x = scale q - minimum, q in [0, most]."""
    low = numpy.minimum(x.min(-1, keepdims=True), 0)
    span = nonzero(x.max(-1, keepdims=True) - low)
    scale, minimum = span[..., 0] / most, -low[..., 0]
    best = numpy.full(x.shape[:-1], numpy.inf)
    total, sum_x = weight.sum(-1), (weight * x).sum(-1)
    for step in range(steps + 1):
        q = numpy.clip(numpy.round((x - low) * ((most + first + 0.1 * step) / span)), 0, most)
        sum_q, square, cross = (weight * q).sum(-1), (weight * q * q).sum(-1), (weight * q * x).sum(-1)
        determinant = nonzero(total * square - sum_q**2)
        slope = (total * cross - sum_x * sum_q) / determinant
        offset = (square * sum_x - sum_q * cross) / determinant
        slope, offset = numpy.where(offset > 0, cross / nonzero(square), slope), numpy.minimum(offset, 0)
        error = (weight * (slope[..., None] * q + offset[..., None] - x) ** 2).sum(-1)
        better = error < best
        scale, minimum, best = numpy.where(better, slope, scale), numpy.where(better, -offset, minimum), numpy.where(better, error, best)
    return scale, minimum


def bits_of(q, count, width):
    """q [blocks, 256] as the 2-bit (width 2) or 1-bit planes of `count` bytes: value 32 k + i in byte i of its part."""
    per_byte = 8 // width
    parts = q.reshape(len(q), -1, per_byte, 32).astype(numpy.uint8)
    out = numpy.zeros((len(q), parts.shape[1], 32), numpy.uint8)
    for k in range(per_byte):
        out |= parts[:, :, k] << (width * k)
    return out.reshape(len(q), count)


def super_scales(scale, minimum, most):
    """Of a block's sub-blocks: bytes of d and dmin, integers of scales and minima, and what all of them stand for."""
    (d, wide_d), (dmin, wide_min) = half(scale.max(1) / most), half(minimum.max(1) / most)
    q_scale = numpy.clip(numpy.round(scale / nonzero(wide_d[:, None])), 0, most).astype(numpy.uint8)
    q_minimum = numpy.clip(numpy.round(minimum / nonzero(wide_min[:, None])), 0, most).astype(numpy.uint8)
    return d, dmin, q_scale, q_minimum, wide_d[:, None] * q_scale, wide_min[:, None] * q_minimum


def q2_k(x):
    x = x.reshape(-1, 16, 16)
    scale, minimum = best_scale_and_minimum(x, 3, numpy.abs(x), -0.5, 15)
    d, dmin, q_scale, q_minimum, true, offset = super_scales(scale, minimum, 15)
    q = numpy.clip(numpy.round((x + offset[:, :, None]) / nonzero(true)[:, :, None]), 0, 3).reshape(len(x), 256)
    return numpy.concatenate([q_scale | q_minimum << 4, bits_of(q, 64, 2), d, dmin], 1)


def q3_k(x):
    x = x.reshape(-1, 16, 16)
    scale = best_scale(x, 4)
    extreme = numpy.take_along_axis(scale, numpy.abs(scale).argmax(1)[:, None], 1)[:, 0]
    d, wide = half(extreme / -32)
    q_scale = numpy.clip(numpy.round(scale / nonzero(wide)[:, None]), -32, 31)
    q = numpy.clip(numpy.round(x / nonzero(wide[:, None] * q_scale)[:, :, None]), -4, 3).reshape(len(x), 256)
    stored = (q_scale + 32).astype(numpy.uint8)
    packed = numpy.zeros((len(x), 12), numpy.uint8)
    packed[:, :8] = stored[:, :8] & 15 | (stored[:, 8:] & 15) << 4
    for k in range(4):
        packed[:, 8:] |= (stored[:, 4 * k:4 * k + 4] >> 4) << (2 * k)
    return numpy.concatenate([bits_of(q >= 0, 32, 1), bits_of(numpy.where(q < 0, q + 4, q), 64, 2), packed, d], 1)


def with_minimum(x, bits):
    """Q4_K and Q5_K: 8 sub-blocks of 32, each with a 6-bit scale and minimum."""
    x = x.reshape(-1, 8, 32)
    weight = numpy.sqrt((x * x).mean(-1, keepdims=True)) + numpy.abs(x)
    scale, minimum = best_scale_and_minimum(x, 2**bits - 1, weight, *((-1, 20) if bits == 4 else (-0.5, 15)))
    d, dmin, q_scale, q_minimum, true, offset = super_scales(scale, minimum, 63)
    q = numpy.clip(numpy.round((x + offset[:, :, None]) / nonzero(true)[:, :, None]), 0, 2**bits - 1).astype(numpy.uint8)
    packed = numpy.zeros((len(x), 12), numpy.uint8)
    packed[:, :4] = q_scale[:, :4] | (q_scale[:, 4:] >> 4) << 6
    packed[:, 4:8] = q_minimum[:, :4] | (q_minimum[:, 4:] >> 4) << 6
    packed[:, 8:] = q_scale[:, 4:] & 15 | (q_minimum[:, 4:] & 15) << 4
    nibbles = ((q[:, ::2] & 15) | (q[:, 1::2] & 15) << 4).reshape(len(x), 128)
    high = [bits_of(q.reshape(len(x), 256) >> 4, 32, 1)] if bits == 5 else []
    return numpy.concatenate([d, dmin, packed, *high, nibbles], 1)


def q6_k(x):
    """16 sub-blocks of 16, each with an 8-bit scale."""
    x = x.reshape(-1, 16, 16)
    scale = best_scale(x, 32)
    extreme = numpy.take_along_axis(scale, numpy.abs(scale).argmax(1)[:, None], 1)[:, 0]
    d, wide = half(extreme / -128)
    q_scale = numpy.clip(numpy.round(scale / nonzero(wide)[:, None]), -128, 127).astype(numpy.int8)
    q = numpy.clip(numpy.round(x / nonzero(wide[:, None] * q_scale)[:, :, None]), -32, 31)
    q = (q + 32).astype(numpy.uint8).reshape(len(x), 2, 4, 32)
    low = numpy.concatenate([q[:, :, 0] & 15 | (q[:, :, 2] & 15) << 4, q[:, :, 1] & 15 | (q[:, :, 3] & 15) << 4], 2)
    high = bits_of((q >> 4).reshape(len(x), 256), 64, 2)
    return numpy.concatenate([low.reshape(len(x), 128), high, q_scale.view(numpy.uint8), d], 1)


KINDS = {"Q2_K": q2_k, "Q3_K": q3_k, "Q4_K": lambda x: with_minimum(x, 4), "Q5_K": lambda x: with_minimum(x, 5), "Q6_K": q6_k}


def quantize(values, kind):
    """The rows of a matrix [rows, columns] (columns a multiple of 256) as bytes."""
    return KINDS[kind](values.astype(numpy.float32)).reshape(values.shape[0], -1)
