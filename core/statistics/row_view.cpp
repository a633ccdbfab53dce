// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/row_view.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr uint64_t wideRow = 65536;          ///< longer rows are looked at by the last dimension
constexpr uint64_t longestRow = 1 << 20;     ///< beyond, the tensor counts as a vector
constexpr uint64_t pieceValues = 4096;       ///< of a row of what is no matrix
constexpr uint64_t blockValues = 65536;      ///< as floats they stay in the second-level cache
constexpr uint64_t segmentValues = 2 << 20;
constexpr uint64_t blockMultiple = 4;        ///< rows that are summed up together (kernels::tileRows)
constexpr size_t gramRows = 128, gramColumns = 1024; ///< 8 million products: eight for each value of a matrix of 1024 x 1024
constexpr size_t gramRowsOfLarge = 256;              ///< four times the products, two for each value from 4096 x 4096 on
constexpr uint64_t largeValues = 16 << 20;
constexpr size_t fullValues = 2 << 20;       ///< in the rows or columns that are kept whole
constexpr int64_t largestKernel = 7;         ///< of convolutions that are stored [height, width, in, out]

void chooseRows(const Shape& shape, RowView& view)
{
    const auto last = static_cast<uint64_t>(shape.back());
    uint64_t rows = static_cast<uint64_t>(shape[0]);
    uint64_t columns = view.values / rows;
    if (columns > wideRow || rows == 1) {
        columns = last;
        rows = view.values / last;
    }
    view.isMatrix = rows > 1 && columns > 1 && columns <= longestRow && rows * columns == view.values;
    if (view.isMatrix) {
        view.rows = rows;
        view.columns = columns;
    }
}

void chooseSamples(const Shape& shape, RowView& view)
{
    if (shape.size() == 4 && shape[0] <= largestKernel && shape[1] <= largestKernel)
        view.positions = static_cast<uint64_t>(shape[0] * shape[1]);
    view.gramRows = std::min<uint64_t>(view.rows, view.values < largeValues ? gramRows : gramRowsOfLarge);
    const uint64_t columns = std::min<uint64_t>(view.columns, gramColumns);
    for (uint64_t k = 0; k < columns; ++k)
        view.gramColumns.push_back(evenly(k, columns, view.columns));
    view.firstRows = std::min<uint64_t>({view.rows, fullVectors, fullValues / view.columns});
    if (view.columns < view.rows)
        view.firstColumns = std::min<uint64_t>({view.columns, fullVectors, fullValues / view.rows});
}

} // namespace

RowView RowView::of(const TensorInfo& tensor, const Decoder& decoder)
{
    RowView view;
    const DTypeKind kind = info(tensor.dtype).kind;
    view.isFloat = kind == DTypeKind::Float || kind == DTypeKind::Block;
    view.values = decoder.values(tensor.nbytes());
    view.columns = std::clamp<uint64_t>(view.values, 1, pieceValues);
    view.rows = (view.values + view.columns - 1) / view.columns;
    if (view.values > sampleValues)
        view.sampleStride = view.values / sampleValues | 1; // odd: not the same columns again and again
    if (view.isFloat && tensor.shape.size() >= 2 && view.values > 0)
        chooseRows(tensor.shape, view);
    if (view.isMatrix)
        chooseSamples(tensor.shape, view);
    view.blockRows = std::max(blockMultiple, blockValues / view.columns / blockMultiple * blockMultiple);
    view.segmentRows = std::max<uint64_t>(1, segmentValues / view.columns / view.blockRows) * view.blockRows;
    return view;
}

uint64_t RowView::valuesIn(uint64_t first, uint64_t count) const
{
    return std::min(values, (first + count) * columns) - first * columns;
}

bool RowView::isGramRow(uint64_t row) const
{
    if (gramRows == 0)
        return false;
    const uint64_t k = gramRows < 2 ? 0 : (row * (gramRows - 1) + rows - 2) / (rows - 1);
    return k < gramRows && evenly(k, gramRows, rows) == row;
}

} // namespace weighbridge
