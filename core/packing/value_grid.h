// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tensor/tensor_info.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace weighbridge {

/// Which number of a smaller tensor belongs to an element of a weight: scales and zero points, one for all, one a row, or one for each box of rows
/// and columns. Rows are all dimensions but the last.
struct ValueGrid {
    uint64_t rowsPerCell = 1, columnsPerCell = 1;
    uint64_t columns = 1; ///< cells beside each other

    [[nodiscard]] size_t index(uint64_t row, uint64_t column) const { return row / rowsPerCell * columns + column / columnsPerCell; }
    /// Nothing if `grid` does not fit the weight. A box has the sides of a block where they are given and the grid's shape allows them (those at the
    /// edges are then smaller), else such that all boxes are equal.
    [[nodiscard]] static std::optional<ValueGrid> over(const Shape& weight, const Shape& grid, uint64_t blockRows = 0, uint64_t blockColumns = 0);
};

/// Rows of a weight: the product of all its dimensions but the last.
[[nodiscard]] uint64_t rowsOf(const Shape& shape);

} // namespace weighbridge
