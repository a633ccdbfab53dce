// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/origin_sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace weighbridge {
namespace {

const char* wordOf(Companion companion)
{
    switch (companion) {
    case Companion::None: return "none";
    case Companion::Exact: return "untouched";
    case Companion::Initial: return "initial";
    case Companion::Plausible: return "plausible";
    case Companion::Unknown: return "unknown";
    case Companion::Moved: return "moved";
    }
    return "";
}

/// An eigenvalue of the tests' products as a singular value of the tensor's own values, which is what the plot shows.
double singularValue(double eigenvalue, const TensorFeatures& features)
{
    return std::sqrt(std::max(0.0, eigenvalue) * double(features.spectrumColumns)) * features.sd;
}

std::string spectrumWords(const TensorFeatures& features)
{
    if (std::isnan(features.edge))
        return {};
    const bool isWhole = features.spectrumRows * features.spectrumColumns == features.values();
    return fmt::format(", the largest singular value {}is {:.3g} with the Marchenko-Pastur edge at {:.3g}",
                       isWhole ? "" : fmt::format("of {} x {} of its values ", features.spectrumRows, features.spectrumColumns),
                       singularValue(features.largestEigenvalue, features), singularValue(features.edge, features));
}

std::string noiseWords(const TensorFeatures& features)
{
    return fmt::format("kurtosis {:.2f}, no correlation between rows or columns{}", features.kurtosis + 3, spectrumWords(features));
}

std::string companionWords(Companion companion)
{
    switch (companion) {
    case Companion::Exact:
    case Companion::Initial: return "; its bias or norm is still as initialised";
    case Companion::Moved: return "; but its bias or norm has been trained";
    default: return {};
    }
}

std::string randomSentence(const Origin& origin, const TensorFeatures& features, const NoiseResult& noise, Companion companion)
{
    if (noise.noise == Noise::Exact && noise.isExactNormal)
        return fmt::format("Untouched output of torch's normal generator: {:.0f} % of {} tested pairs of values are ones that it draws with a standard deviation "
                           "of {:.5g} (20 % would be by chance).", 100 * features.pairHits, features.pairsTested, features.pairSd);
    if (noise.noise == Noise::Exact)
        return fmt::format("Untouched output of torch's uniform generator: {:.0f} % of {} tested values lie on the 2^-24 lattice of a draw within ±{:.5g} "
                           "(8 % would by chance).", 100 * features.latticeHits, features.latticeTested, features.latticeBound);
    if (noise.noise == Noise::Orthogonal)
        return fmt::format("An orthogonal initialisation: cosines between rows are {:.2f} of those of independent draws{}.", features.orthogonality, companionWords(companion));
    if (!features.isMatrix)
        return fmt::format("Uniform within the bound of torch's default bias, beside a random matrix: largest value {:.5g}.", features.absmax());
    return fmt::format("Indistinguishable from {}: {}{}.", origin.scheme, noiseWords(features), companionWords(companion));
}

std::string undecidableSentence(const TensorFeatures& features, const NoiseResult& noise, Companion companion)
{
    if (!features.isFloat)
        return "Not decided: quantized integers and complex numbers are not tested.";
    if (!features.isFinite)
        return "Not decided: it holds values that are not finite.";
    if (!features.isTested)
        return "Not decided: too few values.";
    if (noise.noise == Noise::Derived)
        return "Not decided: all rows are equal, so they were set by a formula or never told apart.";
    if (!features.isMatrix)
        return "Not decided: nothing contradicts independent draws, but a vector shows too little.";
    if (noise.noise == Noise::Undecidable)
        return fmt::format("Not decided: nothing contradicts independent draws, but {} values are too few.", features.values());
    return fmt::format("Not decided: it looks like independent draws with a standard deviation of {:.4g} ({}), but nothing else says that it was never trained{}.",
                       features.rms, noiseWords(features), companionWords(companion));
}

std::string tailWords(const TensorFeatures& features)
{
    const RandomTail& tail = features.tail;
    if (tail.rows == 0)
        return {};
    const uint64_t last = static_cast<uint64_t>(features.shape[0]) - 1;
    const std::string rows = tail.rows == 1 ? fmt::format(" But row {} is", last) : fmt::format(" But the rows {} to {} are", last + 1 - tail.rows, last);
    if (tail.isMean)
        return rows + " the mean of the table: added after the training and never trained.";
    const std::string drawn = tail.isUniform ? fmt::format("uniform(±{:.4g})", tail.rms * std::numbers::sqrt3) : fmt::format("normal(0, {:.4g})", tail.rms);
    return fmt::format("{} indistinguishable from {}{}: added after the training and never trained.", rows, drawn, tail.scale.empty() ? "" : ", " + tail.scale);
}

std::string trainedSentence(const TensorFeatures& features, const NoiseResult& noise)
{
    return fmt::format("Not independent draws: the test of the {} is at {:.1f} times its limit; kurtosis {:.2f}{}.{}", noise.worst.name, noise.worst.ratio,
                       features.kurtosis + 3, spectrumWords(features), tailWords(features));
}

} // namespace

void explain(Origin& origin, const TensorFeatures& features, const NoiseResult& noise, Companion companion)
{
    switch (origin.verdict) {
    case OriginVerdict::NotWeights:
        origin.sentence = noise.isSinusoidal ? "A sinusoidal table, computed by a formula." : "Integers, booleans or text: no weights.";
        break;
    case OriginVerdict::Constant: origin.sentence = fmt::format("All values are {:.6g}.", features.constant); break;
    case OriginVerdict::Random: origin.sentence = randomSentence(origin, features, noise, companion); break;
    case OriginVerdict::Undecidable: origin.sentence = undecidableSentence(features, noise, companion); break;
    case OriginVerdict::Trained: origin.sentence = trainedSentence(features, noise); break;
    }
    if (origin.verdict == OriginVerdict::Constant)
        origin.evidence.emplace_back("value", features.constant);
    if (!features.isTested)
        return;
    origin.evidence.emplace_back("std", features.sd);
    origin.evidence.emplace_back("kurtosis", features.kurtosis + 3);
    if (!noise.worst.name.empty()) {
        origin.evidence.emplace_back("strongest_test", noise.worst.name);
        origin.evidence.emplace_back("times_its_limit", noise.worst.ratio);
    }
    if (!std::isnan(features.edge)) {
        origin.evidence.emplace_back("largest_singular_value", singularValue(features.largestEigenvalue, features));
        origin.evidence.emplace_back("marchenko_pastur_edge", singularValue(features.edge, features));
        origin.evidence.emplace_back("spectrum_sample", Value::List{features.spectrumRows, features.spectrumColumns});
    }
    if (features.tail.rows > 0) {
        const uint64_t rows = static_cast<uint64_t>(features.shape[0]);
        origin.evidence.emplace_back("untrained_rows", Value::List{rows - features.tail.rows, rows - 1});
    }
    if (features.latticeTested > 0) {
        origin.evidence.emplace_back("uniform_lattice_tested", features.latticeTested);
        origin.evidence.emplace_back("uniform_lattice_hits", features.latticeHits);
    }
    if (features.pairsTested > 0) {
        origin.evidence.emplace_back("box_muller_tested", features.pairsTested);
        origin.evidence.emplace_back("box_muller_hits", features.pairHits);
    }
    if (features.isMatrix)
        origin.evidence.emplace_back("companions", wordOf(companion));
}

} // namespace weighbridge
