// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>
#include <cmath>

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
        at::Tensor hidden = at::embedding((scope / "word_embeddings").tensor("weight"), input.ids) + at::embedding((scope / "token_type_embeddings").tensor("weight"), input.typeIds);
        hidden = hidden + at::embedding((scope / "position_embeddings").tensor("weight"), at::arange(input.ids.size(1), input.ids.options()));
        hidden = layerNorm(hidden, scope / "LayerNorm", eps(model));
        hidden = linear(hidden, model.base() / "encoder.embedding_hidden_mapping_in");
        probe("embeddings", hidden);
        const int64_t layers = model.integer("num_hidden_layers", 12);
        const int64_t groups = std::max<int64_t>(1, model.integer("num_hidden_groups", 1));
        for (int64_t i = 0; i < layers; ++i) {
            const Scope group = model.base() / "encoder.albert_layer_groups" / std::to_string(i * groups / layers) / "albert_layers";
            for (int64_t inner = 0; inner < model.integer("inner_group_num", 1); ++inner)
                hidden = layer(model, group / std::to_string(inner), hidden);
            probe("layer " + std::to_string(i), hidden);
        }
        return heads(model, hidden);
    }

private:
    static double eps(const Model& model) { return model.number("layer_norm_eps", 1e-12); }

    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& hidden)
    {
        const int64_t heads = model.integer("num_attention_heads", 64);
        const Scope self = scope / "attention";
        const at::Tensor q = splitHeads(linear(hidden, self / "query"), heads);
        const at::Tensor k = splitHeads(linear(hidden, self / "key"), heads);
        const at::Tensor v = splitHeads(linear(hidden, self / "value"), heads);
        const at::Tensor context = joinHeads(attention(q, k, v, 1 / std::sqrt(static_cast<double>(q.size(-1))), {}));
        const at::Tensor attended = layerNorm(linear(context, self / "dense") + hidden, self / "LayerNorm", eps(model));
        const at::Tensor inner = activation(linear(attended, scope / "ffn"), model.text("hidden_act", "gelu_new"));
        return layerNorm(linear(inner, scope / "ffn_output") + attended, scope / "full_layer_layer_norm", eps(model));
    }

    static at::Tensor pooled(const Model& model, const at::Tensor& hidden) { return at::tanh(linear(hidden.select(1, 0), model.base() / "pooler")); }

    static ModelOutputs heads(const Model& model, const at::Tensor& hidden)
    {
        const Scope all = model.all();
        if (model.is("ForMaskedLM")) {
            const Scope head = all / "predictions";
            const at::Tensor inner = layerNorm(activation(linear(hidden, head / "dense"), model.text("hidden_act", "gelu_new")), head / "LayerNorm", eps(model));
            return {{"logits", at::linear(inner, (head / "decoder").tensor("weight"), head.tensor("bias"))}};
        }
        if (model.is("ForSequenceClassification"))
            return {{"logits", linear(pooled(model, hidden), all / "classifier")}};
        if (model.is("ForTokenClassification"))
            return {{"logits", linear(hidden, all / "classifier")}};
        if (model.is("ForQuestionAnswering")) {
            const at::Tensor logits = linear(hidden, all / "qa_outputs");
            return {{"start_logits", logits.select(-1, 0)}, {"end_logits", logits.select(-1, 1)}};
        }
        ModelOutputs out{{"last_hidden_state", hidden}};
        if ((model.base() / "pooler").has("weight"))
            out.emplace_back("pooler_output", pooled(model, hidden));
        return out;
    }
};

} // namespace

const Family& albertFamily()
{
    static const Albert family;
    return family;
}

} // namespace weighbridge::inference
