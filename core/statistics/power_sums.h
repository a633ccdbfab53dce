// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace weighbridge {

/// Sums of the powers of the distances from a shift that is near the mean: sums over parts are added, and none of the digits are lost
/// that a shift of zero would cost where the mean is large.
struct PowerSums {
    uint64_t count = 0;
    double s1 = 0, s2 = 0, s3 = 0, s4 = 0;

    void add(const PowerSums& other);
    /// `count` times the value at distance `d` from the shift.
    void add(double d, uint64_t times);
};

/// Mean and the sums of the second to fourth powers of the distances from it.
struct Moments {
    uint64_t count = 0;
    double mean = 0, m2 = 0, m3 = 0, m4 = 0;

    [[nodiscard]] static Moments of(const PowerSums& sums, double shift);
    [[nodiscard]] double variance() const { return count == 0 ? 0 : m2 / double(count); } ///< of the population
    [[nodiscard]] double skewness() const;  ///< 0 where all values are equal
    [[nodiscard]] double kurtosis() const;  ///< 3 for a normal; 0 where all values are equal
};

/// What is counted over a run of values. min and max are over the finite ones.
struct ValueCounts {
    uint64_t nan = 0, inf = 0, zeros = 0, denormals = 0;
    double min = std::numeric_limits<double>::infinity();
    double max = -std::numeric_limits<double>::infinity();

    void add(const ValueCounts& other);
};

/// Of the finite values of a run.
struct Summary {
    ValueCounts counts;
    PowerSums sums;
    [[nodiscard]] bool isFinite() const { return counts.nan == 0 && counts.inf == 0; }
    [[nodiscard]] bool isZero() const { return isFinite() && counts.min == 0 && counts.max == 0; }
};

/// Summarizes a run of values; the same bits on every processor. Denormal: nonzero and below `minimumNormal` in magnitude.
[[nodiscard]] Summary summarize(std::span<const float> values, double shift, double minimumNormal);
[[nodiscard]] Summary summarize(std::span<const double> values, double shift, double minimumNormal);

} // namespace weighbridge
