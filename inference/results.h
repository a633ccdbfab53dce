// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/tokenizer/tokenizer.h"
#include "inference/family.h"

#include <string>

namespace weighbridge::inference {

enum class Task : uint8_t { Features, MaskedTokens, NextTokens, Classes, TokenClasses, Span, Replaced, ImageText };

[[nodiscard]] Task taskOf(const Model& model, const Family& family);
/// The word for it in the answer: "masked-token".
[[nodiscard]] const char* name(Task task);
/// A text that suits the task, and what goes with it. Of ImageText: one text a line, each compared with the image.
struct SampleText {
    std::string text;
    std::string pair;
};
[[nodiscard]] SampleText sampleText(Task task, const Model& model);

/// What the outputs are about.
struct Asked {
    const Encoding& encoding;
    const std::vector<std::string>& texts; ///< of ImageText
    const Tokenizer* tokenizer = nullptr;  ///< may be null
    int64_t maskId = -1;
    int64_t count = 5;                     ///< answers per place
};

/// What the outputs say, most likely first.
[[nodiscard]] Value::List topAnswers(Task task, const Model& model, const ModelOutputs& outputs, const Asked& asked);

/// {"shape", "mean", "std", "values"}; values only up to a limit.
[[nodiscard]] Value outputAnswer(const at::Tensor& output);
/// The answers of all outputs, by name.
[[nodiscard]] Value outputsAnswer(const ModelOutputs& outputs);
/// {"layer", "mean", "std", "nan", "inf", "change"}: how far the layer moved its input, |after - before| / |before|; null after the embeddings and
/// where the shape changes. `before` may be undefined.
[[nodiscard]] Value healthAnswer(const std::string& layer, const at::Tensor& hidden, const at::Tensor& before);
/// |b - a| / |a|; null if the shapes differ or |a| is 0.
[[nodiscard]] Value relativeDistance(const at::Tensor& a, const at::Tensor& b);
[[nodiscard]] const at::Tensor* find(const ModelOutputs& outputs, std::string_view name);
/// log of the probabilities over the last dimension, in F32.
[[nodiscard]] at::Tensor logProbabilities(const at::Tensor& logits);

} // namespace weighbridge::inference
