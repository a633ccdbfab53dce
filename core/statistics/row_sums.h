// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <span>

namespace weighbridge {

/// Sums over one run of values.
struct RunSums {
    double s1 = 0, s2 = 0, s3 = 0, s4 = 0; ///< of the powers
    double neighbours = 0;                 ///< of the products of each value with the next one
};
[[nodiscard]] RunSums runSums(std::span<const float> run);

/// Adds a row to the sums of its columns (values and squares).
void addColumns(std::span<const float> row, double* sums, double* squares);

/// Sum of the products of two rows of one length.
[[nodiscard]] double rowProduct(const float* a, const float* b, size_t count);

} // namespace weighbridge
