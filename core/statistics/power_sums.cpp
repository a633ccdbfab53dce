// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/power_sums.h"

#include "core/statistics/kernels.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace weighbridge {
namespace {

/// Of values that are all finite.
template <typename T>
Summary summaryOf(std::span<const T> values, const kernels::RunSums& sums, double minimumNormal)
{
    Summary out;
    out.counts.min = sums.min;
    out.counts.max = sums.max;
    out.sums = {values.size(), sums.s1, sums.s2, sums.s3, sums.s4};
    if (sums.smallest > 0 && sums.smallest >= minimumNormal)
        return out;
    const auto normal = static_cast<T>(minimumNormal);
    uint64_t small = 0;
    for (const T value : values) {
        out.counts.zeros += value == 0;
        small += std::abs(value) < normal;
    }
    out.counts.denormals = minimumNormal > 0 ? small - out.counts.zeros : 0;
    return out;
}

template <typename T>
Summary summarizeAny(std::span<const T> values, double shift, double minimumNormal)
{
    if (values.empty())
        return {};
    const kernels::RunSums whole = kernels::runSums(values.data(), values.size(), shift);
    if (whole.isFinite)
        return summaryOf(values, whole, minimumNormal);
    std::vector<T> finite;
    finite.reserve(values.size());
    uint64_t nan = 0;
    for (const T value : values) {
        if (std::isfinite(value))
            finite.push_back(value);
        else
            nan += std::isnan(value);
    }
    Summary out;
    if (!finite.empty())
        out = summaryOf(std::span<const T>(finite), kernels::runSums(finite.data(), finite.size(), shift), minimumNormal);
    out.counts.nan = nan;
    out.counts.inf = values.size() - finite.size() - nan;
    return out;
}

} // namespace

void PowerSums::add(const PowerSums& other)
{
    count += other.count;
    s1 += other.s1;
    s2 += other.s2;
    s3 += other.s3;
    s4 += other.s4;
}

void PowerSums::add(double d, uint64_t times)
{
    const double n = double(times);
    add({times, n * d, n * d * d, n * d * d * d, n * d * d * d * d});
}

Moments Moments::of(const PowerSums& sums, double shift)
{
    if (sums.count == 0)
        return {};
    const double n = double(sums.count);
    const double d = sums.s1 / n; // from the shift to the mean
    Moments out;
    out.count = sums.count;
    out.mean = shift + d;
    out.m2 = std::max(0.0, sums.s2 - d * sums.s1);
    out.m3 = sums.s3 - 3 * d * sums.s2 + 2 * d * d * sums.s1;
    out.m4 = sums.s4 - 4 * d * sums.s3 + 6 * d * d * sums.s2 - 3 * d * d * d * sums.s1;
    return out;
}

double Moments::skewness() const
{
    return m2 > 0 ? std::sqrt(double(count)) * m3 / (m2 * std::sqrt(m2)) : 0;
}

double Moments::kurtosis() const
{
    return m2 > 0 ? double(count) * m4 / m2 / m2 : 0;
}

void ValueCounts::add(const ValueCounts& other)
{
    nan += other.nan;
    inf += other.inf;
    zeros += other.zeros;
    denormals += other.denormals;
    min = std::min(min, other.min);
    max = std::max(max, other.max);
}

Summary summarize(std::span<const float> values, double shift, double minimumNormal)
{
    return summarizeAny(values, shift, minimumNormal);
}

Summary summarize(std::span<const double> values, double shift, double minimumNormal)
{
    return summarizeAny(values, shift, minimumNormal);
}

} // namespace weighbridge
