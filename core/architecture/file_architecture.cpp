// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/file_architecture.h"

#include <unordered_map>

namespace weighbridge {
namespace {

bool fits(const Shape& wanted, const Shape& found)
{
    if (wanted.size() != found.size())
        return false;
    for (size_t i = 0; i < wanted.size(); ++i)
        if (wanted[i] != -1 && wanted[i] != found[i])
            return false;
    return true;
}

/// Where the file's tensor fits, its sizes are what is expected.
void settleOpenSizes(ExpectedModel& expected, const Checkpoint& checkpoint)
{
    std::unordered_map<std::string_view, const TensorInfo*> found;
    for (const TensorInfo& tensor : checkpoint.tensors)
        found.emplace(tensor.name, &tensor);
    for (ExpectedTensor& tensor : expected.tensors) {
        const auto entry = found.find(tensor.name);
        if (entry == found.end() || (tensor.isShapeKnown && !fits(tensor.shape, entry->second->shape)))
            continue;
        tensor.shape = entry->second->shape;
        tensor.isShapeKnown = true;
    }
}

} // namespace

std::optional<ExpectedModel> expectedByItself(const Checkpoint& checkpoint, JobContext& job)
{
    static const Value nothing{Value::Map{}};
    const bool isFolder = checkpoint.format == "model-folder";
    const Value* weights = isFolder ? checkpoint.metadata.find("weights") : nullptr;
    const Value* inner = weights ? weights->find("metadata") : nullptr;
    const OwnFile file{isFolder && !checkpoint.shards.empty() ? std::string_view(checkpoint.shards.front().format)
                                                              : std::string_view(checkpoint.format),
                       isFolder ? (inner ? *inner : nothing) : checkpoint.metadata, checkpoint};
    for (const FileArchitecture* architecture : allFileArchitectures()) {
        auto expected = architecture->expected(file, job);
        if (!expected)
            continue;
        expected->isStrict = true;
        expected->source = "config";
        expected->sourcePath = checkpoint.path;
        settleOpenSizes(*expected, checkpoint);
        return expected;
    }
    return std::nullopt;
}

} // namespace weighbridge
