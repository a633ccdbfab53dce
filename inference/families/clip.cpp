// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include <array>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// CLIP: a transformer over a text and one over an image, whose embeddings are compared.
class Clip : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"clip"sv, "clip_text_model"sv, "clip_vision_model"sv};
        static constexpr std::array tasks{"Model"sv, "ForImageClassification"sv};
        return {"clip", types, tasks, false, false, true};
    }
    [[nodiscard]] bool takesText(const Model& model) const override { return !takesImage(model) || model.is("CLIPModel"); }
    [[nodiscard]] bool takesImage(const Model& model) const override { return !model.is("TextModel"); }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        if (!takesImage(model))
            return text(model.part("text_config"), model.base(), input.ids, probe);
        if (model.is("VisionModel"))
            return image(model.part("vision_config"), model.base(), input.pixels, probe);
        const ModelOutputs seen = image(model.part("vision_config"), model.all() / "vision_model", input.pixels, probe);
        if (model.is("ForImageClassification"))
            return {{"logits", linear(seen[0].second.slice(1, 1).mean(1), model.all() / "classifier")}};
        return compared(model, linear(seen[1].second, model.all() / "visual_projection"), input.texts);
    }

private:
    static ModelOutputs compared(const Model& model, const at::Tensor& image, const std::vector<at::Tensor>& texts)
    {
        const auto normalized = [](const at::Tensor& x) { return x / x.norm(2, {-1}, true); };
        std::vector<at::Tensor> rows;
        for (const at::Tensor& ids : texts)
            rows.push_back(linear(text(model.part("text_config"), model.all() / "text_model", ids, {})[1].second, model.all() / "text_projection"));
        const at::Tensor imageEmbeds = normalized(image);
        const at::Tensor textEmbeds = normalized(at::cat(rows, 0));
        const at::Tensor scale = model.all().tensor("logit_scale").exp();
        return {{"logits_per_image", at::matmul(imageEmbeds, textEmbeds.t()) * scale}, {"text_embeds", textEmbeds}, {"image_embeds", imageEmbeds}};
    }

    /// last_hidden_state and pooler_output.
    static ModelOutputs text(const Model& part, const Scope& scope, const at::Tensor& ids, const LayerProbe& probe)
    {
        const at::Tensor embedded = embedding(ids, scope / "embeddings.token_embedding") + embedding(positions(ids), scope / "embeddings.position_embedding");
        probe.see("embeddings", embedded);
        const at::Tensor hidden = layerNorm(layers(part, scope, embedded, causalBias(ids.size(1), 0, 0, embedded), probe), scope / "final_layer_norm", eps(part));
        // the end of the text speaks for it; configs of old name another token, and the end has the highest number then
        const int64_t end = part.integer("eos_token_id", 49407);
        const at::Tensor place = end == 2 ? ids.argmax(-1) : ids.eq(end).to(at::kInt).argmax(-1);
        return {{"last_hidden_state", hidden}, {"pooler_output", hidden.select(1, place[0].item<int64_t>())}};
    }

    static ModelOutputs image(const Model& part, const Scope& scope, const at::Tensor& pixels, const LayerProbe& probe)
    {
        const Scope embeddings = scope / "embeddings";
        const at::Tensor weight = (embeddings / "patch_embedding").tensor("weight");
        const at::Tensor patches = at::conv2d(pixels, weight, {}, weight.sizes().slice(2)).flatten(2).transpose(1, 2);
        const at::Tensor first = embeddings.tensor("class_embedding").expand({pixels.size(0), 1, patches.size(2)});
        const at::Tensor embedded = layerNorm(at::cat({first, patches}, 1) + (embeddings / "position_embedding").tensor("weight"), scope / "pre_layrnorm", eps(part));
        probe.see("embeddings", embedded);
        const at::Tensor hidden = layers(part, scope, embedded, {}, probe);
        return {{"last_hidden_state", hidden}, {"pooler_output", layerNorm(hidden.select(1, 0), scope / "post_layernorm", eps(part))}};
    }

    static double eps(const Model& part) { return part.number("layer_norm_eps", 1e-5); }

    static at::Tensor layers(const Model& part, const Scope& scope, const at::Tensor& embedded, const std::optional<at::Tensor>& bias, const LayerProbe& probe)
    {
        const int64_t heads = part.integer("num_attention_heads", scope.has("pre_layrnorm.weight") ? 12 : 8);
        return throughLayers(part.integer("num_hidden_layers", 12), embedded, probe, [&](int64_t i, const at::Tensor& x) {
            const Scope layer = scope / "encoder.layers" / std::to_string(i);
            const at::Tensor normed = layerNorm(x, layer / "layer_norm1", eps(part));
            const Scope self = layer / "self_attn";
            const at::Tensor attended = x + linear(attend(normed, normed, self, {"q_proj", "k_proj", "v_proj"}, heads, bias), self / "out_proj");
            const at::Tensor inner = activation(linear(layerNorm(attended, layer / "layer_norm2", eps(part)), layer / "mlp.fc1"), part.text("hidden_act", "quick_gelu"));
            return attended + linear(inner, layer / "mlp.fc2");
        });
    }
};

} // namespace

const Family& clipFamily()
{
    static const Clip family;
    return family;
}

} // namespace weighbridge::inference
