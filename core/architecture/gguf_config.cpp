// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/gguf_config.h"

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t longestList = 4096; ///< of sizes by layer; the tokenizer's lists are no sizes

bool isSize(const Value& value)
{
    return !value.list() || value.list()->size() <= longestList;
}

} // namespace

std::optional<Config> ggufConfig(const Checkpoint& checkpoint)
{
    const Value* keys = checkpoint.format == "gguf" ? checkpoint.metadata.find("gguf") : nullptr;
    const Value* architecture = keys && keys->map() ? keys->find("general.architecture") : nullptr;
    if (!architecture || !architecture->string())
        return std::nullopt;
    const std::string prefix = *architecture->string() + ".";
    Config out;
    out.path = checkpoint.path;
    out.format = "gguf";
    out.root = Value::Map{{"model_type", "gguf-" + *architecture->string()}};
    if (const Value* tokens = keys->find("tokenizer.ggml.tokens"); tokens && tokens->list())
        out.root.set("vocab_size", static_cast<uint64_t>(tokens->list()->size()));
    for (const auto& [key, value] : *keys->map()) {
        if (!key.starts_with(prefix) || !isSize(value))
            continue;
        std::string field = key.substr(prefix.size());
        std::replace(field.begin(), field.end(), '.', '_');
        out.root.set(std::move(field), value);
    }
    return out;
}

} // namespace weighbridge
