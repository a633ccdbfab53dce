// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/config.h"

#include <string>

namespace weighbridge {

/// A config that is no JSON, but nearly.
struct MendedConfig {
    Config config;
    std::string what;  ///< what was taken out: "1 comma before a closing bracket"
};

/// Reads a config although it has commas before closing brackets or comments. Error of the unmended text if that is not all that is wrong.
Result<MendedConfig> mendConfig(const std::string& path);

} // namespace weighbridge
