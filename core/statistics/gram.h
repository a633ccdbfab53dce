// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <vector>

namespace weighbridge {

/// A small matrix, row-major.
struct Matrix {
    size_t rows = 0, columns = 0;
    std::vector<float> values;
    [[nodiscard]] const float* row(size_t i) const { return values.data() + i * columns; }
    [[nodiscard]] Matrix transposed() const;
};

/// How much the rows of a matrix have to do with each other, against independent draws.
struct GramTests {
    double total = 0;    ///< z of the sum of all squared correlations
    double largest = 0;  ///< z of the largest correlation, Bonferroni over all pairs
    double spectrum = 0; ///< largest eigenvalue over the Marchenko-Pastur edge, in units of the Tracy-Widom law
    double largestEigenvalue = 0;
    double edge = 0;
    bool hasSpectrum = false;
};

/// Of a sample standardized by the tensor's mean and sd; the shorter side becomes the rows. At least 2 x 4.
/// I. M. Johnstone, On the distribution of the largest eigenvalue in principal components analysis, 2001.
[[nodiscard]] GramTests gramTests(const Matrix& sample, double mean, double sd);

/// rms of the cosines between rows, times the root of their length, and the spread of their norms. absent (NaN) if a row is zero.
struct Orthogonality {
    double cosines = 0;
    double normSpread = 0;
};
[[nodiscard]] Orthogonality orthogonality(const Matrix& rows);

} // namespace weighbridge
