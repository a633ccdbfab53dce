// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/answers.h"

#include "core/report/inspect_answer.h"

#include "core/diagnosis/memory_need.h"

namespace weighbridge {
namespace {

Value shapeValue(const Shape& shape)
{
    return Value::List(shape.begin(), shape.end());
}

/// A size that is left open is null, and so is a shape of which nothing is known.
Value expectedShape(const ExpectedTensor& tensor)
{
    if (!tensor.isShapeKnown)
        return {};
    Value::List sizes;
    for (const int64_t size : tensor.shape)
        sizes.push_back(size < 0 ? Value() : Value(size));
    return sizes;
}

Value stringList(const std::vector<std::string>& texts)
{
    return Value::List(texts.begin(), texts.end());
}

Value findingsValue(const std::vector<Finding>& findings)
{
    Value::List list;
    for (const Finding& finding : findings)
        list.push_back(findingAnswer(finding));
    return list;
}

Value nameAndShape(const std::string& name, const Shape& shape)
{
    return Value::Map{{"name", name}, {"shape", shapeValue(shape)}};
}

Value textOrNull(const std::string& text)
{
    return text.empty() ? Value() : Value(text);
}

Value nbytesOrNull(std::optional<uint64_t> nbytes)
{
    return nbytes ? Value(*nbytes) : Value();
}

} // namespace

Value findingAnswer(const Finding& finding)
{
    Value::Map map{{"rule", finding.rule},
                   {"severity", name(finding.severity)},
                   {"title", finding.title},
                   {"explanation", finding.explanation},
                   {"evidence", finding.evidence},
                   {"tensors", stringList(finding.tensors)},
                   {"fix", Value::Map{{"text", finding.fix.text},
                                      {"python", textOrNull(finding.fix.python)},
                                      {"coverage_after", finding.fix.coverageAfter ? Value(*finding.fix.coverageAfter) : Value()}}}};
    if (!finding.because.empty())
        map.emplace_back("because", finding.because);
    if (!finding.tried.empty()) {
        Value::List tried;
        for (const Trial& trial : finding.tried)
            tried.push_back(Value::Map{{"text", trial.text}, {"matched", static_cast<uint64_t>(trial.matched)}, {"of", static_cast<uint64_t>(trial.of)}, {"taken", trial.isTaken}});
        map.emplace_back("tried", std::move(tried));
    }
    return map;
}

Value errorAnswer(const Error& error)
{
    Value::Map map{{"rule", error.rule}, {"message", error.message}};
    const auto add = [&map](const char* key, const std::string& text) {
        if (!text.empty())
            map.emplace_back(key, text);
    };
    add("path", error.path);
    if (error.offset)
        map.emplace_back("offset", *error.offset);
    add("expected", error.expected);
    add("found", error.found);
    add("readable", error.readable);
    add("fix", error.fix);
    return Value::Map{{"error", std::move(map)}};
}

Value inspectTensorAnswer(const Checkpoint& checkpoint, const TensorInfo& tensor, std::string_view sha256)
{
    const bool hasShard = tensor.storage.shard < checkpoint.shards.size();
    Value::Map map{{"name", tensor.name},
                   {"dtype", tensor.dtypeName()},
                   {"shape", shapeValue(tensor.shape)},
                   {"nbytes", tensor.nbytes()},
                   {"file", hasShard ? checkpoint.shards[tensor.storage.shard].path : checkpoint.path}};
    if (!tensor.layout.empty())
        map.emplace_back("layout", tensor.layout);
    if (tensor.isLost)
        map.emplace_back("lost", true);
    if (!sha256.empty())
        map.emplace_back("sha256", sha256);
    return map;
}

Value inspectHeadAnswer(const Checkpoint& checkpoint)
{
    Value::List files;
    for (const FileEntry& file : checkpoint.files)
        files.push_back(Value::Map{{"path", file.path}, {"nbytes", file.nbytes}, {"format", file.format}});
    return Value::Map{{"path", checkpoint.path},
                      {"format", checkpoint.format},
                      {"metadata", checkpoint.metadata.isMap() ? checkpoint.metadata : Value(Value::Map{})},
                      {"files", std::move(files)},
                      {"summary", Value::Map{{"tensors", static_cast<uint64_t>(checkpoint.tensors.size())},
                                             {"parameters", checkpoint.parameters()},
                                             {"nbytes", checkpoint.nbytes()}}},
                      {"findings", findingsValue(checkpoint.findings)}};
}

Value inspectAnswer(const Checkpoint& checkpoint, const std::vector<std::string>& sha256)
{
    Value::List tensors;
    tensors.reserve(checkpoint.tensors.size());
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i)
        tensors.push_back(inspectTensorAnswer(checkpoint, checkpoint.tensors[i], i < sha256.size() ? sha256[i] : ""));
    Value answer = inspectHeadAnswer(checkpoint);
    answer.set("tensors", std::move(tensors));
    return answer;
}

Value expectAnswer(const ExpectedModel& expected)
{
    Value::List tensors;
    Value::List buffers;
    for (const ExpectedTensor& tensor : expected.tensors) {
        tensors.push_back(Value::Map{{"name", tensor.name}, {"shape", expectedShape(tensor)}});
        if (tensor.isBuffer)
            buffers.push_back(tensor.name);
    }
    Value::Map tied;
    for (const auto& [target, source] : expected.tied)
        tied.emplace_back(target, source);
    Value::Map nonPersistent;
    for (const auto& [name, shape] : expected.nonPersistent)
        nonPersistent.emplace_back(name, shapeValue(shape));
    return Value::Map{{"class", expected.className},
                      {"model_type", expected.modelType},
                      {"base_model_prefix", expected.baseModelPrefix},
                      {"tensors", std::move(tensors)},
                      {"tied", std::move(tied)},
                      {"buffers", std::move(buffers)},
                      {"nonpersistent", std::move(nonPersistent)},
                      {"ignore_missing", stringList(expected.ignoreMissing)},
                      {"ignore_unexpected", stringList(expected.ignoreUnexpected)},
                      {"source", expected.sourcePath}};
}

Value inferAnswer(const InferredConfig& inferred)
{
    return Value::Map{{"model_type", inferred.modelType},
                      {"class", inferred.className},
                      {"exact", inferred.isExact},
                      {"matched", static_cast<uint64_t>(inferred.matched)},
                      {"expected", static_cast<uint64_t>(inferred.expected)},
                      {"config", inferred.config},
                      {"told", inferred.told},
                      {"not_told", inferred.untold},
                      {"also", stringList(inferred.alternatives)}};
}

namespace {

/// Bytes. What cannot be told from the config is null.
Value memoryAnswer(const CheckResult& result)
{
    const MemoryNeed& need = result.memory;
    Value::List devices;
    for (const Device& device : result.cudaDevices)
        devices.push_back(Value::Map{{"id", device.id}, {"name", device.name}, {"memory_total", nbytesOrNull(device.memoryTotal)}, {"memory_free", nbytesOrNull(device.memoryFree)}, {"too_large", stringList(deviceRoom(need, device).tooLarge)}});
    const auto orNull = [](uint64_t nbytes) { return nbytes == 0 ? Value() : Value(nbytes); };
    return Value::Map{{"parameters", need.parameters},
                      {"as_stored", need.asStored},
                      {"float32", need.float32},
                      {"bfloat16", need.float16},
                      {"int8", need.int8},
                      {"int4", need.int4},
                      {"training_adam", need.trainingAdam},
                      {"optimizer_state", need.optimizerState},
                      {"batch", need.batch},
                      {"length", need.length},
                      {"activations", orNull(need.activations)},
                      {"keys_and_values", orNull(need.keysAndValues)},
                      {"available", orNull(result.availableMemory)},
                      {"devices", std::move(devices)}};
}

} // namespace

Value checkAnswer(const CheckResult& result)
{
    Value::List missing;
    Value::List unexpected;
    Value::List mismatched;
    Value::List renamed;
    if (result.comparison) {
        for (const Match& match : result.comparison->matches) {
            const ExpectedTensor* wanted = match.expected >= 0 ? &result.expected->tensors[static_cast<size_t>(match.expected)] : nullptr;
            const TensorInfo* found = match.found >= 0 ? &result.checkpoint->tensors[static_cast<size_t>(match.found)] : nullptr;
            if (!match.rule.empty() && wanted && found && match.sources.empty())
                renamed.push_back(Value::Map{{"checkpoint", found->name}, {"model", wanted->name}, {"rule", match.rule}});
            for (const int source : match.sources)
                renamed.push_back(Value::Map{{"checkpoint", result.checkpoint->tensors[static_cast<size_t>(source)].name}, {"model", wanted->name}, {"rule", match.rule}});
            if (match.ignored)
                continue;
            if (match.status == Status::Missing)
                missing.push_back(Value::Map{{"name", wanted->name}, {"shape", expectedShape(*wanted)}});
            else if (match.status == Status::Unexpected)
                unexpected.push_back(nameAndShape(match.renamedTo.empty() ? found->name : match.renamedTo, found->shape));
            else if (match.status == Status::ShapeDiffers || match.status == Status::DTypeDiffers)
                mismatched.push_back(Value::Map{{"name", wanted->name},
                                                {"expected_shape", expectedShape(*wanted)},
                                                {"found_shape", shapeValue(match.sources.empty() ? found->shape : match.convertedShape)},
                                                {"expected_dtype", wanted->dtype == DType::Unknown ? Value() : Value(name(wanted->dtype))},
                                                {"found_dtype", found->dtypeName()}});
        }
    }
    const InferredConfig* inferred = !result.expected && result.inferred && result.inferred->isExact ? result.inferred.get() : nullptr;
    const Comparison empty;
    const Comparison& comparison = result.comparison ? *result.comparison : empty;
    return Value::Map{{"model", Value::Map{{"class", result.expected ? textOrNull(result.expected->className) : inferred ? Value(inferred->className) : Value()},
                                           {"model_type", result.expected ? textOrNull(result.expected->modelType) : inferred ? Value(inferred->modelType) : Value()},
                                           {"source", result.modelSource}}},
                      {"verdict", name(result.verdict)},
                      {"sentence", result.sentence},
                      {"matched", static_cast<uint64_t>(comparison.matchedTensors)},
                      {"expected", static_cast<uint64_t>(comparison.expectedTensors)},
                      {"coverage", result.comparison ? comparison.coverage() : 0.0},
                      {"missing", std::move(missing)},
                      {"unexpected", std::move(unexpected)},
                      {"mismatched", std::move(mismatched)},
                      {"renamed", std::move(renamed)},
                      {"memory", memoryAnswer(result)},
                      {"findings", findingsValue(result.findings)}};
}

Value deviceAnswer(const Device& device)
{
    return Value::Map{{"id", device.id},
                      {"kind", device.kind},
                      {"name", device.name},
                      {"capability", textOrNull(device.capability)},
                      {"memory_total", nbytesOrNull(device.memoryTotal)},
                      {"memory_free", nbytesOrNull(device.memoryFree)},
                      {"available", device.reason.empty()},
                      {"reason", textOrNull(device.reason)}};
}

} // namespace weighbridge
