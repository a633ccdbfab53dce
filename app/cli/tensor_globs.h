// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "app/cli/commands.h"
#include "core/checkpoint/checkpoint.h"

namespace weighbridge::cli {

/// Indices of the tensors whose names fit one of the --tensor globs (all without one). Error usage if none does.
Result<std::vector<size_t>> wantedTensors(const Checkpoint& checkpoint, const Arguments& arguments);

} // namespace weighbridge::cli
