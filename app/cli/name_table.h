// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge::cli {

/// Names of one status under a head; what repeats from layer to layer on one line, with the detail (a shape) beside it.
class NameTable {
public:
    void add(const std::string& name, const std::string& detail);
    [[nodiscard]] std::string text(const char* head) const; ///< empty if there is no row

private:
    std::vector<std::pair<std::string, std::vector<std::string>>> m_groups; ///< by detail, in the order of their first name
    std::map<std::string, size_t> m_groupOf;
    size_t m_rows = 0;
};

} // namespace weighbridge::cli
