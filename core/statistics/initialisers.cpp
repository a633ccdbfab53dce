// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/initialisers.h"

#include "core/statistics/distributions.h"
#include "core/tensor/decode.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

using Scales = std::vector<KnownScale>;

struct Fans {
    double in = 0, out = 0;
    bool operator==(const Fans&) const = default;
};

double kurtosisOf(Family family)
{
    switch (family) {
    case Family::Normal: return 3;
    case Family::Uniform: return 1.8;
    case Family::Cut2: return cutNormal(2).m4;
    case Family::Cut3: return cutNormal(3).m4;
    }
    return 3;
}

/// Fans as torch (out, in, kernel...) and Keras (kernel..., in, out) count them.
std::vector<Fans> fansOf(const Shape& shape)
{
    double kernel = 1;
    for (size_t i = 2; i < shape.size(); ++i)
        kernel *= double(shape[i]);
    const double a = double(shape[0]);
    const double b = double(shape[1]);
    if (shape.size() == 4 && shape[0] <= 7 && shape[1] <= 7)
        return {{double(shape[2]) * a * b, double(shape[3]) * a * b}};
    if (shape.size() == 3 && shape[0] <= 7)
        return {{b * a, double(shape[2]) * a}};
    std::vector<Fans> out{{b * kernel, a * kernel}};
    if (shape.size() == 2 && a != b)
        out.push_back({a, b});
    return out;
}

void addFixed(Family family, const ConfigHints& hints, Scales& scales)
{
    const double cut = family == Family::Cut2 ? std::sqrt(cutNormal(2).variance) : family == Family::Cut3 ? std::sqrt(cutNormal(3).variance) : 1;
    for (const double range : hints.ranges)
        scales.push_back({"initializer_range", range * cut});
    for (const double sd : {0.02, 0.01, 1.0, 0.05, 0.1, 0.001, 0.005, 0.04, 1e-5})
        scales.push_back({fmt::format("{}", sd), sd * cut});
    if (family == Family::Uniform)
        for (const double bound : {0.05, 0.1, 0.01, 1.0})
            scales.push_back({fmt::format("uniform(-{0}, {0})", bound), bound / std::sqrt(3.0)});
}

void addByFans(const Fans& fans, Scales& scales)
{
    const double in = fans.in;
    const double out = fans.out;
    const auto gates = [out](double count) { return std::max(1.0, std::floor(out / count)); };
    scales.insert(scales.end(), {{"torch default", std::sqrt(1 / (3 * in))},
                                 {"he, fan in", std::sqrt(2 / in)},
                                 {"he, fan out", std::sqrt(2 / out)},
                                 {"lecun", std::sqrt(1 / in)},
                                 {"xavier", std::sqrt(2 / (in + out))},
                                 {"1/sqrt(fan out)", std::sqrt(1 / out)},
                                 {"xavier, gain sqrt(2)", std::sqrt(4 / (in + out))},
                                 {"torch LSTM", std::sqrt(1 / (3 * gates(4)))},
                                 {"torch GRU", std::sqrt(1 / (3 * gates(3)))},
                                 {"torch default, transposed", std::sqrt(1 / (3 * out))}});
    for (int layers = 1; layers <= 32; ++layers) // GPT-2's residual projections
        scales.push_back({fmt::format("0.02/sqrt(2*{})", layers), 0.02 / std::sqrt(2.0 * layers)});
}

/// T5 (modeling_t5.py, _init_weights): embeddings factor, k, v, wi factor/sqrt(d_model), o and wo by their fan in,
/// q factor/sqrt(d_model*d_kv). https://github.com/huggingface/transformers/blob/main/src/transformers/models/t5/modeling_t5.py
void addT5(const Fans& fans, const ConfigHints& hints, Scales& scales)
{
    scales.push_back({"T5, factor", hints.factor});
    scales.push_back({"T5, factor/sqrt(fan in)", hints.factor / std::sqrt(fans.in)});
    if (hints.headSize)
        scales.push_back({"T5 query", hints.factor / std::sqrt(fans.in * *hints.headSize)});
    for (const double hidden : hints.hidden) // relative_attention_bias
        scales.push_back({"T5, factor/sqrt(d_model)", hints.factor / std::sqrt(hidden)});
}

/// CLIP (modeling_clip.py, _init_weights): projections of attention and the second of the MLP 1/sqrt(hidden*2*layers), the first
/// 1/sqrt(2*hidden), the outputs 1/sqrt(hidden), tables 0.02, all times the factor.
/// https://github.com/huggingface/transformers/blob/main/src/transformers/models/clip/modeling_clip.py
void addClip(const Fans&, const ConfigHints& hints, Scales& scales)
{
    scales.push_back({"CLIP, 0.02*factor", 0.02 * hints.factor});
    for (const double hidden : hints.hidden) {
        scales.push_back({"CLIP output", hints.factor / std::sqrt(hidden)});
        scales.push_back({"CLIP MLP", hints.factor / std::sqrt(2 * hidden)});
        for (const double layers : hints.layers)
            scales.push_back({fmt::format("CLIP, 1/sqrt(hidden*2*{})", layers), hints.factor / std::sqrt(hidden * 2 * layers)});
    }
}

/// Wav2Vec2 and what is built on it (modeling_wav2vec2.py, _init_weights): the positional convolution 2/sqrt(kernel*channels).
/// https://github.com/huggingface/transformers/blob/main/src/transformers/models/wav2vec2/modeling_wav2vec2.py
void addWav2Vec2(const Fans& fans, const ConfigHints&, Scales& scales)
{
    for (const double groups : {1.0, 16.0}) // fans are of one group, the formula's channels are all of them
        scales.push_back({"Wav2Vec2 positional convolution", 2 / std::sqrt(fans.in * groups)});
}

/// Funnel Transformer (modeling_funnel.py, _init_weights): 1/sqrt(fan in + fan out) where initializer_std is not given.
/// https://github.com/huggingface/transformers/blob/main/src/transformers/models/funnel/modeling_funnel.py
void addFunnel(const Fans& fans, const ConfigHints&, Scales& scales)
{
    scales.push_back({"Funnel, 1/sqrt(fan in + fan out)", 1 / std::sqrt(fans.in + fans.out)});
}

/// Mamba (modeling_mamba.py, _init_weights): output projections torch's default over sqrt(layers), dt_proj uniform within
/// 1/sqrt(time_step_rank), which is its fan in.
/// https://github.com/huggingface/transformers/blob/main/src/transformers/models/mamba/modeling_mamba.py
void addMamba(const Fans& fans, const ConfigHints& hints, Scales& scales)
{
    for (const double layers : hints.layers)
        scales.push_back({fmt::format("torch default/sqrt({})", layers), std::sqrt(1 / (3 * fans.in * layers))});
}

/// What a family of model types adds to the scales that all share. To add one, add a row.
struct FamilyScales {
    std::vector<std::string_view> modelTypes; ///< that contain one of these
    void (*add)(const Fans&, const ConfigHints&, Scales&);
};

const std::vector<FamilyScales>& familyScales()
{
    static const std::vector<FamilyScales> rows{
        {{"t5", "switch_transformers", "pop2piano", "pix2struct", "udop"}, addT5},
        {{"clip", "groupvit", "owlvit", "owlv2"}, addClip},
        {{"wav2vec2", "hubert", "wavlm", "unispeech", "sew", "data2vec-audio"}, addWav2Vec2},
        {{"funnel"}, addFunnel},
        {{"mamba"}, addMamba},
    };
    return rows;
}

/// What follows from the config's numbers in any family: GPT-2's residual projections (and those of GPT-NeoX, ModernBERT, Llama's kin),
/// initializer_range/sqrt(2*layers), and tables and outputs of vision towers, 1/sqrt(hidden).
void addFromConfig(const ConfigHints& hints, Scales& scales)
{
    for (const double range : hints.ranges)
        for (const double layers : hints.layers)
            scales.push_back({fmt::format("initializer_range/sqrt(2*{})", layers), range / std::sqrt(2 * layers)});
    for (const double hidden : hints.hidden)
        scales.push_back({"1/sqrt(hidden_size)", 1 / std::sqrt(hidden)});
}

void readHints(const Value& part, ConfigHints& hints)
{
    const auto number = [&part](const char* key) {
        const Value* value = part.find(key);
        return value && value->isNumber() && value->number() > 0 ? std::optional(value->number()) : std::nullopt;
    };
    const auto add = [&number](const char* key, std::vector<double>& list) {
        if (const auto found = number(key))
            list.push_back(*found);
    };
    for (const char* key : {"initializer_range", "init_std", "initializer_std", "embed_init_std", "init_xavier_std"})
        add(key, hints.ranges);
    for (const char* key : {"num_hidden_layers", "num_layers", "n_layer", "n_layers", "encoder_layers", "decoder_layers", "num_decoder_layers"})
        add(key, hints.layers);
    for (const char* key : {"hidden_size", "d_model", "n_embd", "dim", "embed_dim", "projection_dim"})
        add(key, hints.hidden);
    if (const auto factor = number("initializer_factor"))
        hints.factor = *factor;
    if (const auto size = number("d_kv"))
        hints.headSize = size;
}

} // namespace

const char* name(Family family)
{
    switch (family) {
    case Family::Normal: return "normal";
    case Family::Uniform: return "uniform";
    case Family::Cut2: return "truncated-normal-2";
    case Family::Cut3: return "truncated-normal-3";
    }
    return "";
}

ConfigHints hintsOf(const Value& config)
{
    ConfigHints hints;
    if (const Value* type = config.find("model_type"))
        hints.modelType = type->stringOr("");
    readHints(config, hints);
    for (const char* part : {"text_config", "vision_config", "audio_config", "encoder", "decoder"})
        if (const Value* found = config.find(part))
            readHints(*found, hints);
    return hints;
}

Scales knownScales(const Shape& shape, Family family, const ConfigHints& hints)
{
    Scales scales;
    if (shape.size() < 2)
        return scales;
    addFixed(family, hints, scales);
    addFromConfig(hints, scales);
    for (const Fans& fans : fansOf(shape))
        addByFans(fans, scales);
    for (const FamilyScales& row : familyScales()) {
        const bool isOne = std::any_of(row.modelTypes.begin(), row.modelTypes.end(), [&hints](std::string_view type) { return hints.modelType.find(type) != std::string::npos; });
        for (const Fans& fans : isOne ? fansOf(shape) : std::vector<Fans>{})
            row.add(fans, hints, scales);
    }
    return scales;
}

double roundingStep(DType dtype)
{
    const Decoder* decoder = decoderOf(dtype);
    return std::max(0x1p-23, decoder ? decoder->ulp() / 2 : 0);
}

std::vector<ScaleMatch> matchScale(const TensorFeatures& features, Family family, const ConfigHints& hints)
{
    const double n = double(features.values());
    const double coarse = features.levels <= 16 ? 0.02 : 0;
    const double error = std::sqrt((kurtosisOf(family) - 1) / 4 / n) + roundingStep(features.dtype) / 4 + coarse / 4;
    std::vector<ScaleMatch> out;
    for (const KnownScale& scale : knownScales(features.shape, family, hints)) {
        const double distance = std::abs(features.rms / scale.sd - 1) / error;
        if (distance < 4.5)
            out.push_back({scale.name, scale.sd, distance});
    }
    std::stable_sort(out.begin(), out.end(), [](const ScaleMatch& a, const ScaleMatch& b) { return a.error < b.error; });
    return out;
}

std::vector<double> normalScales(const TensorFeatures& features, const ConfigHints& hints)
{
    std::vector<double> out;
    for (const ScaleMatch& match : matchScale(features, Family::Normal, hints))
        if (std::find(out.begin(), out.end(), match.sd) == out.end())
            out.push_back(match.sd);
    return out;
}

} // namespace weighbridge
