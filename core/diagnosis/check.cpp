// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/check.h"

#include "core/architecture/file_architecture.h"
#include "core/architecture/gguf_config.h"
#include "core/base/cuda_devices.h"
#include "core/base/device.h"
#include "core/base/interruptible_reads.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/environment.h"
#include "core/diagnosis/find_config.h"
#include "core/diagnosis/findings.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/fix_script.h"
#include "core/diagnosis/quantized_names.h"
#include "core/diagnosis/tensorflow_names.h"
#include "core/diagnosis/value_findings.h"

#include <algorithm>

namespace weighbridge {
namespace {

/// What the check stands on, gathered step by step.
struct Gathered {
    std::shared_ptr<const Config> config;
    std::optional<Error> configError;
    std::shared_ptr<const ExpectedModel> expected;
    std::optional<Error> expectedError;
};

Result<void> gatherReference(Gathered& gathered, const std::string& path, JobContext& job)
{
    const auto reference = openCheckpoint(path, job);
    if (!reference)
        return tl::unexpected(reference.error());
    gathered.expected = std::make_shared<const ExpectedModel>(expectedFromReference(**reference));
    return {};
}

/// A config without model_type (an old bert_config.json, a YAML by hand) is read as of the family that the names show.
Config withModelType(Config config, const Fingerprint& fingerprint)
{
    if (config.modelType().empty() && !fingerprint.family.empty() && config.root.isMap())
        config.root.set("model_type", fingerprint.family);
    return config;
}

Result<void> gatherConfig(Gathered& gathered, const Checkpoint& checkpoint, const CheckOptions& options, const std::vector<FoundTensor>& found, JobContext& job)
{
    if (auto own = options.configPath.empty() ? expectedByItself(checkpoint, job) : std::nullopt) {
        gathered.expected = std::make_shared<const ExpectedModel>(std::move(*own));
        return {};
    }
    if (options.configPath.empty() && ggufConfig(checkpoint)) // whose architecture is not known: a config beside it is another program's
        return {};
    const std::string path = options.configPath.empty() ? findConfig(checkpoint) : options.configPath;
    if (path.empty())
        return {};
    auto config = loadConfig(path, job);
    if (!config) {
        if (!options.configPath.empty())
            return tl::unexpected(config.error());
        gathered.configError = config.error();
        return {};
    }
    gathered.config = std::make_shared<const Config>(withTensorFlowLabels(withModelType(modelSection(std::move(*config)), fingerprintOf(found)), found));
    const std::string className = options.className.empty() ? tensorFlowClass(*gathered.config, found) : options.className;
    auto expected = expectedModel(*gathered.config, className, job);
    if (expected) {
        expectQuantized(*expected, *gathered.config, found);
        expectTensorFlow(*expected, found);
        gathered.expected = std::make_shared<const ExpectedModel>(std::move(*expected));
    } else if (!options.className.empty()) {
        return tl::unexpected(expected.error());
    } else {
        gathered.expectedError = expected.error();
    }
    return {};
}

/// What names and shapes say of a config, where none says it.
std::shared_ptr<const InferredConfig> inferredFor(const CheckResult& result, const Gathered& gathered, const std::vector<FoundTensor>& found, JobContext& job)
{
    const bool isBare = gathered.config && gathered.expected && !namesSizes(*gathered.config);
    const bool isAbsent = !gathered.config && !gathered.configError && !gathered.expected;
    if ((!isBare && !isAbsent) || result.checkpoint->format == "tokenizer")
        return nullptr;
    auto inferred = inferConfig(found, job);
    return inferred ? std::make_shared<const InferredConfig>(std::move(*inferred)) : nullptr;
}

/// Empty where there is none, or where the active one cannot be read.
Result<Environment> gatherEnvironment(const CheckOptions& options, JobContext& job)
{
    if (!options.environmentPath.empty())
        return readEnvironment(options.environmentPath, job);
    const std::string active = activeEnvironment();
    auto environment = active.empty() ? Environment{} : readEnvironment(active, job).value_or(Environment{});
    environment.isActive = true;
    return environment;
}

Facts factsOf(const CheckResult& result, const Gathered& gathered)
{
    Facts facts;
    facts.checkpoint = result.checkpoint.get();
    facts.config = result.config.get();
    facts.configError = gathered.configError ? &*gathered.configError : nullptr;
    facts.expected = result.expected.get();
    facts.expectedError = gathered.expectedError ? &*gathered.expectedError : nullptr;
    facts.comparison = result.comparison.get();
    facts.inferred = result.inferred.get();
    return facts;
}

void addAfterFix(CheckResult& result, JobContext& job)
{
    for (size_t i = 0; i < result.findings.size() && !result.afterFix; ++i) {
        const Finding& finding = result.findings[i];
        if (finding.severity == Severity::Note || !finding.because.empty())
            continue;
        result.afterFix = applyFix(result, finding, job);
        result.fixedFinding = result.afterFix ? static_cast<int>(i) : -1;
    }
}

Result<void> addValueFindings(CheckResult& result, AnalysisStore* analyses, JobContext& job)
{
    auto values = analyseCheckpoint(*result.checkpoint, result.config ? hintsOf(result.config->root) : ConfigHints{}, 0, job, analyses);
    if (!values)
        return tl::unexpected(values.error());
    result.values = std::make_shared<const CheckpointStatistics>(std::move(*values));
    for (Finding& finding : originFindings(*result.checkpoint, *result.values))
        result.findings.push_back(std::move(finding));
    std::stable_partition(result.findings.begin(), result.findings.end(), [](const Finding& finding) { return finding.severity != Severity::Note; });
    return {};
}

} // namespace

Result<std::shared_ptr<const CheckResult>> checkCheckpoint(CheckpointPtr checkpoint, const CheckOptions& options, JobContext& job)
{
    const InterruptibleReads reads(job);
    auto result = std::make_shared<CheckResult>();
    result->checkpoint = std::move(checkpoint);
    std::vector<FoundTensor> found = foundTensors(*result->checkpoint);
    Gathered gathered;
    const auto done = options.againstPath.empty() ? gatherConfig(gathered, *result->checkpoint, options, found, job)
                                                  : gatherReference(gathered, options.againstPath, job);
    if (!done)
        return tl::unexpected(done.error());
    result->config = gathered.config;
    result->expected = gathered.expected;
    result->modelSource = !options.againstPath.empty() ? "reference" : gathered.expected ? "config" : "inferred";
    if (result->expected)
        result->comparison = std::make_shared<const Comparison>(compareToExpected(*result->expected, found, job));

    result->inferred = inferredFor(*result, gathered, found, job);
    const auto environment = gatherEnvironment(options, job);
    if (!environment)
        return tl::unexpected(environment.error());

    Facts facts = factsOf(*result, gathered);
    facts.environment = environment->path.empty() ? nullptr : &*environment;
    result->memory = memoryNeed(*result->checkpoint, result->config.get());
    result->availableMemory = cpuDevice().memoryFree.value_or(0);
    result->cudaDevices = cudaDevices(job);
    facts.availableMemory = result->availableMemory;
    complete(facts, std::move(found));
    if (result->inferred && facts.fingerprint.family.empty())
        facts.fingerprint.family = result->inferred->modelType;
    result->looksLike = describe(facts.fingerprint);
    result->findings = findAll(facts, job);
    foldConsequences(result->findings, facts, job);
    if (options.values)
        if (const auto added = addValueFindings(*result, options.analyses.get(), job); !added)
            return tl::unexpected(added.error());
    if (job.cancelled())
        return failure(cancelledError());
    addAfterFix(*result, job);
    for (Finding& finding : result->findings)
        if (finding.severity != Severity::Note)
            completeScript(finding.fix, *result->checkpoint);
    result->verdict = verdictOf(result->findings);
    result->sentence = verdictSentence(*result);
    result->subSentence = consequenceSentence(*result);
    return std::shared_ptr<const CheckResult>(std::move(result));
}

std::shared_ptr<const AfterFix> applyFix(const CheckResult& check, const Finding& finding, JobContext& job)
{
    Facts facts = factsOf(check, {});
    complete(facts, foundTensors(*check.checkpoint));
    FactsAfter after;
    if (!makeFactsAfter(after, finding.fix, facts, job))
        return nullptr;
    const auto expected = finding.fix.configChanges.empty() ? check.expected : std::make_shared<const ExpectedModel>(std::move(after.expected));
    return std::make_shared<const AfterFix>(AfterFix{expected, std::make_shared<const Comparison>(std::move(after.comparison)), std::move(after.facts.found)});
}

} // namespace weighbridge
