// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "inference/weights.h"

#include <optional>

/// What the families share: the parts of a transformer on libtorch's operators. Hidden states are [batch, tokens, hidden].
namespace weighbridge::inference {

/// x W^T + b with `weight` and, if the model has it, `bias` below the scope.
[[nodiscard]] at::Tensor linear(const at::Tensor& x, const Scope& scope);
[[nodiscard]] at::Tensor layerNorm(const at::Tensor& x, const Scope& scope, double eps);
[[nodiscard]] at::Tensor rmsNorm(const at::Tensor& x, const Scope& scope, double eps);
/// By its name in a config. Throws RunFailure for one that is not known.
[[nodiscard]] at::Tensor activation(const at::Tensor& x, const std::string& name);

/// [batch, tokens, heads * size] to [batch, heads, tokens, size], and back.
[[nodiscard]] at::Tensor splitHeads(const at::Tensor& x, int64_t heads);
[[nodiscard]] at::Tensor joinHeads(const at::Tensor& x);
/// softmax(q k^T scale + bias) v; `bias` is added to the scores and broadcasts over [batch, heads, tokens, tokens].
[[nodiscard]] at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale, const std::optional<at::Tensor>& bias);
/// -inf above the diagonal, of the dtype and device of `like`; `window` > 0 also hides what lies further back.
[[nodiscard]] at::Tensor causalBias(int64_t tokens, int64_t window, const at::Tensor& like);

} // namespace weighbridge::inference
