// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/moments.h"

#include "core/statistics/value_stream.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {
namespace {

constexpr size_t lanes = 8;
using Lanes = std::array<double, lanes>;

double sumOf(const Lanes& lane)
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) + ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

/// Sums of f(value) in eight lanes.
template <typename T, typename F>
double laneSum(std::span<const T> values, F f)
{
    Lanes lane{};
    const size_t whole = values.size() / lanes * lanes;
    for (size_t i = 0; i < whole; i += lanes)
        for (size_t k = 0; k < lanes; ++k)
            lane[k] += f(double(values[i + k]));
    for (size_t i = whole; i < values.size(); ++i)
        lane[i - whole] += f(double(values[i]));
    return sumOf(lane);
}

template <typename T>
Moments momentsOf(std::span<const T> values, double sum)
{
    Moments out;
    out.count = values.size();
    out.mean = sum / double(values.size());
    Lanes l2{}, l3{}, l4{};
    const auto add = [&](size_t k, double value) {
        const double d = value - out.mean;
        const double square = d * d;
        l2[k] += square;
        l3[k] += square * d;
        l4[k] += square * square;
    };
    const size_t whole = values.size() / lanes * lanes;
    for (size_t i = 0; i < whole; i += lanes)
        for (size_t k = 0; k < lanes; ++k)
            add(k, double(values[i + k]));
    for (size_t i = whole; i < values.size(); ++i)
        add(i - whole, double(values[i]));
    out.m2 = sumOf(l2);
    out.m3 = sumOf(l3);
    out.m4 = sumOf(l4);
    return out;
}

/// Of values that are all finite.
template <typename T>
Summary summarizeFinite(std::span<const T> values, double minimumNormal)
{
    Summary out;
    if (values.empty())
        return out;
    T low = values[0];
    T high = values[0];
    uint64_t zeros = 0;
    uint64_t small = 0;
    const T normal = static_cast<T>(minimumNormal);
    for (const T value : values) {
        low = std::min(low, value);
        high = std::max(high, value);
        zeros += value == 0;
        small += std::abs(value) < normal;
    }
    out.counts.zeros = zeros;
    out.counts.denormals = normal > 0 ? small - zeros : 0;
    out.counts.min = double(low);
    out.counts.max = double(high);
    out.moments = momentsOf(values, laneSum(values, [](double value) { return value; }));
    return out;
}

template <typename T>
Summary summarizeAny(std::span<const T> values, double minimumNormal)
{
    // a product with zero is zero for finite values and NaN for all others
    if (laneSum(values, [](double value) { return value * 0.0; }) == 0)
        return summarizeFinite(values, minimumNormal);
    std::vector<T> finite;
    finite.reserve(values.size());
    uint64_t nan = 0;
    for (const T value : values) {
        if (std::isfinite(value))
            finite.push_back(value);
        else
            nan += std::isnan(value);
    }
    Summary out = summarizeFinite(std::span<const T>(finite), minimumNormal);
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
