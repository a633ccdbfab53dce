// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/kind_labels.h"

#include "core/report/layer_folds.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace weighbridge {
namespace {

/// A label grows by at most so many segments to become unique.
constexpr int maximumSegments = 4;

struct KnownKind {
    std::string_view ending;
    std::string_view label;
};

/// What people call the kinds whose last segment says nothing. The longest ending comes first.
constexpr std::array<KnownKind, 9> knownKinds{{
    {"attention.output.dense", "attn. out"},
    {"attention.output.LayerNorm", "attn. norm"},
    {"intermediate.dense", "up"},
    {"output.dense", "down"},
    {"output.LayerNorm", "norm"},
    {"word_embeddings", "word"},
    {"position_embeddings", "position"},
    {"token_type_embeddings", "token type"},
    {"LayerNorm", "norm"},
}};

bool endsWithSegments(std::string_view name, std::string_view ending)
{
    return name.ends_with(ending) && (name.size() == ending.size() || name[name.size() - ending.size() - 1] == '.');
}

} // namespace

std::string_view lastSegments(std::string_view name, int count)
{
    size_t begin = name.size();
    for (int i = 0; i < count && begin != std::string_view::npos && begin > 0; ++i) {
        const size_t separator = name.find_last_of("./", begin - 1);
        if (separator == std::string_view::npos)
            return name;
        begin = i + 1 == count ? separator + 1 : separator;
    }
    return name.substr(begin);
}

TensorKind tensorKind(std::string_view rest)
{
    constexpr std::array<std::string_view, 4> weights{"weight", "kernel", "gamma", "w"};
    constexpr std::array<std::string_view, 3> biases{"bias", "beta", "b"};
    const std::string_view last = lastSegments(rest, 1);
    const std::string_view owner = rest.substr(0, rest.size() - std::min(rest.size(), last.size() + 1));
    if (std::find(weights.begin(), weights.end(), last) != weights.end())
        return {owner, false};
    if (std::find(biases.begin(), biases.end(), last) != biases.end())
        return {owner, true};
    return {rest, false};
}

std::vector<std::string> kindLabels(const std::vector<std::string>& kinds)
{
    std::vector<int> segments(kinds.size(), 1);
    std::vector<std::string> labels;
    for (size_t i = 0; i < kinds.size(); ++i) {
        const auto known = std::find_if(knownKinds.begin(), knownKinds.end(), [&](const KnownKind& kind) { return endsWithSegments(kinds[i], kind.ending); });
        segments[i] = layerNumber(lastSegments(kinds[i], 1)) ? 2 : 1;
        labels.emplace_back(known != knownKinds.end() ? known->label : lastSegments(kinds[i], segments[i]));
    }
    for (int round = 0; round < maximumSegments; ++round) {
        std::unordered_map<std::string, int> uses;
        for (const std::string& label : labels)
            ++uses[label];
        for (size_t i = 0; i < kinds.size(); ++i)
            if (uses[labels[i]] > 1)
                labels[i] = lastSegments(kinds[i], ++segments[i]);
    }
    return labels;
}

} // namespace weighbridge
