// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weighbridge {

/// The bits of a float, turned so that they sort as the values do.
[[nodiscard]] inline uint32_t orderedKey(float value)
{
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}
[[nodiscard]] inline float fromOrderedKey(uint32_t key)
{
    return std::bit_cast<float>(key & 0x80000000u ? key & 0x7fffffffu : ~key);
}

/// The values at `ranks` (0: the smallest; ascending) among finite values in memory; `values` is reordered.
template <typename T>
std::vector<double> selectRanks(std::span<T> values, const std::vector<uint64_t>& ranks);

/// The same in time linear in the values and without holding them: two passes of addFirst() and addSecond() over the same values;
/// 0.7 MiB of memory and at most 0.5 MiB more per rank. Values that are not finite are passed over.
class StreamedRanks {
public:
    StreamedRanks();
    void addFirst(std::span<const float> values);
    /// After the first pass; ranks ascend and are below the count of finite values.
    void choose(const std::vector<uint64_t>& ranks);
    /// Before the second pass: bounds that enclose the value at the index-th rank, 1/128 of it apart.
    [[nodiscard]] double lowerBound(size_t index) const;
    [[nodiscard]] double upperBound(size_t index) const;
    void addSecond(std::span<const float> values);
    /// After the second pass.
    [[nodiscard]] double value(size_t index) const;

private:
    struct Target {
        uint16_t bin = 0;        ///< top 16 bits of the ordered key
        uint64_t rankInBin = 0;
        size_t slot = 0;         ///< into m_second
    };
    /// What lies in a bin that a rank asks for, by its low 16 bits: the values themselves if they are few, else their counts.
    struct Bin {
        std::vector<uint16_t> values;
        std::vector<uint64_t> counts;
    };
    std::vector<uint64_t> m_first;  ///< by the top 16 bits
    std::vector<Target> m_targets;
    std::vector<int16_t> m_slots;   ///< by the top 16 bits; -1: not asked for
    std::vector<Bin> m_second;
};

} // namespace weighbridge
