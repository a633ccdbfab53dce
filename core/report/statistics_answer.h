// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/all_statistics.h"

#include <span>

namespace weighbridge {

/// The answer of `stats` (docs/contract): the tensors `wanted` names; modules and model as a whole. A tensor that could not be read has
/// an "error" and null for its numbers.
[[nodiscard]] Value statisticsAnswer(const Checkpoint& checkpoint, const CheckpointStatistics& all, std::span<const size_t> wanted);

} // namespace weighbridge
