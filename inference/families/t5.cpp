// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/distance_bias.h"
#include "inference/family.h"
#include "inference/layers.h"

#include <array>
#include <cmath>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// T5: an encoder and a decoder whose attention knows the distance of two tokens and no other position; the scores are not scaled.
class T5 : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"t5"sv};
        static constexpr std::array tasks{"Model"sv, "ForConditionalGeneration"sv};
        return {"t5", types, tasks, true, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const at::Tensor encoded = input.cache && input.cache->encoded.defined() ? input.cache->encoded : encode(model, input, probe);
        if (input.cache)
            input.cache->encoded = encoded;
        if (model.is("EncoderModel"))
            return {{"last_hidden_state", encoded}};
        const at::Tensor hidden = decode(model, input, encoded, probe);
        if (!model.is("ForConditionalGeneration"))
            return {{"last_hidden_state", hidden}, {"encoder_last_hidden_state", encoded}};
        // early ones share the embeddings with the head, whose input is scaled then
        const double scale = model.flag("tie_word_embeddings", true) && model.flag("scale_decoder_outputs", true) ? 1 / std::sqrt(static_cast<double>(hidden.size(-1))) : 1;
        return {{"logits", linear(hidden * scale, model.all() / "lm_head")}, {"encoder_last_hidden_state", encoded}};
    }

private:
    static double eps(const Model& model) { return model.number("layer_norm_epsilon", 1e-6); }

    static DistanceBuckets buckets(const Model& model, bool isBidirectional)
    {
        return {model.integer("relative_attention_num_buckets", 32), model.integer("relative_attention_max_distance", 128), isBidirectional};
    }

    static at::Tensor encode(const Model& model, const ModelInput& input, const LayerProbe& probe)
    {
        const Scope scope = model.base() / "encoder";
        const at::Tensor embedded = embedding(input.ids, model.base() / "shared");
        probe.see("embeddings", embedded);
        const at::Tensor bias = distanceBias((scope / "block.0.layer.0.SelfAttention.relative_attention_bias").tensor("weight"), buckets(model, true), input.ids.size(1));
        const at::Tensor hidden = throughLayers(model.integer("num_layers", 6), embedded, probe, [&](int64_t i, const at::Tensor& x) {
            const Scope block = scope / "block" / std::to_string(i) / "layer";
            return feedForward(model, block / "1", attend(model, block / "0", "SelfAttention", x, {}, bias, nullptr, i));
        }, "encoder layer");
        return rmsNorm(hidden, scope / "final_layer_norm", eps(model));
    }

    static at::Tensor decode(const Model& model, const ModelInput& input, const at::Tensor& encoded, const LayerProbe& probe)
    {
        const Scope scope = model.base() / "decoder";
        const int64_t past = input.past();
        const int64_t tokens = input.decoderIds.size(1);
        const at::Tensor embedded = embedding(input.decoderIds, model.base() / "shared");
        const at::Tensor table = (scope / "block.0.layer.0.SelfAttention.relative_attention_bias").tensor("weight");
        const at::Tensor bias = distanceBias(table, buckets(model, false), tokens, past) + causalBias(tokens, past, 0, embedded);
        const at::Tensor hidden = throughLayers(model.integer("num_decoder_layers", model.integer("num_layers", 6)), embedded, probe, [&](int64_t i, const at::Tensor& x) {
            const Scope block = scope / "block" / std::to_string(i) / "layer";
            const at::Tensor self = attend(model, block / "0", "SelfAttention", x, {}, bias, input.cache, i);
            return feedForward(model, block / "2", attend(model, block / "1", "EncDecAttention", self, encoded, {}, nullptr, i));
        }, "decoder layer");
        return rmsNorm(hidden, scope / "final_layer_norm", eps(model));
    }

    /// Over itself, or over what the encoder gave.
    static at::Tensor attend(const Model& model, const Scope& scope, const char* name, const at::Tensor& x, const at::Tensor& encoded, const std::optional<at::Tensor>& bias, KeyValueCache* cache, int64_t layer)
    {
        const int64_t heads = model.integer("num_heads", 8);
        const Scope attention = scope / name;
        const at::Tensor normed = rmsNorm(x, scope / "layer_norm", eps(model));
        const at::Tensor& source = encoded.defined() ? encoded : normed;
        at::Tensor k = splitHeads(linear(source, attention / "k"), heads);
        at::Tensor v = splitHeads(linear(source, attention / "v"), heads);
        if (cache)
            cache->extend(layer, k, v);
        return x + linear(joinHeads(inference::attention(splitHeads(linear(normed, attention / "q"), heads), k, v, 1, bias)), attention / "o");
    }

    static at::Tensor feedForward(const Model& model, const Scope& scope, const at::Tensor& x)
    {
        const Scope dense = scope / "DenseReluDense";
        const at::Tensor normed = rmsNorm(x, scope / "layer_norm", eps(model));
        const std::string kind = model.text("feed_forward_proj", "relu");
        const bool isGated = kind.starts_with("gated-");
        // "gated-gelu" has always meant the approximation by tanh
        const std::string name = kind == "gated-gelu" ? "gelu_new" : isGated ? kind.substr(6) : kind;
        const at::Tensor inner = isGated ? activation(linear(normed, dense / "wi_0"), name) * linear(normed, dense / "wi_1") : activation(linear(normed, dense / "wi"), name);
        return x + linear(inner, dense / "wo");
    }
};

} // namespace

const Family& t5Family()
{
    static const T5 family;
    return family;
}

} // namespace weighbridge::inference
