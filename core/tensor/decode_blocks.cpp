// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tensor/decode_blocks.h"

#include <array>
#include <cmath>

namespace weighbridge {
namespace {

/// The values of IQ4_NL and IQ4_XS: ggml-common.h, kvalues_iq4nl.
constexpr std::array<int8_t, 16> iq4Values{-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
/// Twice the values of E2M1 (OCP Microscaling Formats v1.0); the scale below is halved for it.
constexpr std::array<int8_t, 16> doubledE2m1{0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

/// 32 values in 16 bytes: the low halves first, then the high ones.
template <typename Convert>
void nibbles32(const uint8_t* packed, float* out, Convert convert)
{
    for (int i = 0; i < 16; ++i) {
        out[i] = convert(packed[i] & 15, i);
        out[i + 16] = convert(packed[i] >> 4, i + 16);
    }
}

uint32_t word32(const uint8_t* from)
{
    return static_cast<uint32_t>(word(from)) | static_cast<uint32_t>(word(from + 2)) << 16;
}

/// Half of an E4M3 without a sign, as doubledE2m1 needs it; its highest code is zero (ggml-impl.h, ggml_ue4m3_to_fp32).
float halfE4m3(uint8_t code)
{
    const int exponent = code >> 3 & 15;
    const float mantissa = float(code & 7);
    if (code == 0x7f)
        return 0;
    return exponent == 0 ? std::ldexp(mantissa, -10) : std::ldexp(8 + mantissa, exponent - 11);
}

/// Scale and minimum number j of 8, six bits each in 12 bytes (Q4_K, Q5_K).
struct ScaleMin {
    float scale;
    float minimum;
};

ScaleMin scaleMin(const uint8_t* packed, int j)
{
    if (j < 4)
        return {float(packed[j] & 63), float(packed[j + 4] & 63)};
    const int low = packed[j + 4];
    return {float((low & 15) | (packed[j - 4] >> 2 & 0x30)), float((low >> 4) | (packed[j] >> 2 & 0x30))};
}

/// Scale number j of 16, six bits each in 12 bytes, 32 subtracted (Q3_K).
float scaleQ3(const uint8_t* packed, int j)
{
    const int low = j < 8 ? packed[j] & 15 : packed[j - 8] >> 4;
    const int high = packed[8 + j % 4] >> (2 * (j / 4)) & 3;
    return float((low | high << 4) - 32);
}

} // namespace

void decodeQ4_0(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    nibbles32(block + 2, out, [d](int q, int) { return d * float(q - 8); });
}

void decodeQ4_1(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    const float m = halfAt(block + 2);
    nibbles32(block + 4, out, [d, m](int q, int) { return d * float(q) + m; });
}

void decodeQ5_0(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    const uint32_t high = word32(block + 2);
    nibbles32(block + 6, out, [d, high](int q, int i) { return d * float((q | int(high >> i & 1) << 4) - 16); });
}

void decodeQ5_1(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    const float m = halfAt(block + 2);
    const uint32_t high = word32(block + 4);
    nibbles32(block + 8, out, [d, m, high](int q, int i) { return d * float(q | int(high >> i & 1) << 4) + m; });
}

void decodeQ8_0(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    for (int i = 0; i < 32; ++i)
        out[i] = float(static_cast<int8_t>(block[2 + i])) * d;
}

void decodeQ8_1(const uint8_t* block, float* out)
{
    const float d = halfAt(block); // the sum of the block follows it and is not needed
    for (int i = 0; i < 32; ++i)
        out[i] = float(static_cast<int8_t>(block[4 + i])) * d;
}

void decodeQ2_K(const uint8_t* block, float* out)
{
    const uint8_t* packed = block + 16;
    const float d = halfAt(block + 80);
    const float dmin = halfAt(block + 82);
    for (int j = 0; j < 16; ++j) {
        const float scale = d * float(block[j] & 15);
        const float minimum = dmin * float(block[j] >> 4);
        const uint8_t* from = packed + j / 8 * 32 + j % 2 * 16;
        const int shift = j % 8 / 2 * 2;
        for (int i = 0; i < 16; ++i)
            out[16 * j + i] = scale * float(from[i] >> shift & 3) - minimum;
    }
}

void decodeQ3_K(const uint8_t* block, float* out)
{
    const uint8_t* mask = block;
    const uint8_t* packed = block + 32;
    const float d = halfAt(block + 108);
    for (int j = 0; j < 16; ++j) {
        const float scale = d * scaleQ3(block + 96, j);
        const uint8_t* from = packed + j / 8 * 32 + j % 2 * 16;
        const uint8_t* high = mask + j % 2 * 16;
        const int shift = j % 8 / 2 * 2;
        for (int i = 0; i < 16; ++i) // a set bit means that nothing is subtracted
            out[16 * j + i] = scale * float((from[i] >> shift & 3) - (high[i] >> (j / 2) & 1 ? 0 : 4));
    }
}

void decodeQ4_K(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    const float dmin = halfAt(block + 2);
    for (int j = 0; j < 8; ++j) {
        const ScaleMin packed = scaleMin(block + 4, j);
        const float scale = d * packed.scale;
        const float minimum = dmin * packed.minimum;
        const uint8_t* from = block + 16 + j / 2 * 32;
        for (int i = 0; i < 32; ++i)
            out[32 * j + i] = scale * float(from[i] >> (4 * (j % 2)) & 15) - minimum;
    }
}

void decodeQ5_K(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    const float dmin = halfAt(block + 2);
    const uint8_t* high = block + 16;
    for (int j = 0; j < 8; ++j) {
        const ScaleMin packed = scaleMin(block + 4, j);
        const float scale = d * packed.scale;
        const float minimum = dmin * packed.minimum;
        const uint8_t* from = block + 48 + j / 2 * 32;
        for (int i = 0; i < 32; ++i)
            out[32 * j + i] = scale * float((from[i] >> (4 * (j % 2)) & 15) | (high[i] >> j & 1) << 4) - minimum;
    }
}

void decodeQ6_K(const uint8_t* block, float* out)
{
    const uint8_t* high = block + 128;
    const uint8_t* scales = block + 192;
    const float d = halfAt(block + 208);
    for (int i = 0; i < 256; ++i) {
        const int half = i / 128;
        const int low = block[half * 64 + i % 64] >> (i % 128 / 64 * 4) & 15;
        const int top = high[half * 32 + i % 32] >> (i % 128 / 32 * 2) & 3;
        const float scale = d * float(static_cast<int8_t>(scales[i / 16]));
        out[i] = scale * float((low | top << 4) - 32);
    }
}

void decodeQ8_K(const uint8_t* block, float* out)
{
    const float d = std::bit_cast<float>(word32(block));
    for (int i = 0; i < 256; ++i)
        out[i] = d * float(static_cast<int8_t>(block[4 + i]));
}

void decodeIQ4_NL(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    nibbles32(block + 2, out, [d](int q, int) { return d * float(iq4Values[std::size_t(q)]); });
}

void decodeIQ4_XS(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    const int highs = word(block + 2);
    for (int j = 0; j < 8; ++j) {
        const int low = block[4 + j / 2] >> (4 * (j % 2)) & 15;
        const float scale = d * float((low | (highs >> (2 * j) & 3) << 4) - 32);
        nibbles32(block + 8 + 16 * j, out + 32 * j, [scale](int q, int) { return scale * float(iq4Values[std::size_t(q)]); });
    }
}

namespace {

/// Five ternary digits in a byte, the most significant first; digit n comes out of the top after multiplying by 3^n.
void ternary(const uint8_t* packed, int width, int digits, float d, float*& out)
{
    constexpr std::array<int, 5> powers{1, 3, 9, 27, 81};
    for (int n = 0; n < digits; ++n)
        for (int i = 0; i < width; ++i)
            *out++ = d * float(((packed[i] * powers[std::size_t(n)] & 255) * 3 >> 8) - 1);
}

} // namespace

void decodeTQ1_0(const uint8_t* block, float* out)
{
    const float d = halfAt(block + 52);
    ternary(block, 32, 5, d, out);
    ternary(block + 32, 16, 5, d, out);
    ternary(block + 48, 4, 4, d, out);
}

void decodeTQ2_0(const uint8_t* block, float* out)
{
    const float d = halfAt(block + 64);
    for (int i = 0; i < 256; ++i)
        out[i] = d * float((block[i / 128 * 32 + i % 32] >> (i % 128 / 32 * 2) & 3) - 1);
}

void decodeMXFP4(const uint8_t* block, float* out)
{
    const uint32_t e = block[0]; // a power of two with bias 127, halved
    const float d = std::bit_cast<float>(e < 2 ? 0x00200000u << e : (e - 1) << 23);
    nibbles32(block + 1, out, [d](int q, int) { return d * float(doubledE2m1[std::size_t(q)]); });
}

void decodeNVFP4(const uint8_t* block, float* out)
{
    for (int part = 0; part < 4; ++part) { // 16 values with a scale of their own each
        const float d = halfE4m3(block[part]);
        for (int i = 0; i < 8; ++i) {
            const uint8_t packed = block[4 + 8 * part + i];
            out[16 * part + i] = d * float(doubledE2m1[packed & 15]);
            out[16 * part + 8 + i] = d * float(doubledE2m1[packed >> 4]);
        }
    }
}

void decodeQ1_0(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    for (int i = 0; i < 128; ++i)
        out[i] = (block[2 + i / 8] >> (i % 8) & 1) != 0 ? d : -d;
}

void decodeQ2_0(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    for (int i = 0; i < 64; ++i)
        out[i] = d * float((block[2 + i / 4] >> (i % 4 * 2) & 3) - 1);
}

} // namespace weighbridge
