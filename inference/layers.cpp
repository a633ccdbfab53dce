// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/layers.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace weighbridge::inference {

at::Tensor linear(const at::Tensor& x, const Scope& scope)
{
    const at::Tensor weight = scope.tensor("weight");
    return scope.has("bias") ? at::linear(x, weight, scope.tensor("bias")) : at::linear(x, weight);
}

at::Tensor layerNorm(const at::Tensor& x, const Scope& scope, double eps)
{
    return at::layer_norm(x, {x.size(-1)}, scope.tensor("weight"), scope.tensor("bias"), eps);
}

at::Tensor rmsNorm(const at::Tensor& x, const Scope& scope, double eps)
{
    const at::Tensor wide = x.to(at::kFloat); // as the reference does it, whatever the dtype of the run
    const at::Tensor normed = wide * at::rsqrt(wide.pow(2).mean({-1}, true) + eps);
    return scope.tensor("weight") * normed.to(x.scalar_type());
}

at::Tensor activation(const at::Tensor& x, const std::string& name)
{
    if (name == "gelu" || name == "gelu_python")
        return at::gelu(x);
    if (name == "gelu_new" || name == "gelu_pytorch_tanh" || name == "gelu_fast" || name == "gelu_accurate")
        return at::gelu(x, "tanh");
    if (name == "relu")
        return at::relu(x);
    if (name == "silu" || name == "swish")
        return at::silu(x);
    if (name == "tanh")
        return at::tanh(x);
    if (name == "quick_gelu")
        return x * at::sigmoid(x * 1.702);
    if (name == "mish")
        return at::mish(x);
    throw RunFailure(Error("activation-or-eps", fmt::format("The config asks for the activation {}, which is not known.", shown(name))));
}

at::Tensor splitHeads(const at::Tensor& x, int64_t heads)
{
    return x.view({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

at::Tensor joinHeads(const at::Tensor& x)
{
    return x.transpose(1, 2).reshape({x.size(0), x.size(2), x.size(1) * x.size(3)});
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale, const std::optional<at::Tensor>& bias)
{
    at::Tensor scores = at::matmul(q, k.transpose(-1, -2)).mul_(scale);
    if (bias)
        scores = scores.add_(*bias);
    return at::matmul(at::softmax(scores, -1, at::kFloat).to(q.scalar_type()), v);
}

at::Tensor causalBias(int64_t tokens, int64_t window, const at::Tensor& like)
{
    const auto options = at::TensorOptions(like.scalar_type()).device(like.device());
    const double hidden = -std::numeric_limits<double>::infinity();
    at::Tensor bias = at::full({tokens, tokens}, hidden, options).triu(1);
    if (window > 0 && window < tokens)
        bias = bias + at::full({tokens, tokens}, hidden, options).tril(-window);
    return bias;
}

} // namespace weighbridge::inference
