// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"
#include "core/format/detail/wire.h"

namespace weighbridge {

/// Adds the constants of a GraphDef that are weights: nodes `Const`, those in the bodies of functions too. Whole numbers of less than
/// 64 elements are shapes, axes and the like and left out. Adds nodes, operators and the graph's version to the metadata.
/// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/graph.proto
Result<void> readTfGraph(const ByteSource& source, const WireField& graph, JobContext& job, Checkpoint& checkpoint);

} // namespace weighbridge
