// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/rounding.h"

#include "core/tensor/decode_blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace weighbridge {
namespace {

/// The nearest binary16, ties to even; what is too large becomes infinite. Without branches on the usual path.
float roundedToHalf(float value)
{
    const float magnitude = std::abs(value);
    if (!(magnitude < 65520.0f)) // half way between the largest number and the next
        return std::isnan(value) ? value : std::copysign(INFINITY, value);
    if (magnitude < 0x1p-14f) // denormal: a multiple of 2^-24, which is what adding and taking away 0.5 leaves of a float
        return std::copysign((magnitude + 0.5f) - 0.5f, value);
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    return std::bit_cast<float>((bits + 0xfffu + ((bits >> 13) & 1u)) & ~0x1fffu);
}

void toHalves(const float* in, size_t count, float* out)
{
    for (size_t i = 0; i < count; ++i)
        out[i] = roundedToHalf(in[i]);
}

void toBfloats(const float* in, size_t count, float* out)
{
    for (size_t i = 0; i < count; ++i) {
        const uint32_t bits = std::bit_cast<uint32_t>(in[i]);
        const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u;
        out[i] = std::isnan(in[i]) ? in[i] : std::bit_cast<float>(rounded);
    }
}

/// A scale in half precision and 32 signed bytes: quantize_row_q8_0_ref in ggml's ggml-quants.c.
void toQ8Blocks(const float* in, size_t count, float* out)
{
    constexpr size_t block = 32;
    for (size_t first = 0; first + block <= count; first += block) {
        float largest = 0;
        for (size_t i = first; i < first + block; ++i)
            largest = std::max(largest, std::abs(in[i]));
        const float scale = largest / 127.0f;
        const float inverse = scale != 0.0f ? 1.0f / scale : 0.0f;
        const float kept = roundedToHalf(scale);
        for (size_t i = first; i < first + block; ++i)
            out[i] = std::round(in[i] * inverse) * kept;
    }
}

} // namespace

RoundTo roundTo(DType dtype)
{
    switch (dtype) {
    case DType::F16: return &toHalves;
    case DType::BF16: return &toBfloats;
    case DType::Q8_0: return &toQ8Blocks;
    default: return nullptr;
    }
}

double explainedLoss(DType dtype)
{
    using enum DType;
    switch (dtype) {
    case F16: return 1e-3;
    case BF16: return 8e-3;
    case F8_E4M3: case F8_E4M3FNUZ: return 0.07;
    case F8_E5M2: case F8_E5M2FNUZ: return 0.14;
    case Q8_0: case Q8_1: case Q8_K: return 0.015;
    case Q6_K: return 0.05;
    case Q5_0: case Q5_1: case Q5_K: return 0.09;
    case Q4_0: case Q4_1: case Q4_K: case IQ4_NL: case IQ4_XS: case MXFP4: case NVFP4: return 0.18;
    case Q3_K: case IQ3_S: case IQ3_XXS: return 0.35;
    case Q2_K: case IQ2_S: case IQ2_XS: case IQ2_XXS: case TQ1_0: case TQ2_0: case IQ1_S: case IQ1_M: case Q1_0: case Q2_0: return 0.6;
    default: return 0;
    }
}

} // namespace weighbridge
