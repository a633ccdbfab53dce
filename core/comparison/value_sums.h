// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>

namespace weighbridge {

/// A value of B counts as changed if |A - B| > atol + rtol * |B|.
struct Tolerance {
    double atol = 0;
    double rtol = 0;
};

/// Sums over two runs of values, D = B - A, in double. Where a side is NaN or infinite nothing is added but the counts.
struct ValueSums {
    double squaresA = 0, squaresB = 0, products = 0;
    double squaresD = 0, absolutesD = 0, largestD = 0;
    uint64_t changed = 0;
    uint64_t notFinite = 0;

    void add(const ValueSums& other);
};

/// In the widest instructions that the processor has; the same to the last bit on all of them.
[[nodiscard]] ValueSums sumsOf(const float* a, const float* b, size_t count, Tolerance tolerance);
[[nodiscard]] ValueSums sumsOf(const double* a, const double* b, size_t count, Tolerance tolerance);

/// Whether one pair of values counts as changed: two NaN are the same, and so are two equal infinities.
[[nodiscard]] bool isChanged(double a, double b, Tolerance tolerance);

} // namespace weighbridge
