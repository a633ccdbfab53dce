// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/tensor_pass.h"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weighbridge {

/// What was computed of one tensor; nothing where its values could not be read.
using StoredAnalyses = std::vector<std::optional<TensorAnalysis>>;

/// The analyses of a checkpoint as the bytes of a cache file: a mark, a version, the key, the numbers, a checksum over all of it.
[[nodiscard]] std::vector<std::byte> encodeAnalyses(const std::string& key, const StoredAnalyses& analyses);

/// Nothing where the bytes are damaged, of another version or key, or are not of `tensors` tensors. Any bytes.
[[nodiscard]] std::optional<StoredAnalyses> decodeAnalyses(std::span<const std::byte> bytes, const std::string& key, size_t tensors);

} // namespace weighbridge
