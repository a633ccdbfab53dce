// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weighbridge::inference {
namespace {

constexpr int64_t answeredValues = 16384;
constexpr int64_t longestSpan = 30; ///< tokens of an answer to a question

std::string label(const Model& model, int64_t id)
{
    const Value* labels = model.config->find("id2label");
    const Value* found = labels ? labels->find(std::to_string(id)) : nullptr;
    return found && found->isString() ? *found->string() : fmt::format("LABEL_{}", id);
}

std::string tokenText(const Tokenizer* tokenizer, int64_t id)
{
    return tokenizer ? tokenizer->readableToken(id) : std::string();
}

/// The most likely entries of one distribution, each made an answer by `make(id, probability)`.
template <typename Make>
void addTop(Value::List& out, const at::Tensor& logits, int64_t count, Make make)
{
    const at::Tensor probabilities = at::softmax(logits.to(at::kFloat), -1).cpu();
    const auto [values, ids] = probabilities.topk(std::min(count, probabilities.size(0)));
    for (int64_t rank = 0; rank < values.size(0); ++rank) {
        Value entry = make(ids[rank].item<int64_t>());
        entry.set("rank", rank + 1).set("probability", values[rank].item<double>());
        out.push_back(std::move(entry));
    }
}

void addSpan(Value::List& out, const ModelOutputs& outputs, const Encoding& encoding, const Tokenizer* tokenizer)
{
    const at::Tensor starts = logProbabilities(*find(outputs, "start_logits"))[0].cpu();
    const at::Tensor ends = logProbabilities(*find(outputs, "end_logits"))[0].cpu();
    const auto isContext = [&encoding](size_t i) { return i < encoding.sequence.size() && encoding.sequence[i] == 1; };
    int64_t bestStart = -1;
    int64_t bestEnd = -1;
    double best = -INFINITY;
    for (int64_t start = 0; start < starts.size(0); ++start)
        for (int64_t end = start; end < std::min(starts.size(0), start + longestSpan); ++end) {
            const double score = starts[start].item<double>() + ends[end].item<double>();
            if (isContext(static_cast<size_t>(start)) && isContext(static_cast<size_t>(end)) && score > best) {
                best = score;
                bestStart = start;
                bestEnd = end;
            }
        }
    if (bestStart < 0)
        return;
    const std::span<const int64_t> ids(encoding.ids);
    const std::string text = tokenizer ? tokenizer->decode(ids.subspan(static_cast<size_t>(bestStart), static_cast<size_t>(bestEnd - bestStart + 1))) : std::string();
    out.push_back(Value::Map{{"kind", "span"}, {"start", bestStart}, {"end", bestEnd}, {"text", text}, {"rank", 1}, {"probability", std::exp(best)}});
}

} // namespace

Task taskOf(const Model& model, const Family& family)
{
    if (model.is("ForQuestionAnswering"))
        return Task::Span;
    if (model.is("ForTokenClassification"))
        return Task::TokenClasses;
    if (model.is("ForSequenceClassification") || model.is("ForNextSentencePrediction") || model.is("ForImageClassification") || model.is("WithTeacher"))
        return Task::Classes;
    if (model.is("CLIPModel"))
        return Task::ImageText;
    if (model.is("ForPreTraining"))
        return model.modelType == "electra" ? Task::Replaced : Task::MaskedTokens;
    if (model.is("ForMaskedLM"))
        return Task::MaskedTokens;
    return family.info().isCausal && (model.is("LMHeadModel") || model.is("ForCausalLM") || model.is("ForConditionalGeneration")) ? Task::NextTokens : Task::Features;
}

const char* name(Task task)
{
    switch (task) {
    case Task::Features: return "features";
    case Task::MaskedTokens: return "masked-token";
    case Task::NextTokens: return "next-token";
    case Task::Classes: return "class";
    case Task::TokenClasses: return "token-class";
    case Task::Span: return "span";
    case Task::Replaced: return "replaced-token";
    case Task::ImageText: return "image-text";
    }
    return "";
}

SampleText sampleText(Task task, const Model& model)
{
    if (task == Task::NextTokens && model.modelType == "t5")
        return {"translate English to German: The lorry stops at the border.", {}};
    switch (task) {
    case Task::MaskedTokens: return {"The capital of France is [MASK].", {}};
    case Task::NextTokens: return {"The capital of France is", {}};
    case Task::TokenClasses: return {"Ada Lovelace was born in London in 1815.", {}};
    case Task::Span: return {"Where does the lorry stop?", "The lorry stops at the weighbridge before it crosses the border."};
    case Task::ImageText: return {"a drawing of a lorry\na photo of a cat\na page of text", {}};
    default: return {"The lorry carries what its papers say.", {}};
    }
}

const at::Tensor* find(const ModelOutputs& outputs, std::string_view name)
{
    const auto found = std::find_if(outputs.begin(), outputs.end(), [name](const auto& output) { return output.first == name; });
    return found == outputs.end() ? nullptr : &found->second;
}

at::Tensor logProbabilities(const at::Tensor& logits)
{
    return at::log_softmax(logits.to(at::kFloat), -1);
}

Value::List topAnswers(Task task, const Model& model, const ModelOutputs& outputs, const Asked& asked)
{
    Value::List out;
    const Encoding& encoding = asked.encoding;
    const at::Tensor* logits = find(outputs, "logits");
    if (!logits)
        logits = find(outputs, "prediction_logits");
    const auto tokens = static_cast<int64_t>(encoding.ids.size());
    const auto token = [&](int64_t position) { return tokenText(asked.tokenizer, encoding.ids[static_cast<size_t>(position)]); };
    const auto tokenAnswer = [&](const char* kind, int64_t position, int64_t id) { return Value(Value::Map{{"kind", kind}, {"position", position}, {"id", id}, {"token", tokenText(asked.tokenizer, id)}}); };
    const auto isText = [&](int64_t i) { return encoding.sequence[static_cast<size_t>(i)] >= 0; };
    if (task == Task::MaskedTokens) {
        for (int64_t i = 0; i < tokens; ++i)
            if (encoding.ids[static_cast<size_t>(i)] == asked.maskId)
                addTop(out, (*logits)[0][i], asked.count, [&](int64_t id) { return tokenAnswer("masked-token", i, id); });
    } else if (task == Task::NextTokens) {
        addTop(out, (*logits)[0][-1], asked.count, [&](int64_t id) { return tokenAnswer("next-token", logits->size(1), id); });
    } else if (task == Task::ImageText) {
        addTop(out, (*find(outputs, "logits_per_image"))[0], asked.count, [&](int64_t id) { return Value(Value::Map{{"kind", "class"}, {"id", id}, {"label", asked.texts[static_cast<size_t>(id)]}}); });
    } else if (task == Task::Classes && logits->size(-1) > 1) {
        addTop(out, (*logits)[0], asked.count, [&](int64_t id) { return Value(Value::Map{{"kind", "class"}, {"id", id}, {"label", label(model, id)}}); });
    } else if (task == Task::Classes) {
        out.push_back(Value::Map{{"kind", "score"}, {"label", label(model, 0)}, {"value", (*logits)[0][0].item<double>()}});
    } else if (task == Task::TokenClasses) {
        for (int64_t i = 0; i < tokens; ++i)
            if (isText(i))
                addTop(out, (*logits)[0][i], 1, [&](int64_t id) { return Value(Value::Map{{"kind", "token-class"}, {"position", i}, {"token", token(i)}, {"id", id}, {"label", label(model, id)}}); });
    } else if (task == Task::Replaced) {
        const at::Tensor probabilities = at::sigmoid((*logits)[0].to(at::kFloat)).cpu();
        for (int64_t i = 0; i < tokens; ++i)
            if (isText(i))
                out.push_back(Value::Map{{"kind", "replaced-token"}, {"position", i}, {"token", token(i)}, {"probability", probabilities[i].item<double>()}});
    } else if (task == Task::Span) {
        addSpan(out, outputs, encoding, asked.tokenizer);
    }
    return out;
}

Value outputAnswer(const at::Tensor& output)
{
    const at::Tensor all = output.to(at::kFloat).cpu().contiguous();
    const at::Tensor flat = all.view(-1);
    Value::List shape;
    for (const int64_t size : all.sizes())
        shape.push_back(size);
    Value::List values;
    const int64_t count = std::min(flat.size(0), answeredValues);
    for (int64_t i = 0; i < count; ++i)
        values.push_back(static_cast<double>(flat.data_ptr<float>()[i]));
    return Value::Map{{"shape", std::move(shape)}, {"mean", flat.mean().item<double>()}, {"std", flat.std(false).item<double>()}, {"values", std::move(values)}};
}

Value outputsAnswer(const ModelOutputs& outputs)
{
    Value named{Value::Map{}};
    for (const auto& [output, tensor] : outputs)
        named.set(output, outputAnswer(tensor));
    return named;
}

Value relativeDistance(const at::Tensor& a, const at::Tensor& b)
{
    if (!a.defined() || a.sizes() != b.sizes())
        return {};
    const at::Tensor from = a.to(at::kDouble);
    const double length = from.norm().item<double>();
    return length > 0 ? Value((b.to(at::kDouble) - from).norm().item<double>() / length) : Value();
}

Value healthAnswer(const std::string& layer, const at::Tensor& hidden, const at::Tensor& before)
{
    const at::Tensor all = hidden.to(at::kFloat);
    return Value::Map{{"layer", layer}, {"mean", all.mean().item<double>()}, {"std", all.std(false).item<double>()},
                      {"nan", all.isnan().sum().item<int64_t>()}, {"inf", all.isinf().sum().item<int64_t>()}, {"change", relativeDistance(before, hidden)}};
}

} // namespace weighbridge::inference
