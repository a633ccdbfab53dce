// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/distance_bias.h"
#include "inference/family.h"
#include "inference/layers.h"

#include <array>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

// Fixed in the model's code, whatever the config says.
constexpr DistanceBuckets buckets{32, 128, true};

/// MPNet: BERT's layers with a bias for how far two tokens are apart, shared by all layers.
class MpNet : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"mpnet"sv};
        static constexpr std::array tasks{"Model"sv, "ForMaskedLM"sv, "ForSequenceClassification"sv, "ForTokenClassification"sv, "ForQuestionAnswering"sv};
        return {"mpnet", types, tasks};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope scope = model.base() / "embeddings";
        at::Tensor hidden = embedding(input.ids, scope / "word_embeddings") + embedding(positionsBehindPadding(input.ids, model.integer("pad_token_id", 1)), scope / "position_embeddings");
        hidden = layerNorm(hidden, scope / "LayerNorm", eps(model));
        probe.see("embeddings", hidden);
        const at::Tensor bias = distanceBias((model.base() / "encoder.relative_attention_bias").tensor("weight"), buckets, input.ids.size(1));
        const Scope layers = model.base() / "encoder.layer";
        return heads(model, throughLayers(model.integer("num_hidden_layers", 12), hidden, probe, [&](int64_t i, const at::Tensor& x) { return layer(model, layers / std::to_string(i), x, bias); }));
    }

private:
    static double eps(const Model& model) { return model.number("layer_norm_eps", 1e-12); }

    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& hidden, const at::Tensor& bias)
    {
        const Scope self = scope / "attention.attn";
        const at::Tensor context = attend(hidden, hidden, self, {"q", "k", "v"}, model.integer("num_attention_heads", 12), bias);
        const at::Tensor attended = layerNorm(linear(context, self / "o") + hidden, scope / "attention.LayerNorm", eps(model));
        const at::Tensor inner = activation(linear(attended, scope / "intermediate.dense"), model.text("hidden_act", "gelu"));
        return layerNorm(linear(inner, scope / "output.dense") + attended, scope / "output.LayerNorm", eps(model));
    }

    static ModelOutputs heads(const Model& model, const at::Tensor& hidden)
    {
        const Scope all = model.all();
        if (model.is("ForMaskedLM")) {
            const Scope head = all / "lm_head";
            const at::Tensor inner = layerNorm(at::gelu(linear(hidden, head / "dense")), head / "layer_norm", eps(model));
            return {{"logits", linear(inner, head / "decoder", head.tensor("bias"))}};
        }
        if (model.is("ForSequenceClassification"))
            return {{"logits", linear(at::tanh(linear(hidden.select(1, 0), all / "classifier.dense")), all / "classifier.out_proj")}};
        return commonHeads(model, hidden);
    }
};

} // namespace

const Family& mpnetFamily()
{
    static const MpNet family;
    return family;
}

} // namespace weighbridge::inference
