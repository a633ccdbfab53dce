// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/format.h"

#include <string>
#include <string_view>

namespace weighbridge {

/// The first bytes of a file if all of them are text, else nothing; for the probes of formats that are text.
[[nodiscard]] std::string_view textHead(const Candidate& candidate);
/// The last part of a path in lower case.
[[nodiscard]] std::string lowerFileName(const std::string& path);

} // namespace weighbridge
