// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <bit>
#include <cstdint>

/// The blocks of GGUF files, one function each: `block` has the bytes that decode.cpp's table says, `out` room for its values.
/// Layouts: https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-common.h; arithmetic in float32, products before
/// differences, so that the values are those of ggml's reference to the last bit.
namespace weighbridge {

using BlockDecoder = void (*)(const uint8_t* block, float* out);

void decodeQ4_0(const uint8_t* block, float* out);
void decodeQ4_1(const uint8_t* block, float* out);
void decodeQ5_0(const uint8_t* block, float* out);
void decodeQ5_1(const uint8_t* block, float* out);
void decodeQ8_0(const uint8_t* block, float* out);
void decodeQ8_1(const uint8_t* block, float* out);
void decodeQ2_K(const uint8_t* block, float* out);
void decodeQ3_K(const uint8_t* block, float* out);
void decodeQ4_K(const uint8_t* block, float* out);
void decodeQ5_K(const uint8_t* block, float* out);
void decodeQ6_K(const uint8_t* block, float* out);
void decodeQ8_K(const uint8_t* block, float* out);
void decodeIQ4_NL(const uint8_t* block, float* out);
void decodeIQ4_XS(const uint8_t* block, float* out);
void decodeTQ1_0(const uint8_t* block, float* out);
void decodeTQ2_0(const uint8_t* block, float* out);
void decodeMXFP4(const uint8_t* block, float* out);
void decodeNVFP4(const uint8_t* block, float* out);
void decodeQ1_0(const uint8_t* block, float* out);
void decodeQ2_0(const uint8_t* block, float* out);

// those with a grid of points: decode_grids.cpp
void decodeIQ2_XXS(const uint8_t* block, float* out);
void decodeIQ2_XS(const uint8_t* block, float* out);
void decodeIQ2_S(const uint8_t* block, float* out);
void decodeIQ3_XXS(const uint8_t* block, float* out);
void decodeIQ3_S(const uint8_t* block, float* out);
void decodeIQ1_S(const uint8_t* block, float* out);
void decodeIQ1_M(const uint8_t* block, float* out);

/// IEEE binary16 to float, without branches so that loops over it vectorise.
inline float halfToFloat(uint16_t half)
{
    constexpr uint32_t smallestNormal = 113u << 23;  // 2^-14
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
    const uint32_t bits = static_cast<uint32_t>(half & 0x7fffu) << 13;
    const uint32_t exponent = half & 0x7c00u;
    const uint32_t normal = bits + (112u << 23);
    const uint32_t denormal = std::bit_cast<uint32_t>(std::bit_cast<float>(bits + smallestNormal) - std::bit_cast<float>(smallestNormal));
    const uint32_t special = normal + (112u << 23);
    return std::bit_cast<float>(sign | (exponent == 0x7c00u ? special : exponent == 0 ? denormal : normal));
}

[[nodiscard]] inline uint16_t word(const uint8_t* from)
{
    return static_cast<uint16_t>(from[0] | from[1] << 8);
}

[[nodiscard]] inline float halfAt(const uint8_t* from)
{
    return halfToFloat(word(from));
}

} // namespace weighbridge
