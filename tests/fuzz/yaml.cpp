// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/architecture/yaml.h"

namespace weighbridge {
namespace {

void parse(FuzzBytes bytes)
{
    const auto document = parseYaml(textOf(bytes), "fuzz.yaml");
    require(document || !document.error().message.empty(), "an Error has a sentence");
}

} // namespace

const FuzzTarget& yamlFuzzTarget()
{
    static const FuzzTarget target{"yaml", parse, wholeFiles([](const std::string& path, FuzzBytes) { return path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with("config.json"); })};
    return target;
}

} // namespace weighbridge
