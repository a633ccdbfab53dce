// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/value_block.h"

#include "core/statistics/value_runs.h"

#include <algorithm>

namespace weighbridge {

MatrixView matrixViewOf(const TensorInfo& tensor)
{
    const uint64_t perElement = valuesPerElement(tensor.dtype);
    if (!decoderOf(tensor.dtype) || tensor.elements() == 0)
        return {};
    if (tensor.shape.size() < 2)
        return {tensor.elements(), perElement};
    const auto rows = static_cast<uint64_t>(tensor.shape[0]);
    return {rows, tensor.elements() / rows * perElement};
}

Result<ValueBlock> readValueBlock(const Checkpoint& checkpoint, const TensorInfo& stored, uint64_t firstRow, uint64_t firstColumn, size_t rows, size_t columns, JobContext& job)
{
    const TensorInfo tensor = checkpoint.unpacked(stored);
    const auto decoder = decoderFor(checkpoint, tensor);
    if (!decoder)
        return tl::unexpected(decoder.error());
    const MatrixView view = matrixViewOf(tensor);
    ValueBlock block;
    block.firstRow = std::min(firstRow, view.rows);
    block.firstColumn = std::min(firstColumn, view.columns);
    block.columns = std::min<uint64_t>({columns, view.columns - block.firstColumn, largestValueBlock});
    block.rows = block.columns == 0 ? 0 : std::min<uint64_t>({rows, view.rows - block.firstRow, largestValueBlock / block.columns});
    std::vector<ValueRun> runs;
    if (block.columns == view.columns && block.rows > 0)
        runs.push_back({block.firstRow * view.columns, block.rows * view.columns});
    else
        for (uint64_t row = 0; row < block.rows; ++row)
            runs.push_back({(block.firstRow + row) * view.columns + block.firstColumn, block.columns});
    block.values.reserve(block.rows * block.columns);
    const auto read = readRuns(checkpoint, tensor, runs, job, [&block](std::span<const double> values) { block.values.insert(block.values.end(), values.begin(), values.end()); });
    if (!read)
        return tl::unexpected(read.error());
    block.values.resize(block.rows * block.columns); // a format that gave fewer values than it declared
    return block;
}

} // namespace weighbridge
