// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/proof.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace weighbridge::inference {
namespace {

/// True, plain sentences that any English model can be asked. Eight of them have words that the bundled sample knows too.
constexpr std::array sentences{
    "The capital of France is Paris.",
    "Madrid is the capital of Spain.",
    "Two and two make four.",
    "Monday comes before Tuesday.",
    "The opposite of hot is cold.",
    "A puppy grows up to be a dog.",
    "The farmer grows wheat every day.",
    "The writer writes books in the morning.",
    "Water boils at one hundred degrees.",
    "She poured the coffee into a cup.",
    "The lorry stops at the border.",
    "The sun rises in the east.",
};

/// With fewer tokens than this a mean says nothing about the model.
constexpr int64_t fewestTokens = 30;
/// Shares of the loss of guessing. A random model of any size lies within a few per cent of 1.
constexpr double mostLearned = 0.8;
constexpr double leastGuessing = 0.95;

/// A tokenizer that needs more tokens than this per word was made from other text: what the model knows cannot be asked in that sentence.
constexpr double tokensPerWord = 1.5;

struct Loss {
    double sum = 0;
    int64_t tokens = 0;
    [[nodiscard]] double mean() const { return sum / static_cast<double>(tokens); }
};

/// Places whose token can be hidden; none if the text has a word that the tokenizer does not know.
std::vector<int64_t> places(const Encoding& encoding, const Tokenizer& tokenizer, bool isCausal)
{
    std::vector<int64_t> out;
    for (size_t i = isCausal ? 1 : 0; i < encoding.ids.size(); ++i)
        if (encoding.sequence[i] >= 0) {
            if (tokenizer.isSpecial(encoding.ids[i]))
                return {};
            out.push_back(static_cast<int64_t>(i));
        }
    return out;
}

Loss lossOf(const Model& model, const Family& family, const Encoding& encoding, const std::vector<int64_t>& hidden, int64_t maskId)
{
    const bool isCausal = family.info().isCausal;
    const auto options = at::TensorOptions(at::kLong);
    // one row per hidden token; one row alone if each token sees only those before it
    at::Tensor ids = at::tensor(encoding.ids, options).unsqueeze(0).repeat({isCausal ? 1 : static_cast<int64_t>(hidden.size()), 1});
    const at::Tensor types = at::tensor(encoding.typeIds, options).unsqueeze(0).expand_as(ids).contiguous();
    for (size_t row = 0; !isCausal && row < hidden.size(); ++row)
        ids[static_cast<int64_t>(row)][hidden[row]] = maskId;
    const auto device = model.weights->options().device;
    const ModelOutputs outputs = family.run(model, {ids.to(device), types.to(device)}, [](const std::string&, const at::Tensor&) {});
    const at::Tensor* logits = find(outputs, "logits");
    const at::Tensor log = logProbabilities(logits ? *logits : *find(outputs, "prediction_logits"));
    Loss loss;
    for (size_t row = 0; row < hidden.size(); ++row) {
        const int64_t place = hidden[row];
        const at::Tensor at = isCausal ? log[0][place - 1] : log[static_cast<int64_t>(row)][place];
        loss.sum -= at[encoding.ids[static_cast<size_t>(place)]].item<double>();
        ++loss.tokens;
    }
    return loss;
}

const char* verdictOn(const Loss& loss, double guessing)
{
    if (loss.tokens >= fewestTokens && loss.mean() < mostLearned * guessing)
        return "learned";
    return loss.tokens >= fewestTokens && loss.mean() > leastGuessing * guessing ? "guesses" : "cannot-tell";
}

} // namespace

std::optional<Value> proofOfLife(Task task, const Model& model, const Family& family, const Tokenizer& tokenizer, int64_t maskId, JobContext& job)
{
    if (task != Task::NextTokens && (task != Task::MaskedTokens || maskId < 0))
        return std::nullopt;
    const int64_t vocabulary = model.integer("vocab_size", 0);
    Loss all;
    Value::List list;
    for (const char* sentence : sentences) {
        job.report({"Proof of life", list.size(), sentences.size()});
        const auto encoding = tokenizer.encode(sentence);
        const auto hidden = encoding ? places(*encoding, tokenizer, family.info().isCausal) : std::vector<int64_t>();
        const auto words = static_cast<double>(std::count(sentence, sentence + std::strlen(sentence), ' ') + 2); // and the stop
        if (hidden.empty() || static_cast<double>(hidden.size()) > tokensPerWord * words || *std::max_element(encoding->ids.begin(), encoding->ids.end()) >= vocabulary)
            continue;
        const Loss loss = lossOf(model, family, *encoding, hidden, maskId);
        all.sum += loss.sum;
        all.tokens += loss.tokens;
        list.push_back(Value::Map{{"text", sentence}, {"loss", loss.mean()}});
    }
    if (all.tokens == 0)
        return std::nullopt;
    const double guessing = std::log(static_cast<double>(vocabulary));
    return Value(Value::Map{{"verdict", verdictOn(all, guessing)}, {"loss", all.mean()}, {"guessing", guessing}, {"tokens", all.tokens}, {"sentences", std::move(list)}});
}

} // namespace weighbridge::inference
