// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tokenizer/tokenizer.h"
#include "inference/family.h"

#include <string>

namespace weighbridge::inference {

enum class Task : uint8_t { Features, MaskedTokens, NextTokens, Classes, TokenClasses, Span, Replaced };

[[nodiscard]] Task taskOf(const Model& model, const Family& family);
/// The word for it in the answer: "masked-token".
[[nodiscard]] const char* name(Task task);
/// A text that suits the task, and what goes with it.
struct SampleText {
    std::string text;
    std::string pair;
};
[[nodiscard]] SampleText sampleText(Task task);

/// What the outputs say, most likely first. `tokenizer` may be null.
[[nodiscard]] Value::List topAnswers(Task task, const Model& model, const ModelOutputs& outputs, const Encoding& encoding, const Tokenizer* tokenizer, int64_t maskId, int64_t count);

/// {"shape", "mean", "std", "values"}; values only up to a limit.
[[nodiscard]] Value outputAnswer(const at::Tensor& output);
/// {"layer", "mean", "std", "nan", "inf"}
[[nodiscard]] Value healthAnswer(const std::string& layer, const at::Tensor& hidden);
[[nodiscard]] const at::Tensor* find(const ModelOutputs& outputs, std::string_view name);
/// log of the probabilities over the last dimension, in F32.
[[nodiscard]] at::Tensor logProbabilities(const at::Tensor& logits);

} // namespace weighbridge::inference
