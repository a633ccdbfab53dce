// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/name_table.h"

#include "core/base/text.h"
#include "core/diagnosis/layer_names.h"

#include <fmt/format.h>

namespace weighbridge::cli {

void NameTable::add(const std::string& name, const std::string& detail)
{
    ++m_rows;
    const auto [entry, isNew] = m_groupOf.emplace(detail, m_groups.size());
    if (isNew)
        m_groups.emplace_back(detail, std::vector<std::string>{});
    m_groups[entry->second].second.push_back(shown(name));
}

std::string NameTable::text(const char* head) const
{
    if (m_rows == 0)
        return {};
    std::string out = fmt::format("\n{} ({})\n", head, m_rows);
    for (const auto& [detail, names] : m_groups)
        for (const std::string& name : mergedNames(names))
            out += fmt::format("    {}  {}\n", name, detail);
    return out;
}

} // namespace weighbridge::cli
