// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/architecture/config.h"
#include "core/architecture/expected_model.h"

namespace weighbridge {
namespace {

/// A hostile config.json or YAML file, up to the tensors that it makes one expect.
void parse(FuzzBytes bytes)
{
    const auto source = memorySource({bytes.begin(), bytes.end()}, "config.json");
    const auto config = loadConfig(*source);
    if (!config)
        return require(!config.error().message.empty(), "an Error has a sentence");
    JobContext job;
    const auto model = expectedModel(*config, {}, job);
    require(model || !model.error().message.empty(), "an Error has a sentence");
}

} // namespace

const FuzzTarget& expectedModelFuzzTarget()
{
    static const FuzzTarget target{"expected_model", parse, wholeFiles([](const std::string& path, FuzzBytes) { return path.ends_with("config.json") || path.ends_with(".yaml") || path.ends_with(".yml"); })};
    return target;
}

} // namespace weighbridge
