// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/jobs/core_calls.h"

#include "core/architecture/config.h"
#include "core/architecture/expected_model.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/statistics/analysis_store.h"
#include "core/statistics/statistics_part.h"

namespace weighbridge {
namespace {

Result<std::shared_ptr<const ExpectedModel>> modelOfConfig(const std::string& configPath, const std::string& className, JobContext& job)
{
    const auto config = loadConfig(configPath, job);
    if (!config)
        return tl::unexpected(config.error());
    return expectedModel(*config, className, job).map([](ExpectedModel&& model) -> std::shared_ptr<const ExpectedModel> {
        return std::make_shared<const ExpectedModel>(std::move(model));
    });
}

Result<Repaired> repair(const std::shared_ptr<const CheckResult>& check, const std::string& out, JobContext& job)
{
    auto plan = planRepair(*check, job);
    if (!plan)
        return tl::unexpected(plan.error());
    auto copy = saveRepaired(*plan, out, {}, job);
    if (!copy)
        return tl::unexpected(copy.error());
    return Repaired{std::move(*plan), std::move(*copy)};
}

Result<Spectrum> spectrum(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job)
{
    return computeSpectrum(checkpoint, tensor, job);
}

} // namespace

CoreCalls coreCalls(const std::string& analysisFolder)
{
    const auto analyses = std::make_shared<AnalysisStore>(analysisFolder);
    const auto check = [analyses](CheckpointPtr checkpoint, CheckOptions options, JobContext& job) {
        options.analyses = analyses;
        return checkCheckpoint(std::move(checkpoint), options, job);
    };
    // on one thread: two such jobs run side by side
    const auto analyse = [analyses](const Checkpoint& checkpoint, const ConfigHints& hints, std::span<const size_t> tensors, JobContext& job,
                                    const AnalysisSink& sink) { return analyses->analyse(checkpoint, hints, tensors, 1, job, sink); };
    const auto use = [analyses](const CheckpointPtr& checkpoint, const ConfigHints& hints, const std::vector<std::string>& paths, JobContext& job) {
        return statisticsFor(*checkpoint, paths, job).map([&](MergedStatistics merged) {
            const GivenStatistics given{paths.front(), merged.statistics.tensors.size()};
            analyses->give(*checkpoint, hints, std::move(merged.statistics.tensors));
            return given;
        });
    };
    return {openCheckpoint, check, modelOfConfig, analyse, use, repair, spectrum, computeQuantilePlot, computeHeatMap, readValueBlock};
}

} // namespace weighbridge
