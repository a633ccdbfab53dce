// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/keras_config.h"

#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"

#include <fmt/format.h>

#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t namedFindings = 20;

/// Packages whose own objects a Keras config may name. A function of theirs is written with the module "builtins".
bool isKerasModule(std::string_view module, std::string_view className)
{
    if (module == "builtins")
        return className == "function";
    const std::string_view package = module.substr(0, module.find('.'));
    return package == "keras" || package == "keras_core" || package == "tf_keras" || package == "tensorflow" || package == "keras_hub" || package == "keras_nlp" || package == "keras_cv";
}

void noteLambda(std::vector<Finding>& findings, const std::string& where)
{
    findings.push_back(warning("unsafe-pickle", fmt::format("The config holds a Lambda with code of its own: {}", shown(where, 120)),
                               "Keras stores the function of a Lambda layer as marshalled Python bytecode; loading the model can run it. Nothing was run here.",
                               "Load the weights into a model that you build from code you trust; keep safe_mode on.", {{"layer", where}}));
}

void noteModule(std::vector<Finding>& findings, const std::string& module, const std::string& name)
{
    findings.push_back(warning("unsafe-pickle", fmt::format("The config asks for {} from the module {}, which is not part of Keras", shown(name, 80), shown(module, 80)),
                               "Loading the model makes Keras import that module and call what is named there. Nothing was imported here.",
                               "Load it only if you know that code; else take the weights alone.", {{"module", module}, {"name", name}}));
}

} // namespace

void checkKerasConfig(const Value& config, std::vector<Finding>& findings)
{
    std::vector<const Value*> open{&config};
    std::unordered_set<std::string> said;
    while (!open.empty() && said.size() < namedFindings) {
        const Value* value = open.back();
        open.pop_back();
        if (value->list())
            for (const Value& item : *value->list())
                open.push_back(&item);
        if (!value->map())
            continue;
        const Value* className = value->find("class_name");
        const Value* module = value->find("module");
        const std::string name = className ? className->stringOr("") : "";
        const Value* inner = value->find("config");
        const Value* layerName = inner ? inner->find("name") : nullptr;
        if ((name == "Lambda" || name == "__lambda__") && said.insert("Lambda " + name).second)
            noteLambda(findings, layerName ? layerName->stringOr(name) : name);
        if (module && module->string() && !isKerasModule(*module->string(), name) && said.insert(*module->string() + "." + name).second)
            noteModule(findings, *module->string(), inner && inner->string() ? *inner->string() : name);
        for (const auto& [key, item] : *value->map())
            open.push_back(&item);
    }
}

} // namespace weighbridge
