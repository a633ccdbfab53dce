// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/shared_analyses.h"

#include "core/base/base64.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/statistics/analysis_file.h"

namespace weighbridge {
namespace {

std::string textIn(const Value& map, std::string_view key)
{
    const Value* value = map.find(key);
    return value ? value->stringOr("") : "";
}

std::optional<TensorInfo> tensorFrom(const Value& entry)
{
    TensorInfo tensor;
    tensor.name = textIn(entry, "name");
    const std::string dtype = textIn(entry, "dtype");
    const Value* shape = entry.find("shape");
    if (!shape || !shape->list() || shape->list()->size() > limits::dimensions)
        return std::nullopt;
    tensor.dtype = dtypeByName(dtype).value_or(DType::Unknown);
    if (tensor.dtype == DType::Unknown)
        tensor.writerDtype = dtype;
    for (const Value& size : *shape->list()) {
        if (!size.integer() || *size.integer() < 0)
            return std::nullopt;
        tensor.shape.push_back(*size.integer());
    }
    return numel(tensor.shape) ? std::optional(std::move(tensor)) : std::nullopt;
}

} // namespace

Value::Map analysesToValue(const Checkpoint& checkpoint, const std::string& key, std::span<const size_t> tensors, const std::vector<Result<TensorAnalysis>>& analyses)
{
    Value::List entries;
    StoredAnalyses stored;
    for (size_t i = 0; i < tensors.size(); ++i) {
        const TensorInfo& tensor = checkpoint.tensors[tensors[i]];
        Value::Map entry{{"index", static_cast<uint64_t>(tensors[i])}, {"name", tensor.name}, {"dtype", tensor.dtypeName()}, {"shape", Value::List(tensor.shape.begin(), tensor.shape.end())}};
        if (!analyses[i]) {
            entry.emplace_back("rule", analyses[i].error().rule);
            entry.emplace_back("message", analyses[i].error().message);
        }
        stored.push_back(analyses[i] ? std::optional(*analyses[i]) : std::nullopt);
        entries.emplace_back(std::move(entry));
    }
    const auto encoded = encodeAnalyses(key, stored);
    return {{"tensors", std::move(entries)}, {"analyses", encodeBase64({reinterpret_cast<const char*>(encoded.data()), encoded.size()})}};
}

std::optional<std::vector<SharedAnalysis>> analysesFromValue(const Value& value, const std::string& key)
{
    const Value* list = value.find("tensors");
    const auto bytes = decodeBase64(textIn(value, "analyses"));
    const size_t count = list && list->list() ? list->list()->size() : 0;
    auto analyses = bytes && list ? decodeAnalyses(std::as_bytes(std::span(*bytes)), key, count) : std::nullopt;
    if (!analyses)
        return std::nullopt;
    std::vector<SharedAnalysis> out;
    for (size_t i = 0; i < count; ++i) {
        const Value& entry = (*list->list())[i];
        const Value* index = entry.find("index");
        auto tensor = tensorFrom(entry);
        if (!tensor || !index || !index->integer() || *index->integer() < 0)
            return std::nullopt;
        auto& analysis = (*analyses)[i];
        out.push_back({static_cast<size_t>(*index->integer()), std::move(*tensor),
                       analysis ? Result<TensorAnalysis>(std::move(*analysis)) : failure(Error(textIn(entry, "rule"), shown(textIn(entry, "message"), 1000)))});
    }
    return out;
}

} // namespace weighbridge
