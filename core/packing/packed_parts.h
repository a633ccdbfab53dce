// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"
#include "core/packing/packed_weight.h"

#include <optional>
#include <span>

namespace weighbridge {

/// Reads what a packed weight is computed from. A failure is kept (error()) and makes everything after it empty, so that a packing need not ask
/// after each part.
class PackedParts {
public:
    PackedParts(const Checkpoint& checkpoint, const PackedWeight& weight, JobContext& job)
        : m_checkpoint(checkpoint)
        , m_weight(weight)
        , m_job(job)
    {
    }

    [[nodiscard]] bool has(size_t part) const { return part < m_weight.parts.size() && m_weight.parts[part] < m_checkpoint.tensors.size(); }
    [[nodiscard]] const TensorInfo& tensor(size_t part) const { return m_checkpoint.tensors[m_weight.parts[part]]; }
    /// All bytes of a part, little-endian; all of its values as numbers. Empty where there is no such part.
    [[nodiscard]] std::vector<std::byte> bytes(size_t part);
    [[nodiscard]] std::vector<float> floats(size_t part);
    /// The bytes [from, from + count) of a part, until the next call. Those that lie in the file as they are are read some at a time.
    [[nodiscard]] std::span<const std::byte> range(size_t part, uint64_t from, uint64_t count);

    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }
    void fail(Error error);

private:
    [[nodiscard]] std::vector<std::byte> readBytes(const TensorInfo& tensor);

    const Checkpoint& m_checkpoint;
    const PackedWeight& m_weight;
    JobContext& m_job;
    std::optional<Error> m_error;
    std::vector<std::byte> m_block; ///< of part m_blockPart, from its byte m_blockStart on
    size_t m_blockPart = PackedWeight::absent;
    uint64_t m_blockStart = 0;
};

} // namespace weighbridge
