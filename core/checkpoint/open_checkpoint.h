// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"

#include <string>

namespace weighbridge {

/// Opens a file, a folder or an index: by content, not by extension; headers only, no values are read.
/// Error for what is not a checkpoint (git-lfs pointer, HTML page, empty, encrypted, ...), in words for a person;
/// for a cut file its `partial` is what can still be read (safetensors, GGUF, PyTorch zip, and folders and indices of these). Any thread.
Result<CheckpointPtr> openCheckpoint(const std::string& path, JobContext& job);

/// The same for bytes that are already at hand (an entry of an archive); folders are not tried.
Result<Checkpoint> openSource(const SourcePtr& source, JobContext& job);

} // namespace weighbridge
