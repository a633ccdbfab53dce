// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/finding.h"
#include "core/statistics/all_statistics.h"

#include <vector>

namespace weighbridge {

/// What a checkpoint's values give reason to say, gravest first: nan-or-inf, all-zero, whole-model-random, barely-trained,
/// never-loaded-layer, untrained-rows. Used by `check --values` and the window.
[[nodiscard]] std::vector<Finding> originFindings(const Checkpoint& checkpoint, const CheckpointStatistics& all);

} // namespace weighbridge
