// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/tensor_sums.h"

#include "core/statistics/kernels.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t columnRows = 64; ///< rows that the sums of columns are floats for

void append(std::vector<float>& to, const std::vector<float>& from, size_t most = static_cast<size_t>(-1))
{
    const size_t count = std::min(from.size(), most - std::min(most, to.size()));
    to.insert(to.end(), from.begin(), from.begin() + static_cast<ptrdiff_t>(count));
}

void append(Matrix& to, const Matrix& from)
{
    to.columns = from.columns;
    to.rows += from.rows;
    append(to.values, from.values);
}

void appendRow(Matrix& to, std::span<const float> row)
{
    to.columns = row.size();
    ++to.rows;
    to.values.insert(to.values.end(), row.begin(), row.end());
}

/// Of a segment. Growing them by and by would copy each several times.
void reserveSamples(const RowView& view, uint64_t firstRow, StructureSums& out)
{
    const uint64_t rows = std::min(view.segmentRows, view.rows - std::min(firstRow, view.rows));
    out.sample.reserve(std::min<uint64_t>(sampleValues, rows * view.columns / view.sampleStride + 1));
    if (firstRow == 0)
        out.prefix.reserve(std::min<uint64_t>(sampleValues, rows * view.columns));
    if (view.isMatrix)
        out.gram.values.reserve(std::min(rows, view.gramRows * rows / view.rows + 2) * view.gramColumns.size());
}

} // namespace

void Spread::add(const Spread& other)
{
    count += other.count;
    sum += other.sum;
    squares += other.squares;
}

void GroupSums::resize(size_t groups)
{
    sums.resize(groups, 0);
    squares.resize(groups, 0);
}

void GroupSums::add(const GroupSums& other)
{
    resize(other.sums.size());
    for (size_t i = 0; i < other.sums.size(); ++i) {
        sums[i] += other.sums[i];
        squares[i] += other.squares[i];
    }
}

void StructureSums::add(StructureSums&& next)
{
    rowsAreEqual = rowsAreEqual && next.rowsAreEqual && (firstRow.empty() || next.firstRow.empty() || firstRow == next.firstRow);
    if (firstRow.empty())
        firstRow = std::move(next.firstRow);
    powers.add(next.powers);
    rows += next.rows;
    zeroRows += next.zeroRows;
    rowMeans.add(next.rowMeans);
    rowSquares.add(next.rowSquares);
    columns.add(next.columns);
    positions.add(next.positions);
    neighbours += next.neighbours;
    neighbourPairs += next.neighbourPairs;
    neighbourRows += next.neighbourRows;
    neighbourRowPairs += next.neighbourRowPairs;
    append(sample, next.sample, sampleValues);
    append(prefix, next.prefix, sampleValues);
    append(gram, next.gram);
    append(firstRows, next.firstRows);
    append(firstColumns, next.firstColumns);
}

void TensorSums::add(TensorSums&& next)
{
    counts.add(next.counts);
    powers.add(next.powers);
    bins.add(next.bins);
    structure.add(std::move(next.structure));
}

SegmentPass::SegmentPass(const PassPlan& plan, uint64_t firstRow) : m_plan(plan), m_firstRow(firstRow), m_row(firstRow)
{
    m_out.bins = plan.bins.emptied();
    if (!plan.wantsStructure)
        return;
    m_previous.assign(plan.view.columns, plan.shift);
    m_columnSums.assign(plan.view.columns, 0);
    m_columnSquares.assign(plan.view.columns, 0);
    reserveSamples(plan.view, firstRow, m_out.structure);
    if (plan.view.isMatrix)
        m_out.structure.columns.resize(plan.view.columns);
    m_out.structure.positions.resize(plan.view.positions);
}

void SegmentPass::add(std::span<const float> block)
{
    addRows(block, block);
}

void SegmentPass::add(std::span<const double> block)
{
    const std::vector<float> narrow(m_plan.wantsStructure ? block.begin() : block.end(), block.end());
    addRows(block, std::span<const float>(narrow));
}

template <typename T>
void SegmentPass::addRows(std::span<const T> block, std::span<const float> narrow)
{
    const uint64_t notFinite = m_out.counts.nan + m_out.counts.inf;
    for (size_t start = 0; start < block.size(); start += m_plan.view.columns) {
        const std::span<const T> row = block.subspan(start, std::min<size_t>(m_plan.view.columns, block.size() - start));
        const Summary summary = summarize(row, double(m_plan.shift), m_plan.minimumNormal);
        m_out.counts.add(summary.counts);
        m_out.powers.add(summary.sums);
        m_isFinite = m_isFinite && summary.isFinite();
        if (m_plan.wantsStructure && m_isFinite)
            addStructure(narrow.subspan(start, row.size()), summary);
        ++m_row;
    }
    addTiles();
    countBins(block, m_out.counts.nan + m_out.counts.inf == notFinite);
}

template <typename T>
void SegmentPass::countBins(std::span<const T> block, bool isFinite)
{
    if (isFinite || m_out.bins.empty()) {
        m_out.bins.add(block);
        return;
    }
    std::vector<T> finite;
    std::copy_if(block.begin(), block.end(), std::back_inserter(finite), [](T value) { return std::isfinite(value); });
    m_out.bins.add(std::span<const T>(finite));
}

void SegmentPass::addStructure(std::span<const float> row, const Summary& summary)
{
    StructureSums& out = m_out.structure;
    const RowView& view = m_plan.view;
    if (view.isMatrix && summary.isZero()) {
        ++out.zeroRows;
        return;
    }
    out.powers.add(summary.sums);
    ++out.rows;
    sampleRow(row);
    if (view.isMatrix) {
        const double n = double(row.size());
        const double scale = double(m_plan.scale);
        out.rowMeans.add(summary.sums.s1 * scale / n);
        out.rowSquares.add(summary.sums.s2 * scale * scale / n);
        if (view.positions > 0)
            addPositions(row);
    }
    if (row.size() == view.columns) // the last piece of a vector may be shorter: its pairs are left out
        addToTile(row.data());
}

/// A row may span several positions.
void SegmentPass::addPositions(std::span<const float> row)
{
    const uint64_t run = m_plan.view.values / m_plan.view.positions;
    const double scale = double(m_plan.scale);
    const uint64_t start = m_row * m_plan.view.columns;
    for (size_t i = 0; i < row.size();) {
        const uint64_t position = (start + i) / run;
        const size_t count = std::min<size_t>(row.size() - i, (position + 1) * run - start - i);
        const kernels::RunSums part = kernels::runSums(row.data() + i, count, double(m_plan.shift));
        m_out.structure.positions.sums[position] += part.s1 * scale;
        m_out.structure.positions.squares[position] += part.s2 * scale * scale;
        i += count;
    }
}

void SegmentPass::sampleRow(std::span<const float> row)
{
    StructureSums& out = m_out.structure;
    const RowView& view = m_plan.view;
    const uint64_t start = m_row * view.columns;
    for (uint64_t k = (start + view.sampleStride - 1) / view.sampleStride; k < sampleValues && k * view.sampleStride < start + row.size(); ++k)
        out.sample.push_back(row[k * view.sampleStride - start]);
    if (m_firstRow == 0 && out.prefix.size() < sampleValues)
        out.prefix.insert(out.prefix.end(), row.begin(), row.begin() + static_cast<ptrdiff_t>(std::min(row.size(), sampleValues - out.prefix.size())));
    if (!view.isMatrix)
        return;
    if (out.firstRow.empty())
        out.firstRow.assign(row.begin(), row.end());
    else
        out.rowsAreEqual = out.rowsAreEqual && std::equal(row.begin(), row.end(), out.firstRow.begin());
    if (view.isGramRow(m_row)) {
        out.gram.columns = view.gramColumns.size();
        ++out.gram.rows;
        if (view.gramColumns.size() == row.size()) {
            out.gram.values.insert(out.gram.values.end(), row.begin(), row.end());
        } else {
            for (const size_t column : view.gramColumns)
                out.gram.values.push_back(row[column]);
        }
    }
    if (m_firstRow == 0 && out.firstRows.rows < view.firstRows)
        appendRow(out.firstRows, row);
    if (view.firstColumns > 0)
        appendRow(out.firstColumns, row.first(view.firstColumns));
}

void SegmentPass::addToTile(const float* row)
{
    m_tile.push_back(row);
    if (m_tile.size() == kernels::tileRows)
        addTiles();
}

/// Sums up the rows that wait: they point into the block.
void SegmentPass::addTiles()
{
    StructureSums& out = m_out.structure;
    const size_t columns = m_plan.view.columns;
    const bool isWhole = m_tile.size() == kernels::tileRows;
    const float* previous = m_previous.data();
    for (size_t first = 0; first < m_tile.size(); first += isWhole ? kernels::tileRows : 1) {
        kernels::Tile tile{{}, previous, columns, m_plan.shift, m_plan.scale};
        std::copy_n(m_tile.begin() + static_cast<ptrdiff_t>(first), isWhole ? kernels::tileRows : 1, tile.rows.begin());
        const kernels::TileSums sums = kernels::addTile(tile, m_columnSums.data(), m_columnSquares.data());
        out.neighbours += sums.neighbours;
        out.neighbourRows += sums.neighbourRows;
        previous = isWhole ? m_tile.back() : m_tile[first];
    }
    if (m_tile.empty())
        return;
    out.neighbourPairs += m_tile.size() * (columns - 1);
    out.neighbourRowPairs += (m_tile.size() - (m_hasPrevious ? 0 : 1)) * columns;
    m_hasPrevious = true;
    m_columnRows += m_tile.size();
    std::copy_n(previous, columns, m_previous.begin());
    m_tile.clear();
    if (m_columnRows >= columnRows)
        emptyColumns();
}

void SegmentPass::emptyColumns()
{
    GroupSums& out = m_out.structure.columns;
    for (size_t i = 0; i < out.sums.size(); ++i) {
        out.sums[i] += double(m_columnSums[i]);
        out.squares[i] += double(m_columnSquares[i]);
    }
    std::fill(m_columnSums.begin(), m_columnSums.end(), 0.0f);
    std::fill(m_columnSquares.begin(), m_columnSquares.end(), 0.0f);
    m_columnRows = 0;
}

TensorSums SegmentPass::finish()
{
    if (m_plan.wantsStructure)
        emptyColumns();
    return std::move(m_out);
}

} // namespace weighbridge
