// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace weighbridge {

/// Sizes of the dimensions, outermost first, as PyTorch prints them. Empty: a scalar.
using Shape = std::vector<int64_t>;

/// Number of elements; nothing if a size is negative or the product exceeds int64.
[[nodiscard]] std::optional<uint64_t> numel(const Shape& shape);
/// Strides in elements of a contiguous, row-major tensor of this shape.
[[nodiscard]] std::vector<int64_t> contiguousStrides(const Shape& shape);

} // namespace weighbridge
