// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/tensor_rows.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Tensors that stand together in the load strip.
struct TensorGroup {
    std::string label;      ///< "layer 3"
    std::string module;     ///< "encoder.layer.3"
    std::vector<int> rows;  ///< of the TensorRows, or whatever was grouped
};

/// Puts rows into groups: a layer (up to the first number in the name), or what stands beside the layers (embeddings, pooler, head). Groups
/// come in the order of their first row, but the layers of one list by their number: files are often sorted 0, 1, 10, 11, 2.
[[nodiscard]] std::vector<TensorGroup> groupTensors(const TensorRows& rows, const std::vector<int>& chosen);

/// The same for whatever has names; they must outlive the call.
[[nodiscard]] std::vector<TensorGroup> groupNames(const std::function<std::string_view(int)>& nameOf, const std::vector<int>& chosen);

} // namespace weighbridge
