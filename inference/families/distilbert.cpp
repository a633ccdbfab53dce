// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>

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
        at::Tensor hidden = embedding(input.ids, scope / "word_embeddings") + embedding(positions(input.ids), scope / "position_embeddings");
        hidden = layerNorm(hidden, scope / "LayerNorm", eps);
        probe.see("embeddings", hidden);
        const Scope layers = model.base() / "transformer.layer";
        return heads(model, throughLayers(model.integer("n_layers", 6), hidden, probe, [&](int64_t i, const at::Tensor& x) { return layer(model, layers / std::to_string(i), x); }));
    }

private:
    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& hidden)
    {
        const Scope self = scope / "attention";
        const at::Tensor context = attend(hidden, hidden, self, {"q_lin", "k_lin", "v_lin"}, model.integer("n_heads", 12));
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
        return commonHeads(model, hidden);
    }
};

} // namespace

const Family& distilbertFamily()
{
    static const DistilBert family;
    return family;
}

} // namespace weighbridge::inference
