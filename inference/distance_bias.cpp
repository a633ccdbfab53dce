// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/distance_bias.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace weighbridge::inference {
namespace {

int64_t bucketOf(int64_t distance, const DistanceBuckets& buckets)
{
    const int64_t count = std::max<int64_t>(2, buckets.isBidirectional ? buckets.count / 2 : buckets.count);
    const int64_t side = buckets.isBidirectional && distance > 0 ? count : 0;
    const int64_t n = buckets.isBidirectional ? std::abs(distance) : std::max<int64_t>(0, -distance);
    const int64_t exact = std::max<int64_t>(1, count / 2);
    if (n < exact)
        return side + n;
    // in F32, as the reference has it: the borders of the buckets depend on it
    const auto ratio = [exact](int64_t value) { return std::log(static_cast<float>(value) / static_cast<float>(exact)); };
    const float share = ratio(n) / ratio(std::max(exact + 1, buckets.longest));
    return side + std::min<int64_t>(count - 1, exact + static_cast<int64_t>(share * static_cast<float>(count - exact)));
}

} // namespace

at::Tensor distanceBias(const at::Tensor& table, const DistanceBuckets& buckets, int64_t tokens, int64_t past)
{
    std::vector<int64_t> ids;
    ids.reserve(static_cast<size_t>(tokens * (past + tokens)));
    for (int64_t from = past; from < past + tokens; ++from)
        for (int64_t to = 0; to < past + tokens; ++to)
            ids.push_back(bucketOf(to - from, buckets));
    const at::Tensor index = at::tensor(ids, at::TensorOptions(at::kLong)).view({tokens, past + tokens}).to(table.device());
    return at::embedding(table, index).permute({2, 0, 1}).unsqueeze(0);
}

} // namespace weighbridge::inference
