// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/detail/hdf5_client.h"

namespace weighbridge {

/// The tensors and findings of a listed HDF5 file; `shardPath` and `shardFormat` name the one shard. Tensors have their dataset's
/// path as name, values that lie raw in the file are read without the worker. Links, texts and other datasets go to the metadata.
/// Errors: bad-shape, truncated, corrupt (what says that the file cannot be what it claims).
Result<Checkpoint> checkpointFromHdf5(const SourcePtr& source, const Hdf5Listing& listing, const std::string& shardPath, const std::string& shardFormat);

/// Format::readStorage() of every format with HDF5 inside.
Result<void> readHdf5Storage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink);

} // namespace weighbridge
