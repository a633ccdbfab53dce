// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/prepare.h"

#include "core/base/device.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/diagnosis/find_config.h"
#include "core/remote/address.h"
#include "inference/devices.h"
#include "inference/pooling.h"
#include "inference/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace weighbridge::inference {
namespace {

constexpr double memoryShare = 0.7; ///< of what is free; above it a model is streamed

Error notRunnable(const std::string& modelType, const std::string& className)
{
    std::string types;
    for (const Family* family : allFamilies())
        for (const std::string_view type : family->info().modelTypes)
            types += (types.empty() ? "" : ", ") + std::string(type);
    return Error("unknown-class", fmt::format("{} of {} cannot be run. What can be run: {}.", shown(className), shown(modelType), types));
}

Result<at::Device> deviceFrom(const std::string& wanted)
{
    if (wanted.empty() || wanted == "auto" || wanted == "cpu") {
        const auto devices = allDevices();
        const auto cuda = std::find_if(devices.begin(), devices.end(), [](const Device& d) { return d.kind == "cuda" && d.reason.empty(); });
        return at::Device(wanted == "auto" && cuda != devices.end() ? cuda->id : "cpu");
    }
    for (const Device& device : allDevices())
        if (device.id == wanted || device.kind == wanted) {
            if (!device.reason.empty())
                return failure("dependency-missing", fmt::format("{} cannot be used: {}", wanted, device.reason));
            return at::Device(device.id);
        }
    return failure("usage", fmt::format("There is no device {}. weighbridge-cli devices lists them.", shown(wanted)));
}

/// The dtype to compute in, and how it is called.
struct RunDType {
    at::ScalarType type = at::kFloat;
    std::string name = "F32";
    bool quantizes = false;
};

/// Whether a device multiplies matrices of a dtype: older libtorch has no F16 on the CPU.
bool multiplies(at::ScalarType type, at::Device device)
{
    try {
        const at::Tensor one = at::ones({1, 1}, at::TensorOptions(type).device(device));
        return at::layer_norm(at::linear(one, one), {1}).defined();
    } catch (const std::exception&) {
        return false;
    }
}

Result<RunDType> dtypeFrom(std::string wanted, const Checkpoint& checkpoint, at::Device device, Value::List& notes)
{
    wanted = lowered(wanted);
    if (wanted == "stored") {
        const auto first = std::find_if(checkpoint.tensors.begin(), checkpoint.tensors.end(), [](const TensorInfo& t) { return isFloating(t.dtype) && t.elements() > 1; });
        wanted = first == checkpoint.tensors.end() ? "f32" : lowered(std::string(name(first->dtype)));
        if (wanted != "f32" && wanted != "bf16" && wanted != "f16") {
            notes.push_back(fmt::format("The weights are stored as {}, which is run as F32.", name(first->dtype)));
            wanted = "f32";
        }
    }
    if ((wanted == "f16" || wanted == "fp16") && multiplies(at::kHalf, device))
        return RunDType{at::kHalf, "F16"};
    if (wanted == "f16" || wanted == "fp16") {
        notes.push_back("This libtorch does not compute in F16 on the processor: the model was run in F32, which holds every value of F16.");
        wanted = "f32";
    }
    if (wanted.empty() || wanted == "f32" || wanted == "fp32")
        return RunDType{};
    if (wanted == "bf16")
        return RunDType{at::kBFloat16, "BF16"};
    if (wanted == "int8") {
        notes.push_back("Linear layers were run with weights and inputs rounded to int8, as dynamic quantization does it; the speed is not that of int8.");
        return RunDType{at::kFloat, "INT8", true};
    }
    return failure("usage", fmt::format("A model is run in F32, BF16, F16, int8 or as stored, not in {}.", shown(wanted)));
}

bool isMemoryShort(const ExpectedModel& expected, at::ScalarType dtype)
{
    const auto free = cpuDevice().memoryFree;
    const uint64_t needed = expected.parameters() * static_cast<uint64_t>(c10::elementSize(dtype));
    return free && static_cast<double>(needed) > memoryShare * static_cast<double>(*free);
}

Result<void> prepareModel(Prepared& p, const Value& request, JobContext& job)
{
    const std::string path = text(request, "path");
    const std::string& opened = isAddress(path) ? p.checkpoint->path : path;
    p.folder = isFolder(opened) ? opened : std::filesystem::path(opened).parent_path().string();
    const std::string configPath = text(request, "config").empty() ? findConfig(*p.checkpoint) : text(request, "config");
    if (configPath.empty())
        return failure(Error("config-missing", "A model can only be run with its config: there is no config.json beside the checkpoint.").at(path));
    auto config = loadConfig(configPath, job);
    if (!config)
        return tl::unexpected(config.error());
    p.config = modelSection(std::move(*config));
    auto expected = expectedModel(p.config, text(request, "class"), job);
    if (!expected)
        return tl::unexpected(expected.error());
    p.expected = std::move(*expected);
    p.family = familyFor(p.expected.modelType, p.expected.className);
    if (!p.family)
        return failure(notRunnable(p.expected.modelType, p.expected.className));
    return {};
}

Error missingTensors(const std::vector<std::string>& names, size_t expected)
{
    return Error("missing-tensors", fmt::format("{} of {} tensors that the model needs are missing or have another shape, the first is {}. What it would answer without them comes from chance.",
                                                names.size(), expected, shown(names.front())))
        .fixedBy("Correct that first (weighbridge-cli check says how), or run it with those tensors initialised: --initialise-missing.");
}

Result<void> prepareWeights(Prepared& p, const Value& request, JobContext& job)
{
    const auto device = deviceFrom(text(request, "device"));
    if (!device)
        return tl::unexpected(device.error());
    const auto dtype = dtypeFrom(text(request, "dtype"), *p.checkpoint, *device, p.notes);
    if (!dtype)
        return tl::unexpected(dtype.error());
    p.dtype = dtype->name;
    const Comparison comparison = compareToExpected(p.expected, foundTensors(*p.checkpoint), job);
    const WeightOptions options{dtype->type, *device, dtype->quantizes, flag(request, "stream", isMemoryShort(p.expected, dtype->type)), flag(request, "initialise_missing")};
    p.weights = std::make_unique<Weights>(p.checkpoint, p.expected, comparison, options, job);
    if (const auto& names = p.weights->initialised(); !names.empty() && !options.initialisesMissing)
        return failure(missingTensors(names, p.expected.tensors.size()).at(p.checkpoint->path));
    const std::string prefix = p.expected.baseModelPrefix;
    p.model = {p.expected.className, p.expected.modelType, &p.config.root, p.weights.get(), !prefix.empty() && p.weights->expectsBelow(prefix + ".") ? prefix : ""};
    p.task = taskOf(p.model, *p.family);
    p.embedsSentences = p.task == Task::Features && hasPooling(p.folder);
    if (const auto& names = p.weights->initialised(); !names.empty())
        p.notes.push_back(fmt::format("{} of {} tensors were initialised at random: what the model answers comes partly from chance.", names.size(), p.expected.tensors.size()));
    return {};
}

void prepareTokenizer(Prepared& p)
{
    auto tokenizer = loadTokenizer(p.folder, p.expected.modelType);
    if (!tokenizer) {
        p.tokenizerError = tokenizer.error();
        return;
    }
    p.tokenizer = *tokenizer;
    for (const std::string& mask : {specialToken(p.folder, "mask_token"), std::string("[MASK]"), std::string("<mask>")})
        if (p.maskId < 0 && !mask.empty())
            p.maskId = p.tokenizer->id(mask);
}

} // namespace

Result<void> prepare(Prepared& p, CheckpointPtr checkpoint, const Value& request, JobContext& job)
{
    p.checkpoint = std::move(checkpoint);
    if (auto done = prepareModel(p, request, job); !done)
        return done;
    if (auto done = prepareWeights(p, request, job); !done)
        return done;
    prepareTokenizer(p);
    return {};
}

} // namespace weighbridge::inference
