// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/value.h"

namespace weighbridge::inference {

/// Runs a checkpoint on an input, as the worker's command "run". Fields of the request, all but `path` optional:
///   path, config, class        what to run
///   text, pair                 the input; without it a sample that suits the task
///   input_ids, token_type_ids  ... or tokens as they are
///   device                     "auto", "cpu", "cuda:0"
///   dtype                      "F32" (default), "BF16", "F16", "stored"
///   stream                     true, false; without it when memory is short
///   initialise_missing         run although tensors are missing or have another shape
///   runs, steps, top_k         timed passes; tokens to continue a text by; answers per place
///   proof                      false: no loss on the built-in sentences
/// The answer is that of docs/contract.md. Throws nothing.
Result<Value> runModel(const Value& request, JobContext& job);

} // namespace weighbridge::inference
