// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/run.h"

#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "inference/beside.h"
#include "inference/devices.h"
#include "inference/inputs.h"
#include "inference/pass.h"
#include "inference/pooling.h"
#include "inference/proof.h"
#include "inference/request.h"
#include "inference/script.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <new>
#include <thread>

namespace weighbridge::inference {
namespace {

/// Whether a token ends the text: eos_token_id is one number or several.
bool isEnd(const Model& model, int64_t id)
{
    const auto ends = model.integers("eos_token_id", {model.integer("eos_token_id", -1)});
    return std::find(ends.begin(), ends.end(), id) != ends.end();
}

/// The likeliest continuation, token by token; what was computed for the tokens before is kept. A decoder stops where the text ends.
Value continuation(const Prepared& p, const ModelInput& prompt, int64_t steps, JobContext& job)
{
    KeyValueCache cache;
    ModelInput input = prompt;
    input.cache = &cache;
    at::Tensor& ids = p.hasDecoder() ? input.decoderIds : input.ids;
    ids = ids.slice(0, 0, 1);
    std::vector<int64_t> added;
    Value::List list;
    const auto start = Clock::now();
    for (int64_t step = 0; step < steps && input.past() + ids.size(1) <= longestInput(p.model); ++step) {
        job.report({"Continuing the text", static_cast<uint64_t>(step), static_cast<uint64_t>(steps)});
        const auto outputs = p.family->run(p.model, input, {});
        const at::Tensor probabilities = at::softmax(find(outputs, "logits")->select(1, -1)[0].to(at::kFloat), -1);
        const auto id = probabilities.argmax().item<int64_t>();
        list.push_back(Value::Map{{"id", id}, {"token", p.tokenizer ? p.tokenizer->readableToken(id) : ""}, {"probability", probabilities[id].item<double>()}});
        added.push_back(id);
        ids = at::full({1, 1}, id, ids.options());
        if (p.hasDecoder() && isEnd(p.model, id))
            break;
    }
    const double ms = millisecondsSince(start);
    return Value::Map{{"text", p.tokenizer ? p.tokenizer->decode(added) : ""}, {"tokens", std::move(list)}, {"ms", ms}};
}

/// Cosine of the angle between the embeddings of the text and of the second text; nothing if there is no second one, or no embedding.
Result<std::optional<double>> similarityToPair(Prepared& p, const ModelOutputs& outputs, const Value& request)
{
    const std::string pair = text(request, "pair");
    if (!p.embedsSentences || pair.empty())
        return std::optional<double>();
    const auto encoding = encodedText(p, pair);
    if (!encoding)
        return tl::unexpected(encoding.error());
    const auto other = p.family->run(p.model, inputFrom(*encoding, p.weights->options().device), {});
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

int threadsOf(const Value& request)
{
    return static_cast<int>(std::max<int64_t>(1, number(request, "threads", std::thread::hardware_concurrency(), 1024)));
}

/// What the model says about the input: likeliest answers, the continuation, the proof.
void addMeaning(Value& answer, Prepared& p, const Inputs& inputs, const Pass& pass, const Value& request, JobContext& job)
{
    const Asked asked{inputs.encoding, inputs.texts, p.tokenizer.get(), p.maskId, number(request, "top_k", 5, 1000)};
    answer.set("top", topAnswers(p.task, p.model, pass.outputs, asked));
    if (p.task == Task::NextTokens)
        answer.set("continuation", continuation(p, inputs.model, number(request, "steps", p.hasDecoder() ? 32 : 8, 256), job));
    const bool proves = p.tokenizer && !p.weights->options().streams && flag(request, "proof", true);
    if (const auto proof = proves ? proofOfLife(p.task, p.model, *p.family, *p.tokenizer, p.maskId, pass.layers(), p.expected.parameters(), job) : std::nullopt)
        answer.set("proof", *proof);
}

Result<Value> run(const Value& request, JobContext& job, const ReadImage& readImage)
{
    at::InferenceMode guard; // no gradients
    at::set_num_threads(threadsOf(request));
    at::manual_seed(0); // what is initialised is the same each time
    const auto start = Clock::now();
    const auto checkpoint = openCheckpoint(text(request, "path"), job);
    if (!checkpoint)
        return tl::unexpected(checkpoint.error());
    if ((*checkpoint)->format == "torchscript")
        return runScript(**checkpoint, request, job, readImage);
    Prepared p;
    if (auto done = prepare(p, *checkpoint, request, job); !done)
        return tl::unexpected(done.error());
    const auto inputs = inputsFrom(p, request, readImage);
    if (!inputs)
        return tl::unexpected(inputs.error());
    p.weights->load();
    const double loadMs = millisecondsSince(start);

    Pass pass = passThrough(p, inputs->model, request.find("beside") != nullptr, job);
    noteBreak(pass.health, p.notes);
    if (p.embedsSentences)
        pass.outputs.emplace_back("sentence_embedding", *sentenceEmbedding(p.folder, *find(pass.outputs, "last_hidden_state")));
    const auto similarity = similarityToPair(p, pass.outputs, request);
    if (!similarity)
        return tl::unexpected(similarity.error());

    Value answer(Value::Map{{"device", p.weights->options().device.str()}, {"dtype", p.dtype}, {"family", std::string(p.family->info().id)}, {"class", p.model.className},
                            {"task", name(p.task)}, {"libtorch", torchVersion()}, {"threads", at::get_num_threads()}, {"streamed", p.weights->options().streams}, {"load_ms", loadMs}});
    answer.set("tokens", tokensAnswer(p, inputs->encoding));
    if (!inputs->image.empty())
        answer.set("image", inputs->image);
    if (*similarity)
        answer.set("similarity", **similarity);
    addMeaning(answer, p, *inputs, pass, request, job);
    const auto again = [&] { static_cast<void>(p.family->run(p.model, inputs->model, {}).back().second.to(at::kFloat).sum().item<double>()); }; // waits for a device
    answer.set("latency_ms", timed(again, request, pass.ms, job));
    answer.set("outputs", outputsAnswer(pass.outputs)).set("health", pass.health);
    Value::List initialised;
    for (const std::string& tensor : p.weights->initialised())
        initialised.push_back(tensor);
    answer.set("initialised", std::move(initialised)).set("read_nbytes", p.weights->readNbytes());
    if (request.find("beside")) {
        auto beside = runBeside(p, *inputs, pass, request, job);
        if (!beside)
            return tl::unexpected(beside.error());
        answer.set("beside", std::move(*beside));
    }
    return answer.set("notes", p.notes).set("peak_memory_nbytes", peakMemory());
}

} // namespace

Result<Value> runModel(const Value& request, JobContext& job, const ReadImage& readImage)
{
    const auto outOfMemory = [](const char* where) {
        return failure(Error("memory", fmt::format("There is not enough memory {}to run this model.", where)).fixedBy("Run it layer by layer (--stream), in BF16, or on another device."));
    };
    try {
        return run(request, job, readImage);
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
