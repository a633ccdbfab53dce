// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

constexpr double eps = 1e-5;     ///< fixed in the model's code
constexpr int64_t firstPlace = 2; ///< the rows of the position table before it are not used

/// OPT: GPT-2's layers with matrices of their own for q, k and v; the smaller ones normalize after each part.
class Opt : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"opt"sv};
        static constexpr std::array tasks{"Model"sv, "ForCausalLM"sv, "ForSequenceClassification"sv, "ForQuestionAnswering"sv};
        return {"opt", types, tasks, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope base = model.base() / "decoder";
        const int64_t past = input.past();
        at::Tensor embedded = embedding(input.ids, base / "embed_tokens");
        if ((base / "project_in").has("weight"))
            embedded = linear(embedded, base / "project_in");
        embedded = embedded + embedding(positions(input.ids, past) + firstPlace, base / "embed_positions");
        probe.see("embeddings", embedded);
        const at::Tensor bias = causalBias(input.ids.size(1), past, 0, embedded);
        at::Tensor hidden = throughLayers(model.integer("num_hidden_layers", 12), embedded, probe,
                                          [&](int64_t i, const at::Tensor& x) { return layer(model, input, base / "layers" / std::to_string(i), x, bias, i); });
        if ((base / "final_layer_norm").has("weight"))
            hidden = layerNorm(hidden, base / "final_layer_norm", eps);
        if ((base / "project_out").has("weight"))
            hidden = linear(hidden, base / "project_out");
        return model.is("ForQuestionAnswering") ? commonHeads(model, hidden) : causalHeads(model, input, hidden);
    }

private:
    static at::Tensor layer(const Model& model, const ModelInput& input, const Scope& scope, const at::Tensor& x, const at::Tensor& bias, int64_t i)
    {
        const bool isBefore = model.flag("do_layer_norm_before", true);
        const auto normedBefore = [&](const at::Tensor& part, const char* norm) { return isBefore ? layerNorm(part, scope / norm, eps) : part; };
        const auto normedAfter = [&](const at::Tensor& part, const char* norm) { return isBefore ? part : layerNorm(part, scope / norm, eps); };
        const Scope self = scope / "self_attn";
        const at::Tensor context = attendCausally(input, i, normedBefore(x, "self_attn_layer_norm"), self, {"q_proj", "k_proj", "v_proj"}, model.integer("num_attention_heads", 12), bias);
        const at::Tensor attended = normedAfter(x + linear(context, self / "out_proj"), "self_attn_layer_norm");
        const at::Tensor inner = activation(linear(normedBefore(attended, "final_layer_norm"), scope / "fc1"), model.text("activation_function", "relu"));
        return normedAfter(attended + linear(inner, scope / "fc2"), "final_layer_norm");
    }
};

} // namespace

const Family& optFamily()
{
    static const Opt family;
    return family;
}

} // namespace weighbridge::inference
