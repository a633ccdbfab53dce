// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "app/cli/commands.h"
#include "core/diagnosis/check.h"

namespace weighbridge::cli {

/// --config, --class and --against, which several commands take.
[[nodiscard]] inline CheckOptions checkOptions(const Arguments& arguments)
{
    CheckOptions options;
    options.configPath = arguments.value("config");
    options.className = arguments.value("class");
    options.againstPath = arguments.value("against");
    return options;
}

} // namespace weighbridge::cli
