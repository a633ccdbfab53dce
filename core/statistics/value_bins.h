// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/distributions.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weighbridge {

/// Counts over equal bins. The range covers 99.9 % of the finite values, or all of them where those are nearly equal;
/// a constant tensor has one bin without width, a tensor without finite values has none.
struct Histogram {
    double low = 0;
    double high = 0;
    std::vector<uint64_t> counts;
    uint64_t below = 0;   ///< finite values outside the range
    uint64_t above = 0;
    [[nodiscard]] double binWidth() const { return counts.empty() ? 0 : (high - low) / double(counts.size()); }
    [[nodiscard]] double edge(size_t i) const { return low + binWidth() * double(i); }
};

/// Bins of the width 2 IQR / n^(1/3) (D. Freedman and P. Diaconis, 1981), 256 at most; by the square root of n where the quartiles are equal.
[[nodiscard]] size_t histogramBins(double range, double interquartile, uint64_t count);

/// Counts of all values of a large tensor over 1020 bins of a range that is chosen before, from a sample; quantiles and histogram follow from
/// them without a second look at the values. 8 KiB.
class ValueBins {
public:
    ValueBins() = default; ///< counts nothing
    /// The range of the middle 99.98 % of the sample (finite), or all of it; empty() where that has no width.
    template <typename T>
    [[nodiscard]] static ValueBins over(std::span<const T> sample);
    ValueBins(double low, double high);

    [[nodiscard]] bool empty() const { return m_counters.empty(); }
    /// Only finite values. At most 2^31 of them.
    void add(std::span<const float> values);
    void add(std::span<const double> values);
    void add(const ValueBins& other); ///< with the same range
    [[nodiscard]] ValueBins emptied() const; ///< the same range

    /// The value below which the share `level` of all lies, between two edges by their distance: to a bin's width (1/1020 of the range), and to
    /// about a thousandth of that where the density is smooth. Beyond the range between its end and the extreme.
    [[nodiscard]] double quantile(double level, double min, double max) const;
    [[nodiscard]] double width() const { return m_width; } ///< of a bin
    /// Of neighbouring bins together, from the one that holds `low` to that of `high`, in about `bins` steps.
    [[nodiscard]] Histogram histogram(double low, double high, size_t bins) const;
    /// Of all values, at the edges of the bins.
    [[nodiscard]] std::vector<EmpiricalPoint> empiricalPoints() const;

private:
    [[nodiscard]] double edge(size_t inner) const { return m_low + m_width * double(inner); }
    [[nodiscard]] size_t innerOf(double value) const;
    [[nodiscard]] std::vector<uint64_t> totals() const;

    double m_low = 0, m_width = 0;
    float m_scale = 0;
    std::vector<uint64_t> m_counters; ///< two sets; what was added from others
    std::vector<uint32_t> m_open;     ///< two sets, of what was added last
};

} // namespace weighbridge
