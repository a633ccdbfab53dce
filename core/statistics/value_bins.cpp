// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/value_bins.h"

#include "core/statistics/kernels.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace weighbridge {
namespace {

constexpr size_t innerBins = 1020;       ///< divisible by the small numbers of them that make one bin of a histogram
constexpr size_t allBins = innerBins + 2; ///< below the range, the range, above
constexpr size_t maximumBins = 256;
constexpr double outerShare = 1e-4;       ///< of the sample that the range leaves out on either side
constexpr double widest = 1e38, narrowest = 1e-34; ///< ranges that positions can be computed for in float

} // namespace

size_t histogramBins(double range, double interquartile, uint64_t count)
{
    const double bins = interquartile > 0 ? std::ceil(range / (2 * interquartile / std::cbrt(double(count)))) : std::ceil(std::sqrt(double(count)));
    return bins >= double(maximumBins) ? maximumBins : std::max<size_t>(1, static_cast<size_t>(bins));
}

template <typename T>
ValueBins ValueBins::over(std::span<const T> sample)
{
    if (sample.empty())
        return {};
    const auto outer = static_cast<size_t>(double(sample.size()) * outerShare);
    std::vector<T> smallest(outer + 1), largest(outer + 1); // the few at the ends; nothing else needs to be in order
    std::partial_sort_copy(sample.begin(), sample.end(), smallest.begin(), smallest.end());
    std::partial_sort_copy(sample.begin(), sample.end(), largest.begin(), largest.end(), std::greater<T>());
    const auto low = double(smallest.back());
    const auto high = double(largest.back());
    return low < high ? ValueBins(low, high) : ValueBins(double(smallest.front()), double(largest.front()));
}

template ValueBins ValueBins::over<float>(std::span<const float>);
template ValueBins ValueBins::over<double>(std::span<const double>);

ValueBins::ValueBins(double low, double high)
{
    const double range = high - low;
    if (!(range > narrowest && range < widest) || !(std::max(std::abs(low), std::abs(high)) < widest))
        return;
    m_low = double(static_cast<float>(low));
    m_scale = static_cast<float>((double(innerBins) - 0x1p-9) / range); // so that the last bin holds the upper end
    m_width = 1 / double(m_scale);
    m_counters.assign(allBins, 0);
    m_open.assign(2 * allBins, 0);
}

ValueBins ValueBins::emptied() const
{
    ValueBins out = *this;
    std::fill(out.m_counters.begin(), out.m_counters.end(), 0);
    std::fill(out.m_open.begin(), out.m_open.end(), 0);
    return out;
}

void ValueBins::add(std::span<const float> values)
{
    if (!empty())
        kernels::countBins(values.data(), values.size(), static_cast<float>(m_low), m_scale, m_open.data(), allBins);
}

void ValueBins::add(std::span<const double> values)
{
    if (empty())
        return;
    for (const double value : values)
        ++m_open[static_cast<size_t>(std::clamp((value - m_low) * double(m_scale) + 1 + 0x1p-12, 0.0, double(allBins - 1)))];
}

void ValueBins::add(const ValueBins& other)
{
    const std::vector<uint64_t> added = other.totals();
    for (size_t i = 0; i < added.size(); ++i)
        m_counters[i] += added[i];
}

std::vector<uint64_t> ValueBins::totals() const
{
    std::vector<uint64_t> out = m_counters;
    for (size_t i = 0; i < out.size(); ++i)
        out[i] += uint64_t{m_open[i]} + m_open[allBins + i];
    return out;
}

size_t ValueBins::innerOf(double value) const
{
    return static_cast<size_t>(std::clamp((value - m_low) * double(m_scale), 0.0, double(innerBins - 1)));
}

double ValueBins::quantile(double level, double min, double max) const
{
    const std::vector<uint64_t> counts = totals();
    const uint64_t count = std::accumulate(counts.begin(), counts.end(), uint64_t{0});
    const double position = level * double(count - 1) + 0.5;
    double before = 0;
    for (size_t i = 0; i < counts.size(); ++i) {
        const double here = double(counts[i]);
        if (here > 0 && position <= before + here) {
            const double low = i == 0 ? min : edge(i - 1);
            const double high = i + 1 == counts.size() ? max : edge(i);
            return std::clamp(low + (high - low) * (position - before) / here, min, max);
        }
        before += here;
    }
    return max;
}

Histogram ValueBins::histogram(double low, double high, size_t bins) const
{
    const std::vector<uint64_t> counts = totals();
    const size_t first = innerOf(low);
    const size_t held = innerOf(high) - first + 1;
    size_t step = (held + bins - 1) / bins;
    while (innerBins % step != 0) // so that no bin at the end is left over
        --step;
    const size_t steps = (held + step - 1) / step;
    const size_t start = std::min(first, innerBins - steps * step);
    Histogram out;
    out.low = edge(start);
    out.high = edge(start + steps * step);
    out.counts.assign(steps, 0);
    for (size_t i = 0; i < counts.size(); ++i) {
        if (i < start + 1)
            out.below += counts[i];
        else if (i >= start + 1 + steps * step)
            out.above += counts[i];
        else
            out.counts[(i - start - 1) / step] += counts[i];
    }
    return out;
}

std::vector<EmpiricalPoint> ValueBins::empiricalPoints() const
{
    const std::vector<uint64_t> counts = totals();
    const double count = double(std::accumulate(counts.begin(), counts.end(), uint64_t{0}));
    std::vector<EmpiricalPoint> out;
    out.reserve(counts.size());
    uint64_t before = 0;
    for (size_t inner = 0; inner + 1 < counts.size(); ++inner) {
        before += counts[inner];
        out.push_back({edge(inner), double(before) / count});
    }
    return out;
}

} // namespace weighbridge
