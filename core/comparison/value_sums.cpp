// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/value_sums.h"

#include <algorithm>
#include <array>
#include <cmath>

// As core/statistics/kernels.cpp: compiled once for each instruction set; vectors of unknown length cannot be kept in arrays.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/comparison/value_sums.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace weighbridge::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t lanes = 8; // value i of a run goes to sum i mod 8
using Doubles = hn::FixedTag<double, HWY_TARGET == HWY_SCALAR ? 1 : HWY_MAX_BYTES / sizeof(double) < lanes ? HWY_MAX_BYTES / sizeof(double) : lanes>;
using Vec = hn::Vec<Doubles>;
constexpr Doubles doubles;
constexpr size_t width = hn::MaxLanes(doubles);
using Accumulator = std::array<Vec, lanes / width>;

HWY_ATTR Vec load(const float* from)
{
    return hn::PromoteTo(doubles, hn::LoadU(hn::FixedTag<float, width>(), from));
}
HWY_ATTR Vec load(const double* from)
{
    return hn::LoadU(doubles, from);
}

HWY_ATTR std::array<double, lanes> stored(const Accumulator& accumulator)
{
    std::array<double, lanes> out;
    for (size_t k = 0; k < accumulator.size(); ++k)
        hn::StoreU(accumulator[k], doubles, out.data() + k * width);
    return out;
}

HWY_ATTR double sumOf(const Accumulator& accumulator)
{
    const auto s = stored(accumulator);
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/// The whole vectors of a run; a remainder of up to seven values is the caller's.
template <typename T>
HWY_ATTR ValueSums wholeVectors(const T* a, const T* b, size_t count, Tolerance tolerance)
{
    Accumulator squaresA;
    squaresA.fill(hn::Zero(doubles));
    Accumulator squaresB = squaresA, products = squaresA, squaresD = squaresA, absolutes = squaresA, largest = squaresA, changed = squaresA;
    const Vec one = hn::Set(doubles, 1);
    const Vec atol = hn::Set(doubles, tolerance.atol);
    const Vec rtol = hn::Set(doubles, tolerance.rtol);
    for (size_t i = 0; i + lanes <= count; i += lanes) {
        for (size_t k = 0; k < lanes / width; ++k) {
            const Vec va = load(a + i + k * width);
            const Vec vb = load(b + i + k * width);
            const Vec d = hn::Abs(hn::Sub(vb, va));
            squaresA[k] = hn::Add(squaresA[k], hn::Mul(va, va));
            squaresB[k] = hn::Add(squaresB[k], hn::Mul(vb, vb));
            products[k] = hn::Add(products[k], hn::Mul(va, vb));
            squaresD[k] = hn::Add(squaresD[k], hn::Mul(d, d));
            absolutes[k] = hn::Add(absolutes[k], d);
            largest[k] = hn::Max(largest[k], d);
            changed[k] = hn::Add(changed[k], hn::IfThenElseZero(hn::Gt(d, hn::Add(atol, hn::Mul(rtol, hn::Abs(vb)))), one));
        }
    }
    const auto most = stored(largest);
    return {sumOf(squaresA), sumOf(squaresB), sumOf(products), sumOf(squaresD), sumOf(absolutes), *std::max_element(most.begin(), most.end()),
            static_cast<uint64_t>(sumOf(changed)), 0};
}

HWY_ATTR ValueSums wholeVectorsOfFloats(const float* a, const float* b, size_t count, Tolerance tolerance)
{
    return wholeVectors(a, b, count, tolerance);
}
HWY_ATTR ValueSums wholeVectorsOfDoubles(const double* a, const double* b, size_t count, Tolerance tolerance)
{
    return wholeVectors(a, b, count, tolerance);
}

} // namespace weighbridge::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weighbridge {
namespace {

HWY_EXPORT(wholeVectorsOfFloats);
HWY_EXPORT(wholeVectorsOfDoubles);

ValueSums dispatched(const float* a, const float* b, size_t count, Tolerance tolerance)
{
    return HWY_DYNAMIC_DISPATCH(wholeVectorsOfFloats)(a, b, count, tolerance);
}
ValueSums dispatched(const double* a, const double* b, size_t count, Tolerance tolerance)
{
    return HWY_DYNAMIC_DISPATCH(wholeVectorsOfDoubles)(a, b, count, tolerance);
}

template <typename T>
void addOneByOne(const T* a, const T* b, size_t count, Tolerance tolerance, ValueSums& out)
{
    for (size_t i = 0; i < count; ++i) {
        const double va = double(a[i]);
        const double vb = double(b[i]);
        out.changed += isChanged(va, vb, tolerance) ? 1 : 0;
        if (!std::isfinite(va) || !std::isfinite(vb)) {
            ++out.notFinite;
            continue;
        }
        const double d = std::abs(vb - va);
        out.squaresA += va * va;
        out.squaresB += vb * vb;
        out.products += va * vb;
        out.squaresD += d * d;
        out.absolutesD += d;
        out.largestD = std::max(out.largestD, d);
    }
}

template <typename T>
ValueSums sumsOfRuns(const T* a, const T* b, size_t count, Tolerance tolerance)
{
    const size_t whole = count / 8 * 8;
    ValueSums out = dispatched(a, b, whole, tolerance);
    // A NaN or an infinity reaches at least one of these sums.
    if (!std::isfinite(out.squaresA + out.squaresB)) {
        out = {};
        addOneByOne(a, b, whole, tolerance, out);
    }
    addOneByOne(a + whole, b + whole, count - whole, tolerance, out);
    return out;
}

} // namespace

void ValueSums::add(const ValueSums& other)
{
    squaresA += other.squaresA;
    squaresB += other.squaresB;
    products += other.products;
    squaresD += other.squaresD;
    absolutesD += other.absolutesD;
    largestD = std::max(largestD, other.largestD);
    changed += other.changed;
    notFinite += other.notFinite;
}

bool isChanged(double a, double b, Tolerance tolerance)
{
    if (a == b || (std::isnan(a) && std::isnan(b)))
        return false;
    if (!std::isfinite(a) || !std::isfinite(b))
        return true;
    return std::abs(a - b) > tolerance.atol + tolerance.rtol * std::abs(b);
}

ValueSums sumsOf(const float* a, const float* b, size_t count, Tolerance tolerance)
{
    return sumsOfRuns(a, b, count, tolerance);
}

ValueSums sumsOf(const double* a, const double* b, size_t count, Tolerance tolerance)
{
    return sumsOfRuns(a, b, count, tolerance);
}

} // namespace weighbridge
#endif
