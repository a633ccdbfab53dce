// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/pooling.h"

#include "inference/json_file.h"

#include <filesystem>

namespace weighbridge::inference {
namespace {

Value poolingConfig(const std::string& folder)
{
    return readJsonFile((std::filesystem::path(folder) / "1_Pooling" / "config.json").string());
}

/// Whether modules.json ends with a module that makes the vector's length 1.
bool normalizes(const Value& modules)
{
    for (const Value& module : modules.list() ? *modules.list() : Value::List{})
        if (const Value* type = module.find("type"); type && type->stringOr("").ends_with("Normalize"))
            return true;
    return false;
}

std::optional<at::Tensor> pooled(const Value& config, const at::Tensor& hidden)
{
    // one flag per kind, in newer files one word
    const auto asks = [&config](const char* flag, const char* word) {
        const Value* value = config.find(flag);
        const Value* mode = config.find("pooling_mode");
        return (value && value->boolean() && *value->boolean()) || (mode && mode->stringOr("") == word);
    };
    if (asks("pooling_mode_mean_tokens", "mean"))
        return hidden.mean(1);
    if (asks("pooling_mode_cls_token", "cls"))
        return hidden.select(1, 0);
    if (asks("pooling_mode_max_tokens", "max"))
        return hidden.amax(1);
    return std::nullopt;
}

} // namespace

bool hasPooling(const std::string& folder)
{
    return pooled(poolingConfig(folder), at::zeros({1, 1, 1})).has_value();
}

std::optional<at::Tensor> sentenceEmbedding(const std::string& folder, const at::Tensor& hidden)
{
    const Value modules = readJsonFile((std::filesystem::path(folder) / "modules.json").string());
    auto out = pooled(poolingConfig(folder), hidden);
    if (out && normalizes(modules))
        out = *out / out->norm(2, {-1}, true).clamp_min(1e-12);
    return out;
}

} // namespace weighbridge::inference
