// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/rotary.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

namespace weighbridge::inference {
namespace {

/// What the config says of the rotation: newer ones in rope_parameters, older ones in rope_scaling and beside it.
class RopeFields {
public:
    explicit RopeFields(const Model& model) : m_model(model), m_map(model.config->find("rope_parameters"))
    {
        if (!m_map || !m_map->isMap())
            m_map = model.config->find("rope_scaling");
    }

    [[nodiscard]] const Value* find(std::string_view key) const { return m_map && m_map->isMap() ? m_map->find(key) : nullptr; }
    [[nodiscard]] double number(std::string_view key, double fallback) const { return find(key) ? find(key)->number(fallback) : m_model.number(key, fallback); }
    [[nodiscard]] std::string kind() const
    {
        const Value* kind = find("rope_type") ? find("rope_type") : find("type");
        const std::string text = kind ? kind->stringOr("default") : "default";
        return text == "su" ? "longrope" : text; // its older name
    }
    [[nodiscard]] double originalPositions() const { return number("original_max_position_embeddings", m_model.number("max_position_embeddings", 0)); }

private:
    const Model& m_model;
    const Value* m_map;
};

/// Llama 3.1: waves longer than the original context are stretched, short ones stay, those between are mixed.
at::Tensor llama3(const RopeFields& fields, const at::Tensor& frequencies)
{
    const double factor = fields.number("factor", 8);
    const double low = fields.number("low_freq_factor", 1);
    const double high = fields.number("high_freq_factor", 4);
    const double context = fields.originalPositions();
    const at::Tensor length = 2 * std::numbers::pi / frequencies;
    const at::Tensor stretched = frequencies / factor;
    const at::Tensor share = (context / length - low) / (high - low);
    const at::Tensor mixed = (1 - share) * stretched + share * frequencies;
    const at::Tensor isLong = length > context / low;
    const at::Tensor isShort = length < context / high;
    return at::where(isLong, stretched, at::where(isShort, frequencies, mixed));
}

/// LongRoPE: a factor of its own for each frequency, and a scale for cos and sin. The long factors count beyond the original context.
std::pair<at::Tensor, double> longRope(const Model& model, const RopeFields& fields, const at::Tensor& frequencies, int64_t tokens)
{
    const double original = fields.originalPositions();
    const Value* list = fields.find(static_cast<double>(tokens) > original ? "long_factor" : "short_factor");
    if (!list || !list->list() || static_cast<int64_t>(list->list()->size()) != frequencies.size(0))
        throw RunFailure(Error("config-syntax", fmt::format("The config's rope factors do not fit the {} frequencies of a head.", frequencies.size(0))));
    std::vector<double> factors;
    for (const Value& factor : *list->list())
        factors.push_back(factor.number(1));
    const double ratio = fields.number("factor", model.number("max_position_embeddings", original) / original);
    const double scale = ratio <= 1 ? 1 : std::sqrt(1 + std::log(ratio) / std::log(original));
    return {frequencies / at::tensor(factors).to(at::kFloat), fields.number("attention_factor", scale)};
}

} // namespace

at::Tensor rotated(const at::Tensor& x, const Rotation& rotation)
{
    const int64_t size = rotation.cos.size(-1);
    const at::Tensor turned = x.slice(-1, 0, size);
    const auto halves = turned.chunk(2, -1);
    const at::Tensor out = turned * rotation.cos + at::cat({-halves[1], halves[0]}, -1) * rotation.sin;
    return size == x.size(-1) ? out : at::cat({out, x.slice(-1, size)}, -1);
}

Rotation rotationFor(const Model& model, int64_t headSize, int64_t past, int64_t tokens, const at::Tensor& like, double defaultShare)
{
    const RopeFields fields(model);
    const std::string kind = fields.kind();
    const auto size = static_cast<int64_t>(static_cast<double>(headSize) * fields.number("partial_rotary_factor", defaultShare));
    const at::Tensor exponents = at::arange(0, size, 2, at::TensorOptions(at::kLong)).to(at::kFloat) / static_cast<double>(size);
    at::Tensor frequencies = at::reciprocal(at::pow(fields.number("rope_theta", model.number("rotary_emb_base", 10000)), exponents));
    double scale = 1;
    if (kind == "linear")
        frequencies = frequencies / fields.number("factor", 1);
    else if (kind == "llama3")
        frequencies = llama3(fields, frequencies);
    else if (kind == "longrope")
        std::tie(frequencies, scale) = longRope(model, fields, frequencies, past + tokens);
    else if (kind != "default")
        throw RunFailure(Error("custom-architecture", fmt::format("The config asks for rotary positions of the kind {}, which cannot be run yet.", shown(kind))));
    const at::Tensor angles = at::outer(at::arange(past, past + tokens, at::TensorOptions(at::kFloat)), frequencies);
    const at::Tensor both = at::cat({angles, angles}, -1);
    return {(both.cos() * scale).to(like.device(), like.scalar_type()), (both.sin() * scale).to(like.device(), like.scalar_type())};
}

} // namespace weighbridge::inference
