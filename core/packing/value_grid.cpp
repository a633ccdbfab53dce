// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/packing/value_grid.h"

#include <algorithm>

namespace weighbridge {
namespace {

/// The side of the boxes that cut `size` into `cells`.
std::optional<uint64_t> sideOf(uint64_t size, uint64_t cells, uint64_t block)
{
    if (block > 0 && (size + block - 1) / block == cells)
        return block;
    return cells > 0 && size % cells == 0 ? std::optional(size / cells) : std::nullopt;
}

} // namespace

uint64_t rowsOf(const Shape& shape)
{
    uint64_t rows = 1;
    for (size_t d = 0; d + 1 < shape.size(); ++d)
        rows *= static_cast<uint64_t>(shape[d]);
    return rows;
}

std::optional<ValueGrid> ValueGrid::over(const Shape& weight, const Shape& grid, uint64_t blockRows, uint64_t blockColumns)
{
    const auto cells = numel(grid);
    const auto elements = numel(weight);
    if (!cells || *cells == 0 || !elements || *elements == 0)
        return std::nullopt;
    const uint64_t rows = rowsOf(weight);
    const uint64_t columns = *elements / rows;
    ValueGrid out;
    out.columns = *cells == 1 || grid.size() == 1 ? 1 : static_cast<uint64_t>(grid.back());
    const auto height = sideOf(rows, *cells / out.columns, blockRows);
    const auto width = sideOf(columns, out.columns, blockColumns);
    if (!height || !width)
        return std::nullopt;
    out.rowsPerCell = *height;
    out.columnsPerCell = *width;
    return out;
}

} // namespace weighbridge
