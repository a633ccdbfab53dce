// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace weighbridge {

struct TensorStatistics;

/// Sorts finite floats in time linear in their number, a tenth of what comparing takes.
void sortValues(std::vector<float>& values);
void sortValues(std::vector<double>& values);

/// How often values are equal to others.
struct Ties {
    double distinct = 0;  ///< distinct values over values
    double mostEqual = 0; ///< the share of the commonest one
};
/// Of ascending values; NaN where there are none.
[[nodiscard]] Ties tiesIn(std::span<const float> sorted);

/// Sets quantiles (exact, as numpy interpolates between order statistics) and histogram from all finite values, ascending; at least one, and not
/// all the same.
template <typename T>
void setDistribution(std::span<const T> sorted, TensorStatistics& statistics);

} // namespace weighbridge
