// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "core/base/byte_source.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/remote/host_inference.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>

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
    for (const char* key : {"input_ids", "token_type_ids", "decoder_input_ids", "texts_input_ids", "text", "pair", "image"})
        if (const Value* value = document->value.find(key))
            request.set(key, *value);
    if (const Value* image = request.find("image")) // beside the document, if it does not say where
        request.set("image", (std::filesystem::absolute(path).parent_path() / image->stringOr("")).string());
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
    if (arguments.has("input"))
        if (const auto read = readInput(arguments.value("input"), request); !read)
            return tl::unexpected(read.error());
    for (const char* key : {"config", "image", "beside"})
        if (arguments.has(key))
            request.set(key, absolutePath(arguments.value(key)));
    for (const char* key : {"class", "text", "pair", "device", "dtype"})
        if (arguments.has(key))
            request.set(key, arguments.value(key));
    if (arguments.has("stream"))
        request.set("stream", true);
    if (arguments.has("here"))
        request.set("here", true);
    if (arguments.has("initialise-missing"))
        request.set("initialise_missing", true);
    if (arguments.has("allow-execution"))
        request.set("allow_execution", true);
    for (const auto& [option, key] : {std::pair("runs", "runs"), std::pair("steps", "steps"), std::pair("top", "top_k"), std::pair("batch", "batch"), std::pair("threads", "threads")})
        if (const auto set = setNumber(arguments, option, key, request); !set)
            return tl::unexpected(set.error());
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

bool isTrue(const Value& value, const char* key)
{
    return value.find(key) && value.find(key)->boolean() && *value.find(key)->boolean();
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

/// What each layer is worth: one that was never loaded is not missed.
std::string withoutLayerText(const Value& proof)
{
    const Value* layers = proof.find("without_layer");
    std::string out;
    for (const Value& layer : layers && layers->list() ? *layers->list() : Value::List{})
        out += fmt::format("  {:<12} {:.2f}\n", field(layer, "layer"), number(layer, "loss"));
    if (out.empty())
        return out;
    const Value* suspect = proof.find("suspect");
    return fmt::format("Loss with one layer left out, on sentences that have {:.2f} with all:\n", number(proof, "without_none")) + out + (suspect && suspect->isString() ? fmt::format("It does as well without {}, while it misses the others: that layer contributes nothing.\n", field(proof, "suspect")) : "");
}

std::string proofText(const Value& proof)
{
    const std::string verdict = field(proof, "verdict");
    const char* meaning = verdict == "learned" ? "it has learned" : verdict == "guesses" ? "it predicts no better than guessing" : "whether it has learned cannot be told";
    return fmt::format("\nLoss on {:.0f} tokens of built-in sentences {:.2f}, guessing would give {:.2f}: {}\n", number(proof, "tokens"), number(proof, "loss"), number(proof, "guessing"), meaning)
           + withoutLayerText(proof);
}

std::string besideText(const Value& beside)
{
    std::string out = fmt::format("\nBeside {} ({}), relative distance after each layer:\n", field(beside, "path"), field(beside, "class"));
    const auto distance = [](const Value* value) { return value && value->isNumber() ? fmt::format("{:.3g}", value->number()) : std::string("other shape"); };
    if (const Value* layers = beside.find("layers"); layers && layers->list())
        for (const Value& layer : *layers->list())
            out += fmt::format("  {:<16} {}\n", field(layer, "layer"), distance(layer.find("relative_distance")));
    if (const Value* outputs = beside.find("outputs"); outputs && outputs->map())
        for (const auto& [name, value] : *outputs->map())
            out += fmt::format("  {:<16} {}\n", shown(name), distance(&value));
    const std::string parts = field(beside, "parts_at");
    return out + (parts.empty() ? "They do not part.\n" : fmt::format("They part at {}.\n", parts));
}

void printText(const Value& answer)
{
    const Value& latency = *answer.find("latency_ms");
    const std::string host = field(answer, "host");
    std::string out = fmt::format("{} on {}{}, {}{}\n", field(answer, "class"), host.empty() ? "" : host + ": ", field(answer, "device"),
                                  field(answer, "dtype"), isTrue(answer, "streamed") ? ", streamed" : "");
    std::string tokens;
    for (const Value& token : *answer.find("tokens")->list())
        tokens += " " + (field(token, "text").empty() ? fmt::format("{:.0f}", number(token, "id")) : field(token, "text"));
    if (answer.find("image"))
        out += "Image: " + field(answer, "image") + "\n";
    out += (tokens.empty() ? "" : "Tokens:" + tokens + "\n") + topText(answer);
    if (const Value* continuation = answer.find("continuation"))
        out += fmt::format("\nGoes on:{}\n", field(*continuation, "text"));
    if (answer.find("similarity"))
        out += fmt::format("\nSimilarity of the two texts (cosine of their embeddings): {:.4f}\n", number(answer, "similarity"));
    if (const Value* proof = answer.find("proof"))
        out += proofText(*proof);
    if (const Value* beside = answer.find("beside"))
        out += besideText(*beside);
    out += "\n";
    for (const auto& [name, output] : *answer.find("outputs")->map()) {
        std::vector<int64_t> shape;
        const Value* sizes = output.find("shape");
        for (const Value& size : sizes && sizes->list() ? *sizes->list() : Value::List{})
            shape.push_back(static_cast<int64_t>(size.number()));
        out += fmt::format("{}: {}, mean {:.4g}, std {:.4g}\n", shown(name), formatShape(shape), number(output, "mean"), number(output, "std"));
    }
    out += fmt::format("Load {:.0f} ms, pass {:.1f} ms (median of {:.0f}, fastest {:.1f}), peak memory {}\n", number(answer, "load_ms"), number(latency, "median"),
                       number(latency, "runs"), number(latency, "min"), formatNbytes(static_cast<uint64_t>(number(answer, "peak_memory_nbytes"))));
    for (const Value& note : *answer.find("notes")->list())
        out += "Note: " + shown(note.stringOr(""), 2000) + "\n";
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
    auto answer = runWhereItLies(*request, job);
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
    return {"run",
            "run PATH [--text T [--pair T] | --input FILE] [--image FILE] [--beside PATH] [--device D] [--dtype D] [--class NAME] [--config FILE] "
            "[--stream] [--initialise-missing] "
            "[--allow-execution] [--here] [--batch N] [--runs N] [--steps N] [--top N] [--threads N] [--json]",
            {"json", "stream", "initialise-missing", "allow-execution", "here"},
            {"text", "pair", "input", "image", "beside", "device", "dtype", "class", "config", "batch", "runs", "steps", "top", "threads"},
            1,
            1,
            &run};
}

} // namespace weighbridge::cli
