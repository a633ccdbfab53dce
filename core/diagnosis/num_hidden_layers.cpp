// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/size_differences.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

std::vector<int64_t> range(int64_t first, int64_t end)
{
    std::vector<int64_t> out;
    for (int64_t i = first; i < end; ++i)
        out.push_back(i);
    return out;
}

class NumHiddenLayers final : public Rule {
public:
    RuleInfo info() const override { return {"num-hidden-layers", "The file has as many layers as the config", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        for (const DepthDifference& depth : depthDifferences(facts)) {
            if (depth.hasGap || depth.found.size() == depth.expected.size())
                continue;
            const auto expected = static_cast<int64_t>(depth.expected.size());
            const auto found = static_cast<int64_t>(depth.found.size());
            const bool isReference = facts.isReference();
            const std::string_view side = facts.expectingSide();
            Finding finding;
            finding.rule = "num-hidden-layers";
            finding.severity = Severity::Error;
            finding.title = fmt::format("The {} {} {} layers, the file holds {}", side, side == "reference" ? "has" : "asks for", expected, found);
            finding.explanation = found < expected ? fmt::format("Layers {} are not in the file. {}", formatIndices(range(found, expected)), facts.expected->isStrict ? "Its loader stops at the first." : "A loader fills them with random values and warns at most.")
                                                   : fmt::format("Layers {} of the file would be left out. A loader says that this can be ignored; the model then computes something else.", formatIndices(range(expected, found)));
            finding.evidence = {{"config", expected}, {"file", found}, {"stem", depth.stem}};
            finding.tensors = depth.tensors;
            finding.fix.text = "Take the config that belongs to this file, or the file that belongs to this config.";
            if (facts.config && !isReference) {
                const std::string field = layersField(*facts.config, expected);
                finding.fix.configChanges = sizeChanges(facts);
                if (finding.fix.configChanges.empty() || std::none_of(finding.fix.configChanges.begin(), finding.fix.configChanges.end(), [&](const auto& change) { return change.first == field; }))
                    finding.fix.configChanges.emplace_back(field, found);
                finding.fix.python = configPython(finding.fix.configChanges);
                finding.fix.text = found > expected ? fmt::format("Set {} to {} in the config.", field, found)
                                                    : fmt::format("Set {} to {} if the model has that many layers; if it has {}, the file has lost the rest: take a complete one.", field, found, expected);
                finding.fix.mayHideLoss = found < expected;
                if (finding.fix.mayHideLoss)
                    finding.fix.assumption = fmt::format("The model has {} layers, not {}", found, expected);
                if (prove(finding.fix, facts, job))
                    addTrials(finding, facts, fmt::format("{} = {}", field, found), job);
                else
                    finding.fix.configChanges.clear();
            }
            return {finding};
        }
        return {};
    }
};

} // namespace

const Rule& numHiddenLayersRule()
{
    static const NumHiddenLayers rule;
    return rule;
}

} // namespace weighbridge
