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

struct Judgement {
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
Judgement judgeBySegments(const Facts& facts)
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

/// Where the config's own type is not known in detail: the names are of one known family, the type is another.
Judgement judgeByNames(const Facts& facts)
{
    const std::string& family = facts.fingerprint.family;
    const std::string configured = facts.config->modelType();
    if (family.empty() || !isKnownFamily(configured) || sameNaming(family, configured))
        return {};
    return {family, fmt::format("The names are those of {}.", describe(facts.fingerprint)), {}};
}

/// Whether a config of the file's own family leaves less than half as many names missing and unexpected: families share names
/// (DeBERTa's feed-forward parts are called like BERT's).
bool fitsBetter(const Facts& facts, JobContext& job)
{
    const auto expected = expectedBySizes(facts.fingerprint, job);
    if (!expected)
        return false;
    const auto strangers = [](const Comparison& comparison) { return comparison.rows(weighbridge::Status::Missing).size() + comparison.rows(weighbridge::Status::Unexpected).size(); };
    return strangers(compareToExpected(*expected, facts.found, job)) * 2 < strangers(*facts.comparison);
}

Judgement judge(const Facts& facts, JobContext& job)
{
    const std::string& family = facts.fingerprint.family;
    const std::string& configured = facts.expected->modelType;
    if (Judgement judgement = judgeBySegments(facts); !judgement.family.empty())
        return judgement;
    if (family.empty() || sameNaming(family, configured))
        return {};
    // Below a fifth the names cannot be of that family; sizes alone leave the names' matches in place as mismatches.
    const size_t expected = facts.comparison->expectedTensors;
    const size_t named = facts.comparison->matchedTensors + facts.comparison->rows(weighbridge::Status::ShapeDiffers).size();
    if (named * 5 > expected && (named * 5 >= expected * 4 || !fitsBetter(facts, job)))
        return {};
    return {family, fmt::format("The names are those of {}.", describe(facts.fingerprint)), {}};
}

class ModelType final : public Rule {
public:
    RuleInfo info() const override { return {"model-type", "Names and config are of one family", order::config}; }

    std::vector<Finding> check(const Facts& facts, JobContext& job) const override
    {
        if (!facts.config || facts.isReference())
            return {};
        const Judgement judgement = facts.expected ? judge(facts, job) : judgeByNames(facts);
        if (judgement.family.empty())
            return {};
        const std::string configured = facts.config->modelType();
        Finding finding;
        finding.rule = "model-type";
        finding.severity = Severity::Error;
        finding.title = fmt::format("The tensors are of {}, the config says {}", judgement.family, shown(configured, 60));
        finding.explanation = fmt::format("{}{} The loader does not compare families: it fills what it does not find with random values.", judgement.reason,
                                          facts.comparison ? fmt::format(" {} of {} expected tensors match.", facts.comparison->matchedTensors, facts.comparison->expectedTensors) : "");
        finding.evidence = {{"config", configured}, {"names", judgement.family}};
        finding.tensors = judgement.tensors;
        Fingerprint fingerprint = facts.fingerprint;
        fingerprint.family = judgement.family;
        finding.fix.text = fmt::format("Use the config of the {} model that the weights come from; by the shapes it says {}.", judgement.family, toJson(inferredConfig(fingerprint)));
        finding.fix.python = configPython({{"model_type", judgement.family}});
        tryTypes(finding, facts, fingerprint, job);
        return {finding};
    }

private:
    /// The config's own type and the others, each with the sizes that the shapes say.
    static void tryTypes(Finding& finding, const Facts& facts, Fingerprint fingerprint, JobContext& job)
    {
        const std::string family = fingerprint.family;
        if (facts.comparison)
            finding.tried.push_back({fmt::format("{}, as the config says", shown(facts.config->modelType(), 60)), facts.comparison->matchedTensors, facts.comparison->expectedTensors, false});
        for (const std::string& other : {family, std::string("bert"), std::string("roberta"), std::string("distilbert"), std::string("gpt2"), std::string("llama"), std::string("t5")}) {
            const bool isAgain = other == family && finding.fix.coverageAfter;
            if (job.cancelled() || isAgain || other == facts.config->modelType())
                continue;
            fingerprint.family = other;
            const auto expected = expectedBySizes(fingerprint, job);
            if (!expected)
                continue;
            const Comparison comparison = compareToExpected(*expected, facts.found, job);
            finding.tried.push_back({fmt::format("{}, with the sizes of the shapes", other), comparison.matchedTensors, comparison.expectedTensors, other == family});
            if (other == family)
                finding.fix.coverageAfter = comparison.coverage();
        }
    }
};

} // namespace

const Rule& modelTypeRule()
{
    static const ModelType rule;
    return rule;
}

} // namespace weighbridge
