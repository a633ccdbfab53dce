// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/name_trie.h"

#include <algorithm>

namespace weighbridge {
namespace {

/// The finalizer of SplitMix64: every bit of the input changes about half of the output's.
uint64_t mixed(uint64_t value)
{
    value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 27)) * 0x94D049BB133111EBu;
    return value ^ (value >> 31);
}

void mixIn(uint64_t& hash, uint64_t value)
{
    hash = mixed(hash * 0x9E3779B97F4A7C15u + value + 1);
}

void mixIn(uint64_t& hash, const Shape& shape)
{
    mixIn(hash, shape.size());
    for (const int64_t size : shape)
        mixIn(hash, static_cast<uint64_t>(size));
}

} // namespace

int NameTrie::addRoot(size_t first, size_t last)
{
    const int root = int(m_entries.size());
    Entry entry;
    entry.tensorRow = first < last ? int(first) : -1;
    m_entries.push_back(entry);
    m_path.clear();
    m_entries.reserve(m_entries.size() + (last - first) * 3 / 2);
    for (size_t row = first; row < last; ++row)
        addTensor(root, row);
    m_modules.clear();
    sign(static_cast<size_t>(root));
    return root;
}

std::string_view NameTrie::segment(int entry) const
{
    const Entry& e = (*this)[entry];
    return e.tensorRow < 0 ? std::string_view() : m_rows.rows()[static_cast<size_t>(e.tensorRow)].name.substr(e.begin, e.end - e.begin);
}

void NameTrie::addTensor(int root, size_t row)
{
    const std::string_view name = m_rows.rows()[row].name;
    int module = root;
    uint32_t begin = 0;
    for (size_t depth = 0; depth + 1 < maximumDepth; ++depth) {
        const size_t separator = name.find_first_of("./", begin);
        if (separator == std::string_view::npos)
            break;
        const auto end = static_cast<uint32_t>(separator);
        const std::string_view text = name.substr(begin, end - begin);
        // Most names begin as the one before: then no table has to be asked.
        if (depth < m_path.size() && m_entries[static_cast<size_t>(m_path[depth])].parent == module && segment(m_path[depth]) == text) {
            module = m_path[depth];
        } else {
            m_path.resize(depth);
            const auto [known, isNew] = m_modules.try_emplace(Key{module, text}, int(m_entries.size()));
            module = isNew ? append(module, row, begin, end, false) : known->second;
            m_path.push_back(module);
        }
        begin = end + 1;
    }
    append(module, row, begin, static_cast<uint32_t>(name.size()), true);
}

int NameTrie::append(int parent, size_t row, uint32_t begin, uint32_t end, bool isTensor)
{
    const int added = int(m_entries.size());
    Entry entry;
    entry.parent = parent;
    entry.tensorRow = int(row);
    entry.begin = begin;
    entry.end = end;
    entry.isTensor = isTensor;
    m_entries.push_back(entry);
    Entry& above = m_entries[static_cast<size_t>(parent)];
    above.hasModules = above.hasModules || !isTensor;
    ++above.children;
    if (above.firstChild < 0)
        above.firstChild = added;
    else
        m_entries[static_cast<size_t>(above.lastChild)].nextSibling = added;
    above.lastChild = added;
    return added;
}

uint64_t NameTrie::ownSignature(const Entry& entry) const
{
    const TensorRow& row = m_rows.rows()[static_cast<size_t>(entry.tensorRow)];
    uint64_t hash = static_cast<uint64_t>(row.state);
    if (const TensorInfo* found = m_rows.foundOf(row)) {
        mixIn(hash, found->shape);
        mixIn(hash, static_cast<uint64_t>(found->dtype));
        mixIn(hash, std::hash<std::string_view>()(found->writerDtype));
    }
    if (const ExpectedTensor* expected = m_rows.expectedOf(row)) {
        mixIn(hash, expected->shape);
        mixIn(hash, static_cast<uint64_t>(expected->dtype));
    }
    return hash;
}

/// Children have greater indices than their module, so one pass from the end sees them first.
void NameTrie::sign(size_t firstEntry)
{
    for (size_t i = m_entries.size(); i-- > firstEntry;) {
        Entry& entry = m_entries[i];
        if (entry.isTensor) {
            entry.signature = ownSignature(entry);
            entry.deviates = weighbridge::deviates(m_rows.rows()[static_cast<size_t>(entry.tensorRow)].state);
            continue;
        }
        for (int child = entry.firstChild; child >= 0; child = (*this)[child].nextSibling) {
            mixIn(entry.signature, std::hash<std::string_view>()(segment(child)));
            mixIn(entry.signature, (*this)[child].signature);
            entry.deviates = entry.deviates || (*this)[child].deviates;
        }
    }
}

} // namespace weighbridge
