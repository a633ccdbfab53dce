// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/text.h"
#include "core/diagnosis/check.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Checkpoints, expectations and checks from text literals: one tensor a line, "name 4x4 F32"; shape and dtype may be left out.
namespace weighbridge::test {

struct TensorLine {
    std::string name;
    Shape shape{4, 4};
    DType dtype = DType::F32;
};

inline std::vector<TensorLine> tensorLines(std::string_view text)
{
    std::vector<TensorLine> out;
    for (const std::string_view line : split(text, '\n')) {
        const std::vector<std::string_view> words = split(line, ' ');
        if (words[0].empty())
            continue;
        TensorLine tensor{std::string(words[0])};
        if (words.size() > 1) {
            tensor.shape.clear();
            for (const std::string_view size : split(words[1], 'x')) {
                int64_t number = 0;
                std::from_chars(size.data(), size.data() + size.size(), number);
                tensor.shape.push_back(number);
            }
        }
        if (words.size() > 2)
            tensor.dtype = dtypeByName(words[2]).value_or(DType::Unknown);
        out.push_back(std::move(tensor));
    }
    return out;
}

inline std::shared_ptr<Checkpoint> checkpointOf(std::string_view text)
{
    auto out = std::make_shared<Checkpoint>();
    out->path = "model.safetensors";
    out->format = "safetensors";
    for (const TensorLine& line : tensorLines(text)) {
        TensorInfo tensor;
        tensor.name = line.name;
        tensor.shape = line.shape;
        tensor.dtype = line.dtype;
        out->tensors.push_back(std::move(tensor));
    }
    return out;
}

inline std::shared_ptr<ExpectedModel> expectedOf(std::string_view text)
{
    auto out = std::make_shared<ExpectedModel>();
    out->className = "TestModel";
    for (const TensorLine& line : tensorLines(text))
        out->tensors.push_back({line.name, line.shape, line.dtype, false});
    return out;
}

/// Exact names only; the real matching is core's.
inline std::shared_ptr<Comparison> compared(const ExpectedModel& expected, const std::vector<FoundTensor>& found)
{
    auto out = std::make_shared<Comparison>();
    std::vector<bool> used(found.size());
    for (size_t e = 0; e < expected.tensors.size(); ++e) {
        Match match;
        match.expected = int(e);
        match.status = Status::Missing;
        const auto at = std::find_if(found.begin(), found.end(), [&](const FoundTensor& tensor) { return tensor.name == expected.tensors[e].name; });
        if (at != found.end()) {
            used[size_t(at - found.begin())] = true;
            match.found = at->index;
            match.status = at->shape != expected.tensors[e].shape ? Status::ShapeDiffers
                : at->dtype != expected.tensors[e].dtype          ? Status::DTypeDiffers
                                                                  : Status::Matched;
        }
        out->matches.push_back(match);
        out->matchedTensors += match.status == Status::Matched ? 1 : 0;
    }
    out->expectedTensors = expected.tensors.size();
    for (size_t i = 0; i < found.size(); ++i) {
        if (used[i])
            continue;
        Match match;
        match.found = found[i].index;
        match.status = Status::Unexpected;
        out->matches.push_back(match);
    }
    return out;
}

inline std::vector<FoundTensor> foundIn(const Checkpoint& checkpoint, std::string_view strippedPrefix = {})
{
    std::vector<FoundTensor> out;
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i) {
        const TensorInfo& tensor = checkpoint.tensors[i];
        const bool hasPrefix = tensor.name.starts_with(strippedPrefix);
        out.push_back({tensor.name.substr(hasPrefix ? strippedPrefix.size() : 0), tensor.shape, tensor.dtype, int(i)});
    }
    return out;
}

/// With a prefix, the check has a fix that strips it.
inline std::shared_ptr<CheckResult> checkOf(std::string_view expected, std::string_view found, std::string_view prefix = {})
{
    auto out = std::make_shared<CheckResult>();
    out->checkpoint = checkpointOf(found);
    auto model = expectedOf(expected);
    out->comparison = compared(*model, foundIn(*out->checkpoint));
    if (!prefix.empty()) {
        const auto names = foundIn(*out->checkpoint, prefix);
        out->afterFix = std::make_shared<const AfterFix>(AfterFix{model, compared(*model, names), names});
    }
    out->expected = std::move(model);
    out->modelSource = "config";
    return out;
}

/// Makes the first, which the file lacks, share the values of the second, as the real matching does.
inline void tie(CheckResult& check, std::string_view target, std::string_view source)
{
    auto model = std::make_shared<ExpectedModel>(*check.expected);
    model->tied.emplace_back(target, source);
    auto comparison = std::make_shared<Comparison>(*check.comparison);
    for (Match& match : comparison->matches)
        if (match.expected >= 0 && match.status == Status::Missing &&
            (model->tied.back().first == model->tensors[size_t(match.expected)].name ||
             model->tied.back().second == model->tensors[size_t(match.expected)].name))
            match.tied = match.ignored = true;
    check.expected = std::move(model);
    check.comparison = std::move(comparison);
}

} // namespace weighbridge::test
