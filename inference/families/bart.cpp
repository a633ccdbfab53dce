// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>
#include <cmath>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

constexpr double eps = 1e-5;      ///< fixed in the model's code
constexpr int64_t firstPlace = 2; ///< the rows of the position tables before it are not used

/// BART: an encoder and a decoder with learned positions that normalize after each part.
class Bart : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"bart"sv};
        static constexpr std::array tasks{"Model"sv, "ForConditionalGeneration"sv, "ForSequenceClassification"sv, "ForQuestionAnswering"sv};
        return {"bart", types, tasks, true, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const at::Tensor encoded = input.cache && input.cache->encoded.defined() ? input.cache->encoded : encode(model, input, probe);
        if (input.cache)
            input.cache->encoded = encoded;
        const at::Tensor hidden = decode(model, input, encoded, probe);
        if (model.is("ForConditionalGeneration"))
            return {{"logits", linear(hidden, model.all() / "lm_head") + model.all().tensor("final_logits_bias")}, {"encoder_last_hidden_state", encoded}};
        if (model.is("ForSequenceClassification")) {
            // the last end-of-text token speaks for the text
            const Scope head = model.all() / "classification_head";
            return {{"logits", linear(at::tanh(linear(hidden.select(1, lastEnd(model, input)), head / "dense")), head / "out_proj")}, {"encoder_last_hidden_state", encoded}};
        }
        ModelOutputs out = commonHeads(model, hidden);
        out.emplace_back("encoder_last_hidden_state", encoded);
        return out;
    }

private:
    static int64_t lastEnd(const Model& model, const ModelInput& input)
    {
        const int64_t end = model.integer("eos_token_id", 2);
        int64_t place = input.ids.size(1) - 1;
        while (place > 0 && input.ids[0][place].item<int64_t>() != end)
            --place;
        return place;
    }

    static at::Tensor embedded(const Model& model, const Scope& scope, const at::Tensor& ids, int64_t past)
    {
        const at::Tensor words = embedding(ids, model.base() / "shared");
        const double scale = model.flag("scale_embedding", false) ? std::sqrt(static_cast<double>(words.size(-1))) : 1;
        return layerNorm(words * scale + embedding(positions(ids, past) + firstPlace, scope / "embed_positions"), scope / "layernorm_embedding", eps);
    }

    static at::Tensor encode(const Model& model, const ModelInput& input, const LayerProbe& probe)
    {
        const Scope scope = model.base() / "encoder";
        const at::Tensor start = embedded(model, scope, input.ids, 0);
        probe.see("embeddings", start);
        return throughLayers(model.integer("encoder_layers", 12), start, probe, [&](int64_t i, const at::Tensor& x) {
            const Scope layer = scope / "layers" / std::to_string(i);
            const at::Tensor context = attend(x, x, layer / "self_attn", names, model.integer("encoder_attention_heads", 16));
            return feedForward(model, layer, added(x, context, layer, "self_attn"));
        }, "encoder layer");
    }

    static at::Tensor decode(const Model& model, const ModelInput& input, const at::Tensor& encoded, const LayerProbe& probe)
    {
        const Scope scope = model.base() / "decoder";
        const int64_t past = input.past();
        const int64_t heads = model.integer("decoder_attention_heads", 16);
        const at::Tensor start = embedded(model, scope, input.decoderIds, past);
        const at::Tensor bias = causalBias(input.decoderIds.size(1), past, 0, start);
        return throughLayers(model.integer("decoder_layers", 12), start, probe, [&](int64_t i, const at::Tensor& x) {
            const Scope layer = scope / "layers" / std::to_string(i);
            const at::Tensor self = added(x, attendCausally(input, i, x, layer / "self_attn", names, heads, bias), layer, "self_attn");
            const at::Tensor cross = added(self, attend(self, encoded, layer / "encoder_attn", names, heads), layer, "encoder_attn");
            return feedForward(model, layer, cross);
        }, "decoder layer");
    }

    static at::Tensor added(const at::Tensor& x, const at::Tensor& context, const Scope& layer, const std::string& name)
    {
        return layerNorm(x + linear(context, layer / name / "out_proj"), layer / (name + "_layer_norm"), eps);
    }

    static at::Tensor feedForward(const Model& model, const Scope& layer, const at::Tensor& x)
    {
        const at::Tensor inner = activation(linear(x, layer / "fc1"), model.text("activation_function", "gelu"));
        return layerNorm(x + linear(inner, layer / "fc2"), layer / "final_layer_norm", eps);
    }

    static constexpr AttentionNames names{"q_proj", "k_proj", "v_proj"};
};

} // namespace

const Family& bartFamily()
{
    static const Bart family;
    return family;
}

} // namespace weighbridge::inference
