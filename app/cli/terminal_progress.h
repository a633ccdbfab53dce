// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"

#include <functional>

namespace weighbridge::cli {

/// Shows progress as one line on standard error that is written over, a few times a second; nothing if that is no terminal.
std::function<void(const Progress&)> terminalProgress();
/// Removes that line.
void endProgress();

} // namespace weighbridge::cli
