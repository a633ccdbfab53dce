// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/layer_names.h"
#include "core/diagnosis/size_differences.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

int64_t newIndex(const DepthDifference& depth, int64_t old)
{
    return std::distance(depth.found.begin(), depth.found.find(old));
}

std::vector<FoundTensor> renumbered(std::vector<FoundTensor> tensors, const DepthDifference& depth)
{
    for (FoundTensor& tensor : tensors)
        if (const auto layer = layerOf(tensor.name); layer && layer->stem.ends_with(depth.stem) && depth.found.contains(layer->index))
            tensor.name = fmt::format("{}{}{}", layer->stem, newIndex(depth, layer->index), layer->rest);
    return tensors;
}

std::string pythonOf(const DepthDifference& depth)
{
    std::string pairs;
    for (const int64_t old : depth.found)
        pairs += fmt::format("{}{}: {}", pairs.empty() ? "" : ", ", old, newIndex(depth, old));
    return fmt::format("import re\n\nnumber = {{{}}}\nstem = re.escape({})\nstate_dict = {{\n    re.sub(rf\"({{stem}})(\\d+)\", lambda m: m[1] + str(number[int(m[2])]), k): v\n"
                       "    for k, v in state_dict.items()\n}}\n", pairs, toJson(Value(depth.stem)));
}

class LayerGap final : public Rule {
public:
    RuleInfo info() const override { return {"layer-gap", "The layers are numbered without a gap", order::sizes}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        for (const DepthDifference& depth : depthDifferences(facts)) {
            if (!depth.hasGap)
                continue;
            std::vector<int64_t> absent;
            for (int64_t i = 0; i < *depth.found.rbegin(); ++i)
                if (!depth.found.contains(i))
                    absent.push_back(i);
            const auto found = static_cast<int64_t>(depth.found.size());
            Finding finding;
            finding.rule = "layer-gap";
            finding.severity = Severity::Error;
            finding.title = fmt::format("Layer{} {} of {} {} not in the file, later ones are", absent.size() == 1 ? "" : "s", formatIndices(absent),
                                        *depth.found.rbegin() + 1, absent.size() == 1 ? "is" : "are");
            finding.explanation = fmt::format("The file holds the layers {}. A loader fills the absent one with random values or stops there; if it was taken out on purpose, the later ones must be renumbered.",
                                              formatIndices({depth.found.begin(), depth.found.end()}));
            finding.evidence = {{"absent", Value::List(absent.begin(), absent.end())}, {"layers", found}, {"stem", depth.stem}};
            finding.tensors = depth.tensors;
            finding.fix.text = fmt::format("If the layer was removed on purpose, renumber the later ones and set the depth to {}; if not, take a complete file.", found);
            if (!facts.config || facts.isReference())
                return {finding};
            const Value::Map depthChange{{layersField(*facts.config, static_cast<int64_t>(depth.expected.size())), found}};
            const std::vector<FoundTensor> closed = renumbered(facts.found, depth);
            finding.fix.python = pythonOf(depth);
            finding.fix.mayHideLoss = true;
            finding.fix.assumption = fmt::format("Layer{} {} {} taken out on purpose", absent.size() == 1 ? "" : "s", formatIndices(absent), absent.size() == 1 ? "was" : "were");
            takeBest(finding, facts, {{"set the depth alone", {}, depthChange}, {"renumber alone", closed, {}}, {"renumber and set the depth", closed, depthChange}}, job);
            return {finding};
        }
        return {};
    }
};

} // namespace

const Rule& layerGapRule()
{
    static const LayerGap rule;
    return rule;
}

} // namespace weighbridge
