// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weighbridge {

/// Number `index` of a run of numbers of 1 to 8 bits that follow each other without gaps, the first in the lowest bits of the first byte: how
/// little-endian words hold them too, whatever their width. 0 beyond the end.
[[nodiscard]] inline uint32_t codeAt(std::span<const std::byte> packed, uint64_t index, unsigned bits)
{
    const uint64_t bit = index * bits;
    const uint64_t byte = bit / 8;
    if (byte >= packed.size())
        return 0;
    uint32_t window = std::to_integer<uint32_t>(packed[byte]);
    if (byte + 1 < packed.size())
        window |= std::to_integer<uint32_t>(packed[byte + 1]) << 8;
    return window >> (bit % 8) & ((1U << bits) - 1);
}

} // namespace weighbridge
