// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/statistics/all_statistics.h"

#include <optional>

/// Statistics of a checkpoint at an ssh address, computed on that machine: its values stay there.
namespace weighbridge {

/// As computeStatisticsOf(), on that machine's threads. A connection that is cut is made again, and only what was not there yet is asked for.
/// Nothing where it must be done here: the machine's version cannot do it, or has another checkpoint at that path than this one.
std::optional<Result<void>> computeStatisticsThere(const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, JobContext& job, const AnalysisSink& sink);

[[nodiscard]] Value toValue(const ConfigHints& hints);
/// From a stranger: what makes no sense is left out.
[[nodiscard]] ConfigHints hintsFromValue(const Value& value);

} // namespace weighbridge
