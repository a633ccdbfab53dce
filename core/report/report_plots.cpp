// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/report_plots.h"

#include "core/diagnosis/layer_names.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t maximumPlots = 4;
constexpr size_t mostFindings = 3;        ///< whose spectra are computed
constexpr size_t mostSiblings = 4;
constexpr size_t spectrumSide = 384;      ///< rows and columns looked at: the shape of a spectrum shows in them, and they take a fraction of a second
constexpr uint64_t mostSampled = 1'000'000;

bool hasHistogram(const CheckpointStatistics& values, size_t tensor)
{
    return values.tensors[tensor] && !values.tensors[tensor]->statistics.histogram.counts.empty();
}

std::string withoutLayer(const LayerName& name)
{
    return std::string(name.stem) + "{}" + std::string(name.rest);
}

Result<void> addSpectrum(const Checkpoint& checkpoint, size_t tensor, JobContext& job, Spectra& out)
{
    if (out.contains(tensor) || checkpoint.tensors[tensor].shape.size() < 2)
        return {};
    JobContext own{job.stop, {}};
    auto spectrum = computeSpectrum(checkpoint, checkpoint.tensors[tensor], own, spectrumSide);
    if (job.cancelled())
        return failure(cancelledError());
    if (spectrum && !spectrum->values.empty() && spectrum->values.front() > 0)
        out.emplace(tensor, std::move(*spectrum));
    return {};
}

} // namespace

bool isAboutValues(const Finding& finding)
{
    for (const char* rule : {"nan-or-inf", "all-zero", "never-loaded-layer", "whole-model-random", "barely-trained", "untrained-rows"})
        if (finding.rule == rule)
            return true;
    return false;
}

std::vector<size_t> tensorsOf(const Checkpoint& checkpoint, const Finding& finding)
{
    const std::unordered_set<std::string_view> names(finding.tensors.begin(), finding.tensors.end());
    std::vector<size_t> out;
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i)
        if (names.contains(checkpoint.tensors[i].name))
            out.push_back(i);
    return out;
}

std::vector<size_t> plottedTensors(const Checkpoint& checkpoint, const Finding& finding)
{
    std::vector<size_t> out = tensorsOf(checkpoint, finding);
    std::stable_partition(out.begin(), out.end(), [&checkpoint](size_t tensor) { return checkpoint.tensors[tensor].shape.size() > 1; });
    out.resize(std::min(out.size(), maximumPlots));
    return out;
}

Result<Spectra> spectraOf(const CheckResult& check, JobContext& job)
{
    Spectra out;
    if (!check.values)
        return out;
    const Checkpoint& checkpoint = *check.checkpoint;
    const Siblings siblings(checkpoint, *check.values);
    size_t findings = 0;
    for (const Finding& finding : check.findings) {
        if (!isAboutValues(finding) || ++findings > mostFindings)
            continue;
        const std::vector<size_t> plotted = plottedTensors(checkpoint, finding);
        for (size_t i = 0; i < std::min<size_t>(plotted.size(), maximumPlots / 2); ++i) {
            std::vector<size_t> wanted = siblings.of(plotted[i]);
            wanted.resize(std::min(wanted.size(), mostSiblings));
            wanted.insert(wanted.begin(), plotted[i]);
            for (const size_t tensor : wanted)
                if (auto added = addSpectrum(checkpoint, tensor, job, out); !added)
                    return tl::unexpected(added.error());
        }
    }
    return out;
}

Result<std::vector<ReportedPair>> plotsOf(const Difference& difference, JobContext& job)
{
    std::vector<size_t> rows = difference.rows(PairState::Changed);
    const auto changeOf = [&difference](size_t row) { return difference.pairs[row].values->relativeL2; };
    const auto isMatrix = [&difference](size_t row) { return difference.a->tensors[static_cast<size_t>(difference.pairs[row].a)].shape.size() > 1; };
    std::stable_sort(rows.begin(), rows.end(), [&](size_t x, size_t y) { return std::pair(isMatrix(x), changeOf(x)) > std::pair(isMatrix(y), changeOf(y)); });
    rows.resize(std::min(rows.size(), maximumPlots));
    std::vector<ReportedPair> out;
    for (const size_t row : rows) {
        JobContext own{job.stop, {}};
        const auto sample = samplePair(*difference.a, *difference.b, difference.pairs[row], mostSampled, own);
        if (job.cancelled())
            return failure(cancelledError());
        if (sample)
            out.push_back({row, histogramsOf(*sample), sample->a.size(), sample->count});
    }
    return out;
}

Siblings::Siblings(const Checkpoint& checkpoint, const CheckpointStatistics& values) : m_checkpoint(checkpoint)
{
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i) {
        const auto layer = layerOf(checkpoint.tensors[i].name);
        const OriginVerdict verdict = values.origin.tensors[i].verdict;
        if (layer && hasHistogram(values, i) && verdict != OriginVerdict::Random && verdict != OriginVerdict::Constant)
            m_trained[withoutLayer(*layer)].emplace_back(layer->index, i);
    }
}

std::vector<size_t> Siblings::of(size_t tensor) const
{
    const auto own = layerOf(m_checkpoint.tensors[tensor].name);
    const auto same = own ? m_trained.find(withoutLayer(*own)) : m_trained.end();
    if (same == m_trained.end())
        return {};
    std::vector<std::pair<int64_t, size_t>> byDistance;
    for (const auto& [layer, index] : same->second)
        if (index != tensor)
            byDistance.emplace_back(std::abs(layer - own->index), index);
    std::stable_sort(byDistance.begin(), byDistance.end());
    std::vector<size_t> out;
    for (const auto& [distance, index] : byDistance)
        out.push_back(index);
    return out;
}

} // namespace weighbridge
