// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// ViT and DeiT: an image cut into patches, run through a transformer that normalizes before each part.
class Vit : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"vit"sv, "deit"sv};
        static constexpr std::array tasks{"Model"sv, "ForImageClassification"sv, "ForImageClassificationWithTeacher"sv};
        return {"vit", types, tasks, false, false, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope base = model.base();
        const at::Tensor embedded = embeddings(base / "embeddings", input.pixels);
        probe.see("embeddings", embedded);
        const double eps = model.number("layer_norm_eps", 1e-12);
        const at::Tensor hidden = throughLayers(model.integer("num_hidden_layers", 12), embedded, probe, [&](int64_t i, const at::Tensor& x) {
            const Scope scope = base / "layers" / std::to_string(i);
            const at::Tensor normed = layerNorm(x, scope / "layernorm_before", eps);
            const Scope self = scope / "attention";
            const at::Tensor attended = x + linear(attend(normed, normed, self, {"q_proj", "k_proj", "v_proj"}, model.integer("num_attention_heads", 12)), self / "o_proj");
            const at::Tensor inner = activation(linear(layerNorm(attended, scope / "layernorm_after", eps), scope / "mlp.fc1"), model.text("hidden_act", "gelu"));
            return attended + linear(inner, scope / "mlp.fc2");
        });
        return heads(model, layerNorm(hidden, base / "layernorm", eps));
    }

private:
    static at::Tensor embeddings(const Scope& scope, const at::Tensor& pixels)
    {
        const at::Tensor weight = (scope / "patch_embeddings.projection").tensor("weight");
        const at::Tensor patches = at::conv2d(pixels, weight, (scope / "patch_embeddings.projection").tensor("bias"), weight.sizes().slice(2)).flatten(2).transpose(1, 2);
        const auto token = [&](const char* name) { return scope.tensor(name).expand({pixels.size(0), 1, patches.size(2)}); };
        std::vector<at::Tensor> all{token("cls_token")};
        if (scope.has("distillation_token")) // DeiT
            all.push_back(token("distillation_token"));
        all.push_back(patches);
        return at::cat(all, 1) + scope.tensor("position_embeddings");
    }

    static ModelOutputs heads(const Model& model, const at::Tensor& hidden)
    {
        const Scope all = model.all();
        if (model.is("ForImageClassification"))
            return {{"logits", linear(hidden.select(1, 0), all / "classifier")}};
        if (!model.is("WithTeacher")) {
            ModelOutputs out{{"last_hidden_state", hidden}};
            if (model.base().has("pooler.dense.weight"))
                out.emplace_back("pooler_output", activation(linear(hidden.select(1, 0), model.base() / "pooler.dense"), model.text("pooler_act", "tanh")));
            return out;
        }
        const at::Tensor own = linear(hidden.select(1, 0), all / "cls_classifier");
        const at::Tensor teacher = linear(hidden.select(1, 1), all / "distillation_classifier");
        return {{"logits", (own + teacher) / 2}, {"cls_logits", own}, {"distillation_logits", teacher}};
    }
};

} // namespace

const Family& vitFamily()
{
    static const Vit family;
    return family;
}

} // namespace weighbridge::inference
