// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/origin.h"

#include "core/base/text.h"
#include "core/statistics/companions.h"
#include "core/statistics/model_verdict.h"
#include "core/statistics/noise_tests.h"
#include "core/statistics/origin_sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr double matchedScale = 3.5;        ///< standard errors
constexpr double matchedSmallScale = 3.0;   ///< ... of a matrix of fewer than decidableValues
constexpr uint64_t smallestHead = 128;
constexpr uint64_t plentyValues = 4096;     ///< from here on 1.4 % of sub-blocks of trained matrices pass for noise, below 21 %
constexpr uint64_t smallestBias = 64;

bool isNoise(Noise noise)
{
    return noise == Noise::NoiseLike || noise == Noise::Exact || noise == Noise::Orthogonal;
}

bool isInitial(Companion companion)
{
    return companion == Companion::Initial || companion == Companion::Exact;
}

/// Modules that a task adds on top of a pretrained model carry such words in their name.
bool isHead(const std::string& name)
{
    static constexpr std::array words{"classifier", "score", "lm_head", "head", "heads", "fc", "qa_outputs", "cls", "out_proj", "prediction", "predictions",
                                      "output", "logits", "linear", "pooler", "fcout", "fc_out", "projection"};
    const std::string lower = lowered(name);
    for (const std::string_view part : split(lower, '.'))
        for (const std::string_view word : words)
            if (part == word || (part.starts_with(word) && part[word.size()] == '_'))
                return true;
    return false;
}

/// The verdicts of one model, tensor by tensor.
class Judge {
public:
    Judge(std::span<const std::string> names, std::span<const TensorFeatures> features, const ConfigHints& hints)
        : m_names(names), m_features(features), m_hints(hints), m_companions(names, features)
    {
        size_t random = 0;
        size_t trained = 0;
        for (const TensorFeatures& tensor : features) {
            m_noise.push_back(noiseTests(tensor));
            const bool isDecidable = tensor.isMatrix && tensor.elements >= decidableValues;
            random += isDecidable && isNoise(m_noise.back().noise);
            trained += isDecidable && m_noise.back().noise == Noise::Structured;
        }
        m_noiseIsMajority = random > 0 && random >= trained;
    }

    [[nodiscard]] Origin judge(size_t i) const
    {
        Origin origin;
        const TensorFeatures& features = m_features[i];
        const Noise noise = m_noise[i].noise;
        const Companion companion = m_companions.ofModule(i);
        if (features.isFloat || info(features.dtype).kind == DTypeKind::Quantized || info(features.dtype).kind == DTypeKind::Complex)
            origin.verdict = OriginVerdict::Undecidable;
        if (noise == Noise::Constant)
            origin.verdict = OriginVerdict::Constant;
        else if (noise == Noise::Structured)
            origin.verdict = OriginVerdict::Trained;
        else if (noise == Noise::Derived && m_noise[i].isSinusoidal)
            origin.verdict = OriginVerdict::NotWeights;
        else if (isNoise(noise))
            judgeNoise(i, companion, origin);
        else if (noise == Noise::Undecidable)
            judgeSmall(i, companion, origin);
        origin.confidence = confidence(origin, i);
        explain(origin, features, m_noise[i], companion);
        return origin;
    }

    [[nodiscard]] const Companions& companions() const { return m_companions; }

private:
    /// Noise by itself: random if the model, the scale or the companions say so too.
    void judgeNoise(size_t i, Companion companion, Origin& origin) const
    {
        const TensorFeatures& features = m_features[i];
        const bool isOrthogonal = m_noise[i].noise == Noise::Orthogonal;
        const auto matches = isOrthogonal ? std::vector<ScaleMatch>{} : matchScale(features, m_noise[i].family, m_hints);
        const bool hasScale = isOrthogonal || (!matches.empty() && matches[0].error <= matchedScale);
        if (isSupported(i, companion, hasScale)) {
            origin.verdict = OriginVerdict::Random;
            origin.scheme = scheme(i, hasScale && !matches.empty() ? matches[0].name : std::string());
        }
    }

    [[nodiscard]] bool isSupported(size_t i, Companion companion, bool hasScale) const
    {
        const TensorFeatures& features = m_features[i];
        if (m_noise[i].noise == Noise::Exact || m_noiseIsMajority)
            return true;
        if (!features.isMatrix)
            return false;
        if (std::min(features.rows, features.columns) <= 2 && !(hasScale && isInitial(companion)))
            return false; // packed pairs of biases are vectors
        if (companion == Companion::Moved && m_noise[i].noise != Noise::Orthogonal)
            return false;
        if (features.rms > 0.5 && m_noise[i].family == Family::Normal && m_noise[i].noise == Noise::NoiseLike && !isInitial(companion))
            return false; // tables drawn from N(0, 1): training moves them by less than the tests see
        if (features.elements < plentyValues && !(hasScale && (isInitial(companion) || companion == Companion::None)))
            return false;
        return hasScale || isInitial(companion);
    }

    /// Below decidableValues, and vectors: only with everything else agreeing.
    void judgeSmall(size_t i, Companion companion, Origin& origin) const
    {
        const TensorFeatures& features = m_features[i];
        if (features.isMatrix && features.elements >= smallestHead && features.elements < decidableValues) {
            const auto matches = matchScale(features, m_noise[i].family, m_hints);
            const bool agrees = companion == Companion::Exact || (companion == Companion::Initial && (m_noiseIsMajority || isHead(m_names[i])));
            if (agrees && !matches.empty() && matches[0].error <= matchedSmallScale) {
                origin.verdict = OriginVerdict::Random;
                origin.scheme = scheme(i, matches[0].name);
            }
        } else if (!features.isMatrix && features.elements >= smallestBias) {
            const Companion own = m_companions.ofVector(i);
            const size_t matrix = m_companions.matrixBeside(i);
            if ((own == Companion::Plausible || own == Companion::Exact) && matrix != i && isNoise(m_noise[matrix].noise)) {
                origin.verdict = OriginVerdict::Random;
                origin.scheme = "torch's default bias";
            }
        }
    }

    [[nodiscard]] std::string scheme(size_t i, const std::string& known) const
    {
        const TensorFeatures& features = m_features[i];
        const NoiseResult& noise = m_noise[i];
        if (noise.noise == Noise::Orthogonal)
            return "orthogonal";
        std::string out;
        if (noise.noise == Noise::Exact && noise.isExactNormal)
            out = fmt::format("normal(0, {:.4g})", features.pairSd);
        else if (noise.family == Family::Uniform)
            out = fmt::format("uniform(±{:.4g})", noise.noise == Noise::Exact ? features.latticeBound : features.absmax());
        else
            out = fmt::format("{}(0, {:.4g})", noise.family == Family::Normal ? "normal" : "truncated normal", features.rms);
        return known.empty() ? out : out + ", " + known;
    }

    /// Rounded down from what was measured: no trained matrix of 8192 values and more passed for noise; no random one of 1916 was
    /// called trained.
    [[nodiscard]] double confidence(const Origin& origin, size_t i) const
    {
        const TensorFeatures& features = m_features[i];
        switch (origin.verdict) {
        case OriginVerdict::NotWeights:
        case OriginVerdict::Constant: return 1;
        case OriginVerdict::Undecidable: return 0;
        case OriginVerdict::Trained: return !features.isMatrix ? 0.8 : m_noise[i].worst.ratio < 1.2 ? 0.97 : 0.999;
        case OriginVerdict::Random: break;
        }
        if (m_noise[i].noise == Noise::Exact)
            return 0.9999;
        return !features.isMatrix || features.elements < decidableValues ? 0.9 : features.elements < plentyValues ? 0.95 : 0.99;
    }

    std::span<const std::string> m_names;
    std::span<const TensorFeatures> m_features;
    const ConfigHints& m_hints;
    Companions m_companions;
    std::vector<NoiseResult> m_noise;
    bool m_noiseIsMajority = false; ///< at least half of the matrices that can be decided
};

} // namespace

const char* name(OriginVerdict verdict)
{
    switch (verdict) {
    case OriginVerdict::NotWeights: return "not-weights";
    case OriginVerdict::Constant: return "constant";
    case OriginVerdict::Random: return "random";
    case OriginVerdict::Trained: return "trained";
    case OriginVerdict::Undecidable: return "undecidable";
    }
    return "";
}

std::string moduleOf(const std::string& name)
{
    const size_t dot = name.rfind('.');
    return dot == std::string::npos ? std::string() : name.substr(0, dot);
}

ModelOrigin modelOrigin(std::span<const std::string> names, std::span<const TensorFeatures> features, const ConfigHints& hints)
{
    const Judge judge(names, features, hints);
    ModelOrigin model;
    for (size_t i = 0; i < names.size(); ++i)
        model.tensors.push_back(judge.judge(i));
    decideModel(model, names, features, judge.companions());
    return model;
}

} // namespace weighbridge
