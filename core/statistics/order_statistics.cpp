// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/order_statistics.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t bins = 65536;
constexpr size_t firstFinite = 0x0080; ///< -inf is 0x007f.ffff, NaNs with a sign lie below it
constexpr size_t lastFinite = 0xff7f;

/// The bin that holds a rank and the rank inside it; the last nonempty one if the rank is past the end.
std::pair<size_t, uint64_t> locate(std::span<const uint64_t> counts, size_t first, size_t last, uint64_t rank)
{
    size_t held = first;
    for (size_t bin = first; bin <= last; ++bin) {
        if (counts[bin] == 0)
            continue;
        held = bin;
        if (rank < counts[bin])
            return {bin, rank};
        rank -= counts[bin];
    }
    return {held, counts[held] == 0 ? 0 : counts[held] - 1};
}

} // namespace

template <typename T>
std::vector<double> selectRanks(std::span<T> values, const std::vector<uint64_t>& ranks)
{
    std::vector<double> out;
    auto begin = values.begin();
    for (const uint64_t rank : ranks) {
        const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
        if (at >= begin) {
            std::nth_element(begin, at, values.end());
            begin = at + 1; // what follows is not below it
        }
        out.push_back(double(*at));
    }
    return out;
}

template std::vector<double> selectRanks<float>(std::span<float>, const std::vector<uint64_t>&);
template std::vector<double> selectRanks<double>(std::span<double>, const std::vector<uint64_t>&);

StreamedRanks::StreamedRanks() : m_first(bins, 0), m_slots(bins, -1) {}

void StreamedRanks::addFirst(std::span<const float> values)
{
    for (const float value : values)
        ++m_first[orderedKey(value) >> 16];
}

void StreamedRanks::choose(const std::vector<uint64_t>& ranks)
{
    for (const uint64_t rank : ranks) {
        const auto [bin, inside] = locate(m_first, firstFinite, lastFinite, rank);
        if (m_slots[bin] < 0) {
            m_slots[bin] = static_cast<int16_t>(m_second.size());
            Bin second;
            if (m_first[bin] > bins)
                second.counts.resize(bins, 0);
            else
                second.values.reserve(m_first[bin]);
            m_second.push_back(std::move(second));
        }
        m_targets.push_back({static_cast<uint16_t>(bin), inside, static_cast<size_t>(m_slots[bin])});
    }
}

double StreamedRanks::lowerBound(size_t index) const
{
    return double(fromOrderedKey(uint32_t{m_targets[index].bin} << 16));
}

double StreamedRanks::upperBound(size_t index) const
{
    return double(fromOrderedKey(uint32_t{m_targets[index].bin} << 16 | 0xffff));
}

void StreamedRanks::addSecond(std::span<const float> values)
{
    for (const float value : values) {
        const uint32_t key = orderedKey(value);
        const int16_t slot = m_slots[key >> 16];
        if (slot < 0)
            continue;
        Bin& bin = m_second[static_cast<size_t>(slot)];
        if (!bin.counts.empty())
            ++bin.counts[key & 0xffff];
        else if (bin.values.size() < bins)
            bin.values.push_back(static_cast<uint16_t>(key));
    }
}

double StreamedRanks::value(size_t index) const
{
    const Target& target = m_targets[index];
    const Bin& bin = m_second[target.slot];
    size_t low = 0;
    if (!bin.counts.empty()) {
        low = locate(bin.counts, 0, bins - 1, target.rankInBin).first;
    } else if (!bin.values.empty()) {
        std::vector<uint16_t> sorted = bin.values;
        std::sort(sorted.begin(), sorted.end());
        low = sorted[std::min<size_t>(target.rankInBin, sorted.size() - 1)];
    }
    return double(fromOrderedKey(uint32_t{target.bin} << 16 | static_cast<uint32_t>(low)));
}

} // namespace weighbridge
