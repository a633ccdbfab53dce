// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

constexpr double eps = 1e-6; ///< of the norms inside, fixed in the model's code

/// ConvNeXt: a convolution over each channel alone, then a feed-forward over the channels of each place.
class ConvNext : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"convnext"sv};
        static constexpr std::array tasks{"Model"sv, "ForImageClassification"sv};
        return {"convnext", types, tasks, false, false, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope base = model.base();
        const Scope embeddings = base / "embeddings";
        const at::Tensor stem = channelNorm(shrunk(input.pixels, embeddings / "patch_embeddings"), embeddings / "layernorm");
        probe.see("embeddings", stem);
        const auto depths = model.integers("depths", {3, 3, 9, 3});
        const at::Tensor hidden = throughLayers(static_cast<int64_t>(depths.size()), stem, probe, [&](int64_t stage, at::Tensor x) {
            const Scope scope = base / "encoder.stages" / std::to_string(stage);
            if (scope.has("downsampling_layer.1.weight"))
                x = shrunk(channelNorm(x, scope / "downsampling_layer.0"), scope / "downsampling_layer.1");
            for (int64_t i = 0; i < depths[static_cast<size_t>(stage)]; ++i)
                x = layer(model, scope / "layers" / std::to_string(i), x);
            return x;
        }, "stage");
        const at::Tensor pooled = layerNorm(hidden.mean({2, 3}), base / "layernorm", model.number("layer_norm_eps", 1e-12));
        if (model.is("ForImageClassification"))
            return {{"logits", linear(pooled, model.all() / "classifier")}};
        return {{"last_hidden_state", hidden}, {"pooler_output", pooled}};
    }

private:
    /// Over the channels of each place, [batch, channels, height, width].
    static at::Tensor channelNorm(const at::Tensor& x, const Scope& scope) { return layerNorm(x.permute({0, 2, 3, 1}), scope, eps).permute({0, 3, 1, 2}); }

    /// A convolution whose windows lie side by side.
    static at::Tensor shrunk(const at::Tensor& x, const Scope& scope)
    {
        const at::Tensor weight = scope.tensor("weight");
        return at::conv2d(x, weight, scope.tensor("bias"), weight.sizes().slice(2));
    }

    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& x)
    {
        const Scope conv = scope / "dwconv";
        const at::Tensor mixed = at::conv2d(x, conv.tensor("weight"), conv.tensor("bias"), 1, 3, 1, x.size(1)).permute({0, 2, 3, 1});
        const at::Tensor inner = activation(linear(layerNorm(mixed, scope / "layernorm", eps), scope / "pwconv1"), model.text("hidden_act", "gelu"));
        at::Tensor out = linear(inner, scope / "pwconv2");
        if (scope.has("layer_scale_parameter"))
            out = scope.tensor("layer_scale_parameter") * out;
        return x + out.permute({0, 3, 1, 2});
    }
};

} // namespace

const Family& convnextFamily()
{
    static const ConvNext family;
    return family;
}

} // namespace weighbridge::inference
