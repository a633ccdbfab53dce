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

/// GPT-NeoX and Pythia: rotary positions for part of each head, attention and feed-forward beside each other.
class GptNeox : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"gpt_neox"sv};
        static constexpr std::array tasks{"Model"sv, "ForCausalLM"sv, "ForSequenceClassification"sv, "ForTokenClassification"sv, "ForQuestionAnswering"sv};
        return {"gpt-neox", types, tasks, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope base = model.base();
        const int64_t past = input.past();
        const int64_t tokens = input.ids.size(1);
        const at::Tensor embedded = embedding(input.ids, base / "embed_in");
        probe.see("embeddings", embedded);
        const double eps = model.number("layer_norm_eps", 1e-5);
        const int64_t headSize = model.integer("hidden_size", 6144) / std::max<int64_t>(1, model.integer("num_attention_heads", 64));
        const Rotation rotation = rotationFor(model, headSize, past, tokens, embedded, model.number("rotary_pct", 0.25));
        const at::Tensor bias = causalBias(tokens, past, 0, embedded);
        const bool isParallel = model.flag("use_parallel_residual", true);
        const at::Tensor hidden = throughLayers(model.integer("num_hidden_layers", 44), embedded, probe, [&](int64_t i, const at::Tensor& x) {
            const Scope scope = base / "layers" / std::to_string(i);
            const at::Tensor attended = x + attend(model, input, scope / "attention", layerNorm(x, scope / "input_layernorm", eps), rotation, bias, i);
            const at::Tensor normed = layerNorm(isParallel ? x : attended, scope / "post_attention_layernorm", eps);
            const at::Tensor inner = activation(linear(normed, scope / "mlp.dense_h_to_4h"), model.text("hidden_act", "gelu"));
            return attended + linear(inner, scope / "mlp.dense_4h_to_h");
        });
        const at::Tensor last = layerNorm(hidden, base / "final_layer_norm", eps);
        return model.is("ForQuestionAnswering") || model.is("ForTokenClassification") ? commonHeads(model, last) : causalHeads(model, input, last, model.all().has("embed_out.weight") ? "embed_out" : "lm_head");
    }

private:
    static at::Tensor attend(const Model& model, const ModelInput& input, const Scope& scope, const at::Tensor& x, const Rotation& rotation, const at::Tensor& bias, int64_t layer)
    {
        // q, k and v of a head lie beside each other
        const auto parts = splitHeads(linear(x, scope / "query_key_value"), model.integer("num_attention_heads", 64)).chunk(3, -1);
        const at::Tensor q = rotated(parts[0], rotation);
        at::Tensor k = rotated(parts[1], rotation);
        at::Tensor v = parts[2];
        if (input.cache)
            input.cache->extend(layer, k, v);
        return linear(joinHeads(attention(q, k, v, 1 / std::sqrt(static_cast<double>(q.size(-1))), bias)), scope / "dense");
    }
};

} // namespace

const Family& gptNeoxFamily()
{
    static const GptNeox family;
    return family;
}

} // namespace weighbridge::inference
