// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "inference/results.h"

#include <optional>

namespace weighbridge::inference {

/// Mean loss in nats on a few built-in sentences, each token hidden in turn (or predicted from those before it), against guessing, which
/// is the logarithm of the size of the vocabulary: {"verdict", "loss", "guessing", "tokens", "sentences": [{"text", "loss"}], "without_layer": [{"layer", "loss"}], "without_none", "suspect"}.
/// without_layer is the loss on the first of the sentences when one of the `layers` is left out, empty if that would take too many calculations, which the model's `parameters` tell, and without_none that of the same sentences with all layers; suspect is the layer
/// that the model does as well without while it misses the others, as one that was never loaded, or null.
/// The verdict is "learned", "guesses", or "cannot-tell" if too few tokens count or the loss lies between the two.
/// Nothing for a model that predicts no tokens, or if no sentence has a token that it knows.
[[nodiscard]] std::optional<Value> proofOfLife(Task task, const Model& model, const Family& family, const Tokenizer& tokenizer, int64_t maskId, int64_t layers, uint64_t parameters, JobContext& job);

} // namespace weighbridge::inference
