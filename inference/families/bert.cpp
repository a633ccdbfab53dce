// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// BERT and what has its layers: RoBERTa, XLM-R and CamemBERT (other positions, another head), ELECTRA (narrow embeddings).
class Bert : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"bert"sv, "roberta"sv, "xlm-roberta"sv, "camembert"sv, "electra"sv};
        static constexpr std::array tasks{"Model"sv, "ForMaskedLM"sv, "ForPreTraining"sv, "ForSequenceClassification"sv, "ForTokenClassification"sv, "ForQuestionAnswering"sv, "ForNextSentencePrediction"sv};
        return {"bert", types, tasks};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const at::Tensor hidden = embeddings(model, input);
        probe.see("embeddings", hidden);
        const Scope layers = model.base() / "encoder.layer";
        return heads(model, throughLayers(model.integer("num_hidden_layers", 12), hidden, probe, [&](int64_t i, const at::Tensor& x) { return layer(model, layers / std::to_string(i), x); }));
    }

private:
    static double eps(const Model& model) { return model.number("layer_norm_eps", 1e-12); }
    static bool isRoberta(const Model& model) { return model.modelType == "roberta" || model.modelType == "xlm-roberta" || model.modelType == "camembert"; }

    static at::Tensor embeddings(const Model& model, const ModelInput& input)
    {
        const Scope scope = model.base() / "embeddings";
        const at::Tensor places = isRoberta(model) ? positionsBehindPadding(input.ids, model.integer("pad_token_id", 1)) : positions(input.ids);
        at::Tensor hidden = embedding(input.ids, scope / "word_embeddings") + embedding(input.typeIds, scope / "token_type_embeddings");
        hidden = hidden + embedding(places, scope / "position_embeddings");
        hidden = layerNorm(hidden, scope / "LayerNorm", eps(model));
        return (model.base() / "embeddings_project").has("weight") ? linear(hidden, model.base() / "embeddings_project") : hidden;
    }

    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& hidden)
    {
        const at::Tensor context = attend(hidden, hidden, scope / "attention.self", {"query", "key", "value"}, model.integer("num_attention_heads", 12));
        const at::Tensor attended = layerNorm(linear(context, scope / "attention.output.dense") + hidden, scope / "attention.output.LayerNorm", eps(model));
        const at::Tensor inner = activation(linear(attended, scope / "intermediate.dense"), model.text("hidden_act", "gelu"));
        return layerNorm(linear(inner, scope / "output.dense") + attended, scope / "output.LayerNorm", eps(model));
    }

    static at::Tensor pooled(const Model& model, const at::Tensor& hidden) { return inference::pooled(hidden, model.base() / "pooler.dense"); }

    static ModelOutputs heads(const Model& model, const at::Tensor& hidden)
    {
        if (model.is("ForMaskedLM") || model.is("ForPreTraining"))
            return languageModel(model, hidden);
        if (model.is("ForSequenceClassification"))
            return {{"logits", sequenceLogits(model, hidden)}};
        if (model.is("ForNextSentencePrediction"))
            return {{"logits", linear(pooled(model, hidden), model.all() / "cls.seq_relationship")}};
        return commonHeads(model, hidden);
    }

    static at::Tensor sequenceLogits(const Model& model, const at::Tensor& hidden)
    {
        const Scope classifier = model.all() / "classifier";
        if (model.modelType == "bert")
            return linear(pooled(model, hidden), classifier);
        const at::Tensor inner = linear(hidden.select(1, 0), classifier / "dense");
        return linear(model.modelType == "electra" ? at::gelu(inner) : at::tanh(inner), classifier / "out_proj");
    }

    static ModelOutputs languageModel(const Model& model, const at::Tensor& hidden)
    {
        const Scope all = model.all();
        if (isRoberta(model)) {
            const Scope head = all / "lm_head";
            const at::Tensor inner = layerNorm(at::gelu(linear(hidden, head / "dense")), head / "layer_norm", eps(model));
            return {{"logits", linear(inner, head / "decoder", head.tensor("bias"))}};
        }
        if (model.modelType == "electra" && model.is("ForPreTraining")) {
            const Scope head = all / "discriminator_predictions";
            return {{"logits", linear(activation(linear(hidden, head / "dense"), model.text("hidden_act", "gelu")), head / "dense_prediction").squeeze(-1)}};
        }
        if (model.modelType == "electra") {
            const Scope head = all / "generator_predictions";
            const at::Tensor inner = layerNorm(at::gelu(linear(hidden, head / "dense")), head / "LayerNorm", eps(model));
            return {{"logits", linear(inner, all / "generator_lm_head")}};
        }
        const Scope head = all / "cls.predictions";
        const at::Tensor inner = layerNorm(activation(linear(hidden, head / "transform.dense"), model.text("hidden_act", "gelu")), head / "transform.LayerNorm", eps(model));
        const at::Tensor logits = linear(inner, head / "decoder", head.tensor("bias"));
        if (model.is("ForMaskedLM"))
            return {{"logits", logits}};
        return {{"prediction_logits", logits}, {"seq_relationship_logits", linear(pooled(model, hidden), all / "cls.seq_relationship")}};
    }
};

} // namespace

const Family& bertFamily()
{
    static const Bert family;
    return family;
}

} // namespace weighbridge::inference
