// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>
#include <cmath>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

// Fixed in the model's code, whatever the config says.
constexpr int64_t buckets = 32;
constexpr int64_t longestDistance = 128;

/// Half of the buckets for each direction; near distances have one each, far ones share by their logarithm.
int64_t bucketOf(int64_t distance)
{
    constexpr int64_t half = buckets / 2;
    constexpr int64_t exact = half / 2;
    const int64_t side = distance > 0 ? half : 0;
    const int64_t n = std::abs(distance);
    if (n < exact)
        return side + n;
    // in F32, as the reference has it: the borders of the buckets depend on it
    const float share = std::log(static_cast<float>(n) / static_cast<float>(exact)) / std::log(static_cast<float>(longestDistance) / static_cast<float>(exact));
    return side + std::min<int64_t>(half - 1, exact + static_cast<int64_t>(share * static_cast<float>(half - exact)));
}

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
        const int64_t padding = model.integer("pad_token_id", 1);
        const at::Tensor isText = input.ids.ne(padding).to(at::kLong);
        at::Tensor hidden = at::embedding((scope / "word_embeddings").tensor("weight"), input.ids)
                            + at::embedding((scope / "position_embeddings").tensor("weight"), isText.cumsum(1) * isText + padding);
        hidden = layerNorm(hidden, scope / "LayerNorm", eps(model));
        probe("embeddings", hidden);
        const at::Tensor bias = distanceBias(model, input.ids.size(1));
        const int64_t layers = model.integer("num_hidden_layers", 12);
        for (int64_t i = 0; i < layers; ++i) {
            hidden = layer(model, model.base() / "encoder.layer" / std::to_string(i), hidden, bias);
            probe("layer " + std::to_string(i), hidden);
        }
        return heads(model, hidden);
    }

private:
    static double eps(const Model& model) { return model.number("layer_norm_eps", 1e-12); }

    /// [1, heads, tokens, tokens]
    static at::Tensor distanceBias(const Model& model, int64_t tokens)
    {
        std::vector<int64_t> ids;
        for (int64_t from = 0; from < tokens; ++from)
            for (int64_t to = 0; to < tokens; ++to)
                ids.push_back(bucketOf(to - from));
        const at::Tensor table = (model.base() / "encoder.relative_attention_bias").tensor("weight");
        const at::Tensor index = at::tensor(ids, at::TensorOptions(at::kLong)).view({tokens, tokens}).to(table.device());
        return at::embedding(table, index).permute({2, 0, 1}).unsqueeze(0);
    }

    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& hidden, const at::Tensor& bias)
    {
        const int64_t heads = model.integer("num_attention_heads", 12);
        const Scope self = scope / "attention.attn";
        const at::Tensor q = splitHeads(linear(hidden, self / "q"), heads);
        const at::Tensor k = splitHeads(linear(hidden, self / "k"), heads);
        const at::Tensor v = splitHeads(linear(hidden, self / "v"), heads);
        const at::Tensor context = joinHeads(attention(q, k, v, 1 / std::sqrt(static_cast<double>(q.size(-1))), bias));
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
            return {{"logits", at::linear(inner, (head / "decoder").tensor("weight"), head.tensor("bias"))}};
        }
        if (model.is("ForSequenceClassification"))
            return {{"logits", linear(at::tanh(linear(hidden.select(1, 0), all / "classifier.dense")), all / "classifier.out_proj")}};
        if (model.is("ForTokenClassification"))
            return {{"logits", linear(hidden, all / "classifier")}};
        if (model.is("ForQuestionAnswering")) {
            const at::Tensor logits = linear(hidden, all / "qa_outputs");
            return {{"start_logits", logits.select(-1, 0)}, {"end_logits", logits.select(-1, 1)}};
        }
        ModelOutputs out{{"last_hidden_state", hidden}};
        if ((model.base() / "pooler.dense").has("weight"))
            out.emplace_back("pooler_output", at::tanh(linear(hidden.select(1, 0), model.base() / "pooler.dense")));
        return out;
    }
};

} // namespace

const Family& mpnetFamily()
{
    static const MpNet family;
    return family;
}

} // namespace weighbridge::inference
