// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/value.h"
#include "inference/image.h"

namespace weighbridge::inference {

/// Runs a checkpoint on an input, as the worker's command "run". Fields of the request, all but `path` optional:
///   path, config, class        what to run
///   text, pair                 the input; without it a sample that suits the task
///   input_ids, token_type_ids  ... or tokens as they are
///   decoder_input_ids          ... and what a decoder begins with
///   image                      path of an image, for a model of images; `text` is one text a line for a model that compares it with texts
///   texts_input_ids            ... or these as tokens
///   batch                      how often the text is given at once
///   device                     "auto", "cpu", "cuda:0"
///   dtype                      "F32" (default), "BF16", "F16", "int8", "stored"
///   stream                     true, false; without it when memory is short
///   initialise_missing         run although tensors are missing or have another shape
///   runs, steps, top_k         timed passes; tokens to continue a text by; answers per place
///   threads                    all of the processor's without it
///   allow_execution            runs TorchScript, a program, too
///   beside                     path of another checkpoint to run on the same input
///   proof                      false: no loss on the built-in sentences
/// The answer is that of docs/contract.md. Throws nothing.
Result<Value> runModel(const Value& request, JobContext& job, const ReadImage& readImage);

} // namespace weighbridge::inference
