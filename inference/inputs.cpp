// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/inputs.h"

#include "core/base/resources.h"
#include "core/base/text.h"
#include "inference/preprocessor.h"
#include "inference/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

namespace weighbridge::inference {
namespace {

constexpr int64_t maximumTokens = 4096;
constexpr int64_t largestBatch = 256;

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
    const SampleText sample = sampleText(p.task, p.model);
    const bool hasText = request.find("text") != nullptr;
    const std::string pair = request.find("pair") ? text(request, "pair") : hasText ? "" : sample.pair;
    return encode(p, hasText ? text(request, "text") : sample.text, p.embedsSentences ? "" : pair);
}

int64_t vocabularySize(const Model& model)
{
    return model.part("text_config").integer("vocab_size", INT64_MAX);
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
    const int64_t vocabulary = vocabularySize(p.model);
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

at::Tensor row(const std::vector<int64_t>& ids, at::Device device)
{
    return at::tensor(ids, at::TensorOptions(at::kLong)).unsqueeze(0).to(device);
}

/// What the decoder begins with: what the request says, the start token, or the text moved by one for a model that judges the text.
Result<std::vector<int64_t>> decoderStart(const Prepared& p, const Encoding& encoding, const Value& request)
{
    if (const Value* given = request.find("decoder_input_ids")) {
        Encoding asked;
        auto ids = integersFrom(*given);
        if (!ids)
            return ids;
        asked.ids = *ids;
        const auto checked = fitting(p, asked);
        return checked ? ids : tl::unexpected(checked.error());
    }
    const bool isBart = p.model.modelType == "bart";
    std::vector<int64_t> ids{p.model.integer("decoder_start_token_id", isBart ? p.model.integer("eos_token_id", 2) : p.model.integer("pad_token_id", 0))};
    if (isBart && p.task != Task::NextTokens)
        ids.insert(ids.end(), encoding.ids.begin(), encoding.ids.end() - 1);
    return ids;
}

/// One text a line: what an image is compared with.
Result<void> addTexts(Prepared& p, Inputs& inputs, const Value& request)
{
    const at::Device device = p.weights->options().device;
    const Value* given = request.find("texts_input_ids");
    for (const Value& ids : given && given->list() ? *given->list() : Value::List{}) {
        const auto encoding = fitting(p, encodingFromIds(Value::Map{{"input_ids", ids}}));
        if (!encoding)
            return tl::unexpected(encoding.error());
        inputs.model.texts.push_back(row(encoding->ids, device));
        inputs.texts.push_back(fmt::format("{}", inputs.texts.size() + 1));
    }
    std::istringstream lines(request.find("text") ? text(request, "text") : sampleText(p.task, p.model).text);
    for (std::string line; !given && std::getline(lines, line);) {
        if (line.empty())
            continue;
        const auto encoding = fitting(p, encode(p, line, ""));
        if (!encoding)
            return tl::unexpected(encoding.error());
        inputs.model.texts.push_back(row(encoding->ids, device));
        inputs.texts.push_back(line);
    }
    if (inputs.texts.empty())
        return failure("usage", "There is no text to compare the image with: one a line.");
    return {};
}

Result<void> addImage(Prepared& p, Inputs& inputs, const Value& request, const ReadImage& readImage)
{
    inputs.image = request.find("image") ? text(request, "image") : resourceFolder() + "/samples/lorry.png";
    const auto image = readImage(inputs.image);
    if (!image)
        return tl::unexpected(image.error());
    bool assumed = false;
    const auto pixels = pixelsFrom(*image, p.folder, p.model, assumed);
    if (!pixels)
        return tl::unexpected(pixels.error());
    if (assumed)
        p.notes.push_back("There is no preprocessor_config.json: how the image has to be prepared is a guess (the config's size, mean and deviation 0.5).");
    inputs.model.pixels = pixels->to(p.weights->options().device, p.weights->options().dtype);
    return {};
}

Result<void> addText(Prepared& p, Inputs& inputs, const Value& request)
{
    auto encoding = encodingFor(p, request);
    if (!encoding)
        return tl::unexpected(encoding.error());
    inputs.encoding = std::move(*encoding);
    const auto batch = std::max<int64_t>(1, number(request, "batch", 1, largestBatch));
    const ModelInput one = inputFrom(inputs.encoding, p.weights->options().device);
    inputs.model.ids = one.ids.repeat({batch, 1});
    inputs.model.typeIds = one.typeIds.repeat({batch, 1});
    if (!p.hasDecoder())
        return {};
    const auto start = decoderStart(p, inputs.encoding, request);
    if (!start)
        return tl::unexpected(start.error());
    inputs.model.decoderIds = row(*start, p.weights->options().device).repeat({batch, 1});
    return {};
}

} // namespace

int64_t longestInput(const Model& model)
{
    if (model.modelType == "t5") // knows distances, no places
        return maximumTokens;
    const int64_t positions = model.part("text_config").integer("max_position_embeddings", model.integer("n_positions", 0));
    const bool skipsPadding = model.modelType == "roberta" || model.modelType == "xlm-roberta" || model.modelType == "camembert" || model.modelType == "mpnet";
    const int64_t usable = skipsPadding ? positions - model.integer("pad_token_id", 1) - 1 : positions;
    return usable > 0 ? std::min(usable, maximumTokens) : maximumTokens;
}

ModelInput inputFrom(const Encoding& encoding, at::Device device)
{
    ModelInput out;
    out.ids = row(encoding.ids, device);
    out.typeIds = row(encoding.typeIds, device);
    return out;
}

Result<Encoding> encodedText(Prepared& p, const std::string& given)
{
    return fitting(p, encode(p, given, ""));
}

Result<Inputs> inputsFrom(Prepared& p, const Value& request, const ReadImage& readImage)
{
    Inputs out;
    const bool takesImage = p.family->takesImage(p.model);
    const bool takesText = p.family->takesText(p.model);
    if (request.find("image") && !takesImage)
        return failure(Error("usage", fmt::format("{} reads text, no images.", shown(p.model.className))).fixedBy("Run it with --text."));
    Result<void> done;
    if (takesImage)
        done = addImage(p, out, request, readImage);
    if (done && takesText)
        done = takesImage ? addTexts(p, out, request) : addText(p, out, request);
    return done ? Result<Inputs>(std::move(out)) : tl::unexpected(done.error());
}

} // namespace weighbridge::inference
