// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <span>

namespace weighbridge {

/// Whether bytes begin as a tar file of torch before 0.1.10 does: its first entry is sys_info, pickle, storages or tensors.
bool looksLikeTar(std::span<const std::byte> head);

/// Reads such a file: entries `storages`, `tensors` and `pickle`. Errors: truncated, corrupt, bad-shape, bad-dtype, unsafe-pickle.
Result<Checkpoint> readTarCheckpoint(const SourcePtr& source, JobContext& job);

} // namespace weighbridge
