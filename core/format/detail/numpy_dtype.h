// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tensor/dtype.h"

#include <optional>
#include <string_view>

namespace weighbridge {

/// An element type as numpy writes it, with or without the sign of its byte order: `<f4`, `|b1`, `float32`, `bfloat16`.
struct NumpyCode {
    DType dtype = DType::Unknown; ///< Unknown: numpy has others (V2, S5, O, fields)
    bool bigEndian = false;
    std::string_view code;        ///< without the sign
};

NumpyCode numpyCode(std::string_view text);

} // namespace weighbridge
