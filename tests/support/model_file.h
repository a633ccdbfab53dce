// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/architecture/expected_model.h"
#include "core/base/json.h"
#include "tests/support/files.h"

#include <algorithm>
#include <functional>
#include <string>

/// Model files that a config asks for, and what may be wrong with them.
namespace weighbridge::test {

inline constexpr const char* bertConfig = R"({"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 30, "hidden_size": 8, "num_hidden_layers": 2,
    "num_attention_heads": 2, "intermediate_size": 12, "max_position_embeddings": 10, "type_vocab_size": 2})";

inline Value parsed(const std::string& json)
{
    return parseJson(json)->value;
}

inline std::string same(const std::string& name)
{
    return name;
}

/// What the config asks for, as a safetensors file of small numbers, each name passed through `rename` (an empty result leaves it out);
/// the shapes of those that `isReversed` are written in reverse.
inline QByteArray modelFile(const Value& config, const std::function<std::string(const std::string&)>& rename, const std::function<bool(const ExpectedTensor&)>& isReversed = {})
{
    JobContext job;
    Config read;
    read.root = config;
    const auto expected = expectedModel(read, "", job);
    if (!expected)
        qFatal("%s", expected.error().message.c_str());
    Value::Map header;
    uint64_t offset = 0;
    for (const ExpectedTensor& tensor : expected->tensors) {
        const std::string name = rename(tensor.name);
        if (name.empty())
            continue;
        Shape shape = tensor.shape;
        if (isReversed && isReversed(tensor))
            std::reverse(shape.begin(), shape.end());
        const uint64_t end = offset + 4 * numel(shape).value();
        header.emplace_back(name, Value::Map{{"dtype", "F32"}, {"shape", Value::List(shape.begin(), shape.end())}, {"data_offsets", Value::List{offset, end}}});
        offset = end;
    }
    QByteArray data(static_cast<qsizetype>(offset), '\0');
    for (qsizetype i = 0; i < data.size(); ++i)
        data[i] = static_cast<char>(i % 61); // no float of such bytes is NaN or large
    return safetensors(QByteArray::fromStdString(toJson(header)), data);
}

} // namespace weighbridge::test
