// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "app/cli/commands.h"
#include "core/statistics/all_statistics.h"

#include <span>

namespace weighbridge::cli {

/// The statistics of these tensors on standard output, as text or with --json.
void printStatistics(const Checkpoint& checkpoint, const CheckpointStatistics& all, std::span<const size_t> wanted, const Arguments& arguments);

} // namespace weighbridge::cli
