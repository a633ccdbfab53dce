// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace weighbridge {

/// The element type of a tensor. One row of the table in dtype.cpp each; to add one, add both.
enum class DType : uint8_t {
    Unknown,
    F64, F32, F16, BF16,
    F8_E4M3, F8_E5M2, F8_E4M3FNUZ, F8_E5M2FNUZ, F8_E8M0, F4, F6_E2M3, F6_E3M2,
    I64, I32, I16, I8, I4, I2, U64, U32, U16, U8, U4, U2, Bool,
    C32, C64, C128,
    QInt8, QUInt8, QInt32, QUInt4x2, QUInt2x4,
    String,
    // GGUF blocks: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
    Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q8_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, Q8_K,
    IQ2_XXS, IQ2_XS, IQ3_XXS, IQ1_S, IQ4_NL, IQ3_S, IQ2_S, IQ4_XS, IQ1_M, TQ1_0, TQ2_0, MXFP4, NVFP4, Q1_0, Q2_0,
};

enum class DTypeKind : uint8_t { Unknown, Float, SignedInteger, UnsignedInteger, Bool, Complex, Quantized, String, Block };

struct DTypeInfo {
    DType dtype;
    std::string_view name;    ///< the short name of the command line's contract: F32, BF16, Q4_K
    DTypeKind kind;
    uint32_t bitsPerElement;  ///< of one element; of a whole block for kind Block; 0 if elements have no fixed size
    uint32_t blockElements;   ///< elements that one block holds; 1 for everything but kind Block
};

[[nodiscard]] const DTypeInfo& info(DType dtype);
[[nodiscard]] std::span<const DTypeInfo> allDTypes();
[[nodiscard]] inline std::string_view name(DType dtype) { return info(dtype).name; }
/// By the short name; nothing if no row has it.
[[nodiscard]] std::optional<DType> dtypeByName(std::string_view name);
/// Bytes that `elements` take; nothing on overflow, for elements without a fixed size, or if they do not fill whole bytes or blocks.
[[nodiscard]] std::optional<uint64_t> nbytesOf(DType dtype, uint64_t elements);
/// The same for elements of less than a byte that are packed: what is left of the last byte counts for nothing.
[[nodiscard]] std::optional<uint64_t> packedNbytesOf(DType dtype, uint64_t elements);
[[nodiscard]] bool isFloating(DType dtype);

} // namespace weighbridge
