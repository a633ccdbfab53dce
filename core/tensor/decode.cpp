// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tensor/decode.h"

#include "core/tensor/decode_blocks.h"
#include "core/tensor/decode_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace weighbridge {
namespace {

using enum DType;

template <typename T>
T load(const std::byte* from)
{
    T value;
    std::memcpy(&value, from, sizeof(T));
    return value;
}

/// One stored number after the other; GCC vectorises these loops.
template <typename Stored, typename Out>
void numbers(const std::byte* in, size_t units, Out* out)
{
    for (size_t i = 0; i < units; ++i)
        out[i] = static_cast<Out>(load<Stored>(in + i * sizeof(Stored)));
}

template <typename Stored, typename Out>
void numberPairs(const std::byte* in, size_t units, Out* out)
{
    numbers<Stored>(in, 2 * units, out);
}

void halfPairs(const std::byte* in, size_t units, float* out)
{
    kernels::halvesToFloats(in, 2 * units, out);
}

void booleans(const std::byte* in, size_t units, float* out)
{
    for (size_t i = 0; i < units; ++i)
        out[i] = in[i] == std::byte{0} ? 0.0f : 1.0f;
}

/// What the all-ones exponent of a small float means.
enum class Special { None, Ieee, OnlyNan, NegativeZeroIsNan };

constexpr float powerOfTwo(int exponent)
{
    float out = 1;
    for (; exponent > 0; --exponent)
        out *= 2;
    for (; exponent < 0; ++exponent)
        out /= 2;
    return out;
}

/// The values of a float of sign, `exponentBits` and `mantissaBits`, by its bits.
template <int exponentBits, int mantissaBits, int bias, Special special>
constexpr auto smallFloats()
{
    constexpr int bits = 1 + exponentBits + mantissaBits;
    std::array<float, size_t{1} << bits> table{};
    for (int code = 0; code < (1 << bits); ++code) {
        const int mantissa = code & ((1 << mantissaBits) - 1);
        const int exponent = (code >> mantissaBits) & ((1 << exponentBits) - 1);
        const bool negative = code >> (bits - 1);
        const bool top = exponent == (1 << exponentBits) - 1;
        float value = exponent == 0 ? float(mantissa) * powerOfTwo(1 - bias - mantissaBits)
                                    : float((1 << mantissaBits) + mantissa) * powerOfTwo(exponent - bias - mantissaBits);
        if (special == Special::Ieee && top)
            value = mantissa == 0 ? std::numeric_limits<float>::infinity() : std::numeric_limits<float>::quiet_NaN();
        if (special == Special::OnlyNan && top && mantissa == (1 << mantissaBits) - 1)
            value = std::numeric_limits<float>::quiet_NaN();
        if (special == Special::NegativeZeroIsNan && code == 1 << (bits - 1))
            value = std::numeric_limits<float>::quiet_NaN();
        table[size_t(code)] = negative ? -value : value;
    }
    return table;
}

constexpr auto e8m0()
{
    std::array<float, 256> table{};
    for (int code = 0; code < 255; ++code)
        table[size_t(code)] = powerOfTwo(code - 127);
    table[255] = std::numeric_limits<float>::quiet_NaN();
    return table;
}

constexpr auto e4m3Table = smallFloats<4, 3, 7, Special::OnlyNan>();
constexpr auto e5m2Table = smallFloats<5, 2, 15, Special::Ieee>();
constexpr auto e4m3FnuzTable = smallFloats<4, 3, 8, Special::NegativeZeroIsNan>();
constexpr auto e5m2FnuzTable = smallFloats<5, 2, 16, Special::NegativeZeroIsNan>();
constexpr auto e8m0Table = e8m0();
constexpr auto e2m1Table = smallFloats<2, 1, 1, Special::None>();
constexpr std::array<float, 16> signedNibbles{0, 1, 2, 3, 4, 5, 6, 7, -8, -7, -6, -5, -4, -3, -2, -1};
constexpr std::array<float, 16> unsignedNibbles{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
constexpr std::array<float, 4> signedPairsOfBits{0, 1, -2, -1};
constexpr std::array<float, 4> unsignedPairsOfBits{0, 1, 2, 3};

template <const auto& table>
void byTable(const std::byte* in, size_t units, float* out)
{
    for (size_t i = 0; i < units; ++i)
        out[i] = table[std::to_integer<size_t>(in[i])];
}

/// Two values in a byte, the first in the low bits (as torch's float4_e2m1fn_x2 and ONNX's 4-bit types have it).
template <const auto& table>
void byNibbleTable(const std::byte* in, size_t units, float* out)
{
    for (size_t i = 0; i < units; ++i) {
        out[2 * i] = table[std::to_integer<size_t>(in[i] & std::byte{15})];
        out[2 * i + 1] = table[std::to_integer<size_t>(in[i] >> 4)];
    }
}

/// Four values in a byte, the first in the lowest bits (as ONNX's 2-bit types have it).
template <const auto& table>
void byTwoBitTable(const std::byte* in, size_t units, float* out)
{
    for (size_t i = 0; i < 4 * units; ++i)
        out[i] = table[std::to_integer<size_t>(in[i / 4] >> (2 * (i % 4)) & std::byte{3})];
}

constexpr Decoder floatRow(DType dtype, uint32_t nbytes, uint32_t values, int mantissaBits, int minimumExponent, Decoder::ToFloat toFloat)
{
    return {dtype, nbytes, values, true, mantissaBits, minimumExponent, toFloat, nullptr};
}

template <Decoder::ToFloat toFloat, Decoder::ToDouble toDouble>
constexpr Decoder doubleRow(DType dtype, uint32_t values)
{
    return {dtype, 8 * values, values, false, 52, -1022, toFloat, toDouble};
}

template <typename Stored>
constexpr Decoder integerRow(DType dtype)
{
    constexpr bool exact = sizeof(Stored) <= 2;
    return {dtype, sizeof(Stored), 1, exact, -1, 0, &numbers<Stored, float>, exact ? nullptr : &numbers<Stored, double>};
}

constexpr Decoder tableRow(DType dtype, uint32_t values, Decoder::ToFloat toFloat)
{
    return {dtype, 1, values, true, -1, 0, toFloat, nullptr};
}

template <BlockDecoder decodeBlock, uint32_t nbytes, uint32_t values>
void blocks(const std::byte* in, size_t units, float* out)
{
    for (size_t i = 0; i < units; ++i)
        decodeBlock(reinterpret_cast<const uint8_t*>(in) + i * nbytes, out + i * values);
}

template <DType dtype, uint32_t nbytes, uint32_t values, BlockDecoder decodeBlock>
constexpr Decoder blockRow()
{
    return {dtype, nbytes, values, true, -1, 0, &blocks<decodeBlock, nbytes, values>, nullptr};
}

constexpr std::array rows{
    doubleRow<&numbers<double, float>, &numbers<double, double>>(F64, 1),
    floatRow(F32, 4, 1, 23, -126, &numbers<float, float>),
    floatRow(F16, 2, 1, 10, -14, &kernels::halvesToFloats),
    floatRow(BF16, 2, 1, 7, -126, &kernels::bfloatsToFloats),
    floatRow(F8_E4M3, 1, 1, 3, -6, &byTable<e4m3Table>),
    floatRow(F8_E5M2, 1, 1, 2, -14, &byTable<e5m2Table>),
    floatRow(F8_E4M3FNUZ, 1, 1, 3, -7, &byTable<e4m3FnuzTable>),
    floatRow(F8_E5M2FNUZ, 1, 1, 2, -15, &byTable<e5m2FnuzTable>),
    floatRow(F8_E8M0, 1, 1, 0, -127, &byTable<e8m0Table>),
    floatRow(F4, 1, 2, 1, 0, &byNibbleTable<e2m1Table>),
    integerRow<int64_t>(I64),
    integerRow<int32_t>(I32),
    integerRow<int16_t>(I16),
    integerRow<int8_t>(I8),
    tableRow(I4, 2, &byNibbleTable<signedNibbles>),
    tableRow(I2, 4, &byTwoBitTable<signedPairsOfBits>),
    integerRow<uint64_t>(U64),
    integerRow<uint32_t>(U32),
    integerRow<uint16_t>(U16),
    integerRow<uint8_t>(U8),
    tableRow(U4, 2, &byNibbleTable<unsignedNibbles>),
    tableRow(U2, 4, &byTwoBitTable<unsignedPairsOfBits>),
    tableRow(Bool, 1, &booleans),
    floatRow(C32, 4, 2, 10, -14, &halfPairs),
    floatRow(C64, 8, 2, 23, -126, &numberPairs<float, float>),
    doubleRow<&numberPairs<double, float>, &numberPairs<double, double>>(C128, 2),
    integerRow<int8_t>(QInt8),
    integerRow<uint8_t>(QUInt8),
    integerRow<int32_t>(QInt32),
    integerRow<uint8_t>(QUInt4x2),
    integerRow<uint8_t>(QUInt2x4),
    blockRow<Q4_0, 18, 32, &decodeQ4_0>(),
    blockRow<Q4_1, 20, 32, &decodeQ4_1>(),
    blockRow<Q5_0, 22, 32, &decodeQ5_0>(),
    blockRow<Q5_1, 24, 32, &decodeQ5_1>(),
    blockRow<Q8_0, 34, 32, &decodeQ8_0>(),
    blockRow<Q8_1, 36, 32, &decodeQ8_1>(),
    blockRow<Q2_K, 84, 256, &decodeQ2_K>(),
    blockRow<Q3_K, 110, 256, &decodeQ3_K>(),
    blockRow<Q4_K, 144, 256, &decodeQ4_K>(),
    blockRow<Q5_K, 176, 256, &decodeQ5_K>(),
    blockRow<Q6_K, 210, 256, &decodeQ6_K>(),
    blockRow<Q8_K, 292, 256, &decodeQ8_K>(),
    blockRow<IQ2_XXS, 66, 256, &decodeIQ2_XXS>(),
    blockRow<IQ2_XS, 74, 256, &decodeIQ2_XS>(),
    blockRow<IQ2_S, 82, 256, &decodeIQ2_S>(),
    blockRow<IQ3_XXS, 98, 256, &decodeIQ3_XXS>(),
    blockRow<IQ3_S, 110, 256, &decodeIQ3_S>(),
    blockRow<IQ1_S, 50, 256, &decodeIQ1_S>(),
    blockRow<IQ1_M, 56, 256, &decodeIQ1_M>(),
    blockRow<IQ4_NL, 18, 32, &decodeIQ4_NL>(),
    blockRow<IQ4_XS, 136, 256, &decodeIQ4_XS>(),
    blockRow<TQ1_0, 54, 256, &decodeTQ1_0>(),
    blockRow<TQ2_0, 66, 256, &decodeTQ2_0>(),
    blockRow<MXFP4, 17, 32, &decodeMXFP4>(),
    blockRow<NVFP4, 36, 64, &decodeNVFP4>(),
    blockRow<Q1_0, 18, 128, &decodeQ1_0>(),
    blockRow<Q2_0, 18, 64, &decodeQ2_0>(),
};

} // namespace

double Decoder::ulp() const
{
    return mantissaBits < 0 ? 0 : std::ldexp(1.0, -mantissaBits);
}

double Decoder::minimumNormal() const
{
    return mantissaBits <= 0 ? 0 : std::ldexp(1.0, minimumExponent);
}

const Decoder* decoderOf(DType dtype)
{
    const auto found = std::find_if(rows.begin(), rows.end(), [dtype](const Decoder& row) { return row.dtype == dtype; });
    return found == rows.end() ? nullptr : &*found;
}

size_t decode(const Decoder& decoder, std::span<const std::byte> in, std::span<float> out)
{
    const size_t units = std::min(in.size() / decoder.unitNbytes, out.size() / decoder.unitValues);
    decoder.toFloat(in.data(), units, out.data());
    return units * decoder.unitValues;
}

size_t decode(const Decoder& decoder, std::span<const std::byte> in, std::span<double> out)
{
    const size_t units = std::min(in.size() / decoder.unitNbytes, out.size() / decoder.unitValues);
    if (decoder.toDouble) {
        decoder.toDouble(in.data(), units, out.data());
        return units * decoder.unitValues;
    }
    std::array<float, 4096> narrow;
    const size_t step = narrow.size() / decoder.unitValues;
    for (size_t done = 0; done < units; done += step) {
        const size_t count = std::min(step, units - done);
        decoder.toFloat(in.data() + done * decoder.unitNbytes, count, narrow.data());
        std::copy_n(narrow.begin(), count * decoder.unitValues, out.begin() + static_cast<ptrdiff_t>(done * decoder.unitValues));
    }
    return units * decoder.unitValues;
}

} // namespace weighbridge
