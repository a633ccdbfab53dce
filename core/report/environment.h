// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace weighbridge {

/// The machine that a report was made on, without what tells whose it is: system, kernel, processor, memory, compiler.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> environment();

/// "2026-11-22 14:02 UTC"; SOURCE_DATE_EPOCH of the environment in place of the clock, for reports that are to be the same byte for byte.
[[nodiscard]] std::string utcNow();

} // namespace weighbridge
