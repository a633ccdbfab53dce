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
        static constexpr std::array tasks{"Model"sv, "LMHeadModel"sv, "ForSequenceClassification"sv};
        return {"gpt2", types, tasks, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope base = model.base();
        const int64_t past = input.past();
        const at::Tensor embedded = embedding(input.ids, base / "wte") + embedding(positions(input.ids, past), base / "wpe");
        probe.see("embeddings", embedded);
        const double eps = model.number("layer_norm_epsilon", 1e-5);
        const at::Tensor bias = causalBias(input.ids.size(1), past, 0, embedded);
        const at::Tensor hidden = throughLayers(model.integer("n_layer", 12), embedded, probe, [&](int64_t i, const at::Tensor& x) {
            const Scope scope = base / "h" / std::to_string(i);
            const at::Tensor attended = x + attend(model, input, scope / "attn", layerNorm(x, scope / "ln_1", eps), bias, i);
            const at::Tensor inner = activation(conv1d(layerNorm(attended, scope / "ln_2", eps), scope / "mlp.c_fc"), model.text("activation_function", "gelu_new"));
            return attended + conv1d(inner, scope / "mlp.c_proj");
        });
        return causalHeads(model, input, layerNorm(hidden, base / "ln_f", eps));
    }

private:
    static at::Tensor conv1d(const at::Tensor& x, const Scope& scope) { return at::linear(x, scope.tensor("weight").t(), scope.tensor("bias")); }

    static at::Tensor attend(const Model& model, const ModelInput& input, const Scope& scope, const at::Tensor& x, const at::Tensor& bias, int64_t layer)
    {
        const int64_t heads = model.integer("n_head", 12);
        const auto parts = conv1d(x, scope / "c_attn").chunk(3, -1);
        const at::Tensor q = splitHeads(parts[0], heads);
        at::Tensor k = splitHeads(parts[1], heads);
        at::Tensor v = splitHeads(parts[2], heads);
        if (input.cache)
            input.cache->extend(layer, k, v);
        double scale = model.flag("scale_attn_weights", true) ? 1 / std::sqrt(static_cast<double>(q.size(-1))) : 1;
        if (model.flag("scale_attn_by_inverse_layer_idx", false))
            scale /= static_cast<double>(layer + 1);
        return conv1d(joinHeads(attention(q, k, v, scale, bias)), scope / "c_proj");
    }
};

} // namespace

const Family& gpt2Family()
{
    static const Gpt2 family;
    return family;
}

} // namespace weighbridge::inference
