// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>
#include <cmath>

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
        at::Tensor hidden = embeddings(model, input);
        probe("embeddings", hidden);
        const int64_t layers = model.integer("num_hidden_layers", 12);
        for (int64_t i = 0; i < layers; ++i) {
            hidden = layer(model, model.base() / "encoder.layer" / std::to_string(i), hidden);
            probe("layer " + std::to_string(i), hidden);
        }
        return heads(model, hidden);
    }

private:
    static double eps(const Model& model) { return model.number("layer_norm_eps", 1e-12); }
    static bool isRoberta(const Model& model) { return model.modelType == "roberta" || model.modelType == "xlm-roberta" || model.modelType == "camembert"; }

    static at::Tensor embeddings(const Model& model, const ModelInput& input)
    {
        const Scope scope = model.base() / "embeddings";
        at::Tensor positions = at::arange(input.ids.size(1), input.ids.options());
        // RoBERTa counts from behind the padding token's own position, and padding tokens not at all
        if (isRoberta(model)) {
            const int64_t padding = model.integer("pad_token_id", 1);
            const at::Tensor isText = input.ids.ne(padding).to(at::kLong);
            positions = isText.cumsum(1) * isText + padding;
        }
        at::Tensor hidden = at::embedding((scope / "word_embeddings").tensor("weight"), input.ids) + at::embedding((scope / "token_type_embeddings").tensor("weight"), input.typeIds);
        hidden = hidden + at::embedding((scope / "position_embeddings").tensor("weight"), positions);
        hidden = layerNorm(hidden, scope / "LayerNorm", eps(model));
        return (model.base() / "embeddings_project").has("weight") ? linear(hidden, model.base() / "embeddings_project") : hidden;
    }

    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& hidden)
    {
        const int64_t heads = model.integer("num_attention_heads", 12);
        const Scope self = scope / "attention.self";
        const at::Tensor q = splitHeads(linear(hidden, self / "query"), heads);
        const at::Tensor k = splitHeads(linear(hidden, self / "key"), heads);
        const at::Tensor v = splitHeads(linear(hidden, self / "value"), heads);
        const at::Tensor context = joinHeads(attention(q, k, v, 1 / std::sqrt(static_cast<double>(q.size(-1))), {}));
        const at::Tensor attended = layerNorm(linear(context, scope / "attention.output.dense") + hidden, scope / "attention.output.LayerNorm", eps(model));
        const at::Tensor inner = activation(linear(attended, scope / "intermediate.dense"), model.text("hidden_act", "gelu"));
        return layerNorm(linear(inner, scope / "output.dense") + attended, scope / "output.LayerNorm", eps(model));
    }

    static at::Tensor pooled(const Model& model, const at::Tensor& hidden) { return at::tanh(linear(hidden.select(1, 0), model.base() / "pooler.dense")); }

    static ModelOutputs heads(const Model& model, const at::Tensor& hidden)
    {
        const Scope all = model.all();
        if (model.is("ForMaskedLM") || model.is("ForPreTraining"))
            return languageModel(model, hidden);
        if (model.is("ForSequenceClassification"))
            return {{"logits", sequenceLogits(model, hidden)}};
        if (model.is("ForTokenClassification"))
            return {{"logits", linear(hidden, all / "classifier")}};
        if (model.is("ForNextSentencePrediction"))
            return {{"logits", linear(pooled(model, hidden), all / "cls.seq_relationship")}};
        if (model.is("ForQuestionAnswering")) {
            const at::Tensor logits = linear(hidden, all / "qa_outputs");
            return {{"start_logits", logits.select(-1, 0)}, {"end_logits", logits.select(-1, 1)}};
        }
        ModelOutputs out{{"last_hidden_state", hidden}};
        if ((model.base() / "pooler.dense").has("weight"))
            out.emplace_back("pooler_output", pooled(model, hidden));
        return out;
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
            return {{"logits", at::linear(inner, (head / "decoder").tensor("weight"), head.tensor("bias"))}};
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
        const at::Tensor logits = at::linear(inner, (head / "decoder").tensor("weight"), head.tensor("bias"));
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
