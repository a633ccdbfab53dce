// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>
#include <cmath>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// GPT-2: normalizes before each part, and stores its matrices transposed (Conv1D).
class Gpt2 : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"gpt2"sv};
        static constexpr std::array tasks{"Model"sv, "LMHeadModel"sv};
        return {"gpt2", types, tasks, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope base = model.base();
        at::Tensor hidden = at::embedding((base / "wte").tensor("weight"), input.ids)
                            + at::embedding((base / "wpe").tensor("weight"), at::arange(input.ids.size(1), input.ids.options()));
        probe("embeddings", hidden);
        const int64_t layers = model.integer("n_layer", 12);
        const double eps = model.number("layer_norm_epsilon", 1e-5);
        const at::Tensor bias = causalBias(input.ids.size(1), 0, hidden);
        for (int64_t i = 0; i < layers; ++i) {
            const Scope scope = base / "h" / std::to_string(i);
            hidden = hidden + attend(model, scope / "attn", layerNorm(hidden, scope / "ln_1", eps), bias, i);
            const at::Tensor inner = activation(conv1d(layerNorm(hidden, scope / "ln_2", eps), scope / "mlp.c_fc"), model.text("activation_function", "gelu_new"));
            hidden = hidden + conv1d(inner, scope / "mlp.c_proj");
            probe("layer " + std::to_string(i), hidden);
        }
        hidden = layerNorm(hidden, base / "ln_f", eps);
        if (model.is("LMHeadModel"))
            return {{"logits", at::linear(hidden, (model.all() / "lm_head").tensor("weight"))}};
        return {{"last_hidden_state", hidden}};
    }

private:
    static at::Tensor conv1d(const at::Tensor& x, const Scope& scope) { return at::linear(x, scope.tensor("weight").t(), scope.tensor("bias")); }

    static at::Tensor attend(const Model& model, const Scope& scope, const at::Tensor& x, const at::Tensor& bias, int64_t layer)
    {
        const int64_t heads = model.integer("n_head", 12);
        const auto parts = conv1d(x, scope / "c_attn").chunk(3, -1);
        const at::Tensor q = splitHeads(parts[0], heads);
        double scale = model.flag("scale_attn_weights", true) ? 1 / std::sqrt(static_cast<double>(q.size(-1))) : 1;
        if (model.flag("scale_attn_by_inverse_layer_idx", false))
            scale /= static_cast<double>(layer + 1);
        return conv1d(joinHeads(attention(q, splitHeads(parts[1], heads), splitHeads(parts[2], heads), scale, bias)), scope / "c_proj");
    }
};

} // namespace

const Family& gpt2Family()
{
    static const Gpt2 family;
    return family;
}

} // namespace weighbridge::inference
