// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace weighbridge {

/// Finds all entries that a text begins with. The entries' text belongs to somebody else and has to outlive the table.
class PrefixTable {
public:
    struct Entry {
        std::string_view text;
        int64_t id = 0;
    };

    PrefixTable() = default;
    /// Of entries with the same text the last one counts; empty ones are left out.
    explicit PrefixTable(std::vector<Entry> entries);

    [[nodiscard]] bool isEmpty() const { return m_entries.empty(); }
    /// Hands out the entries that `text` begins with, shortest first. Costs a binary search per byte that matches.
    template <typename Take>
    void forEachPrefix(std::string_view text, Take&& take) const
    {
        Range range{0, m_entries.size()};
        for (size_t depth = 0; depth < text.size(); ++depth) {
            range = narrowed(range, depth, text[depth]);
            if (range.begin == range.end)
                return;
            if (m_entries[range.begin].text.size() == depth + 1)
                take(m_entries[range.begin]);
        }
    }
    /// The longest of them; null if there is none.
    [[nodiscard]] const Entry* longestPrefix(std::string_view text) const;

private:
    struct Range {
        size_t begin = 0;
        size_t end = 0;
    };
    /// The part of a range, whose entries agree in `depth` bytes, that goes on with `byte`.
    [[nodiscard]] Range narrowed(Range range, size_t depth, char byte) const;

    std::vector<Entry> m_entries; ///< sorted by text
};

} // namespace weighbridge
