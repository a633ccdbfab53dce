// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tensor/dtype.h"

#include "core/base/checked.h"

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

using enum DType;
using Kind = DTypeKind;

constexpr std::array rows{
    DTypeInfo{Unknown, "?", Kind::Unknown, 0, 1},
    DTypeInfo{F64, "F64", Kind::Float, 64, 1},
    DTypeInfo{F32, "F32", Kind::Float, 32, 1},
    DTypeInfo{F16, "F16", Kind::Float, 16, 1},
    DTypeInfo{BF16, "BF16", Kind::Float, 16, 1},
    // float8 and smaller: OCP Microscaling Formats v1.0; the FNUZ forms: arXiv 2206.02915
    DTypeInfo{F8_E4M3, "F8_E4M3", Kind::Float, 8, 1},
    DTypeInfo{F8_E5M2, "F8_E5M2", Kind::Float, 8, 1},
    DTypeInfo{F8_E4M3FNUZ, "F8_E4M3FNUZ", Kind::Float, 8, 1},
    DTypeInfo{F8_E5M2FNUZ, "F8_E5M2FNUZ", Kind::Float, 8, 1},
    DTypeInfo{F8_E8M0, "F8_E8M0", Kind::Float, 8, 1},
    DTypeInfo{F4, "F4", Kind::Float, 4, 1},
    DTypeInfo{F6_E2M3, "F6_E2M3", Kind::Float, 6, 1},
    DTypeInfo{F6_E3M2, "F6_E3M2", Kind::Float, 6, 1},
    DTypeInfo{I64, "I64", Kind::SignedInteger, 64, 1},
    DTypeInfo{I32, "I32", Kind::SignedInteger, 32, 1},
    DTypeInfo{I16, "I16", Kind::SignedInteger, 16, 1},
    DTypeInfo{I8, "I8", Kind::SignedInteger, 8, 1},
    DTypeInfo{I4, "I4", Kind::SignedInteger, 4, 1},
    DTypeInfo{I2, "I2", Kind::SignedInteger, 2, 1},
    DTypeInfo{U64, "U64", Kind::UnsignedInteger, 64, 1},
    DTypeInfo{U32, "U32", Kind::UnsignedInteger, 32, 1},
    DTypeInfo{U16, "U16", Kind::UnsignedInteger, 16, 1},
    DTypeInfo{U8, "U8", Kind::UnsignedInteger, 8, 1},
    DTypeInfo{U4, "U4", Kind::UnsignedInteger, 4, 1},
    DTypeInfo{U2, "U2", Kind::UnsignedInteger, 2, 1},
    DTypeInfo{Bool, "BOOL", Kind::Bool, 8, 1},
    DTypeInfo{C32, "C32", Kind::Complex, 32, 1},
    DTypeInfo{C64, "C64", Kind::Complex, 64, 1},
    DTypeInfo{C128, "C128", Kind::Complex, 128, 1},
    DTypeInfo{QInt8, "QINT8", Kind::Quantized, 8, 1},
    DTypeInfo{QUInt8, "QUINT8", Kind::Quantized, 8, 1},
    DTypeInfo{QInt32, "QINT32", Kind::Quantized, 32, 1},
    DTypeInfo{QUInt4x2, "QUINT4X2", Kind::Quantized, 8, 1},
    DTypeInfo{QUInt2x4, "QUINT2X4", Kind::Quantized, 8, 1},
    DTypeInfo{String, "STRING", Kind::String, 0, 1},
    // bytes of a block: ggml-common.h of llama.cpp
    DTypeInfo{Q4_0, "Q4_0", Kind::Block, 18 * 8, 32},
    DTypeInfo{Q4_1, "Q4_1", Kind::Block, 20 * 8, 32},
    DTypeInfo{Q5_0, "Q5_0", Kind::Block, 22 * 8, 32},
    DTypeInfo{Q5_1, "Q5_1", Kind::Block, 24 * 8, 32},
    DTypeInfo{Q8_0, "Q8_0", Kind::Block, 34 * 8, 32},
    DTypeInfo{Q8_1, "Q8_1", Kind::Block, 36 * 8, 32},
    DTypeInfo{Q2_K, "Q2_K", Kind::Block, 84 * 8, 256},
    DTypeInfo{Q3_K, "Q3_K", Kind::Block, 110 * 8, 256},
    DTypeInfo{Q4_K, "Q4_K", Kind::Block, 144 * 8, 256},
    DTypeInfo{Q5_K, "Q5_K", Kind::Block, 176 * 8, 256},
    DTypeInfo{Q6_K, "Q6_K", Kind::Block, 210 * 8, 256},
    DTypeInfo{Q8_K, "Q8_K", Kind::Block, 292 * 8, 256},
    DTypeInfo{IQ2_XXS, "IQ2_XXS", Kind::Block, 66 * 8, 256},
    DTypeInfo{IQ2_XS, "IQ2_XS", Kind::Block, 74 * 8, 256},
    DTypeInfo{IQ3_XXS, "IQ3_XXS", Kind::Block, 98 * 8, 256},
    DTypeInfo{IQ1_S, "IQ1_S", Kind::Block, 50 * 8, 256},
    DTypeInfo{IQ4_NL, "IQ4_NL", Kind::Block, 18 * 8, 32},
    DTypeInfo{IQ3_S, "IQ3_S", Kind::Block, 110 * 8, 256},
    DTypeInfo{IQ2_S, "IQ2_S", Kind::Block, 82 * 8, 256},
    DTypeInfo{IQ4_XS, "IQ4_XS", Kind::Block, 136 * 8, 256},
    DTypeInfo{IQ1_M, "IQ1_M", Kind::Block, 56 * 8, 256},
    DTypeInfo{TQ1_0, "TQ1_0", Kind::Block, 54 * 8, 256},
    DTypeInfo{TQ2_0, "TQ2_0", Kind::Block, 66 * 8, 256},
    DTypeInfo{MXFP4, "MXFP4", Kind::Block, 17 * 8, 32},
    DTypeInfo{NVFP4, "NVFP4", Kind::Block, 36 * 8, 64},
    DTypeInfo{Q1_0, "Q1_0", Kind::Block, 18 * 8, 128},
    DTypeInfo{Q2_0, "Q2_0", Kind::Block, 18 * 8, 64},
};

constexpr bool inEnumOrder()
{
    for (size_t i = 0; i < rows.size(); ++i)
        if (static_cast<size_t>(rows[i].dtype) != i)
            return false;
    return true;
}
static_assert(inEnumOrder(), "rows follow the enum");

} // namespace

const DTypeInfo& info(DType dtype)
{
    const auto index = static_cast<size_t>(dtype);
    return rows[index < rows.size() ? index : 0];
}

std::span<const DTypeInfo> allDTypes()
{
    return rows;
}

std::optional<DType> dtypeByName(std::string_view name)
{
    const auto found = std::find_if(rows.begin() + 1, rows.end(), [name](const DTypeInfo& row) { return row.name == name; });
    if (found == rows.end())
        return std::nullopt;
    return found->dtype;
}

std::optional<uint64_t> nbytesOf(DType dtype, uint64_t elements)
{
    const DTypeInfo& row = info(dtype);
    if (row.bitsPerElement == 0 || elements % row.blockElements != 0)
        return std::nullopt;
    const auto bits = checkedMul<uint64_t>(elements / row.blockElements, row.bitsPerElement);
    if (!bits || *bits % 8 != 0)
        return std::nullopt;
    return *bits / 8;
}

std::optional<uint64_t> packedNbytesOf(DType dtype, uint64_t elements)
{
    const uint32_t bits = info(dtype).bitsPerElement;
    if (bits == 0 || bits >= 8)
        return nbytesOf(dtype, elements);
    const auto all = checkedMul<uint64_t>(elements, bits);
    return all ? std::optional(*all / 8 + (*all % 8 != 0)) : std::nullopt;
}

bool isFloating(DType dtype)
{
    return info(dtype).kind == DTypeKind::Float;
}

} // namespace weighbridge
