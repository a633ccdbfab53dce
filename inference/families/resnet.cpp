// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// ResNet: convolutions with shortcuts, in stages that each halve the image.
class ResNet : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"resnet"sv};
        static constexpr std::array tasks{"Model"sv, "ForImageClassification"sv};
        return {"resnet", types, tasks, false, false, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope base = model.base();
        const at::Tensor stem = at::max_pool2d(activated(model, convolved(input.pixels, base / "embedder.embedder", 2)), {3, 3}, {2, 2}, {1, 1});
        probe.see("embeddings", stem);
        const auto depths = model.integers("depths", {3, 4, 6, 3});
        const at::Tensor hidden = throughLayers(static_cast<int64_t>(depths.size()), stem, probe, [&](int64_t stage, at::Tensor x) {
            const Scope layers = base / "encoder.stages" / std::to_string(stage) / "layers";
            for (int64_t i = 0; i < depths[static_cast<size_t>(stage)]; ++i) {
                const bool isHalved = i == 0 && (stage > 0 || model.flag("downsample_in_first_stage", false));
                x = layer(model, layers / std::to_string(i), x, isHalved ? 2 : 1);
            }
            return x;
        }, "stage");
        const at::Tensor pooled = hidden.mean({2, 3}, true);
        if (model.is("ForImageClassification"))
            return {{"logits", linear(pooled.flatten(1), model.all() / "classifier.1")}};
        return {{"last_hidden_state", hidden}, {"pooler_output", pooled}};
    }

private:
    static at::Tensor activated(const Model& model, const at::Tensor& x) { return activation(x, model.text("hidden_act", "relu")); }

    /// A convolution that keeps the size but for the stride, and its batch norm with the statistics of the training.
    static at::Tensor convolved(const at::Tensor& x, const Scope& scope, int64_t stride)
    {
        constexpr double eps = 1e-5; // fixed in the model's code
        const at::Tensor weight = (scope / "convolution").tensor("weight");
        const Scope norm = scope / "normalization";
        return at::batch_norm(at::conv2d(x, weight, {}, stride, weight.size(2) / 2), norm.tensor("weight"), norm.tensor("bias"), norm.tensor("running_mean"), norm.tensor("running_var"),
                              false, 0, eps, false);
    }

    static at::Tensor layer(const Model& model, const Scope& scope, const at::Tensor& x, int64_t stride)
    {
        const Scope parts = scope / "layer";
        const at::Tensor shortcut = scope.has("shortcut.convolution.weight") ? convolved(x, scope / "shortcut", stride) : x;
        if (model.text("layer_type", "bottleneck") == "basic")
            return activated(model, convolved(activated(model, convolved(x, parts / "0", stride)), parts / "1", 1) + shortcut);
        const bool isEarly = model.flag("downsample_in_bottleneck", false);
        const at::Tensor narrow = activated(model, convolved(x, parts / "0", isEarly ? stride : 1));
        const at::Tensor middle = activated(model, convolved(narrow, parts / "1", isEarly ? 1 : stride));
        return activated(model, convolved(middle, parts / "2", 1) + shortcut);
    }
};

} // namespace

const Family& resnetFamily()
{
    static const ResNet family;
    return family;
}

} // namespace weighbridge::inference
