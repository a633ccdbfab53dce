// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/kernels.h"

#include <algorithm>
#include <array>
#include <cmath>

// Highway compiles this file once for each instruction set and chooses when the program runs. Vectors of unknown length cannot be
// kept in arrays: those sets are left out.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/statistics/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace weighbridge::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t sums = 8;       // as the header promises
constexpr size_t floatSums = 16;
constexpr size_t lanesOf(size_t elementNbytes, size_t most)
{
    return HWY_TARGET == HWY_SCALAR ? 1 : HWY_MAX_BYTES / elementNbytes < most ? HWY_MAX_BYTES / elementNbytes : most;
}

using Doubles = hn::FixedTag<double, lanesOf(sizeof(double), sums)>;
using Vec = hn::Vec<Doubles>;
constexpr Doubles doubles;
constexpr size_t width = hn::MaxLanes(doubles);
constexpr size_t vectors = sums / width;

/// Eight sums in as many vectors as that takes.
using Accumulator = std::array<Vec, vectors>;

HWY_ATTR Vec load(const float* from)
{
    return hn::PromoteTo(doubles, hn::LoadU(hn::FixedTag<float, width>(), from));
}
HWY_ATTR Vec load(const double* from)
{
    return hn::LoadU(doubles, from);
}

HWY_ATTR Accumulator filled(double value)
{
    Accumulator out;
    out.fill(hn::Set(doubles, value));
    return out;
}

HWY_ATTR std::array<double, sums> stored(const Accumulator& accumulator)
{
    std::array<double, sums> out;
    for (size_t k = 0; k < vectors; ++k)
        hn::StoreU(accumulator[k], doubles, out.data() + k * width);
    return out;
}

HWY_ATTR double inPairs(const std::array<double, sums>& s)
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

template <typename T>
HWY_ATTR Scan scanRun(const T* values, size_t count, double normal)
{
    Accumulator sum = filled(0), wrong = filled(0), low = filled(double(values[0])), high = low, zeros = filled(0), small = filled(0);
    const Vec zero = hn::Zero(doubles);
    const Vec one = hn::Set(doubles, 1);
    const Vec limit = hn::Set(doubles, normal);
    const size_t whole = count / sums * sums;
    for (size_t i = 0; i < whole; i += sums) {
        for (size_t k = 0; k < vectors; ++k) {
            const Vec value = load(values + i + k * width);
            sum[k] = hn::Add(sum[k], value);
            wrong[k] = hn::Add(wrong[k], hn::Mul(value, zero)); // NaN once a value is not finite
            low[k] = hn::Min(low[k], value);
            high[k] = hn::Max(high[k], value);
            zeros[k] = hn::Add(zeros[k], hn::IfThenElseZero(hn::Eq(value, zero), one));
            small[k] = hn::Add(small[k], hn::IfThenElseZero(hn::Lt(hn::Abs(value), limit), one));
        }
    }
    auto eight = stored(sum);
    double bad = inPairs(stored(wrong));
    const auto lows = stored(low);
    const auto highs = stored(high);
    Scan out;
    out.min = *std::min_element(lows.begin(), lows.end());
    out.max = *std::max_element(highs.begin(), highs.end());
    out.zeros = static_cast<uint64_t>(inPairs(stored(zeros)));
    out.small = static_cast<uint64_t>(inPairs(stored(small)));
    for (size_t i = whole; i < count; ++i) {
        const double value = double(values[i]);
        eight[i - whole] += value;
        bad += value * 0.0;
        out.min = std::min(out.min, value);
        out.max = std::max(out.max, value);
        out.zeros += value == 0;
        out.small += std::abs(value) < normal;
    }
    out.sum = inPairs(eight);
    out.isFinite = bad == 0;
    return out;
}

template <typename T>
HWY_ATTR Powers powersOf(const T* values, size_t count, double mean)
{
    Accumulator a2 = filled(0), a3 = a2, a4 = a2;
    const Vec centre = hn::Set(doubles, mean);
    const size_t whole = count / sums * sums;
    for (size_t i = 0; i < whole; i += sums) {
        for (size_t k = 0; k < vectors; ++k) {
            const Vec d = hn::Sub(load(values + i + k * width), centre);
            const Vec square = hn::Mul(d, d);
            a2[k] = hn::Add(a2[k], square);
            a3[k] = hn::Add(a3[k], hn::Mul(square, d));
            a4[k] = hn::Add(a4[k], hn::Mul(square, square));
        }
    }
    auto e2 = stored(a2), e3 = stored(a3), e4 = stored(a4);
    for (size_t i = whole; i < count; ++i) {
        const double d = double(values[i]) - mean;
        const double square = d * d;
        e2[i - whole] += square;
        e3[i - whole] += square * d;
        e4[i - whole] += square * square;
    }
    return {inPairs(e2), inPairs(e3), inPairs(e4)};
}

HWY_ATTR Scan scanFloats(const float* values, size_t count, double normal)
{
    return scanRun(values, count, normal);
}
HWY_ATTR Scan scanDoubles(const double* values, size_t count, double normal)
{
    return scanRun(values, count, normal);
}
HWY_ATTR Powers powersOfFloats(const float* values, size_t count, double mean)
{
    return powersOf(values, count, mean);
}
HWY_ATTR Powers powersOfDoubles(const double* values, size_t count, double mean)
{
    return powersOf(values, count, mean);
}

HWY_ATTR RunSums sumsOfRun(const float* values, size_t count)
{
    Accumulator a1 = filled(0);
    const size_t whole = count / sums * sums;
    for (size_t i = 0; i < whole; i += sums)
        for (size_t k = 0; k < vectors; ++k)
            a1[k] = hn::Add(a1[k], load(values + i + k * width));
    auto e1 = stored(a1);
    for (size_t i = whole; i < count; ++i)
        e1[i - whole] += double(values[i]);
    const Powers powers = powersOf(values, count, 0);
    return {inPairs(e1), powers.m2, powers.m3, powers.m4};
}

HWY_ATTR double productsOfRuns(const float* a, const float* b, size_t count)
{
    Accumulator sum = filled(0);
    const size_t whole = count / sums * sums;
    for (size_t i = 0; i < whole; i += sums)
        for (size_t k = 0; k < vectors; ++k)
            sum[k] = hn::Add(sum[k], hn::Mul(load(a + i + k * width), load(b + i + k * width)));
    auto eight = stored(sum);
    for (size_t i = whole; i < count; ++i)
        eight[i - whole] += double(a[i]) * double(b[i]);
    return inPairs(eight);
}

HWY_ATTR float dotOfRuns(const float* a, const float* b, size_t count)
{
    const hn::FixedTag<float, lanesOf(sizeof(float), floatSums)> floats;
    constexpr size_t wide = hn::MaxLanes(floats);
    std::array<hn::Vec<decltype(floats)>, floatSums / wide> sum;
    sum.fill(hn::Zero(floats));
    const size_t whole = count / floatSums * floatSums;
    for (size_t i = 0; i < whole; i += floatSums)
        for (size_t k = 0; k < sum.size(); ++k)
            sum[k] = hn::Add(sum[k], hn::Mul(hn::LoadU(floats, a + i + k * wide), hn::LoadU(floats, b + i + k * wide)));
    std::array<float, floatSums> each;
    for (size_t k = 0; k < sum.size(); ++k)
        hn::StoreU(sum[k], floats, each.data() + k * wide);
    for (size_t half = floatSums / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; ++i)
            each[i] += each[i + half];
    for (size_t i = whole; i < count; ++i)
        each[0] += a[i] * b[i];
    return each[0];
}

HWY_ATTR void addToColumns(const float* row, size_t count, double* columnSums, double* squares)
{
    const size_t whole = count / width * width;
    for (size_t i = 0; i < whole; i += width) {
        const Vec value = load(row + i);
        hn::StoreU(hn::Add(hn::LoadU(doubles, columnSums + i), value), doubles, columnSums + i);
        hn::StoreU(hn::Add(hn::LoadU(doubles, squares + i), hn::Mul(value, value)), doubles, squares + i);
    }
    for (size_t i = whole; i < count; ++i) {
        const double value = double(row[i]);
        columnSums[i] += value;
        squares[i] += value * value;
    }
}

} // namespace weighbridge::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weighbridge::kernels {

HWY_EXPORT(scanFloats);
HWY_EXPORT(scanDoubles);
HWY_EXPORT(powersOfFloats);
HWY_EXPORT(powersOfDoubles);
HWY_EXPORT(sumsOfRun);
HWY_EXPORT(productsOfRuns);
HWY_EXPORT(dotOfRuns);
HWY_EXPORT(addToColumns);

Scan scan(const float* values, size_t count, double normal)
{
    return HWY_DYNAMIC_DISPATCH(scanFloats)(values, count, normal);
}
Scan scan(const double* values, size_t count, double normal)
{
    return HWY_DYNAMIC_DISPATCH(scanDoubles)(values, count, normal);
}
Powers powersAround(const float* values, size_t count, double mean)
{
    return HWY_DYNAMIC_DISPATCH(powersOfFloats)(values, count, mean);
}
Powers powersAround(const double* values, size_t count, double mean)
{
    return HWY_DYNAMIC_DISPATCH(powersOfDoubles)(values, count, mean);
}
RunSums runSums(const float* values, size_t count)
{
    return HWY_DYNAMIC_DISPATCH(sumsOfRun)(values, count);
}
double products(const float* a, const float* b, size_t count)
{
    return HWY_DYNAMIC_DISPATCH(productsOfRuns)(a, b, count);
}
float dot(const float* a, const float* b, size_t count)
{
    return HWY_DYNAMIC_DISPATCH(dotOfRuns)(a, b, count);
}
void addColumns(const float* row, size_t count, double* columnSums, double* squares)
{
    HWY_DYNAMIC_DISPATCH(addToColumns)(row, count, columnSums, squares);
}

} // namespace weighbridge::kernels
#endif
