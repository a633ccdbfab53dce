// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files of other frameworks: those that are read, and those that are only named.
#include "core/checkpoint/open_checkpoint.h"
#include "core/format/detail/tar.h"
#include "core/format/detail/xml_tags.h"
#include "tests/support/files.h"

#include <QtTest>

#include <algorithm>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

QByteArray sample(const char* path)
{
    return readFile(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/") + QString::fromLatin1(path));
}

Result<CheckpointPtr> opened(const TemporaryFolder& folder, const char* name)
{
    JobContext job;
    return openCheckpoint((folder.path() + "/" + name), job);
}

bool says(const Checkpoint& checkpoint, const char* rule, const char* title)
{
    return std::any_of(checkpoint.findings.begin(), checkpoint.findings.end(),
                       [&](const Finding& finding) { return finding.rule == rule && finding.title.find(title) != std::string::npos; });
}

} // namespace

class TstFrameworks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void filesThatAreNotReadAreNamed_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("is");
        const auto row = [](const char* name, const QByteArray& bytes, const char* is) {
            QTest::newRow(name) << QString::fromLatin1(name) << bytes << QByteArray(is);
        };
        const QByteArray rest(64, '\7');
        row("llama.bin", "tjgg\3\0\0\0" + rest, "GGML");
        row("m.ort", QByteArray("\30\0\0\0ORTM", 8) + rest, "ONNX Runtime");
        row("m.pte", QByteArray("\30\0\0\0ET12", 8) + rest, "ExecuTorch");
        row("bert.params", QByteArray("\x12\1\0\0\0\0\0\0", 8) + rest, "MXNet");
        row("m.mlmodel", "\x08\4\x12" + rest, "Core ML");
        row("yolo.weights", QByteArray("\0\0\0\0\2\0\0\0\0\0\0\0", 12) + rest, "Darknet");
        row("m.joblib", "\x78\x5e\x7d\x93" + rest, "joblib");
        row("m.pkl", QByteArray("\x80\4\x95\x2f\0\0\0\0\0\0\0\x8c\x13joblib.numpy_pickle\x94\1", 34) + rest, "joblib");
        row("t.parquet", "PAR1" + rest, "Parquet");
    }
    void filesThatAreNotReadAreNamed()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, is);
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(name, bytes), job);
        QVERIFY(!checkpoint);
        QCOMPARE(checkpoint.error().rule, std::string("not-a-checkpoint"));
        QVERIFY2(checkpoint.error().message.find(is.toStdString()) != std::string::npos, checkpoint.error().message.c_str());
        QVERIFY(!checkpoint.error().fix.empty());
    }

    void aPipelineOfDiffusersNamesItsModels()
    {
        const TemporaryFolder folder;
        folder.write(QStringLiteral("model_index.json"), "{}");
        for (const char* name : {"vae/config.json", "unet/config.json", "scheduler/scheduler_config.json"})
            folder.write(QString::fromLatin1(name), "{}");
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.path(), job);
        QVERIFY(!checkpoint);
        QVERIFY2(checkpoint.error().message.ends_with("folders of their own: unet, vae."), checkpoint.error().message.c_str());
    }

    void tagsOfADocument_data()
    {
        QTest::addColumn<QByteArray>("document");
        QTest::addColumn<QByteArray>("tags"); // or the rule of the Error
        const auto row = [](const char* document, const char* tags) { QTest::newRow(document) << QByteArray(document) << QByteArray(tags); };
        row("<?xml version='1.0'?><a x=\"1\"><b y = '2'/></a>", "a(1) b(2)/ -a");
        row("<!-- <a> --><![CDATA[<b>]]><!DOCTYPE net><c x='&lt;&amp;&#65;&#x42;&unknown;&'>", "c(<&AB&unknown;&)");
        row("<a", "truncated");
        row("<a x=\"1", "truncated");
        row("<a x=", "truncated");
        row("<!-- ", "truncated");
        row("<a x=1>", "corrupt");
        row("< >", "corrupt");
        row("text alone", "");
    }
    void tagsOfADocument()
    {
        QFETCH(QByteArray, document);
        XmlTags tags({document.constData(), static_cast<size_t>(document.size())});
        QByteArray out;
        for (;;) {
            const auto tag = tags.next();
            if (!tag)
                out = QByteArray::fromStdString(tag.error().rule);
            if (!tag || !*tag)
                break;
            out += (out.isEmpty() ? "" : " ") + QByteArray((*tag)->isEnd ? "-" : "") +
                   QByteArray((*tag)->name.data(), static_cast<qsizetype>((*tag)->name.size()));
            for (const auto& [key, value] : (*tag)->attributes)
                out += "(" + QByteArray::fromStdString(*(*tag)->attribute(key)) + ")";
            out += (*tag)->isEmpty ? "/" : "";
        }
        QTEST(out, "tags");
    }

    void openvinoIsKnownByEitherFile()
    {
        const TemporaryFolder folder;
        folder.write(QStringLiteral("m.xml"), sample("openvino/openvino_model.xml"));
        const auto alone = opened(folder, "m.xml");
        QVERIFY(!alone);
        QCOMPARE(alone.error().rule, std::string("missing-data-shard"));
        const QByteArray values = sample("openvino/openvino_model.bin");
        folder.write(QStringLiteral("m.bin"), values);
        for (const char* name : {"m.xml", "m.bin"}) {
            const auto checkpoint = opened(folder, name);
            QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
            QCOMPARE((*checkpoint)->tensors.size(), size_t{5});
            QVERIFY((*checkpoint)->findings.empty());
            QCOMPARE((*checkpoint)->metadata.find("rt_info")->find("mode")->stringOr(""), std::string("4bit"));
        }
        folder.write(QStringLiteral("m.bin"), values.left(60));
        const auto cut = opened(folder, "m.xml");
        QVERIFY(!cut);
        QCOMPARE(cut.error().rule, std::string("truncated"));
    }

    void parametersOfPaddleHaveTheNamesOfTheProgram()
    {
        const TemporaryFolder folder;
        folder.write(QStringLiteral("m.pdiparams"), sample("paddle/inference.pdiparams"));
        const auto alone = opened(folder, "m.pdiparams");
        QVERIFY(alone && says(**alone, "missing-index", "numbered") && (*alone)->find("5"));
        folder.write(QStringLiteral("m.json"), sample("paddle/inference.json"));
        const auto named = opened(folder, "m.pdiparams");
        QVERIFY(named && (*named)->findings.empty());
        QCOMPARE((*named)->find("linear_1.w_0")->shape, (Shape{3, 2}));
        folder.write(QStringLiteral("m.json"), QByteArray("{\"program\": 3}"));
        folder.write(QStringLiteral("m.pdmodel"), sample("paddle/old.pdmodel"));
        const auto other = opened(folder, "m.pdiparams");
        QVERIFY(other && (*other)->find("batch_norm1d_0.w_2"));
        folder.write(QStringLiteral("m.pdiparams"), sample("paddle/inference.pdiparams").left(36)); // the first tensor alone
        const auto cut = opened(folder, "m.pdiparams");
        QVERIFY(cut && says(**cut, "truncated", "1 of 6"));
    }

    void anArchiveOfNemoWithoutItsPartsIsSaid()
    {
        const QByteArray whole = sample("nemo/model.nemo");
        const auto directory = readTar(*memorySource(
            {reinterpret_cast<const std::byte*>(whole.constData()), reinterpret_cast<const std::byte*>(whole.constData()) + whole.size()}, "m.nemo"));
        QVERIFY(directory && directory->isEnded);
        const auto weights = std::find_if(directory->entries.begin(), directory->entries.end(),
                                          [](const TarEntry& entry) { return entry.name == "model_weights.ckpt"; });
        QVERIFY(weights != directory->entries.end());
        const TemporaryFolder folder;
        JobContext job;
        const auto complete = openCheckpoint(folder.write(QStringLiteral("m.nemo"), whole), job);
        QVERIFY(complete && (*complete)->findings.empty());
        QCOMPARE((*complete)->metadata.find("model_config")->find("encoder")->find("hidden_size")->number(), 8.0);
        QByteArray renamed = whole;
        renamed.replace("./model_weights.ckpt", "./model_weights/.met");
        const auto distributed = openCheckpoint(folder.write(QStringLiteral("m.nemo"), renamed), job);
        QVERIFY(!distributed);
        QCOMPARE(distributed.error().rule, std::string("unsupported-version"));
        const auto cut = openCheckpoint(folder.write(QStringLiteral("m.nemo"), whole.chopped(600)), job);
        QVERIFY(cut && says(**cut, "truncated", "no end mark"));
    }

    void aModelOfCtranslate2WithMoreBehindIt()
    {
        const TemporaryFolder folder;
        folder.write(QStringLiteral("model.bin"), sample("ctranslate2/model.bin") + "more");
        const auto checkpoint = opened(folder, "model.bin");
        QVERIFY(checkpoint && says(**checkpoint, "corrupt", "4 bytes follow"));
        QCOMPARE((*checkpoint)->metadata.find("spec")->stringOr(""), std::string("TransformerEncoderSpec"));
    }

    void aUniversalCheckpointCountsItsStates()
    {
        JobContext job;
        const auto checkpoint = openCheckpoint(WEIGHBRIDGE_SOURCE_DIR "/tests/data/torch/universal", job);
        QVERIFY(checkpoint.has_value());
        const Value* states = (*checkpoint)->metadata.find("optimizer_states");
        QVERIFY(states && states->find("exp_avg") && states->find("exp_avg_sq"));
        QCOMPARE(states->find("exp_avg")->find("parameters")->number(), 5.0);
    }

    void bytesBehindTheEndAreSaid_data()
    {
        QTest::addColumn<QString>("path");
        QTest::newRow("GGUF") << QStringLiteral("gguf/model.gguf");
        QTest::newRow("frozen graph") << QStringLiteral("tensorflow/frozen.pb");
    }
    void bytesBehindTheEndAreSaid()
    {
        QFETCH(QString, path);
        const QByteArray whole = sample(path.toLatin1().constData());
        const TemporaryFolder folder;
        JobContext job;
        const QString name = QFileInfo(path).fileName();
        const auto alone = openCheckpoint(folder.write(name, whole), job);
        QVERIFY(alone && !says(**alone, "corrupt", "follow"));
        const auto glued = openCheckpoint(folder.write(name, whole + whole), job);
        QVERIFY2(glued.has_value(), glued ? "" : glued.error().message.c_str());
        QVERIFY(says(**glued, "corrupt", "follow"));
    }

    void anUnknownTypeOfFlaxIsSaid()
    {
        QByteArray state = sample("flax/state.msgpack");
        QVERIFY(state.contains("bfloat16"));
        state.replace("bfloat16", "int4_ext");
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("m.msgpack"), state), job);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        QVERIFY(says(**checkpoint, "bad-dtype", "not known here"));
    }
};

QTEST_APPLESS_MAIN(TstFrameworks)
#include "tst_frameworks.moc"
