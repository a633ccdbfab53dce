// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <ATen/ATen.h>

namespace weighbridge::inference {

/// How T5 (and MPNet) sort the distance of two tokens: near ones have a bucket each, far ones share them by their logarithm.
struct DistanceBuckets {
    int64_t count = 32;
    int64_t longest = 128;       ///< distances from here on share the last bucket
    bool isBidirectional = true; ///< half of the buckets for each direction; else those behind share the first
};

/// [1, heads, tokens, past + tokens], to add to the scores of attention: the row of `table`, [buckets, heads], for each distance.
[[nodiscard]] at::Tensor distanceBias(const at::Tensor& table, const DistanceBuckets& buckets, int64_t tokens, int64_t past = 0);

} // namespace weighbridge::inference
