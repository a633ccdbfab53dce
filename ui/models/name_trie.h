// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/tensor_rows.h"

#include <string_view>
#include <unordered_map>
#include <vector>

namespace weighbridge {

/// The names of tensors, taken apart at '.' and '/': what the layer tree is made from. A module's index is smaller than those of
/// everything below it. Names with more than `maximumDepth` segments keep their rest as one, so the depth is bounded whatever a file says.
class NameTrie {
public:
    static constexpr size_t maximumDepth = 64;

    struct Entry {
        int parent = -1;
        int tensorRow = -1;        ///< of a tensor; of a module the first row below it
        uint32_t begin = 0;        ///< of its segment in that row's name
        uint32_t end = 0;
        bool isTensor = false;
        int firstChild = -1, lastChild = -1, nextSibling = -1;
        int children = 0;
        bool deviates = false;     ///< it, or something below it
        bool hasModules = false;   ///< among its children
        uint64_t signature = 0;    ///< of everything below it, its own segment left out
    };

    explicit NameTrie(const TensorRows& rows) : m_rows(rows) {}

    /// An entry that holds the rows [first, last) of the TensorRows.
    int addRoot(size_t first, size_t last);
    [[nodiscard]] const Entry& operator[](int entry) const { return m_entries[static_cast<size_t>(entry)]; }
    [[nodiscard]] std::string_view segment(int entry) const;

private:
    struct Key {
        int parent;
        std::string_view segment;
        bool operator==(const Key&) const = default;
    };
    struct KeyHash {
        size_t operator()(const Key& key) const { return std::hash<std::string_view>()(key.segment) ^ (static_cast<size_t>(key.parent) * 0x9E3779B97F4A7C15u); }
    };

    void addTensor(int root, size_t row);
    int append(int parent, size_t row, uint32_t begin, uint32_t end, bool isTensor);
    void sign(size_t firstEntry);
    [[nodiscard]] uint64_t ownSignature(const Entry& entry) const;

    const TensorRows& m_rows;
    std::vector<Entry> m_entries;
    std::unordered_map<Key, int, KeyHash> m_modules;
    std::vector<int> m_path;           ///< modules of the name added last, outermost first
};

} // namespace weighbridge
