// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/diagnosis/finding.h"
#include "core/tensor/tensor_info.h"

#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

inline constexpr std::string_view npyMagic = "\x93NUMPY";

/// What the header of one .npy says.
struct NpyArray {
    TensorInfo tensor;       ///< without a name; storage.offset is where the data begin in the source
    std::string version;     ///< "1.0"
    bool fortranOrder = false;
};

/// Parses the header (a Python literal, which is read as data and never evaluated) at the start of a source, against `nbytes` of the
/// whole array file; only the first 64 KiB or the header's length are read. Errors: truncated, corrupt, unsupported-version, bad-dtype, bad-shape.
Result<NpyArray> readNpyHeader(const ByteSource& source, uint64_t nbytes, std::vector<Finding>& findings);

} // namespace weighbridge
