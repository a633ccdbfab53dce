// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/inference_worker/image_reader.h"
#include "core/base/json.h"
#include "inference/run.h"

#include <QtTest>

#include <cmath>

using namespace weighbridge;

namespace {

constexpr double tolerance = 1e-4; ///< largest absolute difference to transformers in F32

const QString data = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/inference/");
const QString samples = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/");

Value readJson(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const auto document = parseJson(file.readAll().toStdString());
    return document ? document->value : Value();
}

/// The request of a case: its folder and its tokens; one timed pass is enough.
Value requestFor(const QString& folder)
{
    Value request = readJson(folder + "/input.json");
    request.set("path", folder.toStdString()).set("runs", 0).set("steps", 0).set("proof", false);
    if (request.find("image"))
        request.set("image", (data + "image.png").toStdString());
    return request;
}

Result<Value> run(const Value& request)
{
    JobContext job;
    return inference::runModel(request, job, readImage);
}

const char* messageOf(const Result<Value>& answer)
{
    return answer ? "" : answer.error().message.c_str();
}

/// Largest absolute difference of the outputs to those of a file; NaN if one is missing or has another shape.
double worstDifference(const Value& answer, const QString& file)
{
    const Value expected = readJson(file);
    double worst = expected.map() && !expected.map()->empty() ? 0 : NAN;
    for (const auto& [name, tensor] : expected.map() ? *expected.map() : Value::Map()) {
        const Value* found = answer.find("outputs")->find(name);
        if (!found || *found->find("shape") != *tensor.find("shape")) {
            qWarning("%s is missing or has another shape", name.c_str());
            return NAN;
        }
        const Value::List& wanted = *tensor.find("values")->list();
        const Value::List& values = *found->find("values")->list();
        for (size_t i = 0; i < wanted.size(); ++i)
            worst = std::max(worst, std::abs(wanted[i].number() - values[i].number(INFINITY)));
    }
    return worst;
}

const Value::List& values(const Value& answer, const std::string& output)
{
    static const Value::List none;
    const Value* found = answer.find("outputs")->find(output);
    return found ? *found->find("values")->list() : none;
}

} // namespace

/// Models as transformers computes them, and what is refused.
class TstRun : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void outputsAreThoseOfTransformers_data()
    {
        QTest::addColumn<QString>("folder");
        for (const QString& name : QDir(data).entryList(QDir::Dirs | QDir::NoDotAndDotDot))
            QTest::newRow(qPrintable(name)) << data + name;
    }
    void outputsAreThoseOfTransformers()
    {
        QFETCH(QString, folder);
        const auto answer = run(requestFor(folder));
        QVERIFY2(answer, messageOf(answer));
        const double worst = worstDifference(*answer, folder + "/expected.json");
        QVERIFY2(worst <= tolerance, QByteArray::number(worst));
    }

    void streamedEqualsNotStreamedBitForBit_data() { outputsAreThoseOfTransformers_data(); }
    void streamedEqualsNotStreamedBitForBit()
    {
        QFETCH(QString, folder);
        Value request = requestFor(folder);
        const auto whole = run(request.set("stream", false));
        const auto streamed = run(request.set("stream", true));
        QVERIFY2(whole && streamed, messageOf(streamed));
        QVERIFY(*streamed->find("streamed")->boolean());
        QCOMPARE(*streamed->find("outputs"), *whole->find("outputs"));
    }

    void theSampleKnowsTheCapitalOfFrance()
    {
        const auto answer = run(Value::Map{{"path", (samples + "trained").toStdString()}, {"runs", 1}});
        QVERIFY2(answer, messageOf(answer));
        const Value& best = answer->find("top")->list()->front();
        QCOMPARE(best.find("token")->stringOr(""), std::string("paris"));
        QVERIFY(best.find("probability")->number() > 0.9);
        const Value& proof = *answer->find("proof");
        QCOMPARE(proof.find("verdict")->stringOr(""), std::string("learned"));
        QVERIFY(proof.find("loss")->number() < 0.2 * proof.find("guessing")->number());
        QVERIFY(*proof.find("tokens")->integer() >= 50);
    }

    void weightsFromChanceGuess()
    {
        QTemporaryDir folder;
        for (const QString& name : {QStringLiteral("config.json"), QStringLiteral("tokenizer.json")})
            QVERIFY(QFile::copy(samples + "trained/" + name, folder.filePath(name)));
        QVERIFY(QFile::copy(data + "BertForMaskedLM/model.safetensors", folder.filePath("model.safetensors"))); // other shapes
        const auto answer = run(Value::Map{{"path", folder.path().toStdString()}, {"runs", 0}, {"initialise_missing", true}});
        QVERIFY2(answer, messageOf(answer));
        const Value& proof = *answer->find("proof");
        QCOMPARE(proof.find("verdict")->stringOr(""), std::string("guesses"));
        QVERIFY(std::abs(proof.find("loss")->number() / proof.find("guessing")->number() - 1) < 0.1);
    }

    void fewTokensGiveNoVerdict()
    {
        QTemporaryDir folder;
        for (const QString& name : {QStringLiteral("config.json"), QStringLiteral("model.safetensors")})
            QVERIFY(QFile::copy(samples + "trained/" + name, folder.filePath(name)));
        QFile all(samples + "trained/vocab.txt");
        QFile some(folder.filePath("vocab.txt"));
        QVERIFY(all.open(QIODevice::ReadOnly) && some.open(QIODevice::WriteOnly));
        for (int id = 0; !all.atEnd(); ++id) {
            const QByteArray word = all.readLine().trimmed();
            const bool isKept = word.size() < 2 || word.startsWith('[') || word.startsWith("##") || QByteArrayList{"two", "and", "make", "four"}.contains(word);
            some.write((isKept ? word : "[unused" + QByteArray::number(id) + "]") + "\n");
        }
        some.close();
        const auto answer = run(Value::Map{{"path", folder.path().toStdString()}, {"runs", 0}});
        QVERIFY2(answer, messageOf(answer));
        const Value& proof = *answer->find("proof");
        QCOMPARE(proof.find("verdict")->stringOr(""), std::string("cannot-tell"));
        QCOMPARE(*proof.find("tokens")->integer(), int64_t(6));
    }

    void embeddedSentencesHaveASimilarity()
    {
        QTemporaryDir folder;
        for (const QString& name : {QStringLiteral("config.json"), QStringLiteral("model.safetensors"), QStringLiteral("tokenizer.json")})
            QVERIFY(QFile::copy(samples + "trained/" + name, folder.filePath(name)));
        Value request(Value::Map{{"path", folder.path().toStdString()}, {"class", "BertModel"}, {"initialise_missing", true}, {"runs", 0}, {"text", "the snow is white ."}});
        const auto together = run(request.set("pair", "the snow is white ."));
        QVERIFY2(together, messageOf(together));
        QVERIFY(!together->find("similarity"));

        QVERIFY(QDir(folder.path()).mkdir("1_Pooling"));
        QFile pooling(folder.filePath("1_Pooling/config.json"));
        QVERIFY(pooling.open(QIODevice::WriteOnly) && pooling.write("{\"pooling_mode_mean_tokens\": true}") > 0);
        pooling.close();
        const auto same = run(request);
        const auto other = run(request.set("pair", "a tailor sews coats ."));
        QVERIFY2(same && other, messageOf(other));
        QVERIFY(std::abs(same->find("similarity")->number() - 1) < 1e-6);
        QVERIFY(other->find("similarity")->number() < 0.9);
        QVERIFY(same->find("tokens")->list()->size() < together->find("tokens")->list()->size());
    }

    void aLayerThatWasNeverLoadedIsNamed()
    {
        const auto good = run(Value::Map{{"path", (samples + "trained").toStdString()}, {"runs", 0}});
        const auto bad = run(Value::Map{{"path", (samples + "never-loaded").toStdString()}, {"runs", 0}});
        QVERIFY(good && bad);
        QVERIFY(bad->find("proof")->find("loss")->number() > good->find("proof")->find("loss")->number());
        QVERIFY(good->find("proof")->find("suspect")->isNull());
        QCOMPARE(bad->find("proof")->find("suspect")->stringOr(""), std::string("layer 2"));
        QCOMPARE(bad->find("proof")->find("without_layer")->list()->size(), size_t(4));
    }

    void healthHasTheEmbeddingsAndEveryLayer()
    {
        const auto answer = run(requestFor(data + "BertModel"));
        QVERIFY(answer);
        QCOMPARE(answer->find("health")->list()->size(), size_t(3));
        for (const Value& layer : *answer->find("health")->list())
            QVERIFY(layer.find("std")->number() > 0 && *layer.find("nan")->integer() == 0);
    }

    void missingTensorsAreRefusedOrInitialisedOnRequest()
    {
        Value request(Value::Map{{"path", (samples + "layers").toStdString()}, {"runs", 0}});
        const auto refused = run(request);
        QVERIFY(!refused);
        QCOMPARE(refused.error().rule, std::string("missing-tensors"));
        const auto answer = run(request.set("initialise_missing", true));
        QVERIFY2(answer, messageOf(answer));
        QCOMPARE(answer->find("initialised")->list()->size(), size_t(32));
        QCOMPARE(answer->find("notes")->list()->size(), size_t(1));
    }

    void bf16ComesCloseToF32()
    {
        Value request = requestFor(data + "BertForMaskedLM");
        const auto exact = run(request);
        const auto rounded = run(request.set("dtype", "BF16"));
        QVERIFY2(exact && rounded, messageOf(rounded));
        QCOMPARE(rounded->find("dtype")->stringOr(""), std::string("BF16"));
        const auto& a = values(*exact, "logits");
        const auto& b = values(*rounded, "logits");
        double worst = 0;
        for (size_t i = 0; i < a.size(); ++i)
            worst = std::max(worst, std::abs(a[i].number() - b[i].number(NAN)));
        QVERIFY2(worst > 0 && worst < 0.5, QByteArray::number(worst));
    }

    void int8ComesCloseToDynamicQuantization_data()
    {
        QTest::addColumn<QString>("folder");
        for (const char* name : {"BertForMaskedLM", "LlamaForCausalLM", "ViTForImageClassification"})
            QTest::newRow(name) << data + name;
    }
    void int8ComesCloseToDynamicQuantization()
    {
        QFETCH(QString, folder);
        const auto answer = run(requestFor(folder).set("dtype", "int8"));
        QVERIFY2(answer, messageOf(answer));
        const double ours = worstDifference(*answer, folder + "/expected_int8.json");
        const double rounding = worstDifference(*answer, folder + "/expected.json");
        // in a chain of layers this small one value that falls to the other side of a step moves as much as the rounding
        QVERIFY2(rounding > 0.005 && ours < rounding, QByteArray::number(ours) + " of " + QByteArray::number(rounding));
        QVERIFY2(ours < tolerance || !folder.endsWith("ViTForImageClassification"), QByteArray::number(ours));
    }

    void theCacheChangesNoContinuation_data()
    {
        QTest::addColumn<QString>("folder");
        for (const char* name : {"GPT2LMHeadModel", "OPTForCausalLM", "GPTNeoXForCausalLM", "LlamaForCausalLM", "MistralForCausalLM", "Gemma2ForCausalLM", "Phi3ForCausalLM", "T5ForConditionalGeneration", "BartForConditionalGeneration"})
            QTest::newRow(name) << data + name;
    }
    /// Each token again, from all the tokens before it at once.
    void theCacheChangesNoContinuation()
    {
        QFETCH(QString, folder);
        const auto answer = run(requestFor(folder).set("steps", 6));
        QVERIFY2(answer, messageOf(answer));
        const Value::List& tokens = *answer->find("continuation")->find("tokens")->list();
        QVERIFY(tokens.size() > 1);
        Value request = requestFor(folder).set("top_k", 1);
        const char* key = request.find("decoder_input_ids") ? "decoder_input_ids" : "input_ids";
        Value::List ids = *request.find(key)->list();
        std::erase_if(*request.map(), [](const auto& entry) { return entry.first == "token_type_ids"; });
        for (const Value& token : tokens) {
            const auto step = run(request.set(key, ids));
            QVERIFY2(step, messageOf(step));
            const Value& best = step->find("top")->list()->front();
            QCOMPARE(*best.find("id")->integer(), *token.find("id")->integer());
            QVERIFY(std::abs(best.find("probability")->number() - token.find("probability")->number()) < 1e-5);
            ids.push_back(*token.find("id"));
        }
    }

    void twoModelsPartWhereOneWasNeverLoaded()
    {
        Value request(Value::Map{{"path", (samples + "trained").toStdString()}, {"runs", 0}, {"proof", false}});
        const auto same = run(request.set("beside", (samples + "trained").toStdString()));
        const auto other = run(request.set("beside", (samples + "never-loaded").toStdString()));
        QVERIFY2(same && other, messageOf(other));
        QVERIFY(same->find("beside")->find("parts_at")->isNull());
        for (const Value& layer : *same->find("beside")->find("layers")->list())
            QCOMPARE(layer.find("relative_distance")->number(NAN), 0.0);
        QCOMPARE(other->find("beside")->find("parts_at")->stringOr(""), std::string("layer 2"));
        QCOMPARE(other->find("beside")->find("layers")->list()->at(2).find("relative_distance")->number(NAN), 0.0);
        QVERIFY(other->find("beside")->find("outputs")->find("logits")->number() > 0.05);
    }

    void modelsOfDifferentInputAreNotComparable()
    {
        const auto answer = run(requestFor(data + "BertForMaskedLM").set("beside", (data + "ViTModel").toStdString()));
        QVERIFY(!answer);
        QCOMPARE(answer.error().rule, std::string("usage"));
    }

    void anImageHasClassesAndTexts()
    {
        const auto classes = run(requestFor(data + "ViTForImageClassification"));
        QVERIFY2(classes, messageOf(classes));
        QCOMPARE(classes->find("top")->list()->front().find("kind")->stringOr(""), std::string("class"));
        const auto texts = run(requestFor(data + "CLIPModel"));
        QVERIFY2(texts, messageOf(texts));
        double sum = 0;
        for (const Value& text : *texts->find("top")->list())
            sum += text.find("probability")->number();
        QCOMPARE(texts->find("top")->list()->size(), size_t(2));
        QVERIFY(std::abs(sum - 1) < 1e-6);
    }

    void torchScriptRunsOnlyWhenItIsAllowed()
    {
        Value request(Value::Map{{"path", QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/torch/script.pt").toStdString()}, {"image", (data + "image.png").toStdString()}, {"runs", 0}});
        const auto refused = run(request);
        QVERIFY(!refused);
        QCOMPARE(refused.error().rule, std::string("execution-not-allowed"));
        const auto answer = run(request.set("allow_execution", true));
        QVERIFY2(answer, messageOf(answer));
        const auto& found = values(*answer, "output");
        QCOMPARE(found.size(), size_t(3));
        const double expected[] = {0.013016194, 0.057428733, 0.179971069}; // torch.jit.load() in Python, of the same image
        for (size_t i = 0; i < 3; ++i)
            QVERIFY2(std::abs(found[i].number() - expected[i]) < 1e-4, QByteArray::number(found[i].number()));
    }

    void whatIsNoImageIsRefused_data()
    {
        QTest::addColumn<QString>("folder");
        QTest::addColumn<QString>("image");
        QTest::addColumn<QString>("rule");
        QTest::newRow("absent") << "ViTModel" << "/absent.png" << "not-found";
        QTest::newRow("no image") << "ViTModel" << samples + "README.md" << "usage";
        QTest::newRow("model of texts") << "BertModel" << data + "image.png" << "usage";
    }
    void whatIsNoImageIsRefused()
    {
        QFETCH(QString, folder);
        QFETCH(QString, image);
        QFETCH(QString, rule);
        const auto answer = run(requestFor(data + folder).set("image", image.toStdString()));
        QVERIFY(!answer);
        QCOMPARE(QString::fromStdString(answer.error().rule), rule);
    }

    void wrongRequestsAreRefused_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<QString>("json");
        QTest::addColumn<QString>("rule");
        QTest::newRow("no such file") << "path" << "\"/absent\"" << "not-found";
        QTest::newRow("no checkpoint") << "path" << "\"" + samples + "README.md\"" << "not-a-checkpoint";
        QTest::newRow("class that is not known") << "class" << "\"BertForDreams\"" << "unknown-class";
        QTest::newRow("token outside of the vocabulary") << "input_ids" << "[60]" << "tokenizer-larger-than-embedding";
        QTest::newRow("negative token") << "input_ids" << "[-1]" << "tokenizer-larger-than-embedding";
        QTest::newRow("no token") << "input_ids" << "[]" << "usage";
        QTest::newRow("token that is no number") << "input_ids" << "[\"a\"]" << "usage";
        QTest::newRow("more tokens than positions") << "input_ids" << "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]" << "max-position-embeddings";
        QTest::newRow("device that is not there") << "device" << "\"abacus:0\"" << "usage";
        QTest::newRow("dtype that is none") << "dtype" << "\"Q4_K\"" << "usage";
    }
    void wrongRequestsAreRefused()
    {
        QFETCH(QString, key);
        QFETCH(QString, json);
        QFETCH(QString, rule);
        Value request = requestFor(data + "BertForMaskedLM");
        if (key == "input_ids")
            std::erase_if(*request.map(), [](const auto& entry) { return entry.first == "token_type_ids"; });
        const auto answer = run(request.set(key.toStdString(), parseJson(json.toStdString())->value));
        QVERIFY(!answer);
        QCOMPARE(QString::fromStdString(answer.error().rule), rule);
    }
};

QTEST_GUILESS_MAIN(TstRun)
#include "tst_run.moc"
