// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace weighbridge {

/// Blocks of one state of one remote file, in a file of the cache folder to which several processes may append at once. What is damaged is not
/// believed, and a cache that cannot be written is none: nothing here is an Error. One thread.
class DiskBlocks {
public:
    static constexpr uint64_t fileMaximum = 64 << 20;     ///< bytes; more are not kept
    static constexpr uint64_t folderMaximum = 512 << 20;  ///< the files that were not used for longest go first

    /// `key` tells the file and its state from all others. Without a folder nothing is kept.
    DiskBlocks(const std::string& folder, const std::string& key);
    ~DiskBlocks();
    DiskBlocks(const DiskBlocks&) = delete;
    DiskBlocks& operator=(const DiskBlocks&) = delete;

    /// Empty if it is not there.
    [[nodiscard]] std::vector<std::byte> find(uint64_t block) const;
    void add(uint64_t block, std::span<const std::byte> bytes);

private:
    struct Place {
        uint64_t offset = 0;
        uint32_t nbytes = 0;
        uint32_t crc = 0;
    };
    void readPlaces();

    int m_descriptor = -1;
    uint64_t m_nbytes = 0;
    std::unordered_map<uint64_t, Place> m_places;
};

/// Where they are kept: $XDG_CACHE_HOME/weighbridge/addresses, or in ~/.cache.
[[nodiscard]] std::string addressCacheFolder();

} // namespace weighbridge
