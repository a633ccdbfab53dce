// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/pooling.h"

#include "core/base/byte_source.h"
#include "core/base/files.h"
#include "core/base/json.h"

#include <filesystem>

namespace weighbridge::inference {
namespace {

constexpr uint64_t maximumNbytes = 1024 * 1024;

Value readJson(const std::filesystem::path& path)
{
    if (!isFile(path.string()))
        return {};
    const auto file = openFile(path.string());
    const auto bytes = file ? (*file)->readUpTo(0, maximumNbytes) : tl::unexpected(file.error());
    if (!bytes)
        return {};
    auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    return document ? std::move(document->value) : Value();
}

Value poolingConfig(const std::string& folder)
{
    return readJson(std::filesystem::path(folder) / "1_Pooling" / "config.json");
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
    const Value modules = readJson(std::filesystem::path(folder) / "modules.json");
    auto out = pooled(poolingConfig(folder), hidden);
    if (out && normalizes(modules))
        out = *out / out->norm(2, {-1}, true).clamp_min(1e-12);
    return out;
}

} // namespace weighbridge::inference
