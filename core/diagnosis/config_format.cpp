// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/rule.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <filesystem>

namespace weighbridge {
namespace {

class ConfigFormat final : public Rule {
public:
    RuleInfo info() const override { return {"config-format", "The config is a config.json with a model_type", order::aside}; }

    std::vector<Finding> check(const Facts& facts, JobContext&) const override
    {
        if (!facts.config || !facts.config->root.isMap())
            return {};
        const bool isYaml = facts.config->format == "yaml";
        const bool isNamed = std::filesystem::path(facts.config->path).filename() == "config.json";
        if (!isYaml && (isNamed || facts.config->path.empty()))
            return {};
        const std::string file = shown(std::filesystem::path(facts.config->path).filename().string(), 60);
        Finding finding;
        finding.rule = "config-format";
        finding.severity = isYaml ? Severity::Warning : Severity::Note;
        finding.title = isYaml ? fmt::format("The config is YAML ({}), loaders look for config.json", file) : fmt::format("The config is called {}, loaders look for config.json", file);
        finding.explanation = fmt::format("It was read and compared{}. from_pretrained does not find it and says that config.json is missing.",
                                          facts.expected ? fmt::format(" as a config of {}", shown(facts.expected->modelType, 60)) : "");
        finding.fix.text = "Save its fields as config.json, with model_type.";
        finding.fix.python = fmt::format("import json\n\nwith open(\"config.json\", \"w\") as file:\n    json.dump(json.loads({}), file, indent=2)\n", toJson(Value(toJson(facts.config->root))));
        return {finding};
    }
};

} // namespace

const Rule& configFormatRule()
{
    static const ConfigFormat rule;
    return rule;
}

} // namespace weighbridge
