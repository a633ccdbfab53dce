// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Names: c10/core/ScalarType.h and torch/storage.py of PyTorch.
#include "core/format/detail/torch_dtypes.h"

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

struct Row {
    TorchDType type;
    std::string_view alias;   ///< a second name of the dtype
    std::string_view storage; ///< of FloatStorage: Float
};

using enum DType;

constexpr std::array rows{
    Row{{"float32", F32, 4}, "float", "Float"},
    Row{{"float64", F64, 8}, "double", "Double"},
    Row{{"float16", F16, 2}, "half", "Half"},
    Row{{"bfloat16", BF16, 2}, "", "BFloat16"},
    Row{{"int64", I64, 8}, "long", "Long"},
    Row{{"int32", I32, 4}, "int", "Int"},
    Row{{"int16", I16, 2}, "short", "Short"},
    Row{{"int8", I8, 1}, "", "Char"},
    Row{{"uint8", U8, 1}, "", "Byte"},
    Row{{"bool", Bool, 1}, "", "Bool"},
    Row{{"uint16", U16, 2}, "", ""},
    Row{{"uint32", U32, 4}, "", ""},
    Row{{"uint64", U64, 8}, "", ""},
    Row{{"complex32", C32, 4}, "chalf", "ComplexHalf"},
    Row{{"complex64", C64, 8}, "cfloat", "ComplexFloat"},
    Row{{"complex128", C128, 16}, "cdouble", "ComplexDouble"},
    Row{{"float8_e4m3fn", F8_E4M3, 1}, "", ""},
    Row{{"float8_e5m2", F8_E5M2, 1}, "", ""},
    Row{{"float8_e4m3fnuz", F8_E4M3FNUZ, 1}, "", ""},
    Row{{"float8_e5m2fnuz", F8_E5M2FNUZ, 1}, "", ""},
    Row{{"float8_e8m0fnu", F8_E8M0, 1}, "", ""},
    Row{{"qint8", QInt8, 1}, "", "QInt8"},
    Row{{"quint8", QUInt8, 1}, "", "QUInt8"},
    Row{{"qint32", QInt32, 4}, "", "QInt32"},
    Row{{"quint4x2", QUInt4x2, 1}, "", "QUInt4x2"},
    Row{{"quint2x4", QUInt2x4, 1}, "", "QUInt2x4"},
    // an element of these is a byte that holds several numbers, or fewer bits than a byte has: listed, not decoded
    Row{{"float4_e2m1fn_x2", Unknown, 1}, "", ""},
    Row{{"bits8", Unknown, 1}, "", ""},
    Row{{"bits16", Unknown, 2}, "", ""},
    Row{{"bits1x8", Unknown, 1}, "", ""},
    Row{{"bits2x4", Unknown, 1}, "", ""},
    Row{{"bits4x2", Unknown, 1}, "", ""},
    Row{{"int1", Unknown, 1}, "", ""},
    Row{{"int2", Unknown, 1}, "", ""},
    Row{{"int3", Unknown, 1}, "", ""},
    Row{{"int4", Unknown, 1}, "", ""},
    Row{{"int5", Unknown, 1}, "", ""},
    Row{{"int6", Unknown, 1}, "", ""},
    Row{{"int7", Unknown, 1}, "", ""},
    Row{{"uint1", Unknown, 1}, "", ""},
    Row{{"uint2", Unknown, 1}, "", ""},
    Row{{"uint3", Unknown, 1}, "", ""},
    Row{{"uint4", Unknown, 1}, "", ""},
    Row{{"uint5", Unknown, 1}, "", ""},
    Row{{"uint6", Unknown, 1}, "", ""},
    Row{{"uint7", Unknown, 1}, "", ""},
};

std::optional<TorchDType> bySuffix(std::string_view name, std::string_view suffix)
{
    if (!name.ends_with(suffix))
        return std::nullopt;
    name.remove_suffix(suffix.size());
    const auto found = std::find_if(rows.begin(), rows.end(), [name](const Row& row) { return !row.storage.empty() && row.storage == name; });
    return found == rows.end() ? std::nullopt : std::optional(found->type);
}

} // namespace

std::optional<TorchDType> torchDType(std::string_view name)
{
    if (name.starts_with("torch."))
        name.remove_prefix(6);
    const auto found = std::find_if(rows.begin(), rows.end(), [name](const Row& row) { return row.type.name == name || (!row.alias.empty() && row.alias == name); });
    return found == rows.end() ? std::nullopt : std::optional(found->type);
}

std::optional<TorchDType> torchStorageType(std::string_view name)
{
    if (name == "UntypedStorage" || name == "_UntypedStorage")
        return TorchDType{"uint8", U8, 1};
    return bySuffix(name, "Storage");
}

std::optional<TorchDType> torchTensorType(std::string_view name)
{
    return bySuffix(name, "Tensor");
}

bool isTorchScheme(std::string_view name)
{
    constexpr std::array names{std::string_view("per_tensor_affine"), std::string_view("per_tensor_symmetric"), std::string_view("per_channel_affine"),
                               std::string_view("per_channel_symmetric"), std::string_view("per_channel_affine_float_qparams"), std::string_view("strided"),
                               std::string_view("sparse_coo"), std::string_view("sparse_csr"), std::string_view("sparse_csc"), std::string_view("sparse_bsr"),
                               std::string_view("sparse_bsc"), std::string_view("contiguous_format"), std::string_view("channels_last"), std::string_view("preserve_format")};
    return std::find(names.begin(), names.end(), name) != names.end();
}

} // namespace weighbridge
