// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/format.h"

namespace weighbridge {

/// Opens a V1 checkpoint of TensorFlow, one file with the tensors inside a table. Errors: of the table and of tensors.
Result<Checkpoint> openTfSlices(const SourcePtr& source, JobContext& job);

/// Whether a table is such a checkpoint: its first entry is a SavedTensorSlices, not the header of a V2 index.
bool isTfSlices(const ByteSource& source);

} // namespace weighbridge
