// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/family.h"
#include "inference/layers.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace weighbridge::inference {
namespace {

using namespace std::string_view_literals;

/// cos and sin of the rotary position embedding, [tokens, size].
struct Rotation {
    at::Tensor cos;
    at::Tensor sin;
};

at::Tensor rotated(const at::Tensor& x, const Rotation& rotation)
{
    const auto halves = x.chunk(2, -1);
    return x * rotation.cos + at::cat({-halves[1], halves[0]}, -1) * rotation.sin;
}

/// Llama, Mistral and Qwen2: RMS norm before each part, rotary positions, grouped keys and values, a gated feed-forward.
class Llama : public Family {
public:
    [[nodiscard]] FamilyInfo info() const override
    {
        static constexpr std::array types{"llama"sv, "mistral"sv, "qwen2"sv, "qwen3"sv};
        static constexpr std::array tasks{"Model"sv, "ForCausalLM"sv};
        return {"llama", types, tasks, true};
    }

    [[nodiscard]] ModelOutputs run(const Model& model, const ModelInput& input, const LayerProbe& probe) const override
    {
        const Scope base = model.base();
        at::Tensor hidden = at::embedding((base / "embed_tokens").tensor("weight"), input.ids);
        probe("embeddings", hidden);
        const int64_t layers = model.integer("num_hidden_layers", 32);
        const double eps = model.number("rms_norm_eps", 1e-6);
        const Rotation rotation = rotationFor(model, input.ids.size(1), hidden);
        const at::Tensor bias = causalBias(input.ids.size(1), model.modelType == "mistral" ? model.integer("sliding_window", 0) : 0, hidden);
        for (int64_t i = 0; i < layers; ++i) {
            const Scope scope = base / "layers" / std::to_string(i);
            hidden = hidden + attend(model, scope / "self_attn", rmsNorm(hidden, scope / "input_layernorm", eps), rotation, bias);
            const at::Tensor x = rmsNorm(hidden, scope / "post_attention_layernorm", eps);
            hidden = hidden + linear(activation(linear(x, scope / "mlp.gate_proj"), model.text("hidden_act", "silu")) * linear(x, scope / "mlp.up_proj"), scope / "mlp.down_proj");
            probe("layer " + std::to_string(i), hidden);
        }
        hidden = rmsNorm(hidden, base / "norm", eps);
        if (model.is("ForCausalLM"))
            return {{"logits", at::linear(hidden, (model.all() / "lm_head").tensor("weight"))}};
        return {{"last_hidden_state", hidden}};
    }

private:
    static int64_t headSize(const Model& model)
    {
        const int64_t heads = std::max<int64_t>(1, model.integer("num_attention_heads", 32));
        return model.integer("head_dim", model.modelType == "qwen3" ? 128 : model.integer("hidden_size", 4096) / heads);
    }

    /// rope_theta stands in the config, in newer ones in rope_parameters. Kinds of scaling other than none and linear are refused.
    static Rotation rotationFor(const Model& model, int64_t tokens, const at::Tensor& like)
    {
        const Value* parameters = model.config->find("rope_parameters");
        if (!parameters || !parameters->isMap())
            parameters = model.config->find("rope_scaling");
        const auto field = [parameters](std::string_view key) { return parameters && parameters->isMap() ? parameters->find(key) : nullptr; };
        const Value* kind = field("rope_type") ? field("rope_type") : field("type");
        const std::string type = kind ? kind->stringOr("default") : "default";
        if (type != "default" && type != "linear")
            throw RunFailure(Error("custom-architecture", fmt::format("The config asks for rotary positions of the kind {}, which cannot be run yet.", shown(type))));
        const double theta = field("rope_theta") ? field("rope_theta")->number(10000) : model.number("rope_theta", 10000);
        const double factor = type == "linear" && field("factor") ? field("factor")->number(1) : 1;
        const int64_t size = headSize(model);
        const at::Tensor exponents = at::arange(0, size, 2, at::TensorOptions(at::kLong)).to(at::kFloat) / static_cast<double>(size);
        const at::Tensor frequencies = at::reciprocal(at::pow(theta, exponents)) / factor;
        const at::Tensor angles = at::outer(at::arange(tokens, at::TensorOptions(at::kFloat)), frequencies);
        const at::Tensor both = at::cat({angles, angles}, -1);
        return {both.cos().to(like.device(), like.scalar_type()), both.sin().to(like.device(), like.scalar_type())};
    }

    static at::Tensor attend(const Model& model, const Scope& scope, const at::Tensor& x, const Rotation& rotation, const at::Tensor& bias)
    {
        const int64_t heads = model.integer("num_attention_heads", 32);
        const int64_t groups = model.integer("num_key_value_heads", model.modelType == "llama" ? heads : model.modelType == "mistral" ? 8 : 32);
        at::Tensor q = splitHeads(linear(x, scope / "q_proj"), heads);
        at::Tensor k = splitHeads(linear(x, scope / "k_proj"), groups);
        at::Tensor v = splitHeads(linear(x, scope / "v_proj"), groups);
        if ((scope / "q_norm").has("weight")) { // Qwen3
            const double eps = model.number("rms_norm_eps", 1e-6);
            q = rmsNorm(q, scope / "q_norm", eps);
            k = rmsNorm(k, scope / "k_norm", eps);
        }
        q = rotated(q, rotation);
        k = rotated(k, rotation);
        if (groups != heads) {
            k = k.repeat_interleave(heads / groups, 1);
            v = v.repeat_interleave(heads / groups, 1);
        }
        return linear(joinHeads(attention(q, k, v, 1 / std::sqrt(static_cast<double>(headSize(model))), bias)), scope / "o_proj");
    }
};

} // namespace

const Family& llamaFamily()
{
    static const Llama family;
    return family;
}

} // namespace weighbridge::inference
