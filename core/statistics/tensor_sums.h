// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/gram.h"
#include "core/statistics/power_sums.h"
#include "core/statistics/row_view.h"
#include "core/statistics/value_bins.h"

#include <cmath>
#include <span>
#include <vector>

namespace weighbridge {

/// Count, sum and sum of squares of numbers near 0 or 1 (means of groups).
struct Spread {
    uint64_t count = 0;
    double sum = 0, squares = 0;

    void add(double value)
    {
        ++count;
        sum += value;
        squares += value * value;
    }
    void add(const Spread& other);
    [[nodiscard]] double mean() const { return sum / double(count); }
    [[nodiscard]] double squaresAround(double centre) const { return squares - 2 * centre * sum + double(count) * centre * centre; }
};

/// Sums over groups of values (columns, positions of a kernel): of u and of its square.
struct GroupSums {
    std::vector<double> sums, squares;
    void resize(size_t groups);
    void add(const GroupSums& other);
};

/// What the structure of a tensor is judged by, over the rows that are not all zero. The values are u = (x - shift) * scale, near 0 with a
/// standard deviation near 1.
struct StructureSums {
    PowerSums powers;              ///< of x - shift
    uint64_t rows = 0, zeroRows = 0;
    Spread rowMeans, rowSquares;   ///< of full rows: means of u and of its square
    GroupSums columns, positions;
    double neighbours = 0, neighbourRows = 0;         ///< sums of products
    uint64_t neighbourPairs = 0, neighbourRowPairs = 0; ///< ... and of how many
    bool rowsAreEqual = true;
    std::vector<float> firstRow;

    // samples of x
    std::vector<float> sample;     ///< every so many values
    std::vector<float> prefix;     ///< the first values as they lie
    Matrix gram;                   ///< evenly spread rows and columns
    Matrix firstRows;              ///< full length
    Matrix firstColumns;           ///< row-major: all rows of the first columns

    void add(StructureSums&& next);
};

/// All that one pass gathers of a tensor or of a segment of it; sums of segments are added in their order.
struct TensorSums {
    ValueCounts counts;
    PowerSums powers;              ///< of x - shift, of all finite values
    ValueBins bins;
    StructureSums structure;

    [[nodiscard]] bool isFinite() const { return counts.nan == 0 && counts.inf == 0; }
    void add(TensorSums&& next);
};

/// What is fixed before the values are looked at.
struct PassPlan {
    RowView view;
    double minimumNormal = 0;
    bool wantsStructure = false;
    float shift = 0;               ///< near the mean
    float scale = 1;               ///< a power of two near 1 / std
    ValueBins bins;                ///< empty ones of the range to count in
};

/// Sums up one segment, whose rows come in order, in blocks of whole rows.
class SegmentPass {
public:
    SegmentPass(const PassPlan& plan, uint64_t firstRow);
    void add(std::span<const float> block);
    void add(std::span<const double> block);
    [[nodiscard]] TensorSums finish();

private:
    template <typename T>
    void addRows(std::span<const T> block, std::span<const float> narrow);
    template <typename T>
    void countBins(std::span<const T> block, bool isFinite);
    void addStructure(std::span<const float> row, const Summary& summary);
    void addPositions(std::span<const float> row);
    void sampleRow(std::span<const float> row);
    void addToTile(const float* row);
    void addTiles();
    void emptyColumns();

    const PassPlan& m_plan;
    uint64_t m_firstRow;
    uint64_t m_row;                       ///< index in the tensor
    TensorSums m_out;
    bool m_isFinite = true;
    std::vector<const float*> m_tile;     ///< rows of the block that wait to be summed up together
    std::vector<float> m_previous;        ///< the last row that was; before the first one `shift`
    bool m_hasPrevious = false;
    std::vector<float> m_columnSums, m_columnSquares; ///< of u, over at most columnRows rows
    size_t m_columnRows = 0;
};

} // namespace weighbridge
