// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/run.h"

#include "core/base/device.h"
#include "core/base/files.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/find_config.h"
#include "inference/devices.h"
#include "inference/pooling.h"
#include "inference/proof.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <new>
#include <thread>

#include <sys/resource.h>

namespace weighbridge::inference {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double memoryShare = 0.7;   ///< of what is free; above it a model is streamed
constexpr auto timingBudget = std::chrono::milliseconds(2000);
constexpr int64_t maximumTokens = 4096;

double millisecondsSince(Clock::time_point start)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

std::string text(const Value& request, std::string_view key)
{
    return request.find(key) ? request.find(key)->stringOr("") : std::string();
}

bool flag(const Value& request, std::string_view key, bool fallback = false)
{
    const Value* value = request.find(key);
    return value && value->boolean() ? *value->boolean() : fallback;
}

int64_t number(const Value& request, std::string_view key, int64_t fallback, int64_t maximum)
{
    const Value* value = request.find(key);
    return value && value->integer() ? std::clamp<int64_t>(*value->integer(), 0, maximum) : fallback;
}

/// What a run stands on.
struct Prepared {
    CheckpointPtr checkpoint;
    Config config;
    ExpectedModel expected;
    std::unique_ptr<Weights> weights;
    const Family* family = nullptr;
    Model model;
    Task task = Task::Features;
    bool embedsSentences = false;
    std::string folder;
    TokenizerPtr tokenizer; ///< null if there is none
    std::optional<Error> tokenizerError;
    int64_t maskId = -1;
    std::string dtype;
    Value::List notes;
};

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
Result<std::pair<at::ScalarType, std::string>> dtypeFrom(std::string wanted, const Checkpoint& checkpoint, at::Device device, Value::List& notes)
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
    if (wanted == "f16" || wanted == "fp16") {
        if (!device.is_cpu())
            return std::pair(at::kHalf, std::string("F16"));
        notes.push_back("The processor does not compute in F16: the model was run in F32, which holds every value of F16.");
        wanted = "f32";
    }
    if (wanted.empty() || wanted == "f32" || wanted == "fp32")
        return std::pair(at::kFloat, std::string("F32"));
    if (wanted == "bf16")
        return std::pair(at::kBFloat16, std::string("BF16"));
    return failure("usage", fmt::format("A model is run in F32, BF16, F16 or as stored, not in {}.", shown(wanted)));
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
    const auto opened = openCheckpoint(path, job);
    if (!opened)
        return tl::unexpected(opened.error());
    p.checkpoint = *opened;
    p.folder = isFolder(p.checkpoint->path) ? p.checkpoint->path : std::filesystem::path(p.checkpoint->path).parent_path().string();
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
    p.dtype = dtype->second;
    const Comparison comparison = compareToExpected(p.expected, foundTensors(*p.checkpoint), job);
    WeightOptions options{dtype->first, *device, flag(request, "stream", isMemoryShort(p.expected, dtype->first)), flag(request, "initialise_missing")};
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

/// Positions that the model has; 0 if it does not say.
int64_t longestInput(const Model& model)
{
    const int64_t positions = model.integer("max_position_embeddings", model.integer("n_positions", 0));
    const bool skipsPadding = model.modelType == "roberta" || model.modelType == "xlm-roberta" || model.modelType == "camembert" || model.modelType == "mpnet";
    const int64_t usable = skipsPadding ? positions - model.integer("pad_token_id", 1) - 1 : positions;
    return usable > 0 ? std::min(usable, maximumTokens) : maximumTokens;
}

Result<std::vector<int64_t>> integersFrom(const Value& list)
{
    std::vector<int64_t> out;
    for (const Value& value : list.list() ? *list.list() : Value::List{}) {
        if (!value.integer())
            return failure("usage", "The ids of the input are no integers.");
        out.push_back(*value.integer());
    }
    return out;
}

/// Tokens as they were given.
Result<Encoding> encodingFromIds(const Value& request)
{
    auto ids = integersFrom(*request.find("input_ids"));
    if (!ids)
        return tl::unexpected(ids.error());
    Encoding out;
    out.ids = std::move(*ids);
    out.typeIds.assign(out.ids.size(), 0);
    out.sequence.assign(out.ids.size(), 0);
    if (const Value* types = request.find("token_type_ids")) {
        auto given = integersFrom(*types);
        if (!given)
            return tl::unexpected(given.error());
        if (given->size() != out.ids.size())
            return failure("usage", "token_type_ids and input_ids have different lengths.");
        out.typeIds = std::move(*given);
        out.sequence.assign(out.typeIds.begin(), out.typeIds.end());
    }
    return out;
}

Result<Encoding> encode(Prepared& p, std::string given, const std::string& pair)
{
    if (!p.tokenizer)
        return failure(*p.tokenizerError);
    // [MASK] may be written for every model
    const std::string mask = p.tokenizer->token(p.maskId);
    for (size_t at = given.find("[MASK]"); p.maskId >= 0 && mask != "[MASK]" && at != std::string::npos; at = given.find("[MASK]", at + mask.size()))
        given.replace(at, 6, mask);
    auto encoding = p.tokenizer->encode(given, pair.empty() ? std::nullopt : std::optional(pair), static_cast<size_t>(longestInput(p.model)));
    if (encoding && encoding->isCut)
        p.notes.push_back(fmt::format("The text was cut to the {} tokens that the model can take.", longestInput(p.model)));
    return encoding;
}

/// The text, and its pair if the model takes both at once; one that embeds sentences takes them one by one.
Result<Encoding> encodingFromText(Prepared& p, const Value& request)
{
    const SampleText sample = sampleText(p.task);
    const bool hasText = request.find("text") != nullptr;
    const std::string pair = request.find("pair") ? text(request, "pair") : hasText ? "" : sample.pair;
    return encode(p, hasText ? text(request, "text") : sample.text, p.embedsSentences ? "" : pair);
}

/// Refuses what the model has no place or no embedding for.
Result<Encoding> fitting(const Prepared& p, Result<Encoding> encoding)
{
    if (!encoding)
        return encoding;
    if (encoding->ids.empty())
        return failure("usage", "The input has no tokens.");
    if (static_cast<int64_t>(encoding->ids.size()) > longestInput(p.model))
        return failure("max-position-embeddings", fmt::format("The input has {} tokens, the model takes at most {}.", encoding->ids.size(), longestInput(p.model)));
    const int64_t vocabulary = p.model.integer("vocab_size", INT64_MAX);
    const auto outside = std::find_if(encoding->ids.begin(), encoding->ids.end(), [vocabulary](int64_t id) { return id < 0 || id >= vocabulary; });
    if (outside != encoding->ids.end())
        return failure("tokenizer-larger-than-embedding", fmt::format("The input has the token {}, the model's vocabulary ends at {}.", *outside, vocabulary - 1));
    if (p.model.integer("type_vocab_size", 2) < 2)
        std::fill(encoding->typeIds.begin(), encoding->typeIds.end(), 0);
    return encoding;
}

Result<Encoding> encodingFor(Prepared& p, const Value& request)
{
    return fitting(p, request.find("input_ids") ? encodingFromIds(request) : encodingFromText(p, request));
}

ModelInput inputFrom(const Encoding& encoding, at::Device device)
{
    const auto options = at::TensorOptions(at::kLong);
    return {at::tensor(encoding.ids, options).unsqueeze(0).to(device), at::tensor(encoding.typeIds, options).unsqueeze(0).to(device)};
}

/// Median and least of as many passes as were asked for, or as fit into two seconds.
Value timed(const Prepared& p, const ModelInput& input, const Value& request, double firstMs, JobContext& job)
{
    const int64_t wanted = number(request, "runs", 20, 1000);
    const bool isFixed = request.find("runs") != nullptr;
    std::vector<double> times;
    const auto start = Clock::now();
    while (static_cast<int64_t>(times.size()) < wanted && (times.empty() || isFixed || Clock::now() - start < timingBudget)) {
        job.report({"Timing", times.size(), static_cast<uint64_t>(wanted)});
        const auto began = Clock::now();
        const auto outputs = p.family->run(p.model, input, [](const std::string&, const at::Tensor&) {});
        static_cast<void>(outputs.back().second.to(at::kFloat).sum().item<double>()); // waits for a device
        times.push_back(millisecondsSince(began));
    }
    if (times.empty())
        times.push_back(firstMs);
    std::sort(times.begin(), times.end());
    return Value::Map{{"median", times[times.size() / 2]}, {"min", times.front()}, {"runs", times.size()}, {"first", firstMs}};
}

/// The likeliest continuation, token by token.
Value continuation(const Prepared& p, Encoding encoding, int64_t steps, JobContext& job)
{
    std::vector<int64_t> added;
    Value::List list;
    for (int64_t step = 0; step < steps && static_cast<int64_t>(encoding.ids.size()) < longestInput(p.model); ++step) {
        job.report({"Continuing the text", static_cast<uint64_t>(step), static_cast<uint64_t>(steps)});
        const auto outputs = p.family->run(p.model, inputFrom(encoding, p.weights->options().device), [](const std::string&, const at::Tensor&) {});
        const at::Tensor probabilities = at::softmax(find(outputs, "logits")->select(1, -1)[0].to(at::kFloat), -1);
        const auto id = probabilities.argmax().item<int64_t>();
        list.push_back(Value::Map{{"id", id}, {"token", p.tokenizer ? p.tokenizer->readableToken(id) : ""}, {"probability", probabilities[id].item<double>()}});
        added.push_back(id);
        encoding.ids.push_back(id);
        encoding.typeIds.push_back(0);
    }
    return Value::Map{{"text", p.tokenizer ? p.tokenizer->decode(added) : ""}, {"tokens", std::move(list)}};
}

/// Cosine of the angle between the embeddings of the text and of the second text; nothing if there is no second one, or no embedding.
Result<std::optional<double>> similarityToPair(Prepared& p, const ModelOutputs& outputs, const Value& request)
{
    const std::string pair = text(request, "pair");
    if (!p.embedsSentences || pair.empty())
        return std::optional<double>();
    const auto encoding = fitting(p, encode(p, pair, ""));
    if (!encoding)
        return tl::unexpected(encoding.error());
    const auto other = p.family->run(p.model, inputFrom(*encoding, p.weights->options().device), [](const std::string&, const at::Tensor&) {});
    const at::Tensor b = *sentenceEmbedding(p.folder, *find(other, "last_hidden_state"));
    return std::optional(at::cosine_similarity(find(outputs, "sentence_embedding")->to(at::kFloat), b.to(at::kFloat)).item<double>());
}

Value::List tokensAnswer(const Prepared& p, const Encoding& encoding)
{
    Value::List out;
    for (size_t i = 0; i < encoding.ids.size(); ++i)
        out.push_back(Value::Map{{"id", encoding.ids[i]}, {"text", p.tokenizer ? p.tokenizer->token(encoding.ids[i]) : ""}, {"special", encoding.sequence[i] < 0},
                                 {"mask", encoding.ids[i] == p.maskId}});
    return out;
}

int64_t peakMemory()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<int64_t>(usage.ru_maxrss) * 1024;
}

/// The layer after which the first NaN or infinity stands.
void noteBreak(const Value::List& health, Value::List& notes)
{
    for (const Value& layer : health)
        if (*layer.find("nan")->integer() > 0 || *layer.find("inf")->integer() > 0) {
            notes.push_back(fmt::format("The signal breaks in {}: {} NaN and {} infinite values after it, none before.", layer.find("layer")->stringOr(""),
                                        *layer.find("nan")->integer(), *layer.find("inf")->integer()));
            return;
        }
}

Result<Value> run(const Value& request, JobContext& job)
{
    at::InferenceMode guard; // no gradients
    const auto threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    at::set_num_threads(threads);
    Prepared p;
    const auto start = Clock::now();
    if (auto done = prepareModel(p, request, job); !done)
        return tl::unexpected(done.error());
    if (auto done = prepareWeights(p, request, job); !done)
        return tl::unexpected(done.error());
    prepareTokenizer(p);
    const auto encoding = encodingFor(p, request);
    if (!encoding)
        return tl::unexpected(encoding.error());
    p.weights->load();
    const double loadMs = millisecondsSince(start);

    Value::List health;
    const int64_t layers = p.model.integer("num_hidden_layers", 0);
    const auto probe = [&](const std::string& layer, const at::Tensor& hidden) {
        health.push_back(healthAnswer(layer, hidden));
        job.report({"Running", health.size(), static_cast<uint64_t>(layers) + 1});
    };
    const ModelInput input = inputFrom(*encoding, p.weights->options().device);
    const auto began = Clock::now();
    ModelOutputs outputs = p.family->run(p.model, input, probe);
    const double firstMs = millisecondsSince(began);
    noteBreak(health, p.notes);
    if (p.embedsSentences)
        outputs.emplace_back("sentence_embedding", *sentenceEmbedding(p.folder, *find(outputs, "last_hidden_state")));
    const auto similarity = similarityToPair(p, outputs, request);
    if (!similarity)
        return tl::unexpected(similarity.error());

    Value answer(Value::Map{{"device", p.weights->options().device.str()}, {"dtype", p.dtype}, {"family", std::string(p.family->info().id)}, {"class", p.model.className},
                            {"task", name(p.task)}, {"libtorch", torchVersion()}, {"threads", threads}, {"streamed", p.weights->options().streams}, {"load_ms", loadMs}});
    answer.set("tokens", tokensAnswer(p, *encoding));
    if (*similarity)
        answer.set("similarity", **similarity);
    answer.set("top", topAnswers(p.task, p.model, outputs, *encoding, p.tokenizer.get(), p.maskId, number(request, "top_k", 5, 1000)));
    if (p.task == Task::NextTokens)
        answer.set("continuation", continuation(p, *encoding, number(request, "steps", 8, 256), job));
    if (const auto proof = p.tokenizer && !p.weights->options().streams && flag(request, "proof", true) ? proofOfLife(p.task, p.model, *p.family, *p.tokenizer, p.maskId, job) : std::nullopt)
        answer.set("proof", *proof);
    answer.set("latency_ms", timed(p, input, request, firstMs, job));
    Value named{Value::Map{}};
    for (const auto& [output, tensor] : outputs)
        named.set(output, outputAnswer(tensor));
    answer.set("outputs", std::move(named)).set("health", std::move(health));
    Value::List initialised;
    for (const std::string& tensor : p.weights->initialised())
        initialised.push_back(tensor);
    answer.set("initialised", std::move(initialised)).set("notes", p.notes).set("read_nbytes", p.weights->readNbytes()).set("peak_memory_nbytes", peakMemory());
    return answer;
}

} // namespace

Result<Value> runModel(const Value& request, JobContext& job)
{
    const auto outOfMemory = [](const char* where) {
        return failure(Error("memory", fmt::format("There is not enough memory {}to run this model.", where)).fixedBy("Run it layer by layer (--stream), in BF16, or on another device."));
    };
    try {
        return run(request, job);
    } catch (const RunFailure& stopped) {
        return failure(stopped.error);
    } catch (const std::bad_alloc&) {
        return outOfMemory("");
    } catch (const std::exception& error) {
        // libtorch's messages go on with a stack trace
        const std::string message(error.what(), std::min(std::string_view(error.what()).find('\n'), std::string_view(error.what()).size()));
        if (message.find("memory") != std::string::npos && message.find("alloc") != std::string::npos)
            return outOfMemory(message.find("CUDA") != std::string::npos ? "on the device " : "");
        return failure("run", "libtorch refused the calculation: " + shown(message));
    }
}

} // namespace weighbridge::inference
