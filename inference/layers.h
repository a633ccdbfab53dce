// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "inference/family.h"

#include <array>
#include <optional>

/// What the families share: the parts of a transformer on libtorch's operators. Hidden states are [batch, tokens, hidden].
namespace weighbridge::inference {

/// The rows of `weight` below the scope that the ids name.
[[nodiscard]] at::Tensor embedding(const at::Tensor& ids, const Scope& scope);
/// x W^T + b with `weight` and, if the model has it, `bias` below the scope; or with a bias that stands elsewhere.
[[nodiscard]] at::Tensor linear(const at::Tensor& x, const Scope& scope);
[[nodiscard]] at::Tensor linear(const at::Tensor& x, const Scope& scope, const at::Tensor& bias);
/// Over the last dimension. `weight` and `bias` are left out where the model has none.
[[nodiscard]] at::Tensor layerNorm(const at::Tensor& x, const Scope& scope, double eps);
/// Computed in F32 whatever the dtype of the run. `isCentred`: the file holds what is added to a weight of 1, as Gemma's do.
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const Scope& scope, double eps, bool isCentred = false);
/// By its name in a config. Throws RunFailure for one that is not known.
[[nodiscard]] at::Tensor activation(const at::Tensor& x, const std::string& name);

/// [batch, tokens, heads * size] to [batch, heads, tokens, size], and back.
[[nodiscard]] at::Tensor splitHeads(const at::Tensor& x, int64_t heads);
[[nodiscard]] at::Tensor joinHeads(const at::Tensor& x);
/// softmax(q k^T scale + bias) v; `bias` is added to the scores and broadcasts over [batch, heads, tokens, tokens]. Fewer heads of k and v
/// than of q serve groups of these. `softcap` > 0 keeps the scores within it: softcap tanh(scores / softcap).
[[nodiscard]] at::Tensor attention(const at::Tensor& q, at::Tensor k, at::Tensor v, double scale, const std::optional<at::Tensor>& bias, double softcap = 0);
/// Attention with scale 1/sqrt(size); `names` are the linear layers of q, k and v below the scope. k and v come from `source`.
using AttentionNames = std::array<const char*, 3>;
[[nodiscard]] at::Tensor attend(const at::Tensor& x, const at::Tensor& source, const Scope& scope, const AttentionNames& names, int64_t heads, const std::optional<at::Tensor>& bias = {});
/// The same over itself, for a causal model: with what the cache knows of `layer`.
[[nodiscard]] at::Tensor attendCausally(const ModelInput& input, int64_t layer, const at::Tensor& x, const Scope& scope, const AttentionNames& names, int64_t heads, const at::Tensor& bias);
/// [tokens, past + tokens]: -inf where a token would see a later one, of the dtype and device of `like`; `window` > 0 also hides what lies further back.
[[nodiscard]] at::Tensor causalBias(int64_t tokens, int64_t past, int64_t window, const at::Tensor& like);
/// past, past + 1, ...: the places of the new tokens of `ids`.
[[nodiscard]] at::Tensor positions(const at::Tensor& ids, int64_t past = 0);
/// Places that begin behind the padding token's own, and leave padding tokens out.
[[nodiscard]] at::Tensor positionsBehindPadding(const at::Tensor& ids, int64_t padding);

/// layer(i, hidden) for each layer, with the probe told of what comes out as "layer 0" and so on.
using Layer = std::function<at::Tensor(int64_t layer, const at::Tensor& hidden)>;
[[nodiscard]] at::Tensor throughLayers(int64_t count, at::Tensor hidden, const LayerProbe& probe, const Layer& layer, const std::string& name = "layer");

/// tanh of a linear layer over the first token.
[[nodiscard]] at::Tensor pooled(const at::Tensor& hidden, const Scope& scope);
/// The heads that most families share: ForTokenClassification (`classifier`), ForQuestionAnswering (`qa_outputs`), else the hidden
/// states and, if the model has a pooler, what it makes of them.
[[nodiscard]] ModelOutputs commonHeads(const Model& model, const at::Tensor& hidden, const std::string& pooler = "pooler.dense");
/// The heads of causal models: the next token (`lm_head`), ForSequenceClassification and ForTokenClassification (`score`), else the hidden states.
[[nodiscard]] ModelOutputs causalHeads(const Model& model, const ModelInput& input, const at::Tensor& hidden, const std::string& languageHead = "lm_head");

} // namespace weighbridge::inference
