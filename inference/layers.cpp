// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/layers.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <string>

namespace weighbridge::inference {

at::Tensor embedding(const at::Tensor& ids, const Scope& scope)
{
    return at::embedding(scope.tensor("weight"), ids);
}

at::Tensor linear(const at::Tensor& x, const Scope& scope)
{
    return linear(x, scope, scope.has("bias") ? scope.tensor("bias") : at::Tensor());
}

at::Tensor linear(const at::Tensor& x, const Scope& scope, const at::Tensor& bias)
{
    return scope.isQuantized() ? quantizedLinear(x, scope.quantized("weight"), bias) : at::linear(x, scope.tensor("weight"), bias);
}

at::Tensor layerNorm(const at::Tensor& x, const Scope& scope, double eps)
{
    const auto ifAny = [&scope](const char* name) { return scope.has(name) ? scope.tensor(name) : at::Tensor(); };
    return at::layer_norm(x, {x.size(-1)}, ifAny("weight"), ifAny("bias"), eps);
}

at::Tensor rmsNorm(const at::Tensor& x, const Scope& scope, double eps, bool isCentred)
{
    const at::Tensor wide = x.to(at::kFloat);
    const at::Tensor normed = wide * at::rsqrt(wide.pow(2).mean({-1}, true) + eps);
    const at::Tensor weight = scope.tensor("weight");
    return isCentred ? (normed * (weight.to(at::kFloat) + 1)).to(x.scalar_type()) : weight * normed.to(x.scalar_type());
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

at::Tensor attention(const at::Tensor& q, at::Tensor k, at::Tensor v, double scale, const std::optional<at::Tensor>& bias, double softcap)
{
    if (const int64_t groups = k.size(1); groups != q.size(1)) {
        k = k.repeat_interleave(q.size(1) / groups, 1);
        v = v.repeat_interleave(q.size(1) / groups, 1);
    }
    at::Tensor scores = at::matmul(q, k.transpose(-1, -2)).mul_(scale);
    if (softcap > 0)
        scores = scores.div_(softcap).tanh_().mul_(softcap);
    if (bias)
        scores = scores.add_(*bias);
    return at::matmul(at::softmax(scores, -1, at::kFloat).to(q.scalar_type()), v);
}

at::Tensor attend(const at::Tensor& x, const at::Tensor& source, const Scope& scope, const AttentionNames& names, int64_t heads, const std::optional<at::Tensor>& bias)
{
    const at::Tensor q = splitHeads(linear(x, scope / names[0]), heads);
    const at::Tensor k = splitHeads(linear(source, scope / names[1]), heads);
    const at::Tensor v = splitHeads(linear(source, scope / names[2]), heads);
    return joinHeads(attention(q, k, v, 1 / std::sqrt(static_cast<double>(q.size(-1))), bias));
}

at::Tensor attendCausally(const ModelInput& input, int64_t layer, const at::Tensor& x, const Scope& scope, const AttentionNames& names, int64_t heads, const at::Tensor& bias)
{
    const at::Tensor q = splitHeads(linear(x, scope / names[0]), heads);
    at::Tensor k = splitHeads(linear(x, scope / names[1]), heads);
    at::Tensor v = splitHeads(linear(x, scope / names[2]), heads);
    if (input.cache)
        input.cache->extend(layer, k, v);
    return joinHeads(attention(q, k, v, 1 / std::sqrt(static_cast<double>(q.size(-1))), bias));
}

at::Tensor causalBias(int64_t tokens, int64_t past, int64_t window, const at::Tensor& like)
{
    const auto options = at::TensorOptions(like.scalar_type()).device(like.device());
    const at::Tensor hidden = at::full({tokens, past + tokens}, -std::numeric_limits<double>::infinity(), options);
    const at::Tensor bias = hidden.triu(past + 1);
    return window > 0 && window < past + tokens ? bias + hidden.tril(past - window) : bias;
}

at::Tensor positions(const at::Tensor& ids, int64_t past)
{
    return at::arange(past, past + ids.size(1), ids.options());
}

at::Tensor positionsBehindPadding(const at::Tensor& ids, int64_t padding)
{
    const at::Tensor isText = ids.ne(padding).to(at::kLong);
    return isText.cumsum(1) * isText + padding;
}

at::Tensor throughLayers(int64_t count, at::Tensor hidden, const LayerProbe& probe, const Layer& layer, const std::string& name)
{
    for (int64_t i = 0; i < count; ++i) {
        if (i != probe.skipped)
            hidden = layer(i, hidden);
        probe.see(fmt::format("{} {}", name, i), hidden);
    }
    return hidden;
}

at::Tensor pooled(const at::Tensor& hidden, const Scope& scope)
{
    return at::tanh(linear(hidden.select(1, 0), scope));
}

ModelOutputs commonHeads(const Model& model, const at::Tensor& hidden, const std::string& pooler)
{
    if (model.is("ForTokenClassification"))
        return {{"logits", linear(hidden, model.all() / "classifier")}};
    if (model.is("ForQuestionAnswering")) {
        const at::Tensor logits = linear(hidden, model.all() / "qa_outputs");
        return {{"start_logits", logits.select(-1, 0)}, {"end_logits", logits.select(-1, 1)}};
    }
    ModelOutputs out{{"last_hidden_state", hidden}};
    if ((model.base() / pooler).has("weight"))
        out.emplace_back("pooler_output", pooled(hidden, model.base() / pooler));
    return out;
}

ModelOutputs causalHeads(const Model& model, const ModelInput& input, const at::Tensor& hidden, const std::string& languageHead)
{
    if (model.is("ForCausalLM") || model.is("LMHeadModel"))
        return {{"logits", linear(hidden, model.all() / languageHead)}};
    if (model.is("ForTokenClassification"))
        return {{"logits", linear(hidden, model.all() / "score")}};
    if (model.is("ForSequenceClassification")) {
        // the last token that is no padding speaks for the text
        const int64_t padding = model.integer("pad_token_id", -1);
        int64_t last = input.ids.size(1) - 1;
        while (last > 0 && input.ids[0][last].item<int64_t>() == padding)
            --last;
        return {{"logits", linear(hidden.select(1, last), model.all() / "score")}};
    }
    return {{"last_hidden_state", hidden}};
}

} // namespace weighbridge::inference
