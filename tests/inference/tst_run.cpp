// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

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
    request.set("path", folder.toStdString()).set("runs", 0).set("proof", false);
    return request;
}

Result<Value> run(const Value& request)
{
    JobContext job;
    return inference::runModel(request, job);
}

const char* messageOf(const Result<Value>& answer)
{
    return answer ? "" : answer.error().message.c_str();
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
        const Value expected = readJson(folder + "/expected.json");
        QVERIFY(!expected.map()->empty());
        double worst = 0;
        for (const auto& [name, tensor] : *expected.map()) {
            const Value* found = answer->find("outputs")->find(name);
            QVERIFY2(found, name.c_str());
            QCOMPARE(*found->find("shape"), *tensor.find("shape"));
            const Value::List& wanted = *tensor.find("values")->list();
            for (size_t i = 0; i < wanted.size(); ++i)
                worst = std::max(worst, std::abs(wanted[i].number() - values(*answer, name)[i].number(NAN)));
        }
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

    void aLayerThatWasNeverLoadedCostsTheProof()
    {
        const auto good = run(Value::Map{{"path", (samples + "trained").toStdString()}, {"runs", 0}});
        const auto bad = run(Value::Map{{"path", (samples + "never-loaded").toStdString()}, {"runs", 0}});
        QVERIFY(good && bad);
        QVERIFY(bad->find("proof")->find("loss")->number() > good->find("proof")->find("loss")->number());
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
