// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/script.h"

#include "core/base/text.h"
#include "inference/devices.h"
#include "inference/inputs.h"
#include "inference/pass.h"
#include "inference/request.h"

#include <fmt/format.h>
#include <torch/script.h>
#include <ATen/Parallel.h>

#include <filesystem>

namespace weighbridge::inference {
namespace {

Result<at::Tensor> imageInput(const std::string& path, const ReadImage& readImage)
{
    const auto image = readImage(path);
    if (!image)
        return tl::unexpected(image.error());
    const at::Tensor bytes = at::tensor(at::ArrayRef<uint8_t>(image->rgb), at::TensorOptions(at::kByte)).view({1, image->height, image->width, 3});
    return bytes.permute({0, 3, 1, 2}).to(at::kFloat) / 255;
}

Result<at::Tensor> tokenInput(const std::string& path, const Value& request, Value::List& tokens)
{
    std::vector<int64_t> ids;
    TokenizerPtr tokenizer;
    if (const auto loaded = loadTokenizer(std::filesystem::path(path).parent_path().string(), ""))
        tokenizer = *loaded;
    if (const Value* given = request.find("input_ids"); given && given->list()) {
        for (const Value& id : *given->list())
            ids.push_back(id.integer() ? *id.integer() : 0);
    } else if (request.find("text") && tokenizer) {
        const auto encoding = tokenizer->encode(text(request, "text"));
        if (!encoding)
            return tl::unexpected(encoding.error());
        ids = encoding->ids;
    }
    if (ids.empty())
        return failure(Error("usage", "A TorchScript file does not say what it takes, and there is no tokenizer beside it.").fixedBy("Give it --image FILE, or --input FILE with {\"input_ids\": [...]}."));
    for (const int64_t id : ids)
        tokens.push_back(Value::Map{{"id", id}, {"text", tokenizer ? tokenizer->token(id) : ""}, {"special", false}, {"mask", false}});
    return at::tensor(ids, at::TensorOptions(at::kLong)).unsqueeze(0);
}

/// The input, then what stands for further arguments without a default.
std::vector<c10::IValue> argumentsFor(const c10::FunctionSchema& schema, const at::Tensor& input)
{
    std::vector<c10::IValue> out;
    for (const c10::Argument& argument : schema.arguments()) {
        if (argument.name() == "self" || argument.default_value())
            continue;
        if (out.empty())
            out.emplace_back(input);
        else
            out.emplace_back(argument.name().find("mask") != std::string::npos ? at::ones_like(input) : at::zeros_like(input));
    }
    return out;
}

void addOutputs(const c10::IValue& value, const std::string& name, ModelOutputs& out)
{
    if (value.isTensor()) {
        out.emplace_back(name, value.toTensor());
    } else if (value.isTuple()) {
        for (size_t i = 0; i < value.toTupleRef().elements().size(); ++i)
            addOutputs(value.toTupleRef().elements()[i], fmt::format("{}_{}", name, i), out);
    } else if (value.isList()) {
        for (size_t i = 0; i < value.toListRef().size(); ++i)
            addOutputs(value.toListRef()[i], fmt::format("{}_{}", name, i), out);
    } else if (value.isGenericDict()) {
        for (const auto& entry : value.toGenericDict())
            addOutputs(entry.value(), entry.key().isString() ? entry.key().toStringRef() : name, out);
    }
}

} // namespace

Result<Value> runScript(const Checkpoint& checkpoint, const Value& request, JobContext& job, const ReadImage& readImage)
{
    if (!flag(request, "allow_execution"))
        return failure(Error("execution-not-allowed", "This file is TorchScript, a program: running the model executes it.").at(checkpoint.path).fixedBy("If you trust where it comes from, allow it: --allow-execution."));
    const auto start = Clock::now();
    Value::List tokens;
    const auto input = request.find("image") ? imageInput(text(request, "image"), readImage) : tokenInput(checkpoint.path, request, tokens);
    if (!input)
        return tl::unexpected(input.error());
    job.report({"Loading", 0, 0});
    torch::jit::Module module = torch::jit::load(checkpoint.path, at::kCPU);
    module.eval();
    const double loadMs = millisecondsSince(start);
    const torch::jit::Method forward = module.get_method("forward");
    const auto arguments = argumentsFor(forward.function().getSchema(), *input);
    job.report({"Running", 0, 0});
    const auto began = Clock::now();
    ModelOutputs outputs;
    addOutputs(forward(arguments), "output", outputs);
    const double firstMs = millisecondsSince(began);
    const auto again = [&] { static_cast<void>(forward(arguments)); };
    return Value::Map{{"device", "cpu"}, {"dtype", "as written"}, {"family", "torchscript"}, {"class", module.type()->name() ? module.type()->name()->name() : ""}, {"task", "features"},
                      {"libtorch", torchVersion()}, {"threads", at::get_num_threads()}, {"streamed", false}, {"load_ms", loadMs}, {"tokens", std::move(tokens)}, {"top", Value::List{}},
                      {"latency_ms", timed(again, request, firstMs, job)}, {"outputs", outputsAnswer(outputs)}, {"health", Value::List{}}, {"initialised", Value::List{}},
                      {"notes", Value::List{"The program in the file was executed; what it took as input is a guess from the names of its arguments."}}, {"peak_memory_nbytes", peakMemory()}};
}

} // namespace weighbridge::inference
