// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "core/base/byte_source.h"
#include "core/base/files.h"
#include "core/base/inference_worker.h"
#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <charconv>

namespace weighbridge::cli {
namespace {

constexpr uint64_t longestInputNbytes = 16 * 1024 * 1024;

/// A JSON document with "input_ids" or "text" and "pair", or the text itself.
Result<void> readInput(const std::string& path, Value& request)
{
    const auto file = openFile(path);
    if (!file)
        return tl::unexpected(file.error());
    if ((*file)->nbytes() > longestInputNbytes)
        return failure(Error("usage", "The input has more than 16 MiB.").at(path));
    const auto bytes = (*file)->read(0, (*file)->nbytes());
    if (!bytes)
        return tl::unexpected(bytes.error());
    const std::string_view content(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    const auto document = content.starts_with('{') ? parseJson(content, path) : tl::unexpected(Error());
    if (!document) {
        request.set("text", std::string(content.substr(0, content.find_last_not_of("\r\n") + 1)));
        return {};
    }
    for (const char* key : {"input_ids", "token_type_ids", "text", "pair"})
        if (const Value* value = document->value.find(key))
            request.set(key, *value);
    return {};
}

Result<void> setNumber(const Arguments& arguments, const char* option, const char* key, Value& request)
{
    if (!arguments.has(option))
        return {};
    const std::string text = arguments.value(option);
    int64_t number = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), number).ptr != text.data() + text.size() || text.empty() || number < 0)
        return failure("usage", fmt::format("--{} needs a number, not {}.", option, shown(text)));
    request.set(key, number);
    return {};
}

Result<Value> requestFrom(const Arguments& arguments)
{
    Value request(Value::Map{{"command", "run"}, {"path", absolutePath(arguments.paths[0])}});
    if (arguments.has("config"))
        request.set("config", absolutePath(arguments.value("config")));
    for (const char* key : {"class", "text", "pair", "device", "dtype"})
        if (arguments.has(key))
            request.set(key, arguments.value(key));
    if (arguments.has("stream"))
        request.set("stream", true);
    if (arguments.has("initialise-missing"))
        request.set("initialise_missing", true);
    for (const auto& [option, key] : {std::pair("runs", "runs"), std::pair("steps", "steps"), std::pair("top", "top_k")})
        if (const auto set = setNumber(arguments, option, key, request); !set)
            return tl::unexpected(set.error());
    if (arguments.has("image"))
        return failure(Error("usage", "Models of images cannot be run yet.").fixedBy("Run a language model with --text."));
    if (arguments.has("input"))
        if (const auto read = readInput(arguments.value("input"), request); !read)
            return tl::unexpected(read.error());
    return request;
}

std::string field(const Value& value, const char* key)
{
    return value.find(key) ? shown(value.find(key)->stringOr("")) : std::string();
}

double number(const Value& value, const char* key)
{
    return value.find(key) ? value.find(key)->number() : 0;
}

/// One line per answer, what it is about first.
std::string topText(const Value& answer)
{
    std::string out;
    int64_t place = -1;
    for (const Value& entry : *answer.find("top")->list()) {
        const Value* position = entry.find("position");
        if (position && position->integer() && *position->integer() != place && field(entry, "kind") != "token-class") {
            place = *position->integer();
            out += fmt::format("\nAt token {}:\n", place);
        }
        const std::string label = field(entry, "label");
        const std::string what = field(entry, "kind") == "span" ? field(entry, "text") : label.empty() ? field(entry, "token") : label + (entry.find("token") ? "  " + field(entry, "token") : "");
        if (entry.find("value"))
            out += fmt::format("  {:>9.4f}  {}\n", number(entry, "value"), what);
        else
            out += fmt::format("  {:>7.2f} %  {}\n", 100 * number(entry, "probability"), what);
    }
    return out;
}

std::string proofText(const Value& proof)
{
    const std::string verdict = field(proof, "verdict");
    const char* meaning = verdict == "learned" ? "it has learned" : verdict == "guesses" ? "it predicts no better than guessing" : "whether it has learned cannot be told";
    return fmt::format("\nLoss on {:.0f} tokens of built-in sentences {:.2f}, guessing would give {:.2f}: {}\n", number(proof, "tokens"), number(proof, "loss"), number(proof, "guessing"), meaning);
}

void printText(const Value& answer)
{
    const Value& latency = *answer.find("latency_ms");
    std::string out = fmt::format("{} on {}, {}{}\n", field(answer, "class"), field(answer, "device"), field(answer, "dtype"),
                                  answer.find("streamed") && *answer.find("streamed")->boolean() ? ", streamed" : "");
    std::string tokens;
    for (const Value& token : *answer.find("tokens")->list())
        tokens += " " + (field(token, "text").empty() ? fmt::format("{}", *token.find("id")->integer()) : field(token, "text"));
    out += "Tokens:" + tokens + "\n" + topText(answer);
    if (const Value* continuation = answer.find("continuation"))
        out += fmt::format("\nGoes on:{}\n", field(*continuation, "text"));
    if (answer.find("similarity"))
        out += fmt::format("\nSimilarity of the two texts (cosine of their embeddings): {:.4f}\n", number(answer, "similarity"));
    if (const Value* proof = answer.find("proof"))
        out += proofText(*proof);
    out += "\n";
    for (const auto& [name, output] : *answer.find("outputs")->map()) {
        std::vector<int64_t> shape;
        for (const Value& size : *output.find("shape")->list())
            shape.push_back(*size.integer());
        out += fmt::format("{}: {}, mean {:.4g}, std {:.4g}\n", shown(name), formatShape(shape), number(output, "mean"), number(output, "std"));
    }
    out += fmt::format("Load {:.0f} ms, pass {:.1f} ms (median of {:.0f}, fastest {:.1f}), peak memory {}\n", number(answer, "load_ms"), number(latency, "median"),
                       number(latency, "runs"), number(latency, "min"), formatNbytes(static_cast<uint64_t>(number(answer, "peak_memory_nbytes"))));
    for (const Value& note : *answer.find("notes")->list())
        out += "Note: " + note.stringOr("") + "\n";
    std::fwrite(out.data(), 1, out.size(), stdout);
}

/// Whether the answer has all that is printed: it comes from another process.
bool isComplete(const Value& answer)
{
    const auto list = [&answer](const char* key) { return answer.find(key) && answer.find(key)->isList(); };
    return list("top") && list("tokens") && list("notes") && list("health") && answer.find("latency_ms") && answer.find("outputs") && answer.find("outputs")->isMap();
}

int run(const Arguments& arguments, JobContext& job)
{
    const auto request = requestFrom(arguments);
    if (!request)
        return fail(request.error(), arguments);
    auto answer = askInferenceWorker(*request, job);
    if (!answer)
        return fail(answer.error(), arguments);
    if (!isComplete(*answer))
        return fail(Error("worker", "weighbridge-inference gave an answer that is not complete."), arguments);
    std::erase_if(*answer->map(), [](const auto& entry) { return entry.first == "done"; });
    if (arguments.has("json"))
        printJson(*answer);
    else
        printText(*answer);
    return 0;
}

} // namespace

Command runCommand()
{
    return {"run", "run PATH [--text T [--pair T] | --input FILE] [--device D] [--dtype D] [--class NAME] [--config FILE] [--stream] [--initialise-missing] [--runs N] [--steps N] [--top N] [--json]",
            {"json", "stream", "initialise-missing"},
            {"text", "pair", "input", "image", "device", "dtype", "class", "config", "runs", "steps", "top"}, 1, 1, &run};
}

} // namespace weighbridge::cli
