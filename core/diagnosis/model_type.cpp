// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

struct Verdict {
    std::string family;               ///< that the tensors are of; empty: nothing speaks against the config
    std::string reason;
    std::vector<std::string> tensors;
};

bool isOneOf(const std::string& word, std::initializer_list<std::string_view> words)
{
    return std::find(words.begin(), words.end(), word) != words.end();
}

/// BERT and RoBERTa have the same names below their heads. Segments tell: BERT has two, RoBERTa one (and DistilRoBERTa none),
/// whatever the config was made to say.
Verdict judgeBySegments(const Facts& facts)
{
    const std::string& configured = facts.expected->modelType;
    const ModelSizes& sizes = facts.fingerprint.sizes;
    const std::vector<std::string> tensor{sizes.typeVocabTensor.empty() ? sizes.vocabTensor : sizes.typeVocabTensor};
    const bool isBert = facts.fingerprint.family == "bert" || facts.fingerprint.family == "roberta";
    if (!isBert || !sizes.vocab)
        return {};
    if (configured == "bert" && facts.expectedSizes.typeVocab.value_or(0) > 1 && sizes.typeVocab.value_or(1) == 1)
        return {"roberta", sizes.typeVocab ? "There is one segment embedding, as RoBERTa has; BERT has two." : "There is no segment embedding; BERT has two, RoBERTa at most one.", tensor};
    if (isOneOf(configured, {"roberta", "xlm-roberta", "camembert"}) && sizes.typeVocab.value_or(1) > 1 && facts.fingerprint.family == "bert")
        return {"bert", "There are two segment embeddings, as BERT has; RoBERTa has one.", tensor};
    return {};
}

Verdict judge(const Facts& facts)
{
    const std::string& family = facts.fingerprint.family;
    const std::string& configured = facts.expected->modelType;
    if (Verdict verdict = judgeBySegments(facts); !verdict.family.empty())
        return verdict;
    // Below a fifth the names cannot be of that family; sizes alone leave the names' matches in place as mismatches.
    const size_t named = facts.comparison->matchedTensors + facts.comparison->rows(weighbridge::Status::ShapeDiffers).size();
    if (family.empty() || sameNaming(family, configured) || named * 5 > facts.comparison->expectedTensors)
        return {};
    return {family, fmt::format("The names are those of {}.", describe(facts.fingerprint)), {}};
}

class ModelType final : public Rule {
public:
    RuleInfo info() const override { return {"model-type", "Names and config are of one family", order::config}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (!facts.expected || facts.isReference())
            return {};
        const Verdict verdict = judge(facts);
        if (verdict.family.empty())
            return {};
        const std::string& configured = facts.expected->modelType;
        Finding finding;
        finding.rule = "model-type";
        finding.severity = Severity::Error;
        finding.title = fmt::format("The tensors are of {}, the config says {}", verdict.family, shown(configured, 60));
        finding.explanation = fmt::format("{} {} of {} expected tensors match. The loader does not compare families: it fills what it does not find with random values.", verdict.reason,
                                          facts.comparison->matchedTensors, facts.comparison->expectedTensors);
        finding.evidence = {{"config", configured}, {"names", verdict.family}, {"matched", static_cast<uint64_t>(facts.comparison->matchedTensors)},
                            {"expected", static_cast<uint64_t>(facts.comparison->expectedTensors)}};
        finding.tensors = verdict.tensors;
        Fingerprint fingerprint = facts.fingerprint;
        fingerprint.family = verdict.family;
        Config inferred;
        inferred.root = inferredConfig(fingerprint);
        finding.fix.text = fmt::format("Use the config of the {} model that the weights come from; by the shapes it says {}.", verdict.family, toJson(inferred.root));
        finding.fix.python = configPython({{"model_type", verdict.family}});
        if (const auto expected = expectedModel(inferred, "", job))
            finding.fix.coverageAfter = compareToExpected(*expected, facts.found, job).coverage();
        return {finding};
    }
};

} // namespace

const Rule& modelTypeRule()
{
    static const ModelType rule;
    return rule;
}

} // namespace weighbridge
