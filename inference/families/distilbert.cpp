// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>
#include <cmath>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

constexpr double eps = 1e-12; ///< fixed in the model's code

/// BERT's layers under other names, without token types.
class DistilBert : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"distilbert"sv};
        static constexpr std::array tasks{"Model"sv, "ForMaskedLM"sv, "ForSequenceClassification"sv, "ForTokenClassification"sv, "ForQuestionAnswering"sv};
        return {"distilbert", types, tasks};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope scope = model.base() / "embeddings";
        at::Tensor hidden = at::embedding((scope / "word_embeddings").tensor("weight"), input.ids)
                            + at::embedding((scope / "position_embeddings").tensor("weight"), at::arange(input.ids.size(1), input.ids.options()));
        hidden = layerNorm(hidden, scope / "LayerNorm", eps);
        probe("embeddings", hidden);
        const int64_t layers = model.integer("n_layers", 6);
        for (int64_t i = 0; i < layers; ++i) {
            hidden = layer(model, model.base() / "transformer.layer" / std::to_string(i), hidden);
            probe("layer " + std::to_string(i), hidden);
        }
        return heads(model, hidden);
    }

private:
    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& hidden)
    {
        const int64_t heads = model.integer("n_heads", 12);
        const Scope self = scope / "attention";
        const at::Tensor q = splitHeads(linear(hidden, self / "q_lin"), heads);
        const at::Tensor k = splitHeads(linear(hidden, self / "k_lin"), heads);
        const at::Tensor v = splitHeads(linear(hidden, self / "v_lin"), heads);
        const at::Tensor context = joinHeads(attention(q, k, v, 1 / std::sqrt(static_cast<double>(q.size(-1))), {}));
        const at::Tensor attended = layerNorm(linear(context, self / "out_lin") + hidden, scope / "sa_layer_norm", eps);
        const at::Tensor inner = activation(linear(attended, scope / "ffn.lin1"), model.text("activation", "gelu"));
        return layerNorm(linear(inner, scope / "ffn.lin2") + attended, scope / "output_layer_norm", eps);
    }

    static ModelOutputs heads(const Model& model, const at::Tensor& hidden)
    {
        const Scope all = model.all();
        if (model.is("ForMaskedLM")) {
            const at::Tensor inner = layerNorm(activation(linear(hidden, all / "vocab_transform"), model.text("activation", "gelu")), all / "vocab_layer_norm", eps);
            return {{"logits", linear(inner, all / "vocab_projector")}};
        }
        if (model.is("ForSequenceClassification"))
            return {{"logits", linear(at::relu(linear(hidden.select(1, 0), all / "pre_classifier")), all / "classifier")}};
        if (model.is("ForTokenClassification"))
            return {{"logits", linear(hidden, all / "classifier")}};
        if (model.is("ForQuestionAnswering")) {
            const at::Tensor logits = linear(hidden, all / "qa_outputs");
            return {{"start_logits", logits.select(-1, 0)}, {"end_logits", logits.select(-1, 1)}};
        }
        return {{"last_hidden_state", hidden}};
    }
};

} // namespace

const Family& distilbertFamily()
{
    static const DistilBert family;
    return family;
}

} // namespace weighbridge::inference
