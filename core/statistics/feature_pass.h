// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/features.h"
#include "core/statistics/gram.h"
#include "core/statistics/initialisers.h"
#include "core/statistics/tensor_statistics.h"

#include <span>
#include <vector>

namespace weighbridge {

/// Sum of squares of numbers around a centre that is known only afterwards.
class Spread {
public:
    void add(double value)
    {
        if (m_count++ == 0)
            m_shift = value;
        const double d = value - m_shift;
        m_sum += d;
        m_squares += d * d;
    }
    [[nodiscard]] double count() const { return double(m_count); }
    [[nodiscard]] double mean() const { return m_shift + m_sum / double(m_count); }
    [[nodiscard]] double squaresAround(double centre) const
    {
        const double d = centre - m_shift;
        return m_squares - 2 * d * m_sum + double(m_count) * d * d;
    }

private:
    uint64_t m_count = 0;
    double m_shift = 0, m_sum = 0, m_squares = 0;
};

/// Gathers the features of one tensor while its values stream by, row after row. Memory: some rows and samples, at most about 100 MiB.
class FeaturePass {
public:
    /// siblings: shapes of the matrices in the same module (the bounds of torch's biases follow from them).
    FeaturePass(const TensorInfo& tensor, std::vector<Shape> siblings, const ConfigHints& hints);
    void add(std::span<const float> values);
    /// After the last value.
    [[nodiscard]] TensorFeatures finish(const TensorStatistics& statistics);

private:
    void chooseView();
    void addRow(std::span<const float> row);
    void sampleRow(std::span<const float> row);
    void sampleShape(std::span<const float> values);
    void finishMoments();
    void finishSpreads();
    void finishConvolution();
    void finishShape();
    void finishPairs();
    void setSpread(Structure means, Structure squares, const Spread& ofMeans, const Spread& ofSquares, double perGroup);

    TensorFeatures m_out;
    std::vector<Shape> m_siblings;
    ConfigHints m_hints;
    uint64_t m_elements = 0;

    // the matrix that is looked at: m_rows x m_columns; a vector has one row that comes in pieces
    bool m_isMatrix = false;
    uint64_t m_rows = 1, m_columns = 0;
    std::vector<float> m_row;       ///< the one that is being filled
    std::vector<float> m_previous;  ///< the last one that is not zero
    std::vector<float> m_first;
    uint64_t m_rowIndex = 0;
    uint64_t m_kept = 0;            ///< rows that are not zero
    bool m_rowsAreEqual = true;

    double m_s1 = 0, m_s2 = 0, m_s3 = 0, m_s4 = 0, m_neighbours = 0, m_neighbourRows = 0;
    double m_mean = 0, m_variance = 0, m_m4 = 0;
    Spread m_rowMeans, m_rowSquares;
    std::vector<double> m_columnSums, m_columnSquares;
    std::vector<double> m_positionSums, m_positionSquares; ///< of [height, width, in, out]
    uint64_t m_positionRun = 0;     ///< values of one position
    uint64_t m_seen = 0;            ///< values, zero rows included

    uint64_t m_stride = 1, m_untilNext = 0;
    std::vector<float> m_sample;    ///< for the shape
    std::vector<float> m_prefix;    ///< the first values as they lie, for generator traces
    Matrix m_gram;
    std::vector<size_t> m_gramColumns;
    uint64_t m_gramRows = 0;
    Matrix m_firstRows;             ///< full length
    Matrix m_firstColumns;          ///< row-major: all rows of the first columns
};

} // namespace weighbridge
