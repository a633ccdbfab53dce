// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tensor/dtype.h"
#include "core/tensor/shape.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace weighbridge {

/// Tests of structure: each is a z-score under the hypothesis that the values are independent draws of one distribution.
/// A matrix is looked at as dim 0 x the rest.
enum class Structure : uint8_t {
    RowMeans, RowSquares, ColumnMeans, ColumnSquares,   ///< spread of the means (of the values, of their squares) over rows, columns
    KernelMeans, KernelSquares, InputMeans, InputSquares, ///< of a convolution [out, in, kernel...]: over kernel positions, over inputs
    SpatialMeans, SpatialSquares,                       ///< of a convolution [height, width, in, out]: over the positions
    NeighboursInRow, NeighbourRows,                     ///< correlation of values with the next one, of rows with the next one
    GramTotal,                                          ///< sum of the squared correlations of all pairs of rows
    GramLargest,                                        ///< largest correlation of a pair of rows
    SpectrumEdge,                                       ///< largest eigenvalue against the Marchenko-Pastur edge, in Tracy-Widom units
    Mean, Skewness,
    Count,
};

[[nodiscard]] constexpr std::array<double, size_t(Structure::Count)> allAbsent()
{
    std::array<double, size_t(Structure::Count)> out{};
    out.fill(std::numeric_limits<double>::quiet_NaN());
    return out;
}

/// The last rows of a table, if they are not like the rest (findRandomTail()).
struct RandomTail {
    uint64_t rows = 0;
    bool isMean = false;          ///< all near the mean of the table's rows; else independent draws
    double rms = 0;
    bool isUniform = false;       ///< else normal, truncated or not
    std::string scale;            ///< the known scale that it has, if any
};

/// What is remembered of a tensor's values to decide where it comes from: some numbers, never the values.
struct TensorFeatures {
    static constexpr double absent = std::numeric_limits<double>::quiet_NaN();

    Shape shape;
    DType dtype = DType::Unknown;
    uint64_t elements = 0;
    bool isFloat = false;         ///< floats or blocks: what weights are stored as
    bool isFinite = false;
    bool isConstant = false;
    double constant = 0;          ///< of a constant
    std::optional<int64_t> integer; ///< of a single integer (num_batches_tracked)

    bool isTested = false;        ///< the fields below hold; at least 8 values that are not all the same
    bool isMatrix = false;        ///< two dimensions of more than one
    uint64_t rows = 0, columns = 0, zeroRows = 0; ///< rows without those that are all zero (padding, never used)
    double min = 0, max = 0, mean = 0, sd = 0, rms = 0, skewness = 0, kurtosis = 0; ///< kurtosis 0 for a normal here
    std::array<double, size_t(Structure::Count)> z = allAbsent();
    double largestEigenvalue = absent; ///< of the products of the rows of a sub-matrix of standardized values, over its columns
    uint64_t spectrumRows = 0, spectrumColumns = 0; ///< of that sub-matrix, the shorter side first
    double edge = absent;         ///< where the Marchenko-Pastur law ends for such a sub-matrix

    // shape of the distribution, on at most 65536 values: Kolmogorov-Smirnov distances times the root of their count
    double ksNormal = 0, ksUniform = 0, ksCut2 = 0, ksCut3 = 0; ///< cut: a normal truncated at 2 or 3 standard deviations
    double distinct = 1;          ///< distinct values over values of that sample
    double levels = 32;           ///< largest count of distinct magnitudes among 32 neighbours: 16 for 4-bit blocks

    double orthogonality = absent; ///< rms of the cosines of full rows, times the root of their length: 1 for independent draws
    double normSpread = absent;    ///< coefficient of variation of their norms
    bool rowsAreEqual = false;

    RandomTail tail;

    // exact traces of torch's generators (F32 only)
    uint64_t latticeTested = 0;
    double latticeHits = 0;       ///< share of values that uniform_(-latticeBound, latticeBound) can give to the last bit
    double latticeBound = 0;
    uint64_t pairsTested = 0;
    double pairHits = 0;          ///< share of Box-Muller pairs of normal_(0, pairSd) whose radius is one that it can draw; 0.2 by chance
    double pairSd = 0;

    [[nodiscard]] double of(Structure test) const { return z[size_t(test)]; }
    [[nodiscard]] uint64_t values() const { return rows * columns; }
    [[nodiscard]] double absmax() const { return std::max(std::abs(min), std::abs(max)); }
    [[nodiscard]] bool isLattice() const { return latticeTested >= 12 && latticeHits >= 0.99; }
    [[nodiscard]] bool isBoxMuller() const { return pairsTested >= 40 && pairHits >= 0.6; }
};

} // namespace weighbridge
