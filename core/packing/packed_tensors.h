// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <optional>
#include <string_view>
#include <unordered_map>

namespace weighbridge {

/// The tensors of a checkpoint by name, and what the files beside it say about how it was quantized.
class PackedTensors {
public:
    PackedTensors(const Checkpoint& checkpoint, JobContext& job);

    [[nodiscard]] const TensorInfo* find(const std::string& name) const; ///< null if there is none
    [[nodiscard]] size_t indexOf(const TensorInfo* tensor) const;        ///< PackedWeight::absent of null
    /// The bytes of a small tensor; empty where it is larger or cannot be read.
    [[nodiscard]] std::vector<std::byte> bytes(const TensorInfo& tensor, uint64_t maximum) const;
    /// The whole numbers of a small tensor.
    [[nodiscard]] std::vector<int64_t> integers(const TensorInfo& tensor) const;
    /// quantization_config (MLX: quantization) of config.json beside the checkpoint, or its quantize_config.json; null if there is neither. Read
    /// once.
    [[nodiscard]] const Value& config();

private:
    const Checkpoint& m_checkpoint;
    JobContext& m_job;
    std::unordered_map<std::string_view, const TensorInfo*> m_byName;
    std::optional<Value> m_config;
};

} // namespace weighbridge
