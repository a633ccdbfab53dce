// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/comparison/comparison.h"

#include <QElapsedTimer>
#include <QtTest>

#include <functional>

using namespace weighbridge;

namespace {

constexpr const char* bertConfig = "{\"model_type\": \"bert\", \"vocab_size\": 60, \"hidden_size\": 16, \"num_hidden_layers\": 2, \"num_attention_heads\": 4, \"intermediate_size\": 32, "
                                   "\"max_position_embeddings\": 16}";

ExpectedModel bert(const char* className)
{
    JobContext job;
    return *expectedModel({parseJson(bertConfig)->value, "/nowhere/config.json", "json", {}}, className, job);
}

std::vector<FoundTensor> tensorsOf(const ExpectedModel& model)
{
    std::vector<FoundTensor> out;
    for (const ExpectedTensor& tensor : model.tensors)
        out.push_back({tensor.name, tensor.shape, DType::F32, static_cast<int>(out.size())});
    return out;
}

std::vector<FoundTensor> renamed(std::vector<FoundTensor> tensors, const std::function<std::string(std::string)>& rename)
{
    for (FoundTensor& tensor : tensors)
        tensor.name = rename(tensor.name);
    return tensors;
}

std::vector<FoundTensor> without(std::vector<FoundTensor> tensors, std::string_view part)
{
    std::erase_if(tensors, [part](const FoundTensor& tensor) { return tensor.name.find(part) != std::string::npos; });
    return tensors;
}

/// "matched 20, missing 1 (ignored 2), unexpected ...": the counts that a loader reports.
std::string summary(const Comparison& comparison)
{
    const auto count = [&comparison](Status status) { return std::to_string(comparison.rows(status).size()); };
    const auto ignored = std::count_if(comparison.matches.begin(), comparison.matches.end(), [](const Match& match) { return match.ignored; });
    return "matched " + std::to_string(comparison.matchedTensors) + "/" + std::to_string(comparison.expectedTensors) + " renamed " + count(Status::Renamed) + " missing " + count(Status::Missing) + " unexpected "
        + count(Status::Unexpected) + " shape " + count(Status::ShapeDiffers) + " dtype " + count(Status::DTypeDiffers) + " ignored " + std::to_string(ignored);
}

std::string compared(const ExpectedModel& expected, const std::vector<FoundTensor>& found)
{
    JobContext job;
    return summary(compareToExpected(expected, found, job));
}

std::string replaced(std::string text, const std::string& what, const std::string& with)
{
    const size_t place = text.find(what);
    return place == std::string::npos ? text : text.replace(place, what.size(), with);
}

} // namespace

class TstMatch : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everythingIsThere() { QCOMPARE(compared(bert("BertModel"), tensorsOf(bert("BertModel"))), "matched 39/39 renamed 0 missing 0 unexpected 0 shape 0 dtype 0 ignored 0"); }
    void anUnknownPrefixMatchesNothing()
    {
        const auto found = renamed(tensorsOf(bert("BertModel")), [](const std::string& name) { return "module." + name; });
        QCOMPARE(compared(bert("BertModel"), found), "matched 0/39 renamed 0 missing 39 unexpected 39 shape 0 dtype 0 ignored 0");
    }
    void theBasePrefixIsTakenOff()
    {
        const auto found = renamed(tensorsOf(bert("BertModel")), [](const std::string& name) { return "bert." + name; });
        QCOMPARE(compared(bert("BertModel"), found), "matched 39/39 renamed 39 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
    }
    void theBasePrefixIsAdded()
    {
        // The head is missing but for its tied decoder weight; the pooler is unexpected.
        QCOMPARE(compared(bert("BertForMaskedLM"), tensorsOf(bert("BertModel"))), "matched 38/44 renamed 37 missing 6 unexpected 2 shape 0 dtype 0 ignored 1");
    }
    void gammaAndBetaAreRenamed()
    {
        const auto found = renamed(tensorsOf(bert("BertModel")), [](const std::string& name) { return replaced(replaced(name, "LayerNorm.weight", "LayerNorm.gamma"), "LayerNorm.bias", "LayerNorm.beta"); });
        JobContext job;
        const auto comparison = compareToExpected(bert("BertModel"), found, job);
        QCOMPARE(summary(comparison), "matched 39/39 renamed 10 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
        QCOMPARE(comparison.matches[comparison.rows(Status::Renamed)[0]].rule, "LayerNorm.gamma -> weight");
        QCOMPARE(comparison.coverage(), 1.0);
    }
    void tiedTensorsProvideForEachOther()
    {
        const ExpectedModel model = bert("BertForMaskedLM");
        QCOMPARE(compared(model, without(tensorsOf(model), "cls.predictions.decoder")), "matched 44/44 renamed 0 missing 0 unexpected 0 shape 0 dtype 0 ignored 2");
        QCOMPARE(compared(model, without(tensorsOf(model), "word_embeddings")), "matched 44/44 renamed 0 missing 0 unexpected 0 shape 0 dtype 0 ignored 1");
        QCOMPARE(compared(model, without(without(tensorsOf(model), "word_embeddings"), "decoder.weight")), "matched 42/44 renamed 0 missing 2 unexpected 0 shape 0 dtype 0 ignored 0");
    }
    void untiedTensorsDoNot()
    {
        ExpectedModel model = bert("BertForMaskedLM");
        model.tied.clear();
        QCOMPARE(compared(model, without(tensorsOf(model), "cls.predictions.decoder")), "matched 42/44 renamed 0 missing 2 unexpected 0 shape 0 dtype 0 ignored 0");
    }
    void tooFewAndTooManyLayers()
    {
        const ExpectedModel model = bert("BertModel");
        QCOMPARE(compared(model, without(tensorsOf(model), "layer.1.")), "matched 23/39 renamed 0 missing 16 unexpected 0 shape 0 dtype 0 ignored 0");
        auto found = tensorsOf(model);
        found.push_back({"encoder.layer.2.output.dense.bias", {16}, DType::F32, 39});
        QCOMPARE(compared(model, found), "matched 39/39 renamed 0 missing 0 unexpected 1 shape 0 dtype 0 ignored 0");
    }
    void oldBuffersAreIgnored()
    {
        auto found = tensorsOf(bert("BertModel"));
        found.push_back({"embeddings.position_ids", {1, 16}, DType::I64, 39});
        QCOMPARE(compared(bert("BertModel"), found), "matched 39/39 renamed 0 missing 0 unexpected 0 shape 0 dtype 0 ignored 1");
    }
    void shapesAreCompared()
    {
        auto found = tensorsOf(bert("BertModel"));
        found[2].shape = {1, 16};
        JobContext job;
        const auto comparison = compareToExpected(bert("BertModel"), found, job);
        QCOMPARE(summary(comparison), "matched 38/39 renamed 0 missing 0 unexpected 0 shape 1 dtype 0 ignored 0");
        QCOMPARE(comparison.expectedParameters - comparison.matchedParameters, uint64_t(32));
    }
    void aCastIsNoMismatch()
    {
        auto found = tensorsOf(bert("BertModel"));
        found[2].dtype = DType::F16;
        QCOMPARE(compared(bert("BertModel"), found), "matched 39/39 renamed 0 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
    }
    void theFirstOfTwoKeysWins()
    {
        ExpectedModel model;
        model.source = "config";
        model.baseModelPrefix = "base";
        model.tensors = {{"w", {2}}};
        // "base.w" comes before "w" in the loader's order, whichever stands first in the file.
        for (const bool swapped : {false, true}) {
            std::vector<FoundTensor> found{{"w", {3}, DType::F32, 0}, {"base.w", {2}, DType::F32, 1}};
            if (swapped)
                std::swap(found[0], found[1]);
            QCOMPARE(compared(model, found), "matched 1/1 renamed 1 missing 0 unexpected 0 shape 0 dtype 0 ignored 1");
        }
    }
    void capturedTextIsInserted()
    {
        ExpectedModel model;
        model.source = "config";
        model.tensors = {{"blocks.7.weight", {2}}};
        model.renames = {{"(?P<g0>layer_(\\d+)\\.)|(?P<g1>stage(\\d+)\\.)", "blocks.\\1.", "stages"}};
        QCOMPARE(compared(model, {{"stage7.weight", {2}, DType::F32, 0}}), "matched 1/1 renamed 1 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
    }
    void newNamesWinOverARenameThatLeadsNowhere()
    {
        ExpectedModel model;
        model.source = "config";
        model.tensors = {{"a.b", {2}}};
        model.renames = {{"a", "c", "a -> c"}};
        QCOMPARE(compared(model, {{"a.b", {2}, DType::F32, 0}}), "matched 1/1 renamed 0 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
    }
    void expertsAreStackedAndPutSideBySide()
    {
        using Kind = LoaderConversion::Step::Kind;
        ExpectedModel model;
        model.source = "config";
        model.tensors = {{"mlp.experts.gate_up_proj", {3, 8, 5}}};
        model.conversions = {{"(?P<g0>mlp.experts..*\\.gate_proj.weight(?!\\w))|(?P<g1>mlp.experts..*\\.up_proj.weight(?!\\w))", 2, {"mlp.experts.gate_up_proj"}, {{Kind::Stack, 0}, {Kind::Concatenate, 1}}, "experts", {}}};
        std::vector<FoundTensor> found;
        for (int i = 0; i < 3; ++i)
            for (const char* part : {"gate_proj", "up_proj"})
                found.push_back({"mlp.experts." + std::to_string(i) + "." + part + ".weight", {4, 5}, DType::F32, static_cast<int>(found.size())});
        QCOMPARE(compared(model, found), "matched 1/1 renamed 1 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
        JobContext job;
        const auto comparison = compareToExpected(model, found, job);
        QCOMPARE(comparison.matches[0].sources, (std::vector<int>{0, 1, 2, 3, 4, 5}));
        // One expert too few is another shape; one half of one expert cannot be put together.
        QCOMPARE(compared(model, {found.begin(), found.begin() + 4}), "matched 0/1 renamed 0 missing 0 unexpected 0 shape 1 dtype 0 ignored 0");
        QCOMPARE(compared(model, {found.begin(), found.begin() + 5}), "matched 0/1 renamed 0 missing 1 unexpected 0 shape 0 dtype 0 ignored 0");
        QCOMPARE(compared(model, {{"mlp.experts.gate_up_proj", {3, 8, 5}, DType::F32, 0}}), "matched 1/1 renamed 0 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
    }
    void oneFusedTensorIsCutUp()
    {
        using Kind = LoaderConversion::Step::Kind;
        ExpectedModel model;
        model.source = "config";
        model.tensors = {{"layers.0.q.weight", {4, 6}}, {"layers.0.k.weight", {4, 6}}, {"layers.0.v.weight", {2, 6}}};
        model.conversions = {{"(?P<g0>qkv.weight(?!\\w))", 1, {"q.weight", "k.weight", "v.weight"}, {{Kind::Chunk, 0}}, "fused", {}}};
        QCOMPARE(compared(model, {{"layers.0.qkv.weight", {10, 6}, DType::F32, 0}}), "matched 3/3 renamed 3 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
        QCOMPARE(compared(model, {{"layers.1.qkv.weight", {10, 6}, DType::F32, 0}}), "matched 0/3 renamed 0 missing 3 unexpected 3 shape 0 dtype 0 ignored 0");
    }
    void aTransposedTensorIsTurnedOnlyIfNeeded()
    {
        using Kind = LoaderConversion::Step::Kind;
        ExpectedModel model;
        model.source = "config";
        model.tensors = {{"w", {2, 3, 5}}};
        model.conversions = {{"(?P<g0>w)", 1, {"w"}, {{Kind::Transpose, 1, 2, true}}, "turned", {}}};
        QCOMPARE(compared(model, {{"w", {2, 5, 3}, DType::F32, 0}}), "matched 1/1 renamed 1 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
        QCOMPARE(compared(model, {{"w", {2, 3, 5}, DType::F32, 0}}), "matched 1/1 renamed 1 missing 0 unexpected 0 shape 0 dtype 0 ignored 0");
        QCOMPARE(compared(model, {{"w", {7}, DType::F32, 0}}), "matched 0/1 renamed 0 missing 1 unexpected 0 shape 0 dtype 0 ignored 0");
    }
    void missingOnesThatTheLoaderIgnores()
    {
        ExpectedModel model = bert("BertModel");
        model.ignoreMissing = {"^pooler\\."};
        QCOMPARE(compared(model, without(tensorsOf(model), "pooler")), "matched 37/39 renamed 0 missing 0 unexpected 0 shape 0 dtype 0 ignored 2");
    }
    void aReferenceIsTakenLiterally()
    {
        Checkpoint reference;
        reference.tensors.resize(1);
        reference.tensors[0].name = "LayerNorm.weight";
        reference.tensors[0].dtype = DType::F32;
        reference.tensors[0].shape = {4};
        const ExpectedModel model = expectedFromReference(reference);
        QCOMPARE(compared(model, {{"LayerNorm.gamma", {4}, DType::F32, 0}}), "matched 0/1 renamed 0 missing 1 unexpected 1 shape 0 dtype 0 ignored 0");
        QCOMPARE(compared(model, {{"LayerNorm.weight", {4}, DType::F16, 0}}), "matched 1/1 renamed 0 missing 0 unexpected 0 shape 0 dtype 1 ignored 0");
    }
    void aMillionTensorsTakeSeconds()
    {
        ExpectedModel model;
        model.source = "config";
        model.baseModelPrefix = "model";
        model.renames = bert("BertModel").renames;
        std::vector<FoundTensor> found;
        for (int i = 0; i < 1000000; ++i) {
            model.tensors.push_back({"model.layers." + std::to_string(i / 100) + ".experts." + std::to_string(i % 100) + ".LayerNorm.weight", {4, 4}});
            found.push_back({"layers." + std::to_string(i / 100) + ".experts." + std::to_string(i % 100) + ".LayerNorm.gamma", {4, 4}, DType::F32, i});
        }
        JobContext job;
        QElapsedTimer timer;
        timer.start();
        const auto comparison = compareToExpected(model, found, job);
        qInfo("1,000,000 tensors matched in %lld ms", timer.elapsed());
        QCOMPARE(comparison.matchedTensors, size_t(1000000));
        QVERIFY2(timer.elapsed() < 60000, "quadratic"); // about 2 s; sanitizers and a busy machine take longer
    }
};

QTEST_APPLESS_MAIN(TstMatch)
#include "tst_match.moc"
