// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// DeBERTa v2 and v3: the scores of attention have a part for what the tokens say and parts for how far apart they stand.
class DebertaV2 : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"deberta-v2"sv};
        static constexpr std::array tasks{"Model"sv, "ForMaskedLM"sv, "ForSequenceClassification"sv, "ForTokenClassification"sv, "ForQuestionAnswering"sv};
        return {"deberta-v2", types, tasks};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope encoder = model.base() / "encoder";
        const at::Tensor embedded = embeddings(model, input);
        probe.see("embeddings", embedded);
        const Distances distances = distancesOf(model, encoder, input.ids.size(1));
        return heads(model, throughLayers(model.integer("num_hidden_layers", 24), embedded, probe, [&](int64_t i, const at::Tensor& x) {
            const at::Tensor out = layer(model, encoder / "layer" / std::to_string(i), x, distances);
            return i == 0 && encoder.has("conv.conv.weight") ? convolved(model, encoder / "conv", embedded, out) : out;
        }));
    }

private:
    /// What is known of the distances; undefined if the model looks at none.
    struct Distances {
        at::Tensor embeddings; ///< [2 span, hidden]
        at::Tensor forth;      ///< rows of `embeddings` by [query, key]
        at::Tensor back;       ///< and for the other direction
    };

    static double eps(const Model& model) { return model.number("layer_norm_eps", 1e-7); }

    static at::Tensor embeddings(const Model& model, const ModelInput& input)
    {
        const Scope scope = model.base() / "embeddings";
        at::Tensor hidden = embedding(input.ids, scope / "word_embeddings");
        if (scope.has("position_embeddings.weight"))
            hidden = hidden + embedding(positions(input.ids), scope / "position_embeddings");
        if (scope.has("token_type_embeddings.weight"))
            hidden = hidden + embedding(input.typeIds, scope / "token_type_embeddings");
        if (scope.has("embed_proj.weight"))
            hidden = linear(hidden, scope / "embed_proj");
        return layerNorm(hidden, scope / "LayerNorm", eps(model));
    }

    static int64_t longestDistance(const Model& model)
    {
        const int64_t given = model.integer("max_relative_positions", -1);
        return given < 1 ? model.integer("max_position_embeddings", 512) : given;
    }

    /// Near distances are their own number; far ones share numbers by their logarithm, in F32 as the reference has it.
    static int64_t number(int64_t distance, int64_t buckets, int64_t longest)
    {
        const int64_t middle = buckets / 2;
        if (buckets <= 0 || middle < 1 || std::abs(distance) <= middle)
            return distance;
        const auto ratio = [middle](int64_t value) { return std::log(static_cast<float>(value) / static_cast<float>(middle)); };
        const float steps = std::ceil(ratio(std::abs(distance)) / ratio(longest - 1) * static_cast<float>(middle - 1));
        return (static_cast<int64_t>(steps) + middle) * (distance < 0 ? -1 : 1);
    }

    static Distances distancesOf(const Model& model, const Scope& encoder, int64_t tokens)
    {
        if (!model.flag("relative_attention", false))
            return {};
        const int64_t buckets = model.integer("position_buckets", -1);
        const int64_t longest = longestDistance(model);
        const int64_t span = buckets > 0 ? buckets : longest;
        std::vector<int64_t> forth;
        std::vector<int64_t> back;
        for (int64_t from = 0; from < tokens; ++from)
            for (int64_t to = 0; to < tokens; ++to) {
                forth.push_back(std::clamp<int64_t>(number(from - to, buckets, longest) + span, 0, 2 * span - 1));
                back.push_back(std::clamp<int64_t>(span - number(from - to, buckets, longest), 0, 2 * span - 1));
            }
        at::Tensor table = (encoder / "rel_embeddings").tensor("weight").slice(0, 0, 2 * span);
        if (encoder.has("LayerNorm.weight"))
            table = layerNorm(table, encoder / "LayerNorm", eps(model));
        const auto index = [&](const std::vector<int64_t>& rows) { return at::tensor(rows, at::TensorOptions(at::kLong)).view({tokens, tokens}).to(table.device()); };
        return {table, index(forth), index(back)};
    }

    static bool looksAt(const Model& model, std::string_view kind)
    {
        const Value* kinds = model.config->find("pos_att_type");
        if (kinds && kinds->isString()) // older configs: "p2c|c2p"
            return lowered(*kinds->string()).find(kind) != std::string::npos;
        const Value::List none;
        const Value::List& list = kinds && kinds->list() ? *kinds->list() : none;
        return std::any_of(list.begin(), list.end(), [kind](const Value& entry) { return entry.stringOr("") == kind; });
    }

    /// [batch, heads, query, key]: the parts of the scores that depend on the distance, not scaled yet.
    static at::Tensor distanceScores(const Model& model, const Scope& self, const at::Tensor& q, const at::Tensor& k, const Distances& distances)
    {
        const int64_t heads = q.size(1);
        const bool isShared = model.flag("share_att_key", false);
        const auto projected = [&](const char* shared, const char* own) { return splitHeads(linear(distances.embeddings.unsqueeze(0), self / (isShared ? shared : own)), heads); };
        const auto picked = [&](const at::Tensor& scores, const at::Tensor& rows) { return scores.gather(-1, rows.expand({q.size(0), heads, rows.size(0), rows.size(1)})); };
        at::Tensor out = at::zeros({1}, q.options());
        if (looksAt(model, "c2p"))
            out = out + picked(at::matmul(q, projected("key_proj", "pos_key_proj").transpose(-1, -2)), distances.forth);
        if (looksAt(model, "p2c"))
            out = out + picked(at::matmul(k, projected("query_proj", "pos_query_proj").transpose(-1, -2)), distances.back).transpose(-1, -2);
        return out;
    }

    static at::Tensor attend(const Model& model, const Scope& self, const at::Tensor& x, const Distances& distances)
    {
        const int64_t heads = model.integer("num_attention_heads", 24);
        const at::Tensor q = splitHeads(linear(x, self / "query_proj"), heads);
        const at::Tensor k = splitHeads(linear(x, self / "key_proj"), heads);
        const at::Tensor v = splitHeads(linear(x, self / "value_proj"), heads);
        const int parts = 1 + (looksAt(model, "c2p") ? 1 : 0) + (looksAt(model, "p2c") ? 1 : 0);
        const double scale = 1 / std::sqrt(static_cast<double>(q.size(-1) * parts));
        const auto bias = distances.embeddings.defined() ? std::optional(distanceScores(model, self, q, k, distances) * scale) : std::nullopt;
        return joinHeads(attention(q, k, v, scale, bias));
    }

    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& x, const Distances& distances)
    {
        const at::Tensor context = attend(model, scope / "attention.self", x, distances);
        const at::Tensor attended = layerNorm(linear(context, scope / "attention.output.dense") + x, scope / "attention.output.LayerNorm", eps(model));
        const at::Tensor inner = activation(linear(attended, scope / "intermediate.dense"), model.text("hidden_act", "gelu"));
        return layerNorm(linear(inner, scope / "output.dense") + attended, scope / "output.LayerNorm", eps(model));
    }

    /// The first layer of the large ones has a convolution over the tokens beside it.
    static at::Tensor convolved(const Model& model, const Scope& scope, const at::Tensor& before, const at::Tensor& after)
    {
        const int64_t size = model.integer("conv_kernel_size", 3);
        const Scope conv = scope / "conv";
        const at::Tensor out = at::conv1d(before.transpose(1, 2), conv.tensor("weight"), conv.tensor("bias"), 1, (size - 1) / 2, 1, model.integer("conv_groups", 1)).transpose(1, 2);
        return layerNorm(after + activation(out, model.text("conv_act", "tanh")), scope / "LayerNorm", eps(model));
    }

    static ModelOutputs heads(const Model& model, const at::Tensor& hidden)
    {
        const Scope all = model.all();
        if (model.is("ForSequenceClassification")) {
            const at::Tensor first = activation(linear(hidden.select(1, 0), all / "pooler.dense"), model.text("pooler_hidden_act", "gelu"));
            return {{"logits", linear(first, all / "classifier")}};
        }
        if (!model.is("ForMaskedLM"))
            return commonHeads(model, hidden);
        const bool isLegacy = model.flag("legacy", true);
        const Scope head = all / (isLegacy ? "cls.predictions" : "lm_predictions.lm_head");
        const Scope transform = isLegacy ? head / "transform" : head;
        const at::Tensor inner = layerNorm(activation(linear(hidden, transform / "dense"), model.text("hidden_act", "gelu")), transform / "LayerNorm", eps(model));
        return {{"logits", linear(inner, isLegacy ? head / "decoder" : model.base() / "embeddings.word_embeddings", head.tensor("bias"))}};
    }
};

} // namespace

const Family& debertaV2Family()
{
    static const DebertaV2 family;
    return family;
}

} // namespace weighbridge::inference
