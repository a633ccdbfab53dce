// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The values are those of the configs that the models were published with (config.json of google-bert, distilbert, FacebookAI, google,
// albert, microsoft, openai-community, EleutherAI, meta-llama, mistralai, Qwen, facebook on huggingface.co).
#include "core/diagnosis/rule.h"

#include "core/base/text.h"
#include "core/diagnosis/fix.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace weighbridge {
namespace {

/// What published models of a type have; an empty word or 0 ends a list.
struct Published {
    std::string_view modelType;
    std::array<std::string_view, 3> activations;
    std::array<double, 2> epsilons; ///< of the layer norms
};

constexpr std::array published{
    Published{"bert", {"gelu"}, {1e-12}},
    Published{"distilbert", {"gelu"}, {}},
    Published{"roberta", {"gelu"}, {1e-5, 1e-12}},
    Published{"xlm-roberta", {"gelu"}, {1e-5, 1e-12}},
    Published{"camembert", {"gelu"}, {1e-5, 1e-12}},
    Published{"electra", {"gelu"}, {1e-12}},
    Published{"albert", {"gelu_new", "gelu"}, {1e-12}},
    Published{"deberta-v2", {"gelu"}, {1e-7}},
    Published{"gpt2", {"gelu_new"}, {1e-5}},
    Published{"gpt_neox", {"gelu", "gelu_fast"}, {1e-5}},
    Published{"opt", {"relu"}, {}},
    Published{"bart", {"gelu"}, {}},
    Published{"t5", {"relu", "gelu_new", "gelu"}, {1e-6}},
    Published{"llama", {"silu"}, {1e-5, 1e-6}},
    Published{"mistral", {"silu"}, {1e-5, 1e-6}},
    Published{"qwen2", {"silu"}, {1e-5, 1e-6}},
    Published{"vit", {"gelu"}, {1e-12}},
};

/// A field whose value no published model of the type has.
struct Deviation {
    std::string field;
    std::string value;
    std::string usual;
};

std::optional<Deviation> activationOf(const Config& config, const Published& row)
{
    const std::string field = configField(config, {"hidden_act", "activation", "activation_function", "dense_act_fn"});
    const Value* value = configValue(config, field);
    if (!value || !value->isString() || std::find(row.activations.begin(), row.activations.end(), *value->string()) != row.activations.end())
        return std::nullopt;
    return Deviation{field, shown(*value->string(), 40),
                     fmt::format("{}", fmt::join(row.activations.begin(), std::find(row.activations.begin(), row.activations.end(), ""), " or "))};
}

std::optional<Deviation> epsilonOf(const Config& config, const Published& row)
{
    const std::string field = configField(config, {"layer_norm_eps", "layer_norm_epsilon", "rms_norm_eps"});
    const Value* value = configValue(config, field);
    const auto isSame = [value](double eps) { return std::abs(value->number() - eps) <= 0.01 * eps; };
    if (!value || !value->isNumber() || row.epsilons[0] == 0 || std::any_of(row.epsilons.begin(), row.epsilons.end(), isSame))
        return std::nullopt;
    return Deviation{field, fmt::format("{:g}", value->number()),
                     row.epsilons[1] == 0 ? fmt::format("{:g}", row.epsilons[0]) : fmt::format("{:g} or {:g}", row.epsilons[0], row.epsilons[1])};
}

Finding findingFor(const Deviation& deviation, std::string_view modelType)
{
    Finding finding;
    finding.rule = "activation-or-eps";
    finding.title = fmt::format("{} is {}, published {} models have {}", deviation.field, deviation.value, modelType, deviation.usual);
    finding.explanation = "No tensor depends on it, so the files cannot tell which is right. A wrong value loads without a message, and the answers "
                          "are worse. What would tell: the config that the model was "
                          "published with, or a run on a text whose answer is known.";
    finding.evidence = {{"field", deviation.field}, {"config", deviation.value}, {"published", deviation.usual}};
    finding.fix.text = fmt::format("If the model was not trained with it on purpose, set {} to {}.", deviation.field, deviation.usual);
    return finding;
}

class ActivationOrEps final : public Rule {
public:
    RuleInfo info() const override { return {"activation-or-eps", "Activation and epsilon are those of published models", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.config || facts.isReference())
            return {};
        const std::string modelType = facts.config->modelType();
        const auto row =
            std::find_if(published.begin(), published.end(), [&modelType](const Published& entry) { return entry.modelType == modelType; });
        if (row == published.end())
            return {};
        std::vector<Finding> findings;
        for (const auto& deviation : {activationOf(*facts.config, *row), epsilonOf(*facts.config, *row)})
            if (deviation)
                findings.push_back(findingFor(*deviation, row->modelType));
        return findings;
    }
};

} // namespace

const Rule& activationOrEpsRule()
{
    static const ActivationOrEps rule;
    return rule;
}

} // namespace weighbridge
