// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <vector>

/// Numbers as tables and axes show them, and where an axis has its ticks: the same in the window and in a report.
namespace weighbridge {

/// Three significant digits, true minus (U+2212), groups by U+202F; below 1e-4 and from 1e6 on as 3.56e−05.
[[nodiscard]] std::string formatNumber(double value);

/// Positions 1, 2, 2.5 or 5 x 10^n apart inside [low, high], at most `maximum`; empty if the range is empty or not finite.
[[nodiscard]] std::vector<double> linearTicks(double low, double high, int maximum);
/// Powers of ten inside [low, high], thinned to `maximum`; low must be positive.
[[nodiscard]] std::vector<double> logTicks(double low, double high, int maximum);
/// 0.1, 1, 10, then 10 with a superscript exponent.
[[nodiscard]] std::string formatLogTick(double value);
/// A tick of a linear axis: as many decimals as the step needs, so that the labels of one axis agree.
[[nodiscard]] std::string formatLinearTick(double value, double step);

} // namespace weighbridge
