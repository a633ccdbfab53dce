// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/table_text.h"

#include <fmt/format.h>

namespace weighbridge::cli {

std::string tableText(const char* head, const NameTable& table, const char* pair)
{
    if (table.count() == 0)
        return {};
    std::string out = fmt::format("\n{} ({})\n", head, table.count());
    for (const auto& [names, details] : table.rows())
        out += fmt::format("    {}  {}\n", names, details.size() == 1 ? details[0] : fmt::format(fmt::runtime(pair), details[0], details[1]));
    return out;
}

} // namespace weighbridge::cli
