// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/checkpoint/checkpoint.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge {

/// What is summed up over all tensors of a checkpoint. Of a million it takes longer than a frame: made once, by the job that opens it.
struct CheckpointTotals {
    CheckpointTotals() = default;
    explicit CheckpointTotals(const Checkpoint& checkpoint);

    uint64_t parameters = 0;  ///< elements
    uint64_t nbytes = 0;      ///< of the tensors
    uint64_t filesNbytes = 0; ///< of the files that belong to it; 0 if their sizes are not known
    size_t buffers = 0;       ///< tensors that the file itself calls untrained
    uint64_t bufferElements = 0;
    std::vector<std::pair<std::string, size_t>> dtypes; ///< names as the file has them, the most frequent first
};

} // namespace weighbridge
