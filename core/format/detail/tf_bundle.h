// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/format.h"

#include <string>

namespace weighbridge {

/// Opens a V2 checkpoint of TensorFlow by its index: all tensors, placed in the data files beside it. `prefix` is what the files' names
/// begin with. Errors: of the table; unsupported-version, bad-dtype, bad-shape, inconsistent-index, missing-shard, truncated.
Result<Checkpoint> openTfBundle(const SourcePtr& index, const std::string& prefix, JobContext& job);

/// Compares the index's blocks and all tensors with their checksums: bytes compared. Error checksum names the tensor.
Result<uint64_t> verifyTfBundle(const SourcePtr& index, const std::string& prefix, JobContext& job);

/// The prefix of a file of a checkpoint by its name: x of x.index, x.meta, x.data-00000-of-00001; empty for other names.
std::string tfPrefixOf(const std::string& path);
bool isTfDataFile(const std::string& path);

} // namespace weighbridge
