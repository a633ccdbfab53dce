// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"

#include <optional>

namespace weighbridge {

/// The rank of B - A, seen on up to 256 rows and 256 columns of it, rounding of the dtypes set aside. Nothing if it is more than a quarter of
/// these, if the difference is the same everywhere, or if it cannot be told (not a matrix, too small, drowned in rounding, unreadable).
[[nodiscard]] std::optional<int> lowRankOf(const Difference& difference, const TensorPair& pair, JobContext& job);

} // namespace weighbridge
