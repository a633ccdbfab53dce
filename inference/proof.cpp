// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/proof.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <span>

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

constexpr double layerBudget = 6e11; ///< multiplications and additions for leaving out each layer in turn: some seconds on two cores
constexpr size_t fewestQuestions = 2;
constexpr size_t fewestLayers = 3;
// Shares of the loss with all layers. Of the bundled sample every trained layer is missed by a third and more, a random one by nothing.
constexpr double notMissed = 1.01;
constexpr double missed = 1.1;

struct Loss {
    double sum = 0;
    int64_t tokens = 0;
    void add(const Loss& other)
    {
        sum += other.sum;
        tokens += other.tokens;
    }
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

/// A sentence that the model can be asked about.
struct Question {
    const char* sentence;
    Encoding encoding;
    std::vector<int64_t> hidden; ///< places whose token is asked for
};

std::vector<Question> questionsFor(const Model& model, const Tokenizer& tokenizer, bool isCausal)
{
    const int64_t vocabulary = model.integer("vocab_size", 0);
    std::vector<Question> out;
    for (const char* sentence : sentences) {
        const auto encoding = tokenizer.encode(sentence);
        const auto hidden = encoding ? places(*encoding, tokenizer, isCausal) : std::vector<int64_t>();
        const auto words = static_cast<double>(std::count(sentence, sentence + std::strlen(sentence), ' ') + 2); // and the stop
        if (!hidden.empty() && static_cast<double>(hidden.size()) <= tokensPerWord * words && *std::max_element(encoding->ids.begin(), encoding->ids.end()) < vocabulary)
            out.push_back({sentence, *encoding, hidden});
    }
    return out;
}

Loss lossOf(const Model& model, const Family& family, const Question& question, int64_t maskId, const LayerProbe& probe)
{
    const bool isCausal = family.info().isCausal;
    const auto options = at::TensorOptions(at::kLong);
    const auto& hidden = question.hidden;
    // one row per hidden token; one row alone if each token sees only those before it
    ModelInput input;
    input.ids = at::tensor(question.encoding.ids, options).unsqueeze(0).repeat({isCausal ? 1 : static_cast<int64_t>(hidden.size()), 1});
    for (size_t row = 0; !isCausal && row < hidden.size(); ++row)
        input.ids[static_cast<int64_t>(row)][hidden[row]] = maskId;
    const auto device = model.weights->options().device;
    input.typeIds = at::tensor(question.encoding.typeIds, options).unsqueeze(0).expand_as(input.ids).contiguous().to(device);
    input.ids = input.ids.to(device);
    const ModelOutputs outputs = family.run(model, input, probe);
    const at::Tensor* logits = find(outputs, "logits");
    const at::Tensor log = logProbabilities(logits ? *logits : *find(outputs, "prediction_logits"));
    Loss loss;
    for (size_t row = 0; row < hidden.size(); ++row) {
        const int64_t place = hidden[row];
        const at::Tensor at = isCausal ? log[0][place - 1] : log[static_cast<int64_t>(row)][place];
        loss.sum -= at[question.encoding.ids[static_cast<size_t>(place)]].item<double>();
        ++loss.tokens;
    }
    return loss;
}

/// How many questions there is time for when every layer is left out in turn; 0 if too few. Counted in calculations, so that a run gives the same
/// answer on a busy machine.
size_t affordableQuestions(std::span<const Question> questions, bool isCausal, uint64_t parameters, int64_t layers)
{
    double cost = 0;
    for (size_t i = 0; i < questions.size(); ++i) {
        const double tokens = static_cast<double>(questions[i].encoding.ids.size()) * (isCausal ? 1 : static_cast<double>(questions[i].hidden.size()));
        cost += 2 * static_cast<double>(parameters) * tokens * static_cast<double>(layers);
        if (cost > layerBudget)
            return i < fewestQuestions ? 0 : i;
    }
    return questions.size() < fewestQuestions ? 0 : questions.size();
}

/// The mean loss with each layer left out.
std::vector<double> lossesWithoutLayer(const Model& model, const Family& family, std::span<const Question> questions, int64_t maskId, int64_t layers, JobContext& job)
{
    std::vector<double> out;
    for (int64_t layer = 0; !questions.empty() && layer < layers; ++layer) {
        job.report({"Leaving out layers", static_cast<uint64_t>(layer), static_cast<uint64_t>(layers)});
        LayerProbe probe;
        probe.skipped = layer;
        Loss all;
        for (const Question& question : questions)
            all.add(lossOf(model, family, question, maskId, probe));
        out.push_back(all.mean());
    }
    return out;
}

/// The layer that the model does as well without, while the others are missed; -1 if there is none. Deep models hardly miss any single layer:
/// then nothing can be told.
int64_t suspectOf(const std::vector<double>& without, double loss)
{
    if (without.size() < fewestLayers)
        return -1;
    std::vector<double> sorted = without;
    std::nth_element(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(sorted.size() / 2), sorted.end());
    const auto least = std::min_element(without.begin(), without.end());
    return *least <= notMissed * loss && sorted[sorted.size() / 2] >= missed * loss ? least - without.begin() : -1;
}

void addLayers(Value& answer, const std::vector<double>& without, int64_t suspect)
{
    const auto name = [](size_t layer) { return "layer " + std::to_string(layer); };
    Value::List list;
    for (size_t layer = 0; layer < without.size(); ++layer)
        list.push_back(Value::Map{{"layer", name(layer)}, {"loss", without[layer]}});
    answer.set("without_layer", std::move(list)).set("suspect", suspect < 0 ? Value() : Value(name(static_cast<size_t>(suspect))));
}

const char* verdictOn(const Loss& loss, double guessing)
{
    if (loss.tokens >= fewestTokens && loss.mean() < mostLearned * guessing)
        return "learned";
    return loss.tokens >= fewestTokens && loss.mean() > leastGuessing * guessing ? "guesses" : "cannot-tell";
}

} // namespace

std::optional<Value> proofOfLife(Task task, const Model& model, const Family& family, const Tokenizer& tokenizer, int64_t maskId, int64_t layers, uint64_t parameters, JobContext& job)
{
    if (family.info().hasDecoder || (task != Task::NextTokens && (task != Task::MaskedTokens || maskId < 0)))
        return std::nullopt;
    const auto questions = questionsFor(model, tokenizer, family.info().isCausal);
    if (questions.empty())
        return std::nullopt;
    Loss all;
    std::vector<Loss> each;
    Value::List list;
    for (const Question& question : questions) {
        job.report({"Proof of life", list.size(), questions.size()});
        each.push_back(lossOf(model, family, question, maskId, {}));
        all.add(each.back());
        list.push_back(Value::Map{{"text", question.sentence}, {"loss", each.back().mean()}});
    }
    const double guessing = std::log(model.number("vocab_size", 1));
    Value out(Value::Map{{"verdict", verdictOn(all, guessing)}, {"loss", all.mean()}, {"guessing", guessing}, {"tokens", all.tokens}, {"sentences", std::move(list)}});
    const size_t count = affordableQuestions(questions, family.info().isCausal, parameters, layers);
    const auto without = lossesWithoutLayer(model, family, std::span(questions).first(count), maskId, layers, job);
    Loss whole;
    for (size_t i = 0; i < count; ++i)
        whole.add(each[i]);
    if (!without.empty())
        out.set("without_none", whole.mean());
    addLayers(out, without, without.empty() || all.mean() > mostLearned * guessing ? -1 : suspectOf(without, whole.mean()));
    return out;
}

} // namespace weighbridge::inference
