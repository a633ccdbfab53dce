// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QString>

#include <vector>

namespace weighbridge {

/// Three significant digits, true minus (U+2212), groups by U+202F; below 1e-3 and from 1e6 on as 3.56e−05.
[[nodiscard]] QString numberText(double value);

/// Positions 1, 2, 2.5 or 5 x 10^n apart inside [low, high], at most `maximum`; empty if the range is empty or not finite.
[[nodiscard]] std::vector<double> linearTicks(double low, double high, int maximum);
/// Powers of ten inside [low, high], thinned to `maximum`; low must be positive.
[[nodiscard]] std::vector<double> logTicks(double low, double high, int maximum);
/// 0.1, 1, 10, then 10 with a superscript exponent.
[[nodiscard]] QString logTickText(double value);
/// A tick of a linear axis: as many decimals as the step needs, so that the labels of one axis agree.
[[nodiscard]] QString linearTickText(double value, double step);

} // namespace weighbridge
