// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weighbridge {

/// Distribution function of the standard normal, good to 1e-8.
[[nodiscard]] double normalCdf(double x);
/// Its inverse, to the last digits of a double, for p in (0, 1).
[[nodiscard]] double normalQuantile(double p);
/// z of a one-sided p value, 0 for p >= 0.5 and 40 for p = 0 (Abramowitz and Stegun 26.2.23, good to 4.5e-4).
[[nodiscard]] double zOfP(double p);
/// z of a chi-squared value (E. B. Wilson and M. M. Hilferty, 1931).
[[nodiscard]] double zOfChiSquared(double value, double degrees);

/// A normal truncated at +-cut standard deviations, as truncated initialisers draw from.
struct CutNormal {
    double cut = 0;
    double variance = 0;       ///< of the standard normal after the cut
    double m4 = 0, m6 = 0, m8 = 0; ///< standardized by that variance
    double densityAtCut = 0;   ///< of the truncated distribution at the cut
};
[[nodiscard]] const CutNormal& cutNormal(int cut); ///< 2 or 3

/// A point of an empirical distribution function: the share of the values that lie below `value`.
struct EmpiricalPoint {
    double value = 0;
    double below = 0;
};

/// Of ascending values, at every 16th of them: in between the function grows by no more than 16 / count. Equal values are one point, and count from
/// their middle, which values on a grid (bf16, 8 bits) need.
[[nodiscard]] std::vector<EmpiricalPoint> empiricalPoints(std::span<const float> sorted);

/// Kolmogorov-Smirnov distances from the families, at the points of the empirical distribution that are given: largest differences of the shares.
struct KsDistances {
    double normal = 0, uniform = 0, cut2 = 0, cut3 = 0;
};
[[nodiscard]] KsDistances ksDistances(std::span<const EmpiricalPoint> points, double mean, double sd, double absmax);

} // namespace weighbridge
