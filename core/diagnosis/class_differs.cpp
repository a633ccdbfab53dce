// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t maximumTrials = 6; ///< that are told

/// The class of the same model type with the fewest missing and unexpected tensors, if it leaves at most a tenth of them.
std::string bestClass(const Facts& facts, size_t deviations, std::vector<Trial>& tried, JobContext& job)
{
    std::string best;
    size_t fewest = deviations / 10 + 1;
    tried = {{facts.expected->className, facts.found.size() - unexpectedNames(facts).size(), facts.found.size(), false}};
    for (const std::string& name : knownClasses(facts.expected->modelType)) {
        if (name == facts.expected->className || job.cancelled())
            continue;
        const auto expected = expectedModel(*facts.config, name, job);
        if (!expected)
            continue;
        const Comparison comparison = compareToExpected(*expected, facts.found, job);
        tried.push_back({name, facts.found.size() - comparison.rows(Status::Unexpected).size(), facts.found.size(), false});
        const size_t count = comparison.rows(Status::Missing).size() + comparison.rows(Status::Unexpected).size() + comparison.rows(Status::ShapeDiffers).size();
        if (count < fewest) {
            fewest = count;
            best = name;
        }
    }
    for (Trial& trial : tried)
        trial.isTaken = trial.text == best;
    std::stable_sort(tried.begin() + 1, tried.end(), [](const Trial& a, const Trial& b) { return std::pair(a.isTaken, a.matched) > std::pair(b.isTaken, b.matched); });
    tried.resize(std::min(tried.size(), maximumTrials));
    return best;
}

class ClassDiffers final : public Rule {
public:
    RuleInfo info() const override { return {"class-differs", "The file was saved from the class that the config names", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (!facts.config || !facts.expected || !facts.comparison || facts.isReference() || facts.coverage() < 0.5)
            return {};
        const auto missing = missingNames(facts);
        const auto unexpected = unexpectedNames(facts);
        if (unexpected.empty() || !mismatchedNames(facts).empty())
            return {};
        std::vector<Trial> tried;
        const std::string better = bestClass(facts, missing.size() + unexpected.size(), tried, job);
        if (better.empty())
            return {};
        Finding finding;
        finding.rule = "class-differs";
        // Nothing is lost if only a head is left out.
        finding.severity = missing.empty() ? Severity::Note : Severity::Error;
        finding.title = fmt::format("The file is of {}, {} {}", better, facts.config->root.find("architectures") ? "the config says" : "expected is", shown(facts.expected->className, 60));
        finding.explanation = fmt::format("As {} all but nothing is missing and unexpected; as {} {} are missing and {} unexpected.{}", better, shown(facts.expected->className, 60), missing.size(),
                                          unexpected.size(), missing.empty() ? " Everything that is expected is there. Safe to ignore." : " What is missing starts random.");
        finding.evidence = {{"class", better}, {"missing", static_cast<uint64_t>(missing.size())}, {"unexpected", static_cast<uint64_t>(unexpected.size())}};
        finding.tensors = missing;
        finding.tensors.insert(finding.tensors.end(), unexpected.begin(), unexpected.end());
        finding.tried = std::move(tried);
        finding.fix.text = fmt::format("Load it with {}, or train the part that is new.", better);
        finding.fix.python = fmt::format("from transformers import {0}\n\nmodel = {0}.from_pretrained(\".\")\n", better);
        finding.fix.configChanges = {{"architectures", Value::List{better}}};
        prove(finding.fix, facts, job);
        return {finding};
    }
};

} // namespace

const Rule& classDiffersRule()
{
    static const ClassDiffers rule;
    return rule;
}

} // namespace weighbridge
