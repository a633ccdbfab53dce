// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/moments.h"

#include "core/statistics/kernels.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

/// Of values that are all finite.
template <typename T>
Summary summaryOf(std::span<const T> values, const kernels::Scan& scan, double minimumNormal)
{
    Summary out;
    out.counts.zeros = scan.zeros;
    out.counts.denormals = minimumNormal > 0 ? scan.small - scan.zeros : 0;
    out.counts.min = scan.min;
    out.counts.max = scan.max;
    out.moments.count = values.size();
    out.moments.mean = scan.sum / double(values.size());
    const kernels::Powers powers = kernels::powersAround(values.data(), values.size(), out.moments.mean);
    out.moments.m2 = powers.m2;
    out.moments.m3 = powers.m3;
    out.moments.m4 = powers.m4;
    return out;
}

template <typename T>
Summary summarizeAny(std::span<const T> values, double minimumNormal)
{
    if (values.empty())
        return {};
    const kernels::Scan whole = kernels::scan(values.data(), values.size(), minimumNormal);
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
        out = summaryOf(std::span<const T>(finite), kernels::scan(finite.data(), finite.size(), minimumNormal), minimumNormal);
    out.counts.nan = nan;
    out.counts.inf = values.size() - finite.size() - nan;
    return out;
}

} // namespace

Moments Moments::merged(const Moments& a, const Moments& b)
{
    if (a.count == 0)
        return b;
    if (b.count == 0)
        return a;
    const double na = double(a.count);
    const double nb = double(b.count);
    const double n = na + nb;
    const double d = b.mean - a.mean;
    const double dn = d / n;
    Moments out;
    out.count = a.count + b.count;
    out.mean = a.mean + nb * dn;
    out.m2 = a.m2 + b.m2 + d * dn * na * nb;
    out.m3 = a.m3 + b.m3 + d * dn * dn * na * nb * (na - nb) + 3 * dn * (na * b.m2 - nb * a.m2);
    out.m4 = a.m4 + b.m4 + d * dn * dn * dn * na * nb * (na * na - na * nb + nb * nb) + 6 * dn * dn * (na * na * b.m2 + nb * nb * a.m2)
        + 4 * dn * (na * b.m3 - nb * a.m3);
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

Summary summarize(std::span<const float> values, double minimumNormal)
{
    return summarizeAny(values, minimumNormal);
}

Summary summarize(std::span<const double> values, double minimumNormal)
{
    return summarizeAny(values, minimumNormal);
}

void MomentTree::add(const Moments& chunk)
{
    Moments carry = chunk;
    size_t level = 0;
    for (; level < m_levels.size() && m_levels[level]; ++level) {
        carry = Moments::merged(*m_levels[level], carry);
        m_levels[level].reset();
    }
    if (level == m_levels.size())
        m_levels.emplace_back();
    m_levels[level] = carry;
}

Moments MomentTree::total() const
{
    Moments out;
    for (const auto& level : m_levels) // the low levels hold the last chunks
        if (level)
            out = Moments::merged(*level, out);
    return out;
}

} // namespace weighbridge
