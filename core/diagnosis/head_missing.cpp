// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

class HeadMissing final : public Rule {
public:
    RuleInfo info() const override { return {"head-missing", "The head is in the file", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.expected || !facts.comparison || facts.isReference() || facts.expected->baseModelPrefix.empty())
            return {};
        const std::string base = facts.expected->baseModelPrefix + ".";
        const bool hasBase = std::any_of(facts.expected->tensors.begin(), facts.expected->tensors.end(), [&base](const ExpectedTensor& tensor) { return tensor.name.starts_with(base); });
        const auto missing = missingNames(facts);
        const bool onlyHead = std::none_of(missing.begin(), missing.end(), [&base](const std::string& name) { return name.starts_with(base); });
        if (!hasBase || missing.empty() || !onlyHead)
            return {};
        const Value* architectures = facts.config ? facts.config->root.find("architectures") : nullptr;
        const Value::List* named = architectures ? architectures->list() : nullptr;
        const bool promised = named && !named->empty() && named->front().stringOr("") == facts.expected->className;
        Finding finding;
        finding.rule = "head-missing";
        // A config that names the class promises its head; a class that the user chose may be meant to be trained.
        finding.severity = promised ? Severity::Error : Severity::Warning;
        finding.title = fmt::format("The head of {} is not in the file", shown(facts.expected->className, 60));
        finding.explanation = fmt::format("The body is complete; {} of the head ({}) start random, so its predictions are random until it is trained.", tensorCount(missing.size()),
                                          shown(fmt::format("{}", fmt::join(missing, ", ")), 200));
        finding.evidence = {{"missing", static_cast<uint64_t>(missing.size())}, {"matched", static_cast<uint64_t>(facts.comparison->matchedTensors)}};
        finding.tensors = missing;
        finding.fix.text = "Harmless if the head is to be trained. Otherwise load the fine-tuned checkpoint that has it.";
        return {finding};
    }
};

} // namespace

const Rule& headMissingRule()
{
    static const HeadMissing rule;
    return rule;
}

} // namespace weighbridge
