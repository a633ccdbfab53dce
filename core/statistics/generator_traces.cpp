// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/generator_traces.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace weighbridge {
namespace {

constexpr size_t mostTested = 4096;
constexpr double steps = 16777216;    // 2^24
constexpr uint64_t enoughPairs = 128; ///< after which a share of 0.2 and one of 0.8 cannot be taken for each other: 0.45 is 7 standard deviations
constexpr double chanceShare = 0.45;  ///< from either

void addBounds(double in, double out, std::vector<double>& bounds)
{
    for (const double fan : {in, std::floor(out / 4), std::floor(out / 3)}) // the gates of LSTM and GRU are stacked
        if (fan >= 1)
            bounds.push_back(1 / std::sqrt(fan));
    for (const double square : {6 / (in + out), 6 / in, 3 / in, 6 / out})
        bounds.push_back(std::sqrt(square));
}

void addBounds(const Shape& shape, std::vector<double>& bounds)
{
    if (shape.size() < 2)
        return;
    double kernel = 1;
    for (size_t i = 2; i < shape.size(); ++i)
        kernel *= double(shape[i]);
    const double a = double(shape[0]);
    const double b = double(shape[1]);
    addBounds(b * kernel, a * kernel, bounds);
    addBounds(a * kernel, b * kernel, bounds);
    addBounds(double(shape.back()), a, bounds);
}

/// Values near zero: there the lattice is coarser than the float's own spacing. Rejects what lies on a dyadic lattice by itself
/// (it was F16, BF16 or 8 bits once): many trailing zero bits, or few distinct values.
std::vector<float> testable(std::span<const float> values, float bound)
{
    std::vector<float> out;
    for (const float value : values) {
        if (out.size() == mostTested)
            break;
        if (value != 0 && std::abs(value) < bound / 4)
            out.push_back(value);
    }
    std::vector<int> zeros;
    for (const float value : out)
        zeros.push_back(std::countr_zero(std::bit_cast<uint32_t>(value) | 1u << 23));
    if (out.size() < 8)
        return {};
    std::nth_element(zeros.begin(), zeros.begin() + static_cast<ptrdiff_t>(zeros.size() / 2), zeros.end());
    std::vector<float> sorted = out;
    std::sort(sorted.begin(), sorted.end());
    const auto distinct = std::unique(sorted.begin(), sorted.end()) - sorted.begin();
    if (zeros[zeros.size() / 2] > 5 || double(distinct) < 0.9 * double(out.size()))
        return {};
    return out;
}

bool isOnLattice(float value, float low, float range, bool fused)
{
    const double k = std::nearbyint((double(value) - double(low)) / double(range) * steps);
    for (const double step : {k - 1, k, k + 1}) {
        const auto u = static_cast<float>(step / steps);
        const float drawn = fused ? static_cast<float>(double(u) * double(range) + double(low)) : u * range + low;
        if (drawn == value)
            return true;
    }
    return false;
}

double latticeShare(const std::vector<float>& values, float bound)
{
    std::array<size_t, 2> hits{};
    for (const float value : values)
        for (const size_t fused : {0, 1})
            hits[fused] += isOnLattice(value, -bound, 2 * bound, fused == 1);
    return double(std::max(hits[0], hits[1])) / double(values.size());
}

} // namespace

std::vector<double> torchBounds(const Shape& shape, const std::vector<Shape>& siblings)
{
    std::vector<double> bounds;
    addBounds(shape, bounds);
    if (shape.size() < 2)
        for (const Shape& sibling : siblings)
            addBounds(sibling, bounds);
    std::sort(bounds.begin(), bounds.end());
    bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
    return bounds;
}

LatticeTrace uniformTrace(std::span<const float> values, double absmax, uint64_t count, const std::vector<double>& bounds)
{
    LatticeTrace best;
    for (const double bound : bounds) {
        if (absmax > bound * (1 + 2e-7) || absmax < bound * (1 - 14 / double(count)))
            continue;
        const auto rounded = static_cast<float>(bound);
        // a layer may have computed its bound in another order: one step to either side
        for (const float b : {rounded, std::nextafter(rounded, std::numeric_limits<float>::max()), std::nextafter(rounded, 0.0f)}) {
            const std::vector<float> tested = testable(values, b);
            const double hits = tested.empty() ? 0 : latticeShare(tested, b);
            if (hits > best.hits)
                best = {tested.size(), hits, bound};
        }
    }
    return best;
}

PairTrace normalTrace(std::span<const float> prefix, const std::vector<double>& scales)
{
    PairTrace best;
    const size_t whole = prefix.size() / 16 * 16;
    for (const double sd : scales) {
        uint64_t tested = 0;
        uint64_t hits = 0;
        const auto isByChance = [&] { return tested >= enoughPairs && double(hits) < chanceShare * double(tested); };
        for (size_t block = 0; block < whole && !isByChance(); block += 16) {
            for (size_t i = block; i < block + 8; ++i) {
                const double x = double(prefix[i]) / sd;
                const double y = double(prefix[i + 8]) / sd;
                const double square = x * x + y * y;
                if (square < 7.8 || square > 32) // k <= 0.02 2^24, where float32 still tells integers apart, and k >= 2
                    continue;
                const double k = std::exp(-square / 2) * steps;
                if (k >= 0.02 * steps || k < 2)
                    continue;
                ++tested;
                hits += std::abs(k - std::nearbyint(k)) < 0.1;
            }
        }
        const double share = tested > 0 ? double(hits) / double(tested) : 0;
        if (share > best.hits)
            best = {tested, share, sd};
    }
    return best;
}

} // namespace weighbridge
