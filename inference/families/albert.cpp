// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// ALBERT: few layers that are used again and again, and embeddings narrower than the layers.
class Albert : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"albert"sv};
        static constexpr std::array tasks{"Model"sv, "ForMaskedLM"sv, "ForSequenceClassification"sv, "ForTokenClassification"sv, "ForQuestionAnswering"sv};
        return {"albert", types, tasks};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope scope = model.base() / "embeddings";
        at::Tensor hidden = embedding(input.ids, scope / "word_embeddings") + embedding(input.typeIds, scope / "token_type_embeddings");
        hidden = hidden + embedding(positions(input.ids), scope / "position_embeddings");
        hidden = layerNorm(hidden, scope / "LayerNorm", eps(model));
        hidden = linear(hidden, model.base() / "encoder.embedding_hidden_mapping_in");
        probe.see("embeddings", hidden);
        const int64_t layers = model.integer("num_hidden_layers", 12);
        const int64_t groups = std::max<int64_t>(1, model.integer("num_hidden_groups", 1));
        return heads(model, throughLayers(layers, hidden, probe, [&](int64_t i, at::Tensor x) {
            const Scope group = model.base() / "encoder.albert_layer_groups" / std::to_string(i * groups / layers) / "albert_layers";
            for (int64_t inner = 0; inner < model.integer("inner_group_num", 1); ++inner)
                x = layer(model, group / std::to_string(inner), x);
            return x;
        }));
    }

private:
    static double eps(const Model& model) { return model.number("layer_norm_eps", 1e-12); }

    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& hidden)
    {
        const Scope self = scope / "attention";
        const at::Tensor context = attend(hidden, hidden, self, {"query", "key", "value"}, model.integer("num_attention_heads", 64));
        const at::Tensor attended = layerNorm(linear(context, self / "dense") + hidden, self / "LayerNorm", eps(model));
        const at::Tensor inner = activation(linear(attended, scope / "ffn"), model.text("hidden_act", "gelu_new"));
        return layerNorm(linear(inner, scope / "ffn_output") + attended, scope / "full_layer_layer_norm", eps(model));
    }

    static ModelOutputs heads(const Model& model, const at::Tensor& hidden)
    {
        const Scope all = model.all();
        if (model.is("ForMaskedLM")) {
            const Scope head = all / "predictions";
            const at::Tensor inner = layerNorm(activation(linear(hidden, head / "dense"), model.text("hidden_act", "gelu_new")), head / "LayerNorm", eps(model));
            return {{"logits", linear(inner, head / "decoder", head.tensor("bias"))}};
        }
        if (model.is("ForSequenceClassification"))
            return {{"logits", linear(pooled(hidden, model.base() / "pooler"), all / "classifier")}};
        return commonHeads(model, hidden, "pooler");
    }
};

} // namespace

const Family& albertFamily()
{
    static const Albert family;
    return family;
}

} // namespace weighbridge::inference
