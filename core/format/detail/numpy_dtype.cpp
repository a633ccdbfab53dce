// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// https://numpy.org/doc/stable/reference/arrays.dtypes.html; the names of the 8-bit floats are those of ml_dtypes.
#include "core/format/detail/numpy_dtype.h"

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

struct Row {
    std::string_view code;
    DType dtype;
};

using enum DType;

/// V2 is how numpy writes bfloat16, which it does not know: kept as the writer's word.
constexpr std::array rows{
    Row{"f4", F32}, Row{"f8", F64}, Row{"f2", F16}, Row{"i8", I64}, Row{"i4", I32}, Row{"i2", I16}, Row{"i1", I8}, Row{"u8", U64}, Row{"u4", U32},
    Row{"u2", U16}, Row{"u1", U8}, Row{"b1", Bool}, Row{"?", Bool}, Row{"c8", C64}, Row{"c16", C128},
    Row{"float32", F32}, Row{"float64", F64}, Row{"float16", F16}, Row{"int64", I64}, Row{"int32", I32}, Row{"int16", I16}, Row{"int8", I8},
    Row{"uint64", U64}, Row{"uint32", U32}, Row{"uint16", U16}, Row{"uint8", U8}, Row{"bool_", Bool}, Row{"bool", Bool}, Row{"complex64", C64},
    Row{"complex128", C128}, Row{"bfloat16", BF16}, Row{"float8_e4m3fn", F8_E4M3}, Row{"float8_e5m2", F8_E5M2},
    Row{"float8_e4m3fnuz", F8_E4M3FNUZ}, Row{"float8_e5m2fnuz", F8_E5M2FNUZ}, Row{"float8_e8m0fnu", F8_E8M0},
};

} // namespace

NumpyCode numpyCode(std::string_view text)
{
    NumpyCode out;
    if (!text.empty() && std::string_view("<>|=").find(text[0]) != std::string_view::npos) {
        out.bigEndian = text[0] == '>';
        text.remove_prefix(1);
    }
    out.code = text;
    const auto row = std::find_if(rows.begin(), rows.end(), [text](const Row& candidate) { return candidate.code == text; });
    if (row != rows.end())
        out.dtype = row->dtype;
    return out;
}

} // namespace weighbridge
