// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>

/// The inner loops of the statistics, in the widest instructions that the processor has. Sums come out the same to the last bit on
/// every processor: value i of a run goes to sum i mod 8 (mod 16 for dot()), sums are added in pairs, nothing is fused.
namespace weighbridge::kernels {

/// One look at a run of at least one value. Only `isFinite` means anything if a value is NaN or infinite (or the sum overflows).
struct Scan {
    bool isFinite = false;
    double sum = 0, min = 0, max = 0;
    uint64_t zeros = 0;
    uint64_t small = 0; ///< magnitudes below `normal`, zeros included
};
[[nodiscard]] Scan scan(const float* values, size_t count, double normal);
[[nodiscard]] Scan scan(const double* values, size_t count, double normal);

/// Sums of the powers of the distances from `mean`.
struct Powers {
    double m2 = 0, m3 = 0, m4 = 0;
};
[[nodiscard]] Powers powersAround(const float* values, size_t count, double mean);
[[nodiscard]] Powers powersAround(const double* values, size_t count, double mean);

/// Sums of the powers themselves.
struct RunSums {
    double s1 = 0, s2 = 0, s3 = 0, s4 = 0;
};
[[nodiscard]] RunSums runSums(const float* values, size_t count);

/// Sum of the products of two runs, in double.
[[nodiscard]] double products(const float* a, const float* b, size_t count);
/// The same in float.
[[nodiscard]] float dot(const float* a, const float* b, size_t count);

/// Adds a row to the sums of its columns (values and squares).
void addColumns(const float* row, size_t count, double* sums, double* squares);

} // namespace weighbridge::kernels
