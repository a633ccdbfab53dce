// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/block_cache.h"

namespace weighbridge {

std::vector<std::byte> BlockCache::find(uint64_t source, uint64_t block)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_entries.find({source, block});
    if (found == m_entries.end())
        return {};
    m_uses.splice(m_uses.begin(), m_uses, found->second.use);
    return found->second.bytes;
}

void BlockCache::add(uint64_t source, uint64_t block, std::vector<std::byte> bytes)
{
    const std::scoped_lock lock(m_mutex);
    const auto [entry, isNew] = m_entries.try_emplace({source, block});
    if (!isNew)
        return;
    m_uses.push_front(entry->first);
    entry->second = {std::move(bytes), m_uses.begin()};
    if (m_entries.size() <= blocksMaximum)
        return;
    m_entries.erase(m_uses.back());
    m_uses.pop_back();
}

void BlockCache::forget(uint64_t source)
{
    const std::scoped_lock lock(m_mutex);
    for (auto entry = m_entries.lower_bound({source, 0}); entry != m_entries.end() && entry->first.first == source;) {
        m_uses.erase(entry->second.use);
        entry = m_entries.erase(entry);
    }
}

} // namespace weighbridge
