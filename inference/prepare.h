// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/config.h"
#include "core/base/job_context.h"
#include "inference/results.h"

#include <memory>
#include <optional>

namespace weighbridge::inference {

/// What a run stands on.
struct Prepared {
    CheckpointPtr checkpoint;
    Config config;
    ExpectedModel expected;
    std::unique_ptr<Weights> weights;
    const Family* family = nullptr;
    Model model;
    Task task = Task::Features;
    bool embedsSentences = false;
    std::string folder;
    TokenizerPtr tokenizer; ///< null if there is none
    std::optional<Error> tokenizerError;
    int64_t maskId = -1;
    std::string dtype;
    Value::List notes;

    /// Whether the text goes to an encoder and a decoder writes the answer.
    [[nodiscard]] bool hasDecoder() const { return family->info().hasDecoder && !model.is("EncoderModel"); }
};

/// Makes a checkpoint ready for what the request asks: config, expected tensors, family, device, dtype, tokenizer. No values are read yet.
/// `p` has to stay where it is: its model points into it.
Result<void> prepare(Prepared& p, CheckpointPtr checkpoint, const Value& request, JobContext& job);

} // namespace weighbridge::inference
