// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <vector>

namespace weighbridge {

inline constexpr int shadeSteps = 6;

/// Steps of equal ratio between the 2nd and the 98th percentile of what is shown, so that one odd tensor does not pale all others.
struct ShadeScale {
    double low = 0;
    double high = 0;
    static ShadeScale of(std::vector<double> values); ///< values that are not positive and finite are passed over
    [[nodiscard]] int step(double value) const;       ///< 0 to shadeSteps - 1
    [[nodiscard]] bool isEmpty() const { return !(high > 0); }
};

/// Where a relative change stands on a logarithmic scale from 0.01 % to 20 %: 0 to 1; 0 only for no change.
[[nodiscard]] double changeShare(double change);
/// The same in steps: 0 for no change, 1 to shadeSteps - 1 for the rest.
[[nodiscard]] int changeShade(double change);

} // namespace weighbridge
