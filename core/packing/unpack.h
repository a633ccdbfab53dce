// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"
#include "core/checkpoint/tensor_reader.h"

#include <map>
#include <string>

namespace weighbridge {

/// The weights of a checkpoint that are kept in packed numbers, by the name of the tensor that holds these: what Checkpoint::packedWeights is. Reads
/// at most a few bytes of each, and the config beside the checkpoint. What does not fit together is left out.
std::map<std::string, PackedWeight, std::less<>> findPackedWeights(const Checkpoint& checkpoint, JobContext& job);

/// Streams the values of a tensor of StorageKind::Packed as F32. Errors as readTensor().
Result<void> readPacked(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink);

} // namespace weighbridge
