// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tensor/dtype.h"

#include <cstddef>
#include <span>

namespace weighbridge {

/// How the bytes of one dtype become numbers. To add a dtype, add a row to the table in decode.cpp.
/// A unit is the smallest run of whole bytes that holds whole values: an element, a pair of 4-bit values, a GGUF block.
struct Decoder {
    using ToFloat = void (*)(const std::byte* in, size_t units, float* out);
    using ToDouble = void (*)(const std::byte* in, size_t units, double* out);

    DType dtype;
    uint32_t unitNbytes;
    uint32_t unitValues;  ///< complex elements give their real and their imaginary part in turn
    bool exactAsFloat;    ///< float holds every value; otherwise decode to double
    int mantissaBits;     ///< stored ones; -1: the values have no relative spacing (integers, blocks)
    int minimumExponent;  ///< of a normal value, as a power of two; meaningless without mantissaBits > 0
    ToFloat toFloat;
    ToDouble toDouble;    ///< null where exactAsFloat

    /// Values that so many bytes hold; a cut unit at the end counts for nothing.
    [[nodiscard]] size_t values(size_t nbytes) const { return nbytes / unitNbytes * unitValues; }
    /// Relative spacing of the values: 2^-23 for F32; 0 if there is none.
    [[nodiscard]] double ulp() const;
    /// Smallest normal magnitude; what lies between it and zero is denormal. 0 for dtypes without denormals.
    [[nodiscard]] double minimumNormal() const;
};

/// Null for dtypes whose values are not numbers (STRING, ?) or have no fixed packing (F6_*). Quantized torch dtypes give their
/// stored integers (int_repr); GGUF blocks are dequantized, bit for bit as ggml's reference does in float32.
[[nodiscard]] const Decoder* decoderOf(DType dtype);

/// Decodes all whole units of `in`; `out` must have room for decoder.values(in.size()). Gives the count of values.
size_t decode(const Decoder& decoder, std::span<const std::byte> in, std::span<float> out);
size_t decode(const Decoder& decoder, std::span<const std::byte> in, std::span<double> out);

} // namespace weighbridge
