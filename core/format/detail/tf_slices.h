// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/format.h"

namespace weighbridge {

/// Opens a V1 checkpoint of TensorFlow: files with the tensors inside a table, `source` and those beside it whose names belong to the same
/// save. Errors: of the table and of tensors; missing-shard, inconsistent-index.
Result<Checkpoint> openTfSlices(const SourcePtr& source, JobContext& job);

/// The names of the files of a save in several files, m-00000-of-00002 and so on, from the path of one of them (or with ????? for the
/// number, as the file `checkpoint` names them); none if it is named otherwise.
std::vector<std::string> tfSliceFiles(const std::string& path);

/// The first file of a save in several files whose names begin so; empty if there is none.
std::string firstTfSlice(const std::string& prefix);

/// Whether a table is such a checkpoint: its first entry is a SavedTensorSlices, not the header of a V2 index.
bool isTfSlices(const ByteSource& source);

} // namespace weighbridge
