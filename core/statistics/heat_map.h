// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/value_block.h"

#include <vector>

namespace weighbridge {

/// A whole matrix in few cells. Cell (i, j) stands for the rows [rowOf(i), rowOf(i + 1)) and columns [columnOf(j), columnOf(j + 1)).
struct HeatMap {
    MatrixView view;              ///< of the tensor
    size_t rows = 0, columns = 0; ///< cells; never more than the view has
    std::vector<float> mean;      ///< row-major, of the finite values of a cell; NaN where there is none
    std::vector<float> maxAbs;    ///< of the finite values; NaN where there is none
    std::vector<uint32_t> notFinite; ///< NaN and infinite values in the cell
    [[nodiscard]] uint64_t rowOf(size_t cell) const { return cell * view.rows / rows; }
    [[nodiscard]] uint64_t columnOf(size_t cell) const { return cell * view.columns / columns; }
    [[nodiscard]] size_t index(size_t row, size_t column) const { return row * columns + column; }
};

inline constexpr size_t largestHeatMap = 2048; ///< cells on each side

/// Reads the tensor once and reduces it to at most mostRows x mostColumns cells (one for each device pixel). Bounded memory.
/// Errors as readTensor(), bad-dtype for what are no numbers. Any thread; cancellable.
Result<HeatMap> computeHeatMap(const Checkpoint& checkpoint, const TensorInfo& tensor, size_t mostRows, size_t mostColumns, JobContext& job);

} // namespace weighbridge
