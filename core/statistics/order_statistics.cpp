// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/order_statistics.h"

#include "core/statistics/tensor_statistics.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace weighbridge {
namespace {

constexpr size_t fewValues = 2048; ///< below, comparing is as fast
constexpr unsigned digitBits = 11;
constexpr size_t digits = 3;
constexpr size_t digitValues = size_t{1} << digitBits;

/// The bits of a float, turned so that they sort as the values do.
uint32_t orderedKey(float value)
{
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

float fromOrderedKey(uint32_t key)
{
    return std::bit_cast<float>(key & 0x80000000u ? key & 0x7fffffffu : ~key);
}

size_t digitOf(uint32_t key, size_t digit)
{
    return key >> (digit * digitBits) & (digitValues - 1);
}

/// From low to high, or over all values where those are equal.
template <typename T>
Histogram histogramOf(std::span<const T> sorted, double low, double high, double interquartile)
{
    Histogram out;
    const bool hasWidth = low < high;
    out.low = hasWidth ? low : double(sorted.front());
    out.high = hasWidth ? high : double(sorted.back());
    const double range = out.high - out.low;
    const bool divides = std::isfinite(range) && std::isfinite(1000 / range); // not so near the ends of F64
    out.counts.assign(divides ? histogramBins(range, interquartile, sorted.size()) : 1, 0);
    const auto begin = std::lower_bound(sorted.begin(), sorted.end(), out.low, [](T value, double edge) { return double(value) < edge; });
    out.below = static_cast<uint64_t>(begin - sorted.begin());
    auto from = begin;
    for (size_t i = 0; i < out.counts.size(); ++i) {
        const bool isLast = i + 1 == out.counts.size(); // its upper edge belongs to it
        const double edge = isLast ? out.high : out.edge(i + 1);
        const auto to = isLast ? std::upper_bound(from, sorted.end(), edge, [](double e, T value) { return e < double(value); })
                               : std::lower_bound(from, sorted.end(), edge, [](T value, double e) { return double(value) < e; });
        out.counts[i] = static_cast<uint64_t>(to - from);
        from = to;
    }
    out.above = static_cast<uint64_t>(sorted.end() - from);
    return out;
}

} // namespace

void sortValues(std::vector<float>& values)
{
    if (values.size() < fewValues) {
        std::sort(values.begin(), values.end());
        return;
    }
    std::array<std::array<size_t, digitValues>, digits> starts{};
    std::vector<uint32_t> keys(values.size()), sorted(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
        keys[i] = orderedKey(values[i]);
        for (size_t digit = 0; digit < digits; ++digit)
            ++starts[digit][digitOf(keys[i], digit)];
    }
    for (size_t digit = 0; digit < digits; ++digit) {
        size_t next = 0;
        for (size_t& start : starts[digit])
            next += std::exchange(start, next);
        for (const uint32_t key : keys)
            sorted[starts[digit][digitOf(key, digit)]++] = key;
        keys.swap(sorted);
    }
    std::transform(keys.begin(), keys.end(), values.begin(), fromOrderedKey);
}

void sortValues(std::vector<double>& values)
{
    std::sort(values.begin(), values.end());
}

Ties tiesIn(std::span<const float> sorted)
{
    size_t runs = 0;
    size_t longest = 0;
    for (size_t i = 0, next = 0; i < sorted.size(); i = next, ++runs) {
        for (next = i + 1; next < sorted.size() && sorted[next] == sorted[i];)
            ++next;
        longest = std::max(longest, next - i);
    }
    return {double(runs) / double(sorted.size()), double(longest) / double(sorted.size())};
}

template <typename T>
void setDistribution(std::span<const T> sorted, TensorStatistics& statistics)
{
    const size_t last = sorted.size() - 1;
    for (size_t i = 0; i < statistics.quantiles.size(); ++i) {
        const double position = TensorStatistics::quantileLevels[i] * double(last);
        const size_t rank = std::min(static_cast<size_t>(position), last);
        const double low = double(sorted[rank]);
        statistics.quantiles[i] = low + (position - double(rank)) * (double(sorted[std::min(rank + 1, last)]) - low);
    }
    const auto& quantiles = statistics.quantiles;
    const auto outer = static_cast<size_t>(TensorStatistics::quantileLevels.front() * double(last));
    statistics.histogram = histogramOf(sorted, double(sorted[outer]), double(sorted[std::min(last, last - outer)]), quantiles[5] - quantiles[3]);
}

template void setDistribution<float>(std::span<const float>, TensorStatistics&);
template void setDistribution<double>(std::span<const double>, TensorStatistics&);

} // namespace weighbridge
