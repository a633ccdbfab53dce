// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/fuzz/fuzz_target.h"

#include "core/base/json.h"
#include "core/diagnosis/infer_config.h"

#include <algorithm>

namespace weighbridge {
namespace {

/// As the header of a safetensors file: names with their shapes.
void parse(FuzzBytes bytes)
{
    const auto document = parseJson(textOf(bytes));
    const Value::Map* entries = document ? document->value.map() : nullptr;
    std::vector<FoundTensor> found;
    for (const auto& [name, entry] : entries ? *entries : Value::Map{}) {
        FoundTensor tensor;
        tensor.name = name;
        tensor.index = static_cast<int>(found.size());
        const Value* shape = entry.find("shape");
        for (const Value& size : shape && shape->list() ? *shape->list() : Value::List{})
            tensor.shape.push_back(size.integer() ? std::max<int64_t>(0, *size.integer()) : 0);
        found.push_back(std::move(tensor));
    }
    JobContext job;
    const auto inferred = inferConfig(found, job);
    require(!inferred || inferred->matched <= inferred->expected, "no more is matched than expected");
}

std::vector<std::string> seedsOf(const std::string& path, FuzzBytes bytes)
{
    const std::string text = textOf(bytes);
    const size_t end = path.ends_with(".safetensors") ? text.rfind('}', 65536) : std::string::npos;
    return end == std::string::npos ? std::vector<std::string>{} : std::vector<std::string>{text.substr(8, end - 7)};
}

} // namespace

const FuzzTarget& inferConfigFuzzTarget()
{
    static const FuzzTarget target{"infer_config", parse, seedsOf};
    return target;
}

} // namespace weighbridge
