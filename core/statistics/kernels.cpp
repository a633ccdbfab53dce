// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/kernels.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

// Highway compiles this file once for each instruction set and chooses when the program runs. Vectors of unknown length cannot be
// kept in arrays: those sets are left out.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/statistics/kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

/// Accumulators stay in registers only if the loops over their vectors are unrolled.
#ifndef WEIGHBRIDGE_UNROLL
#define WEIGHBRIDGE_UNROLL _Pragma("GCC unroll 8")
#endif

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

HWY_INLINE HWY_ATTR Vec load(const float* from)
{
    return hn::PromoteTo(doubles, hn::LoadU(hn::FixedTag<float, width>(), from));
}
HWY_INLINE HWY_ATTR Vec load(const double* from)
{
    return hn::LoadU(doubles, from);
}

HWY_INLINE HWY_ATTR Accumulator filled(double value)
{
    Accumulator out;
    out.fill(hn::Set(doubles, value));
    return out;
}

HWY_INLINE HWY_ATTR std::array<double, sums> stored(const Accumulator& accumulator)
{
    std::array<double, sums> out;
    WEIGHBRIDGE_UNROLL
    for (size_t k = 0; k < vectors; ++k)
        hn::StoreU(accumulator[k], doubles, out.data() + k * width);
    return out;
}

using Floats8 = hn::FixedTag<float, lanesOf(sizeof(float), sums)>;
constexpr Floats8 floats8;

template <typename Vectors>
HWY_INLINE HWY_ATTR std::array<double, sums> storedWide(const Vectors& accumulator)
{
    std::array<float, sums> narrow;
    for (size_t k = 0; k < accumulator.size(); ++k)
        hn::StoreU(accumulator[k], floats8, narrow.data() + k * hn::MaxLanes(floats8));
    std::array<double, sums> out;
    std::copy(narrow.begin(), narrow.end(), out.begin());
    return out;
}

HWY_INLINE HWY_ATTR double inPairs(const std::array<double, sums>& s)
{
    return ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
}

/// Halves the count of values by choosing from pairs, down to one.
template <size_t count, typename T, typename Choose>
T reduced(std::array<T, count> values, Choose choose)
{
    for (size_t half = count / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; ++i)
            values[i] = choose(values[i], values[i + half]);
    return values[0];
}

/// Sums and extremes of eight interleaved runs.
struct Eight {
    std::array<double, sums> s1{}, s2{}, s3{}, s4{}, wrong{}, low{}, high{}, small{};

    void add(size_t lane, double value, double shift)
    {
        const double d = value - shift;
        const double square = d * d;
        s1[lane] += d;
        s2[lane] += square;
        s3[lane] += square * d;
        s4[lane] += square * square;
        wrong[lane] += value * 0.0;
        low[lane] = std::min(low[lane], value);
        high[lane] = std::max(high[lane], value);
        small[lane] = std::min(small[lane], std::abs(value));
    }
    [[nodiscard]] RunSums total() const
    {
        const auto least = [](double a, double b) { return std::min(a, b); };
        return {inPairs(wrong) == 0, inPairs(s1), inPairs(s2), inPairs(s3), inPairs(s4), reduced(low, least), reduced(high, [](double a, double b) { return std::max(a, b); }),
                reduced(small, least)};
    }
};

HWY_ATTR RunSums sumsOfDoubles(const double* values, size_t count, double shift)
{
    Accumulator s1 = filled(0), s2 = s1, s3 = s1, s4 = s1, wrong = s1, low = filled(values[0]), high = low, small = filled(std::abs(values[0]));
    const Vec centre = hn::Set(doubles, shift);
    const Vec zero = hn::Zero(doubles);
    const size_t whole = count / sums * sums;
    for (size_t i = 0; i < whole; i += sums) {
        WEIGHBRIDGE_UNROLL
        for (size_t k = 0; k < vectors; ++k) {
            const Vec value = load(values + i + k * width);
            const Vec d = hn::Sub(value, centre);
            const Vec square = hn::Mul(d, d);
            s1[k] = hn::Add(s1[k], d);
            s2[k] = hn::Add(s2[k], square);
            s3[k] = hn::Add(s3[k], hn::Mul(square, d));
            s4[k] = hn::Add(s4[k], hn::Mul(square, square));
            wrong[k] = hn::Add(wrong[k], hn::Mul(value, zero)); // NaN once a value is not finite
            low[k] = hn::Min(low[k], value);
            high[k] = hn::Max(high[k], value);
            small[k] = hn::Min(small[k], hn::Abs(value));
        }
    }
    Eight eight{stored(s1), stored(s2), stored(s3), stored(s4), stored(wrong), stored(low), stored(high), stored(small)};
    for (size_t i = whole; i < count; ++i)
        eight.add(i - whole, double(values[i]), shift);
    return eight.total();
}

/// Of floats: extremes are found eight at a time, and what is not finite shows in the fourth powers, which finite floats cannot overflow.
HWY_ATTR RunSums sumsOfFloats(const float* values, size_t count, double shift)
{
    constexpr size_t wide = hn::MaxLanes(floats8);
    Accumulator s1 = filled(0), s2 = s1, s3 = s1, s4 = s1;
    std::array<hn::Vec<Floats8>, sums / wide> low, high, small;
    low.fill(hn::Set(floats8, values[0]));
    high = low;
    small.fill(hn::Set(floats8, std::abs(values[0])));
    const Vec centre = hn::Set(doubles, shift);
    const size_t whole = count / sums * sums;
    for (size_t i = 0; i < whole; i += sums) {
        WEIGHBRIDGE_UNROLL
        for (size_t k = 0; k < sums / wide; ++k) {
            const auto value = hn::LoadU(floats8, values + i + k * wide);
            low[k] = hn::Min(low[k], value);
            high[k] = hn::Max(high[k], value);
            small[k] = hn::Min(small[k], hn::Abs(value));
        }
        WEIGHBRIDGE_UNROLL
        for (size_t k = 0; k < vectors; ++k) {
            const Vec d = hn::Sub(load(values + i + k * width), centre);
            const Vec square = hn::Mul(d, d);
            s1[k] = hn::Add(s1[k], d);
            s2[k] = hn::Add(s2[k], square);
            s3[k] = hn::Add(s3[k], hn::Mul(square, d));
            s4[k] = hn::Add(s4[k], hn::Mul(square, square));
        }
    }
    Eight eight{stored(s1), stored(s2), stored(s3), stored(s4), {}, storedWide(low), storedWide(high), storedWide(small)};
    for (size_t i = whole; i < count; ++i)
        eight.add(i - whole, double(values[i]), shift);
    RunSums out = eight.total();
    out.isFinite = out.s4 * 0.0 == 0;
    return out;
}

/// The rows of a tile, `count` of them, in steps of eight columns; float sums go to double after some columns.
template <size_t count>
HWY_ATTR TileSums addRows(const Tile& tile, float* columnSums, float* squares)
{
    constexpr size_t wide = hn::MaxLanes(floats8);
    constexpr size_t columnsAtOnce = 256;
    using Floats = hn::Vec<Floats8>;
    const Floats shift = hn::Set(floats8, tile.shift);
    const Floats scale = hn::Set(floats8, tile.scale);
    const auto u = [&](const float* from) HWY_ATTR { return hn::Mul(hn::Sub(hn::LoadU(floats8, from), shift), scale); };
    std::array<double, sums> neighbours{}, neighbourRows{};
    const size_t whole = tile.columns < 1 ? 0 : (tile.columns - 1) / sums * sums; // the last column has no neighbour
    for (size_t first = 0; first < whole; first += columnsAtOnce) {
        std::array<Floats, sums / wide> beside, above;
        beside.fill(hn::Zero(floats8));
        above = beside;
        for (size_t i = first; i < std::min(whole, first + columnsAtOnce); i += sums) {
            WEIGHBRIDGE_UNROLL
            for (size_t k = 0; k < sums / wide; ++k) {
                const size_t at = i + k * wide;
                Floats last = u(tile.previous + at);
                Floats sum = hn::LoadU(floats8, columnSums + at);
                Floats square = hn::LoadU(floats8, squares + at);
                WEIGHBRIDGE_UNROLL
                for (size_t r = 0; r < count; ++r) {
                    const Floats value = u(tile.rows[r] + at);
                    sum = hn::Add(sum, value);
                    square = hn::Add(square, hn::Mul(value, value));
                    beside[k] = hn::Add(beside[k], hn::Mul(value, u(tile.rows[r] + at + 1)));
                    above[k] = hn::Add(above[k], hn::Mul(value, last));
                    last = value;
                }
                hn::StoreU(sum, floats8, columnSums + at);
                hn::StoreU(square, floats8, squares + at);
            }
        }
        const auto besideLanes = storedWide(beside);
        const auto aboveLanes = storedWide(above);
        for (size_t lane = 0; lane < sums; ++lane) {
            neighbours[lane] += besideLanes[lane];
            neighbourRows[lane] += aboveLanes[lane];
        }
    }
    for (size_t i = whole; i < tile.columns; ++i) {
        float last = (tile.previous[i] - tile.shift) * tile.scale;
        WEIGHBRIDGE_UNROLL
        for (size_t r = 0; r < count; ++r) {
            const float value = (tile.rows[r][i] - tile.shift) * tile.scale;
            columnSums[i] += value;
            squares[i] += value * value;
            neighbourRows[i - whole] += double(value * last);
            if (i + 1 < tile.columns)
                neighbours[i - whole] += double(value * ((tile.rows[r][i + 1] - tile.shift) * tile.scale));
            last = value;
        }
    }
    return {inPairs(neighbours), inPairs(neighbourRows)};
}

HWY_ATTR TileSums sumsOfTile(const Tile& tile, float* columnSums, float* squares)
{
    return tile.rows[1] ? addRows<tileRows>(tile, columnSums, squares) : addRows<1>(tile, columnSums, squares);
}

/// Adding it leaves a number below 2^16 in the low bits of the float, rounded to the nearest.
constexpr float integerBits = 8388608; // 2^23
/// Half a step, so that the nearest integer is the bin, and a little more: what lies on an edge belongs to the bin above it.
constexpr float binOffset = 0.5f + 0x1p-12f;

size_t binOf(float value, float low, float scale, size_t binCount)
{
    const float position = std::min(std::max((value - low) * scale + binOffset, 0.0f), float(binCount - 1));
    return std::bit_cast<uint32_t>(position + integerBits) & 0xffff;
}

HWY_ATTR void addToBins(const float* values, size_t count, float low, float scale, uint32_t* bins, size_t binCount)
{
    constexpr size_t wide = hn::MaxLanes(floats8);
    constexpr size_t atOnce = 256;
    const hn::Rebind<uint32_t, Floats8> words;
    const auto lowest = hn::Set(floats8, low);
    const auto factor = hn::Set(floats8, scale);
    const auto offset = hn::Set(floats8, binOffset);
    const auto last = hn::Set(floats8, float(binCount - 1));
    const auto integer = hn::Set(floats8, integerBits);
    alignas(64) std::array<uint32_t, atOnce> chosen;
    uint32_t* others = bins + binCount;
    const size_t whole = count / atOnce * atOnce;
    for (size_t i = 0; i < whole; i += atOnce) {
        for (size_t k = 0; k < atOnce; k += wide) {
            const auto position = hn::Add(hn::Mul(hn::Sub(hn::LoadU(floats8, values + i + k), lowest), factor), offset);
            const auto inside = hn::Min(hn::Max(position, hn::Zero(floats8)), last);
            hn::StoreU(hn::BitCast(words, hn::Add(inside, integer)), words, chosen.data() + k);
        }
        for (size_t k = 0; k < atOnce; k += 4) {
            std::array<uint64_t, 2> pairs; // one load for two of them
            std::memcpy(pairs.data(), chosen.data() + k, sizeof(pairs));
            ++bins[pairs[0] & 0xffff];
            ++others[pairs[0] >> 32 & 0xffff];
            ++bins[pairs[1] & 0xffff];
            ++others[pairs[1] >> 32 & 0xffff];
        }
    }
    for (size_t i = whole; i < count; ++i)
        ++bins[binOf(values[i], low, scale, binCount)];
}

HWY_ATTR double productsOfRuns(const float* a, const float* b, size_t count)
{
    Accumulator sum = filled(0);
    const size_t whole = count / sums * sums;
    for (size_t i = 0; i < whole; i += sums)
        WEIGHBRIDGE_UNROLL
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
        WEIGHBRIDGE_UNROLL
        for (size_t k = 0; k < sum.size(); ++k)
            sum[k] = hn::Add(sum[k], hn::Mul(hn::LoadU(floats, a + i + k * wide), hn::LoadU(floats, b + i + k * wide)));
    std::array<float, floatSums> each;
    WEIGHBRIDGE_UNROLL
    for (size_t k = 0; k < sum.size(); ++k)
        hn::StoreU(sum[k], floats, each.data() + k * wide);
    for (size_t half = floatSums / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; ++i)
            each[i] += each[i + half];
    for (size_t i = whole; i < count; ++i)
        each[0] += a[i] * b[i];
    return each[0];
}

/// Three rows of a Gram matrix against three others: each value that is loaded is used three times. Lanes as in dotOfRuns(), in two or more rounds,
/// because the registers do not suffice for all of them at once.
HWY_ATTR void gramTile(const float* a, const float* b, size_t columns, float* out, size_t stride)
{
    constexpr size_t wide = hn::MaxLanes(floats8);
    constexpr size_t side = 3;
    const size_t whole = columns / floatSums * floatSums;
    std::array<std::array<float, floatSums>, side * side> lanes;
    for (size_t part = 0; part < floatSums; part += wide) {
        auto s00 = hn::Zero(floats8), s01 = s00, s02 = s00, s10 = s00, s11 = s00, s12 = s00, s20 = s00, s21 = s00, s22 = s00;
        for (size_t i = part; i < whole; i += floatSums) {
            const auto b0 = hn::LoadU(floats8, b + i);
            const auto b1 = hn::LoadU(floats8, b + columns + i);
            const auto b2 = hn::LoadU(floats8, b + 2 * columns + i);
            const auto a0 = hn::LoadU(floats8, a + i);
            s00 = hn::Add(s00, hn::Mul(a0, b0));
            s01 = hn::Add(s01, hn::Mul(a0, b1));
            s02 = hn::Add(s02, hn::Mul(a0, b2));
            const auto a1 = hn::LoadU(floats8, a + columns + i);
            s10 = hn::Add(s10, hn::Mul(a1, b0));
            s11 = hn::Add(s11, hn::Mul(a1, b1));
            s12 = hn::Add(s12, hn::Mul(a1, b2));
            const auto a2 = hn::LoadU(floats8, a + 2 * columns + i);
            s20 = hn::Add(s20, hn::Mul(a2, b0));
            s21 = hn::Add(s21, hn::Mul(a2, b1));
            s22 = hn::Add(s22, hn::Mul(a2, b2));
        }
        size_t k = 0;
        for (const auto& sum : {s00, s01, s02, s10, s11, s12, s20, s21, s22})
            hn::StoreU(sum, floats8, lanes[k++].data() + part);
    }
    for (size_t k = 0; k < side * side; ++k) {
        const float* left = a + k / side * columns;
        const float* right = b + k % side * columns;
        float total = reduced(lanes[k], [](float p, float q) { return p + q; });
        for (size_t i = whole; i < columns; ++i)
            total += left[i] * right[i];
        out[k / side * stride + k % side] = total;
    }
}

/// The products of the rows [i, i + 3) with the rows [j, j + 3) that are not after them.
HWY_ATTR void gramPart(const float* matrix, size_t rows, size_t columns, size_t i, size_t j, float* out)
{
    constexpr size_t side = 3;
    if (i + side <= rows) { // so does j
        gramTile(matrix + i * columns, matrix + j * columns, columns, out + i * rows + j, rows);
        return;
    }
    for (size_t x = i; x < rows; ++x)
        for (size_t y = j; y < std::min(x + 1, j + side); ++y)
            out[x * rows + y] = dotOfRuns(matrix + x * columns, matrix + y * columns, columns);
}

HWY_ATTR void gram(const float* matrix, size_t rows, size_t columns, float* out)
{
    constexpr size_t side = 3;
    constexpr size_t rowsAtOnce = 16 * side; // of them the caches hold 1024 columns
    for (size_t first = 0; first < rows; first += rowsAtOnce)
        for (size_t i = first; i < rows; i += side)
            for (size_t j = first; j <= i && j < first + rowsAtOnce; j += side)
                gramPart(matrix, rows, columns, i, j, out);
}

} // namespace weighbridge::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace weighbridge::kernels {

HWY_EXPORT(sumsOfFloats);
HWY_EXPORT(sumsOfDoubles);
HWY_EXPORT(sumsOfTile);
HWY_EXPORT(addToBins);
HWY_EXPORT(productsOfRuns);
HWY_EXPORT(dotOfRuns);
HWY_EXPORT(gram);

RunSums runSums(const float* values, size_t count, double shift)
{
    return HWY_DYNAMIC_DISPATCH(sumsOfFloats)(values, count, shift);
}
RunSums runSums(const double* values, size_t count, double shift)
{
    return HWY_DYNAMIC_DISPATCH(sumsOfDoubles)(values, count, shift);
}
TileSums addTile(const Tile& tile, float* sums, float* squares)
{
    return HWY_DYNAMIC_DISPATCH(sumsOfTile)(tile, sums, squares);
}
void countBins(const float* values, size_t count, float low, float scale, uint32_t* bins, size_t binCount)
{
    HWY_DYNAMIC_DISPATCH(addToBins)(values, count, low, scale, bins, binCount);
}
double products(const float* a, const float* b, size_t count)
{
    return HWY_DYNAMIC_DISPATCH(productsOfRuns)(a, b, count);
}
float dot(const float* a, const float* b, size_t count)
{
    return HWY_DYNAMIC_DISPATCH(dotOfRuns)(a, b, count);
}
void gramOfRows(const float* matrix, size_t rows, size_t columns, float* products)
{
    HWY_DYNAMIC_DISPATCH(gram)(matrix, rows, columns, products);
}

} // namespace weighbridge::kernels
#endif
