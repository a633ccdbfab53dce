// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/name_table.h"

#include <string>

namespace weighbridge::cli {

/// The rows of a table under a head with their number; empty if there is none. `pair` says how two details of a row are joined.
[[nodiscard]] std::string tableText(const char* head, const NameTable& table, const char* pair = "{}, {}");

} // namespace weighbridge::cli
