// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace weighbridge {

/// Blocks of all remote files in memory; those that were not used for longest go first. Any thread.
class BlockCache {
public:
    static constexpr uint64_t blockNbytes = 32 << 10;
    static constexpr size_t blocksMaximum = 2048; ///< 64 MiB

    /// Empty if it is not there.
    [[nodiscard]] std::vector<std::byte> find(uint64_t source, uint64_t block);
    void add(uint64_t source, uint64_t block, std::vector<std::byte> bytes);
    void forget(uint64_t source);

private:
    using Key = std::pair<uint64_t, uint64_t>;
    struct Entry {
        std::vector<std::byte> bytes;
        std::list<Key>::iterator use;
    };
    std::mutex m_mutex; ///< guards what follows
    std::map<Key, Entry> m_entries;
    std::list<Key> m_uses; ///< the latest first
};

} // namespace weighbridge
