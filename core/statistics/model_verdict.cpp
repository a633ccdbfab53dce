// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/model_verdict.h"

#include "core/base/text.h"
#include "core/statistics/noise_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace weighbridge {
namespace {

struct Tally {
    std::vector<size_t> random;
    std::vector<size_t> trained;
    bool hasCountedBatches = false; ///< a norm layer has seen training
};

Tally tally(const ModelOrigin& model, std::span<const std::string> names, std::span<const TensorFeatures> features)
{
    Tally out;
    for (size_t i = 0; i < names.size(); ++i) {
        const OriginVerdict verdict = model.tensors[i].verdict;
        if (features[i].isMatrix && verdict == OriginVerdict::Random)
            out.random.push_back(i);
        else if (features[i].isMatrix && features[i].elements >= decidableValues && verdict == OriginVerdict::Trained)
            out.trained.push_back(i);
        out.hasCountedBatches = out.hasCountedBatches || (names[i].ends_with("num_batches_tracked") && features[i].integer.value_or(0) > 0);
    }
    return out;
}

ModelVerdict verdictOf(const Tally& tally, double random, double moved, size_t movedCount)
{
    if (tally.random.empty())
        return tally.trained.empty() ? ModelVerdict::Undecidable : ModelVerdict::Trained;
    const bool isRandom = random >= 0.98 || tally.trained.empty() || (random >= 0.85 && moved < 0.05 && movedCount <= 2);
    const bool hasStarted = moved > 0.5 || tally.hasCountedBatches;
    if ((isRandom || random >= 0.85) && hasStarted)
        return ModelVerdict::BarelyTrained;
    if (!isRandom && random >= 0.5 && moved > 0.9)
        return ModelVerdict::BarelyTrained;
    return isRandom ? ModelVerdict::Random : ModelVerdict::PartlyRandom;
}

/// "encoder.layer." and 4 of "encoder.layer.4.attention.weight": the first number that stands as a part of its own.
std::optional<std::pair<std::string, int64_t>> layerOf(const std::string& name)
{
    size_t start = 0;
    for (const std::string_view part : split(name, '.')) {
        int64_t number = 0;
        const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), number);
        if (start > 0 && error == std::errc() && end == part.data() + part.size())
            return std::pair(name.substr(0, start), number);
        start += part.size() + 1;
    }
    return std::nullopt;
}

/// Layers of which at least 80 % of the decided matrices are random.
std::vector<std::string> randomLayers(const Tally& tally, std::span<const std::string> names)
{
    std::map<std::pair<std::string, int64_t>, std::pair<size_t, size_t>> counts;
    for (const size_t i : tally.random)
        if (const auto layer = layerOf(names[i]))
            ++counts[*layer].first;
    for (const size_t i : tally.trained)
        if (const auto layer = layerOf(names[i]))
            ++counts[*layer].second;
    std::map<std::string, std::vector<int64_t>> byPrefix;
    for (const auto& [layer, count] : counts)
        if (count.first > 0 && double(count.first) >= 0.8 * double(count.first + count.second))
            byPrefix[layer.first].push_back(layer.second);
    std::vector<std::string> out;
    for (const auto& [prefix, numbers] : byPrefix)
        out.push_back(prefix + formatIndices(numbers));
    return out;
}

void setModules(ModelOrigin& model, std::span<const std::string> names, std::span<const TensorFeatures> features, const Companions& companions)
{
    for (const std::vector<size_t>& tensors : companions.modules()) {
        ModuleOrigin module{moduleOf(names[tensors[0]]), OriginVerdict::Undecidable, tensors};
        std::optional<OriginVerdict> common;
        bool differ = false;
        for (const size_t i : tensors) {
            const OriginVerdict verdict = model.tensors[i].verdict;
            if (!features[i].isMatrix && !(features[i].isConstant && features[i].shape.size() > 1))
                continue;
            differ = differ || (common && *common != verdict);
            common = verdict;
            if (verdict == OriginVerdict::Random && (model.randomModules.empty() || model.randomModules.back() != module.prefix))
                model.randomModules.push_back(module.prefix);
        }
        if (!common)
            continue;
        module.verdict = differ ? OriginVerdict::Undecidable : *common;
        model.modules.push_back(std::move(module));
    }
}

std::string list(const std::vector<std::string>& names)
{
    constexpr size_t most = 4;
    std::string out;
    for (size_t i = 0; i < std::min(most, names.size()); ++i)
        out += (i == 0 ? "" : ", ") + (names[i].empty() ? std::string("the top level") : shown(names[i], 100));
    return names.size() > most ? out + fmt::format(" and {} more", names.size() - most) : out;
}

std::string summaryOf(const ModelOrigin& model, const Tally& tally)
{
    const size_t random = tally.random.size();
    const size_t decided = random + tally.trained.size();
    switch (model.verdict) {
    case ModelVerdict::Undecidable: return "There is no matrix large enough to tell trained from random.";
    case ModelVerdict::Trained: return fmt::format("The model is trained: {} matrices are decided and none is random.", decided);
    case ModelVerdict::Random: return fmt::format("The model is as it was initialised: {} of {} decided matrices are random.", random, decided);
    case ModelVerdict::BarelyTrained:
        return fmt::format("The model was trained for a few steps at most: {} of {} decided matrices still look random, but biases, norms or batch counters have moved.", random, decided);
    case ModelVerdict::PartlyRandom: break;
    }
    const auto& where = model.randomLayers.empty() ? model.randomModules : model.randomLayers;
    return fmt::format("Part of the model is random: {} of {} decided matrices ({}); the rest is trained.", random, decided, list(where));
}

} // namespace

const char* name(ModelVerdict verdict)
{
    switch (verdict) {
    case ModelVerdict::Undecidable: return "undecidable";
    case ModelVerdict::Trained: return "trained";
    case ModelVerdict::PartlyRandom: return "partly-random";
    case ModelVerdict::BarelyTrained: return "barely-trained";
    case ModelVerdict::Random: return "random";
    }
    return "";
}

void decideModel(ModelOrigin& model, std::span<const std::string> names, std::span<const TensorFeatures> features, const Companions& companions)
{
    const Tally counts = tally(model, names, features);
    model.randomShare = double(counts.random.size()) / double(std::max<size_t>(1, counts.random.size() + counts.trained.size()));
    model.movedShare = companions.movedShare();
    model.verdict = verdictOf(counts, model.randomShare, model.movedShare, companions.moved());
    setModules(model, names, features, companions);
    if (model.verdict == ModelVerdict::PartlyRandom)
        model.randomLayers = randomLayers(counts, names);
    else
        model.randomModules.clear();
    model.summary = summaryOf(model, counts);
}

} // namespace weighbridge
