// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/statistics_answer.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

Value::Map originValue(const Origin& origin)
{
    return {{"verdict", name(origin.verdict)},
            {"scheme", origin.scheme.empty() ? Value() : Value(origin.scheme)},
            {"confidence", origin.confidence},
            {"sentence", origin.sentence},
            {"evidence", origin.evidence}};
}

Value::Map histogramValue(const Histogram& histogram)
{
    Value::List edges;
    for (size_t i = 0; !histogram.counts.empty() && i <= histogram.counts.size(); ++i)
        edges.push_back(i == histogram.counts.size() ? histogram.high : histogram.edge(i));
    return {{"edges", std::move(edges)},
            {"counts", Value::List(histogram.counts.begin(), histogram.counts.end())},
            {"below", histogram.below},
            {"above", histogram.above}};
}

void addStatistics(const TensorStatistics& statistics, Value::Map& map)
{
    const std::pair<const char*, uint64_t> counts[] = {{"count", statistics.count}, {"finite", statistics.finite}, {"nan", statistics.nan}, {"inf", statistics.inf},
                                                       {"zeros", statistics.zeros}, {"denormals", statistics.denormals}};
    for (const auto& [key, count] : counts)
        map.emplace_back(key, count);
    // without finite values there are no such numbers
    const auto number = [&statistics](double value) { return statistics.finite == 0 ? Value() : Value(value); };
    const std::pair<const char*, double> numbers[] = {{"mean", statistics.mean}, {"std", statistics.std}, {"min", statistics.min}, {"max", statistics.max},
                                                      {"absmax", statistics.absmax}, {"skewness", statistics.skewness}, {"kurtosis", statistics.kurtosis}};
    for (const auto& [key, value] : numbers)
        map.emplace_back(key, number(value));
    Value::Map quantiles;
    for (size_t i = 0; i < statistics.quantiles.size(); ++i)
        quantiles.emplace_back(fmt::format("{}", TensorStatistics::quantileLevels[i]), number(statistics.quantiles[i]));
    map.emplace_back("quantiles", std::move(quantiles));
    map.emplace_back("quantiles_exact", statistics.quantilesExact);
    map.emplace_back("histogram", histogramValue(statistics.histogram));
}

Value tensorValue(const Checkpoint& checkpoint, const TensorInfo& tensor, const Result<TensorAnalysis>& analysis, const Origin& origin)
{
    Value::Map map{{"shape", Value::List(tensor.shape.begin(), tensor.shape.end())}, {"dtype", tensor.dtypeName()}};
    if (const auto packed = checkpoint.packedWeights.find(tensor.name); packed != checkpoint.packedWeights.end())
        map.emplace_back("packed", packed->second.asValue());
    TensorStatistics none;
    none.count = checkpoint.unpacked(tensor).elements();
    addStatistics(analysis ? analysis->statistics : none, map);
    if (!analysis)
        map.emplace_back("error", Value::Map{{"rule", analysis.error().rule}, {"message", analysis.error().message}});
    map.emplace_back("origin", originValue(origin));
    return map;
}

Value::List textList(const std::vector<std::string>& texts)
{
    return {texts.begin(), texts.end()};
}

} // namespace

Value statisticsAnswer(const Checkpoint& checkpoint, const CheckpointStatistics& all, std::span<const size_t> wanted)
{
    Value::Map tensors;
    for (const size_t i : wanted)
        tensors.emplace_back(checkpoint.tensors[i].name, tensorValue(checkpoint, checkpoint.tensors[i], all.tensors[i], all.origin.tensors[i]));
    Value::List modules;
    for (const ModuleOrigin& module : all.origin.modules) {
        Value::List names;
        for (const size_t i : module.tensors)
            names.push_back(checkpoint.tensors[i].name);
        modules.push_back(Value::Map{{"prefix", module.prefix}, {"verdict", name(module.verdict)}, {"tensors", std::move(names)}});
    }
    // the contract has four verdicts: what a few steps have touched counts as random there
    const bool isBarelyTrained = all.origin.verdict == ModelVerdict::BarelyTrained;
    return Value::Map{{"tensors", std::move(tensors)},
                      {"modules", std::move(modules)},
                      {"model", Value::Map{{"verdict", name(isBarelyTrained ? ModelVerdict::Random : all.origin.verdict)},
                                           {"barely_trained", isBarelyTrained},
                                           {"summary", all.origin.summary},
                                           {"random_modules", textList(all.origin.randomModules)},
                                           {"random_layers", textList(all.origin.randomLayers)},
                                           {"random_share", all.origin.randomShare}}}};
}

} // namespace weighbridge
