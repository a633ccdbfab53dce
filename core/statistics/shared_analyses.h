// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"
#include "core/statistics/all_statistics.h"

#include <optional>
#include <span>
#include <string>
#include <vector>

/// Analyses that one machine computes and another one uses, as JSON, to the last bit.
namespace weighbridge {

/// The analysis of one tensor, or why there is none, and what that tensor is.
struct SharedAnalysis {
    size_t index = 0;  ///< in the checkpoint
    TensorInfo tensor; ///< name, dtype and shape only
    Result<TensorAnalysis> analysis;
};

/// `analyses` are in the order of `tensors`; `key` is checkpointKey().
[[nodiscard]] Value::Map analysesToValue(const Checkpoint& checkpoint, const std::string& key, std::span<const size_t> tensors, const std::vector<Result<TensorAnalysis>>& analyses);

/// From a stranger: nothing where it is damaged, of another version or of another checkpoint. The indices may be any.
[[nodiscard]] std::optional<std::vector<SharedAnalysis>> analysesFromValue(const Value& value, const std::string& key);

} // namespace weighbridge
