// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/findings.h"

#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace weighbridge {
namespace {

struct Ranked {
    Finding finding;
    int order = 0;
};

/// What readers say about the file itself. What they only warn of (globals of a pickle) does not explain a comparison.
int readerOrder(const Finding& finding)
{
    static constexpr std::array<std::string_view, 12> aside{"unsafe-pickle", "memory", "unsupported-version", "several-weights", "model-parallel", "duplicate-key",
                                                             "bad-dtype", "bad-shape", "dependency-missing", "remote-code", "config-format", "config-syntax"};
    const bool isAside = std::find(aside.begin(), aside.end(), finding.rule) != aside.end();
    return finding.severity != Severity::Error && isAside ? order::aside : order::file;
}

bool isNote(const Ranked& entry)
{
    return entry.finding.severity == Severity::Note;
}

/// A finding for what no rule explains. `what` is the word of the vocabulary, `verb` what is said of the tensors.
struct Rest {
    const char* rule;
    const char* verb;
    const char* explanation;
    std::vector<std::string> names;
};

Finding restFinding(const Rest& rest, std::vector<std::string> names, Severity severity, const std::string& because)
{
    Finding finding;
    finding.rule = rest.rule;
    finding.severity = severity;
    finding.title = fmt::format("{} {} {}", tensorCount(names.size()), names.size() == 1 ? "is" : "are", rest.verb);
    finding.explanation = rest.explanation;
    finding.evidence = {{"tensors", static_cast<uint64_t>(names.size())}};
    finding.tensors = std::move(names);
    finding.because = because;
    return finding;
}

std::vector<Ranked> ranked(const Facts& facts, JobContext& job)
{
    std::vector<Ranked> all;
    for (const Finding& finding : facts.checkpoint->findings) {
        all.push_back({finding, readerOrder(finding)});
        // Renaming the file changes nothing of what is in it.
        if (finding.rule == "wrong-format-for-extension" && facts.comparison)
            all.back().finding.fix.coverageAfter = facts.coverage();
    }
    if (facts.config)
        for (const Finding& finding : facts.config->findings)
            all.push_back({finding, order::aside});
    if (facts.expected)
        for (const Finding& finding : facts.expected->findings)
            all.push_back({finding, order::aside});
    // What is left of a cut file says nothing about the sizes of the model.
    const bool isCut = std::any_of(facts.checkpoint->tensors.begin(), facts.checkpoint->tensors.end(), [](const TensorInfo& tensor) { return tensor.isLost; });
    for (const Rule* rule : allRules()) {
        if (job.cancelled())
            break;
        if (isCut && rule->info().order == order::sizes)
            continue;
        for (Finding& finding : rule->check(facts, job))
            all.push_back({std::move(finding), rule->info().order});
    }
    std::stable_sort(all.begin(), all.end(), [](const Ranked& a, const Ranked& b) { return std::pair(isNote(a), a.order) < std::pair(isNote(b), b.order); });
    return all;
}

/// Of the rule that says it; readers' findings are about the file.
int orderOf(const Finding& finding)
{
    for (const Rule* rule : allRules())
        if (rule->info().id == finding.rule)
            return rule->info().order;
    return readerOrder(finding);
}

bool isAboutComparison(const Finding& finding)
{
    const int at = orderOf(finding);
    return at >= order::otherContent && at < order::aside;
}

void markExplained(std::vector<Finding>& findings, const Facts& facts, JobContext& job)
{
    const Finding& root = findings.front();
    const bool isOtherContent = root.severity == Severity::Warning && orderOf(root) >= order::otherContent && orderOf(root) < order::names;
    if (root.severity != Severity::Error && !isOtherContent)
        return;
    FactsAfter after;
    const bool provable = makeFactsAfter(after, root.fix, facts, job);
    if (!provable && orderOf(root) >= order::sizes)
        return;
    std::set<std::string> left;
    if (provable)
        for (const Ranked& entry : ranked(after.facts, job))
            left.insert(entry.finding.rule);
    for (size_t i = 1; i < findings.size(); ++i) {
        if (isAboutComparison(findings[i]) && !left.contains(findings[i].rule))
            findings[i].because = root.rule;
    }
}

void addRest(std::vector<Finding>& findings, const Facts& facts)
{
    const bool isStrict = facts.expected && facts.expected->isStrict;
    const std::array rests{
        Rest{"missing-tensors", "missing", isStrict ? "The model expects them, the file does not hold them. Its loader stops at the first." : "The model expects them, the file does not hold them. A loader fills them with random values.", missingNames(facts)},
        Rest{"unexpected-tensors", "unexpected", "The file holds them, the model has no place for them. A loader leaves them out.", unexpectedNames(facts)},
        Rest{"shape-differs", "of another shape", "A loader stops at them, or fills them with random values if it is told to go on.", mismatchedNames(facts)},
    };
    // A cause that is not about single tensors explains them all; one that lists its tensors explains those.
    const bool isRoot = !findings.empty() && (findings.front().severity == Severity::Error || (findings.front().severity == Severity::Warning && orderOf(findings.front()) < order::names));
    const bool explainsAll = isRoot && (findings.front().tensors.empty() || !findings.front().fix.keeps.empty() || findings.front().rule == "adapter");
    std::set<std::string> explained;
    for (const Finding& finding : findings)
        explained.insert(finding.tensors.begin(), finding.tensors.end());
    std::vector<Finding> out;
    for (const Rest& rest : rests) {
        std::vector<std::string> follows;
        std::vector<std::string> alone;
        for (const std::string& name : rest.names)
            (explainsAll || explained.contains(name) ? follows : alone).push_back(name);
        const Severity severity = rest.rule == std::string_view("unexpected-tensors") ? Severity::Warning : Severity::Error;
        if (!follows.empty())
            out.push_back(restFinding(rest, std::move(follows), std::min(severity, findings.front().severity), findings.front().rule));
        if (!alone.empty())
            out.push_back(restFinding(rest, std::move(alone), severity, ""));
    }
    // What follows from a note stands behind it, anything else before the first note.
    for (Finding& finding : out) {
        auto at = std::find_if(findings.begin(), findings.end(), [](const Finding& other) { return other.severity == Severity::Note; });
        if (finding.severity == Severity::Note && !finding.because.empty())
            at = std::find_if_not(at, findings.end(), [&finding](const Finding& other) { return other.rule == finding.because || other.because == finding.because; });
        findings.insert(at, std::move(finding));
    }
}

/// Where the config names no sizes, what deviates from the library's own is no error of the file.
void doubtSizes(std::vector<Finding>& findings)
{
    for (Finding& finding : findings) {
        const bool isRest = finding.rule == "missing-tensors" || finding.rule == "shape-differs";
        const int at = orderOf(finding);
        if (finding.severity == Severity::Error && (isRest || (at >= order::sizes && at < order::aside))) {
            finding.severity = Severity::Warning;
            finding.because = "config-missing";
        }
    }
}

} // namespace

void complete(Facts& facts, std::vector<FoundTensor> found)
{
    facts.found = std::move(found);
    facts.fingerprint = fingerprintOf(facts.found);
    facts.expectedSizes = facts.expected ? modelSizes(asFound(*facts.expected)) : ModelSizes{};
}

std::vector<Finding> findAll(const Facts& facts, JobContext& job)
{
    std::vector<Finding> findings;
    for (Ranked& entry : ranked(facts, job))
        findings.push_back(std::move(entry.finding));
    return findings;
}

void foldConsequences(std::vector<Finding>& findings, const Facts& facts, JobContext& job)
{
    if (!findings.empty())
        markExplained(findings, facts, job);
    addRest(findings, facts);
    if (facts.config && facts.expected && !facts.isReference() && !namesSizes(*facts.config))
        doubtSizes(findings);
}

} // namespace weighbridge
