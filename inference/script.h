// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/checkpoint/checkpoint.h"
#include "inference/image.h"

namespace weighbridge::inference {

/// Runs a TorchScript file on the CPU: a program, so only if the request says "allow_execution". Its forward() gets the image as
/// [1, 3, height, width] in 0 to 1, the tokens ("input_ids", or "text" with a tokenizer beside the file), and ones or zeros for further arguments that have no
/// default (masks and token types). The answer has the fields of runModel()'s; a tuple's outputs are output_0, output_1 and so on.
/// Errors: execution-not-allowed, usage (no input that fits). Throws what libtorch throws.
Result<Value> runScript(const Checkpoint& checkpoint, const Value& request, JobContext& job, const ReadImage& readImage);

} // namespace weighbridge::inference
