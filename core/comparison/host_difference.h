// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"

#include <optional>
#include <span>
#include <vector>

/// Comparing two checkpoints that lie on one other machine: there, so that their values stay where they are.
namespace weighbridge {

/// As comparePairs(), on the machine that both addresses name. A connection that is cut is made again, and only what was not there yet is asked for.
/// Nothing where it must be done here: they do not lie on one other machine, its version cannot do it, or it has other checkpoints there by now.
std::optional<Result<void>> comparePairsThere(Difference& difference, const DifferenceOptions& options, std::span<const size_t> pairs,
                                              JobContext& job, const PairSink& sink);

/// As lowRankOf(); nothing where it must be done here.
std::optional<std::optional<int>> lowRankThere(const Difference& difference, const TensorPair& pair, JobContext& job);

/// A pair and what comparing it gave, to the last bit.
[[nodiscard]] Value toValue(size_t index, const TensorPair& pair);
struct SharedPair {
    size_t index = 0;
    TensorPair pair; ///< its places, axes and values only
};
/// From a stranger: nothing where it makes no sense for these checkpoints.
[[nodiscard]] std::optional<SharedPair> pairFrom(const Value& value, const Checkpoint& a, const Checkpoint& b);

} // namespace weighbridge
