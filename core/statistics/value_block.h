// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <cstdint>
#include <vector>

namespace weighbridge {

/// A tensor as a table of values: dimension 0 by all others; a vector or a scalar is one column. Complex elements take two columns,
/// their real and their imaginary part. Nothing (0 x 0) for dtypes that are no numbers.
struct MatrixView {
    uint64_t rows = 0, columns = 0;
    [[nodiscard]] uint64_t values() const { return rows * columns; }
    bool operator==(const MatrixView&) const = default;
};
[[nodiscard]] MatrixView matrixViewOf(const TensorInfo& tensor);

/// A rectangle of that table, row-major. Quantized blocks are dequantized.
struct ValueBlock {
    uint64_t firstRow = 0, firstColumn = 0;
    size_t rows = 0, columns = 0;
    std::vector<double> values;
    [[nodiscard]] double at(size_t row, size_t column) const { return values[row * columns + column]; }
};

inline constexpr size_t largestValueBlock = 1 << 20; ///< values

/// Reads rows [firstRow, firstRow + rows) by columns [firstColumn, firstColumn + columns); what lies outside the table is cut off, and rows
/// that would make the block larger than largestValueBlock. Reads no more of the file than these rows where the values lie in it as they
/// are; compressed storages and permuted views are streamed up to the last one. Errors as readTensor(). Any thread; cancellable.
Result<ValueBlock> readValueBlock(const Checkpoint& checkpoint, const TensorInfo& tensor, uint64_t firstRow, uint64_t firstColumn, size_t rows, size_t columns,
                                  JobContext& job);

} // namespace weighbridge
