// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"
#include "inference/rotary.h"

#include <array>
#include <cmath>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// Llama and what has its layers: Mistral (a window), Qwen2 and Qwen3 (biases, norms of q and k), Phi-3 (fused matrices), Gemma and Gemma 2
/// (scaled embeddings, centred norms, soft caps). RMS norm before each part, rotary positions, grouped keys and values, a gated feed-forward.
class Llama : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"llama"sv, "mistral"sv, "qwen2"sv, "qwen3"sv, "phi3"sv, "gemma"sv, "gemma2"sv};
        static constexpr std::array tasks{"Model"sv, "ForCausalLM"sv, "ForSequenceClassification"sv, "ForTokenClassification"sv};
        return {"llama", types, tasks, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope base = model.base();
        const int64_t past = input.past();
        const int64_t tokens = input.ids.size(1);
        at::Tensor embedded = embedding(input.ids, base / "embed_tokens");
        if (isGemma(model)) // in the dtype of the run, as the reference rounds it
            embedded = embedded * at::full({}, std::sqrt(static_cast<double>(embedded.size(-1))), embedded.options());
        probe.see("embeddings", embedded);
        const Rotation rotation = rotationFor(model, headSize(model), past, tokens, embedded);
        const at::Tensor open = causalBias(tokens, past, 0, embedded);
        const at::Tensor windowed = causalBias(tokens, past, model.integer("sliding_window", 0), embedded);
        const at::Tensor hidden = throughLayers(model.integer("num_hidden_layers", 32), embedded, probe, [&](int64_t i, const at::Tensor& x) {
            return layer(model, input, base / "layers" / std::to_string(i), x, rotation, hasWindow(model, i) ? windowed : open, i);
        });
        ModelOutputs out = causalHeads(model, input, norm(model, hidden, base / "norm"));
        if (const double cap = softcap(model, "final_logit_softcapping", 30); cap > 0 && model.is("ForCausalLM"))
            out.front().second = at::tanh(out.front().second / cap) * cap;
        return out;
    }

private:
    static bool isGemma(const Model& model) { return model.modelType == "gemma" || model.modelType == "gemma2"; }

    /// Of Gemma 2 alone; null means none.
    static double softcap(const Model& model, std::string_view key, double fallback)
    {
        const Value* value = model.config->find(key);
        return model.modelType != "gemma2" || (value && value->isNull()) ? 0 : model.number(key, fallback);
    }

    static at::Tensor norm(const Model& model, const at::Tensor& x, const Scope& scope)
    {
        return rmsNorm(x, scope, model.number("rms_norm_eps", model.modelType == "phi3" ? 1e-5 : 1e-6), isGemma(model));
    }

    static int64_t headSize(const Model& model)
    {
        const int64_t heads = std::max<int64_t>(1, model.integer("num_attention_heads", 32));
        return model.integer("head_dim", model.modelType == "qwen3" ? 128 : isGemma(model) ? 256 : model.integer("hidden_size", 4096) / heads);
    }

    /// Newer configs list the layers' kinds; of the older ones each type has its own rule.
    static bool hasWindow(const Model& model, int64_t layer)
    {
        const Value* kinds = model.config->find("layer_types");
        if (kinds && kinds->list() && layer < static_cast<int64_t>(kinds->list()->size()))
            return (*kinds->list())[static_cast<size_t>(layer)].stringOr("") == "sliding_attention";
        if (model.modelType == "gemma2")
            return layer % 2 == 0;
        if (model.modelType == "qwen2" || model.modelType == "qwen3")
            return model.flag("use_sliding_window", false) && layer >= model.integer("max_window_layers", 28);
        return model.modelType == "mistral" || model.modelType == "phi3";
    }

    static at::Tensor layer(const Model& model, const ModelInput& input, const Scope& scope, const at::Tensor& x, const Rotation& rotation, const at::Tensor& bias, int64_t i)
    {
        at::Tensor part = attend(model, input, scope / "self_attn", norm(model, x, scope / "input_layernorm"), rotation, bias, i);
        const bool hasOuterNorms = model.modelType == "gemma2";
        if (hasOuterNorms)
            part = norm(model, part, scope / "post_attention_layernorm");
        const at::Tensor attended = x + part;
        part = feedForward(model, norm(model, attended, scope / (hasOuterNorms ? "pre_feedforward_layernorm" : "post_attention_layernorm")), scope / "mlp");
        return attended + (hasOuterNorms ? norm(model, part, scope / "post_feedforward_layernorm") : part);
    }

    static at::Tensor feedForward(const Model& model, const at::Tensor& x, const Scope& scope)
    {
        std::string name = model.text(model.modelType == "gemma2" ? "hidden_activation" : "hidden_act", isGemma(model) ? "gelu_pytorch_tanh" : "silu");
        if (model.modelType == "gemma" && name == "gelu")
            name = "gelu_pytorch_tanh"; // what its early configs meant
        if (scope.has("gate_up_proj.weight")) {
            const auto parts = linear(x, scope / "gate_up_proj").chunk(2, -1);
            return linear(activation(parts[0], name) * parts[1], scope / "down_proj");
        }
        return linear(activation(linear(x, scope / "gate_proj"), name) * linear(x, scope / "up_proj"), scope / "down_proj");
    }

    static std::array<at::Tensor, 3> queryKeyValue(const at::Tensor& x, const Scope& scope, int64_t heads, int64_t groups, int64_t size)
    {
        if (!scope.has("qkv_proj.weight"))
            return {linear(x, scope / "q_proj"), linear(x, scope / "k_proj"), linear(x, scope / "v_proj")};
        const auto parts = linear(x, scope / "qkv_proj").split_with_sizes({heads * size, groups * size, groups * size}, -1);
        return {parts[0], parts[1], parts[2]};
    }

    static at::Tensor attend(const Model& model, const ModelInput& input, const Scope& scope, const at::Tensor& x, const Rotation& rotation, const at::Tensor& bias, int64_t layer)
    {
        const int64_t heads = model.integer("num_attention_heads", 32);
        const int64_t groups = model.integer("num_key_value_heads", model.modelType == "mistral" ? 8 : model.modelType == "gemma2" ? 4 : model.modelType.starts_with("qwen") ? 32 : heads);
        const int64_t size = headSize(model);
        const auto parts = queryKeyValue(x, scope, heads, groups, size);
        at::Tensor q = splitHeads(parts[0], heads);
        at::Tensor k = splitHeads(parts[1], groups);
        at::Tensor v = splitHeads(parts[2], groups);
        if ((scope / "q_norm").has("weight")) { // Qwen3
            q = norm(model, q, scope / "q_norm");
            k = norm(model, k, scope / "k_norm");
        }
        q = rotated(q, rotation);
        k = rotated(k, rotation);
        if (input.cache)
            input.cache->extend(layer, k, v);
        const bool isGemma2 = model.modelType == "gemma2";
        const double scale = 1 / std::sqrt(isGemma2 ? model.number("query_pre_attn_scalar", 256) : static_cast<double>(size));
        return linear(joinHeads(attention(q, k, v, scale, bias, softcap(model, "attn_logit_softcapping", 50))), scope / "o_proj");
    }
};

} // namespace

const Family& llamaFamily()
{
    static const Llama family;
    return family;
}

} // namespace weighbridge::inference
