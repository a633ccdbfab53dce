// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <set>

namespace weighbridge {
namespace {

/// What the reader of the index found: another total size, or tensors that are elsewhere.
bool indexDisagrees(const Checkpoint& checkpoint)
{
    return std::any_of(checkpoint.findings.begin(), checkpoint.findings.end(), [](const Finding& finding) { return finding.rule == "inconsistent-index"; });
}

class ShardRevision final : public Rule {
public:
    RuleInfo info() const override { return {"shard-revision", "All shards are of one revision", order::file - 1}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.comparison || facts.checkpoint->shards.size() < 2 || !indexDisagrees(*facts.checkpoint))
            return {};
        std::set<uint32_t> shards;
        std::vector<std::string> names;
        for (const Status status : {Status::ShapeDiffers, Status::Unexpected}) {
            for (const size_t row : facts.comparison->rows(status)) {
                const TensorInfo& tensor = facts.checkpoint->tensors[static_cast<size_t>(facts.comparison->matches[row].found)];
                shards.insert(tensor.storage.shard);
                names.push_back(tensor.name);
            }
        }
        if (shards.size() != 1 || *shards.begin() >= facts.checkpoint->shards.size())
            return {};
        const std::string file = shown(std::filesystem::path(facts.checkpoint->shards[*shards.begin()].path).filename().string(), 60);
        Finding finding;
        finding.rule = "shard-revision";
        finding.severity = Severity::Error;
        finding.title = fmt::format("{} is of another revision than the other shards", file);
        finding.explanation = fmt::format("All {} that do not fit are in this shard, and the index does not agree with what the shards hold.", tensorCount(names.size()));
        finding.evidence = {{"shard", file}, {"tensors", static_cast<uint64_t>(names.size())}};
        finding.tensors = std::move(names);
        finding.fix.text = fmt::format("Download {} again, and the index with it.", file);
        return {finding};
    }
};

} // namespace

const Rule& shardRevisionRule()
{
    static const ShardRevision rule;
    return rule;
}

} // namespace weighbridge
