// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"
#include "core/statistics/features.h"
#include "core/statistics/initialisers.h"
#include "core/statistics/tensor_sums.h"

namespace weighbridge {

/// Looks at the last rows of a table whose values as a whole are no independent draws: tokens that were added after the training and never trained
/// are draws of an initialiser, or all near the mean of the rows before them (what resize_token_embeddings() of transformers does by default:
/// J. Hewitt, Initializing new word embeddings for pretrained language models, 2021). Claims only rows that hold 8192 values together, or 4096 with
/// a known scale: smaller ones of trained tables pass for draws too often. No rows: there are none that can be told. Only of seekable tensors.
[[nodiscard]] RandomTail findRandomTail(const Checkpoint& checkpoint, const TensorInfo& tensor, const PassPlan& plan, const GroupSums& columns, const ConfigHints& hints,
                                        JobContext& job);

} // namespace weighbridge
