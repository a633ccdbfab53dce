// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tensor/decode_blocks.h"
#include "core/tensor/gguf_grids.h"

#include <array>

/// The IQ1, IQ2 and IQ3 types: each code names a point of a grid of 8 or 4 magnitudes; signs are stored apart.
namespace weighbridge {
namespace {

constexpr std::array<float, 4> iq2Levels{8, 25, 43, 0};
constexpr std::array<float, 8> iq3xxsLevels{4, 12, 20, 28, 36, 44, 52, 62};
constexpr float iq1Delta = 0.125f;

/// 7 sign bits; the eighth makes their number even.
uint8_t evenSigns(uint32_t seven)
{
    return static_cast<uint8_t>((seven & 127) | (std::popcount(seven & 127) & 1) << 7);
}

float sign(uint8_t signs, int i)
{
    return signs >> i & 1 ? -1.0f : 1.0f;
}

/// 8 magnitudes of 2 bits each.
void point2(uint16_t point, float scale, uint8_t signs, float* out)
{
    for (int i = 0; i < 8; ++i)
        out[i] = scale * iq2Levels[point >> (2 * i) & 3] * sign(signs, i);
}

/// 4 magnitudes of 3 bits each; their signs begin at bit `first`.
template <typename Level>
void point3(uint16_t point, float scale, uint8_t signs, int first, float* out, Level level)
{
    for (int i = 0; i < 4; ++i)
        out[i] = scale * level(point >> (3 * i) & 7) * sign(signs, first + i);
}

/// 8 values of -1, 0, 1.
void point1(uint16_t point, float scale, float delta, float* out)
{
    for (int i = 0; i < 8; ++i)
        out[i] = scale * (float(int(point >> (2 * i) & 3) - 1) + delta);
}

uint32_t word32(const uint8_t* from)
{
    return static_cast<uint32_t>(word(from)) | static_cast<uint32_t>(word(from + 2)) << 16;
}

} // namespace

void decodeIQ2_XXS(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    for (int j = 0; j < 8; ++j) {
        const uint8_t* codes = block + 2 + 8 * j;
        const uint32_t packed = word32(codes + 4);
        const float scale = d * (0.5f + float(packed >> 28)) * 0.25f;
        for (int k = 0; k < 4; ++k)
            point2(iq2xxsGrid[codes[k]], scale, evenSigns(packed >> (7 * k)), out + 32 * j + 8 * k);
    }
}

void decodeIQ2_XS(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    for (int j = 0; j < 32; ++j) {
        const uint16_t code = word(block + 2 + 2 * j);
        const float scale = d * (0.5f + float(block[66 + j / 4] >> (j / 2 % 2 * 4) & 15)) * 0.25f;
        point2(iq2xsGrid[code & 511], scale, evenSigns(code >> 9), out + 8 * j);
    }
}

void decodeIQ2_S(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    for (int j = 0; j < 32; ++j) {
        const int code = block[2 + j] | (block[66 + j / 4] >> (j % 4 * 2) & 3) << 8;
        const float scale = d * (0.5f + float(block[74 + j / 4] >> (j / 2 % 2 * 4) & 15)) * 0.25f;
        point2(iq2sGrid[std::size_t(code)], scale, block[34 + j], out + 8 * j);
    }
}

void decodeIQ3_XXS(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    for (int j = 0; j < 64; ++j) {
        const uint32_t packed = word32(block + 66 + j / 8 * 4);
        const float scale = d * (0.5f + float(packed >> 28)) * 0.5f;
        point3(iq3xxsGrid[block[2 + j]], scale, evenSigns(packed >> (j % 8 / 2 * 7)), j % 2 * 4, out + 4 * j,
               [](int level) { return iq3xxsLevels[std::size_t(level)]; });
    }
}

void decodeIQ3_S(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    for (int j = 0; j < 64; ++j) {
        const int code = block[2 + j] | (block[66 + j / 8] >> (j % 8) & 1) << 8;
        const float scale = d * float(1 + 2 * (block[106 + j / 16] >> (j / 8 % 2 * 4) & 15));
        point3(iq3sGrid[std::size_t(code)], scale, block[74 + j / 2], j % 2 * 4, out + 4 * j, [](int level) { return float(2 * level + 1); });
    }
}

void decodeIQ1_S(const uint8_t* block, float* out)
{
    const float d = halfAt(block);
    for (int j = 0; j < 32; ++j) {
        const uint16_t high = word(block + 34 + j / 4 * 2);
        const float scale = d * float(2 * (high >> 12 & 7) + 1);
        const int code = block[2 + j] | (high >> (j % 4 * 3) & 7) << 8;
        point1(iq1Grid[std::size_t(code)], scale, high & 0x8000 ? -iq1Delta : iq1Delta, out + 8 * j);
    }
}

void decodeIQ1_M(const uint8_t* block, float* out)
{
    const uint8_t* scales = block + 48;
    // the half that scales the block lies in the top four bits of the four words of scales
    const int half = word(scales) >> 12 | word(scales + 2) >> 12 << 4 | word(scales + 4) >> 12 << 8 | word(scales + 6) >> 12 << 12;
    const float d = halfToFloat(static_cast<uint16_t>(half));
    for (int j = 0; j < 32; ++j) {
        const float scale = d * float(2 * (word(scales + j / 8 * 2) >> (j / 2 % 4 * 3) & 7) + 1);
        const int high = block[32 + j / 2] >> (j % 2 * 4);
        point1(iq1Grid[std::size_t(block[j] | (high & 7) << 8)], scale, high & 8 ? -iq1Delta : iq1Delta, out + 8 * j);
    }
}

} // namespace weighbridge
