// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/config.h"
#include "core/checkpoint/checkpoint.h"

#include <string>

namespace weighbridge {

/// Where the config of a checkpoint lies: of its folder, or beside the file under a usual name; never elsewhere. Empty if there is none.
[[nodiscard]] std::string findConfig(const Checkpoint& checkpoint);

/// The part of a config that describes the model: itself, or the one map in it that does ("model:" of a training YAML).
[[nodiscard]] Config modelSection(Config config);

} // namespace weighbridge
