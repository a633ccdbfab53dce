// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/comparison_overview.h"

#include "ui/models/checkpoint_totals.h"
#include "ui/models/difference_tree.h"

#include <algorithm>
#include <map>

namespace weighbridge {
namespace {

constexpr size_t mostExamples = 3;

void addPair(ComparisonOverview::Kind& kind, const std::string& name)
{
    ++kind.pairs;
    if (kind.examples.size() < mostExamples)
        kind.examples.push_back(name);
    else
        kind.hasMore = true;
}

/// Every renamed pair, whatever else differs in it; its examples are rules, the commonest first.
ComparisonOverview::Kind renamedOf(const Difference& difference)
{
    ComparisonOverview::Kind out;
    std::map<std::string, size_t> counts;
    for (const TensorPair& pair : difference.pairs) {
        if (!pair.isRenamed())
            continue;
        ++out.pairs;
        ++counts[pair.rule];
    }
    std::vector<std::pair<size_t, std::string>> rules;
    for (const auto& [rule, count] : counts)
        rules.emplace_back(count, rule);
    std::sort(rules.rbegin(), rules.rend());
    out.hasMore = rules.size() > mostExamples;
    rules.resize(std::min(rules.size(), mostExamples));
    for (const auto& [count, rule] : rules)
        out.examples.push_back(rule);
    return out;
}

uint64_t nbytesOf(const CheckpointPtr& checkpoint)
{
    const CheckpointTotals totals = checkpoint ? CheckpointTotals(*checkpoint) : CheckpointTotals();
    return totals.filesNbytes ? totals.filesNbytes : totals.nbytes;
}

} // namespace

ComparisonOverview::ComparisonOverview(const Difference& difference)
    : table(changeTable(difference))
    , strip(std::make_shared<const Strip>(comparisonStrip(difference).reduced(Strip::finest)))
    , nbytes{nbytesOf(difference.a), nbytesOf(difference.b)}
{
    for (const TensorPair& pair : difference.pairs)
        addPair(byState[static_cast<size_t>(stateOf(pair))], nameOf(difference, pair));
    byState[static_cast<size_t>(PairState::Renamed)] = renamedOf(difference);
}

} // namespace weighbridge
