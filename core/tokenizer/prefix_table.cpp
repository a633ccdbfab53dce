// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/tokenizer/prefix_table.h"

#include <algorithm>
#include <cstddef>

namespace weighbridge {

PrefixTable::PrefixTable(std::vector<Entry> entries) : m_entries(std::move(entries))
{
    std::erase_if(m_entries, [](const Entry& entry) { return entry.text.empty(); });
    // the last of equal ones first, which unique() keeps
    std::reverse(m_entries.begin(), m_entries.end());
    std::stable_sort(m_entries.begin(), m_entries.end(), [](const Entry& a, const Entry& b) { return a.text < b.text; });
    m_entries.erase(std::unique(m_entries.begin(), m_entries.end(), [](const Entry& a, const Entry& b) { return a.text == b.text; }), m_entries.end());
}

PrefixTable::Range PrefixTable::narrowed(Range range, size_t depth, char byte) const
{
    // an entry that ends here sorts before all that go on
    const auto key = [depth](const Entry& entry) { return depth < entry.text.size() ? static_cast<int>(static_cast<uint8_t>(entry.text[depth])) : -1; };
    const int wanted = static_cast<uint8_t>(byte);
    const auto first = m_entries.begin() + static_cast<ptrdiff_t>(range.begin);
    const auto last = m_entries.begin() + static_cast<ptrdiff_t>(range.end);
    const auto begin = std::partition_point(first, last, [&](const Entry& entry) { return key(entry) < wanted; });
    const auto end = std::partition_point(begin, last, [&](const Entry& entry) { return key(entry) == wanted; });
    return {static_cast<size_t>(begin - m_entries.begin()), static_cast<size_t>(end - m_entries.begin())};
}

const PrefixTable::Entry* PrefixTable::longestPrefix(std::string_view text) const
{
    const Entry* longest = nullptr;
    forEachPrefix(text, [&longest](const Entry& entry) { longest = &entry; });
    return longest;
}

} // namespace weighbridge
