// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/size_differences.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr int64_t maximumHeads = 256;
constexpr size_t maximumTrials = 6; ///< that are told

/// What the config says of the attention.
struct Attention {
    std::string headsField;
    std::string hiddenField;
    int64_t heads = 0;
    int64_t hidden = 0;
    int64_t headSize = 0; ///< head_dim or d_kv; 0: the hidden size is shared out
    bool isFree = false;  ///< models that are built whether the heads divide or not (embedding_size)
};

int64_t integerOf(const Config& config, const std::string& field)
{
    const Value* value = configValue(config, field);
    return value && value->isInt() ? *value->integer() : 0;
}

std::optional<Attention> attentionOf(const Config& config)
{
    Attention out;
    out.headsField = configField(config, {"num_attention_heads", "n_head", "n_heads", "num_heads"});
    out.hiddenField = configField(config, hiddenSizeField().fields);
    out.heads = integerOf(config, out.headsField);
    out.hidden = integerOf(config, out.hiddenField);
    out.headSize = integerOf(config, configField(config, {"head_dim", "d_kv"}));
    out.isFree = config.root.find("embedding_size") != nullptr;
    return out.heads > 0 && out.hidden > 0 ? std::optional(out) : std::nullopt;
}

/// The fields for a number of heads; key and value heads with them where the config has these.
Value::Map changesFor(int64_t heads, const Attention& attention, const Facts& facts)
{
    Value::Map changes{{attention.headsField, heads}};
    const std::string field = configField(*facts.config, {"num_key_value_heads"});
    const int64_t size = attention.headSize > 0 ? attention.headSize : attention.hidden / heads;
    const int64_t rows = facts.fingerprint.sizes.keyRows.value_or(0);
    if (integerOf(*facts.config, field) > 0 && size > 0 && rows > 0 && rows % size == 0 && rows / size != integerOf(*facts.config, field))
        changes.emplace_back(field, rows / size);
    return changes;
}

/// What was tried, and the numbers of heads with which all that is in the file fits.
struct Search {
    std::vector<Trial> tried;
    std::vector<Value::Map> fitting;
};

Search search(const Attention& attention, const Facts& facts, JobContext& job)
{
    Search out;
    if (facts.comparison)
        out.tried.push_back(
            {fmt::format("{} heads, as it is", attention.heads), facts.comparison->matchedTensors, facts.comparison->expectedTensors, false});
    for (int64_t heads = 1; heads <= std::min(attention.hidden, maximumHeads) && !job.cancelled(); ++heads) {
        const bool mayFit = attention.headSize > 0 ? heads * attention.headSize <= 4 * attention.hidden : attention.hidden % heads == 0;
        if (!mayFit || heads == attention.heads)
            continue;
        Value::Map changes = changesFor(heads, attention, facts);
        const auto expected = expectedModel(withChanges(*facts.config, changes), facts.expected ? facts.expected->className : "", job);
        if (!expected)
            continue;
        const Comparison comparison = compareToExpected(*expected, facts.found, job);
        const bool fits = comparison.matchedTensors == comparison.expectedTensors && comparison.rows(Status::ShapeDiffers).empty();
        out.tried.push_back({heads == 1 ? "1 head" : fmt::format("{} heads", heads), comparison.matchedTensors, comparison.expectedTensors, false});
        if (fits)
            out.fitting.push_back(std::move(changes));
    }
    return out;
}

/// The number of heads is as told; those that fit best are told.
void tell(Finding& finding, Search search)
{
    if (search.fitting.size() == 1) {
        const std::string taken =
            *search.fitting[0].front().second.integer() == 1 ? "1 head" : fmt::format("{} heads", *search.fitting[0].front().second.integer());
        for (Trial& trial : search.tried)
            trial.isTaken = trial.text == taken;
    }
    std::stable_sort(search.tried.begin(), search.tried.end(),
                     [](const Trial& a, const Trial& b) { return std::pair(a.isTaken, a.matched) > std::pair(b.isTaken, b.matched); });
    search.tried.resize(std::min(search.tried.size(), maximumTrials));
    finding.tried = std::move(search.tried);
}

Finding newHeadsFinding(const Attention& attention)
{
    Finding finding;
    finding.rule = "num-attention-heads";
    finding.severity = Severity::Error;
    finding.evidence = {{"num_attention_heads", attention.heads}, {"hidden_size", attention.hidden}};
    if (attention.headSize > 0)
        finding.evidence.emplace_back("head_size", attention.headSize);
    return finding;
}

void fixBy(Finding& finding, const Value::Map& changes, const Facts& facts, JobContext& job)
{
    std::vector<std::string> fields;
    for (const auto& [field, value] : changes)
        fields.push_back(fmt::format("{} to {}", shown(field, 60), toJson(value)));
    finding.fix.text = fmt::format("Set {} in the config: with no other number do the shapes fit.", fmt::join(fields, " and "));
    finding.fix.configChanges = changes;
    finding.fix.python = configPython(changes);
    if (!prove(finding.fix, facts, job))
        finding.fix.coverageAfter = 1.0; // the config as it is describes no model, so there is nothing to start from
}

class NumAttentionHeads final : public Rule {
public:
    RuleInfo info() const override { return {"num-attention-heads", "The heads divide the hidden size", order::config}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        const auto attention = facts.config && !facts.isReference() ? attentionOf(*facts.config) : std::nullopt;
        if (!attention)
            return {};
        const bool divides = attention->headSize > 0 || attention->hidden % attention->heads == 0;
        if (!divides && !attention->isFree)
            return {cannotBeBuilt(*attention, facts, job)};
        return shapesDiffer(*attention, facts, job);
    }

private:
    static Finding cannotBeBuilt(const Attention& attention, const Facts& facts, JobContext& job)
    {
        const int64_t hidden = facts.fingerprint.sizes.hidden.value_or(attention.hidden);
        if (hidden != attention.hidden && hidden % attention.heads == 0)
            return hiddenIsMeant(attention, hidden);
        Finding finding = newHeadsFinding(attention);
        finding.title = fmt::format("{} attention heads do not divide the hidden size {}", attention.heads, attention.hidden);
        finding.explanation = "Each head takes an equal share of the hidden size, so no model can be built.";
        Search tried = search(attention, facts, job);
        if (tried.fitting.size() == 1) {
            fixBy(finding, tried.fitting[0], facts, job);
        } else {
            finding.explanation +=
                tried.fitting.empty() ? " The shapes do not tell how many heads there were."
                                      : fmt::format(" The shapes fit with {} other numbers, so they cannot tell which it was.", tried.fitting.size());
            finding.fix.text =
                attention.hidden % 64 == 0
                    ? fmt::format("Take the number from the config that the model was published with; heads of 64, the usual size, would be {}.",
                                  attention.hidden / 64)
                    : "Take the number from the config that the model was published with.";
        }
        tell(finding, std::move(tried));
        return finding;
    }

    static Finding hiddenIsMeant(const Attention& attention, int64_t hidden)
    {
        Finding finding = newHeadsFinding(attention);
        finding.rule = hiddenSizeField().rule;
        finding.title = fmt::format("The hidden size in the config is {}, in the file {}", attention.hidden, hidden);
        finding.explanation = fmt::format("No model can be built of it: {} heads do not divide {}. They do divide what the file has.",
                                          attention.heads, attention.hidden);
        finding.fix.text = fmt::format("Set {} to {} in the config.", attention.hiddenField, hidden);
        finding.fix.python = configPython({{attention.hiddenField, hidden}});
        finding.fix.configChanges = {{attention.hiddenField, hidden}};
        return finding;
    }

    /// Where heads have a size of their own, or share keys, the shapes do tell.
    static std::vector<Finding> shapesDiffer(const Attention& attention, const Facts& facts, JobContext& job)
    {
        const bool sameHidden = facts.fingerprint.sizes.hidden.value_or(attention.hidden) == attention.hidden;
        if (!facts.expected || !facts.comparison || !sameHidden)
            return {};
        const auto names = mismatchedNames(facts);
        const auto isAttention = [](const std::string& name) {
            return name.find("attn") != std::string::npos || name.find("ttention") != std::string::npos;
        };
        if (names.empty() || !std::all_of(names.begin(), names.end(), isAttention))
            return {};
        Search tried = search(attention, facts, job);
        if (tried.fitting.empty())
            return {};
        Finding finding = newHeadsFinding(attention);
        finding.title = tried.fitting.size() == 1 ? fmt::format("The config says {} attention heads, the shapes say {}", attention.heads,
                                                                *tried.fitting[0].front().second.integer())
                                                  : fmt::format("{} attention heads do not fit the shapes of the file", attention.heads);
        finding.explanation = fmt::format("{} of the attention {} another shape than {} heads{} give. A loader stops with \"size mismatch\".",
                                          tensorCount(names.size()), names.size() == 1 ? "has" : "have", attention.heads,
                                          attention.headSize > 0 ? fmt::format(" of {}", attention.headSize) : "");
        finding.tensors = names;
        if (tried.fitting.size() == 1)
            fixBy(finding, tried.fitting[0], facts, job);
        else
            finding.fix.text = "Several numbers of heads fit: take the one of the config that the model was published with.";
        tell(finding, std::move(tried));
        return {finding};
    }
};

} // namespace

const Rule& numAttentionHeadsRule()
{
    static const NumAttentionHeads rule;
    return rule;
}

} // namespace weighbridge
