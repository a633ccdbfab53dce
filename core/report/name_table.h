// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/check.h"

#include <map>
#include <string>
#include <vector>

namespace weighbridge {

/// Names of tensors with something beside each (shapes): what repeats from layer to layer with the same beside it becomes one row,
/// "encoder.layer.{0–2, 5}.output.dense.weight". Gaps are never bridged.
class NameTable {
public:
    struct Row {
        std::string names;
        std::vector<std::string> details;
    };
    /// `name` as it is in the file.
    void add(std::string_view name, const std::vector<std::string>& details);
    [[nodiscard]] size_t count() const { return m_count; } ///< names that were added
    [[nodiscard]] std::vector<Row> rows() const;

private:
    struct Group {
        std::vector<std::string> details;
        std::vector<std::string> names;
    };
    std::vector<Group> m_groups; ///< in the order of their first name
    std::map<std::vector<std::string>, size_t> m_groupOf;
    size_t m_count = 0;
};

/// What a check found beside its matches; what the loader says nothing about is left out. Details: the shape, or expected and found.
struct ComparisonTables {
    NameTable missing;
    NameTable unexpected;
    NameTable mismatched; ///< in shape
};
[[nodiscard]] ComparisonTables comparisonTables(const CheckResult& result);

} // namespace weighbridge
