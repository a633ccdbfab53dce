// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/comparison/comparison.h"
#include "tests/support/files.h"

#include <QtTest>

#include <algorithm>
#include <sys/stat.h>

using namespace weighbridge;
using namespace weighbridge::test;

class TstOpen : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesWhatIsNoCheckpoint_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("empty") << QByteArray() << QByteArray("empty") << QByteArray("0 bytes");
        QTest::newRow("git-lfs") << QByteArray("version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 438064459\n") << QByteArray("git-lfs-pointer") << QByteArray("438\u202f064\u202f459");
        QTest::newRow("html") << QByteArray("\n <!DOCTYPE html><html><head><title>Quota exceeded</title>") << QByteArray("html-page") << QByteArray("Quota exceeded");
        QTest::newRow("json error") << QByteArray("{\"error\": \"Access to this model is restricted\"}") << QByteArray("not-a-checkpoint") << QByteArray("is restricted");
        QTest::newRow("xml error") << QByteArray("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>") << QByteArray("html-page") << QByteArray("AccessDenied");
        QTest::newRow("zeros") << QByteArray(100000, '\0') << QByteArray("not-a-checkpoint") << QByteArray("zero");
        QTest::newRow("gzip") << QByteArray("\x1f\x8b\x08\x00", 4) << QByteArray("wrong-format-for-extension") << QByteArray("gzip");
        QTest::newRow("age") << QByteArray("age-encryption.org/v1\n") << QByteArray("encrypted") << QByteArray("encrypted");
        QTest::newRow("text") << QByteArray("hello, world") << QByteArray("not-a-checkpoint") << QByteArray("68 65 6c 6c");
    }
    void namesWhatIsNoCheckpoint()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, says);
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("model.data"), bytes), job);
        QVERIFY(!checkpoint.has_value());
        QTEST(QByteArray::fromStdString(checkpoint.error().rule), "rule");
        QVERIFY2(QByteArray::fromStdString(checkpoint.error().message).contains(says), checkpoint.error().message.c_str());
    }

    void anAbsentFileAndAPipeAreSaid()
    {
        const TemporaryFolder folder;
        JobContext job;
        QCOMPARE(openCheckpoint(folder.path(QStringLiteral("absent")), job).error().rule, "not-found");
        const std::string pipe = folder.path(QStringLiteral("pipe"));
        QCOMPARE(mkfifo(pipe.c_str(), 0600), 0);
        QCOMPARE(openCheckpoint(pipe, job).error().rule, "not-a-checkpoint");
    }

    void everyAbsentShardIsNamed()
    {
        const TemporaryFolder folder;
        JobContext job;
        const QByteArray shard = readFile(dataPath(QStringLiteral("index/safetensors/model-00001-of-00002.safetensors")));
        folder.write(QStringLiteral("model-00001-of-00003.safetensors"), shard);
        const auto checkpoint = openCheckpoint(
            folder.write(QStringLiteral("model.safetensors.index.json"),
                         "{\"weight_map\":{\"w\":\"model-00001-of-00003.safetensors\",\"a\":\"model-00002-of-00003.safetensors\",\"b\":\"model-00003-of-00003.safetensors\"}}"),
            job);
        QVERIFY(!checkpoint.has_value());
        QCOMPARE(checkpoint.error().rule, "missing-shard");
        QVERIFY(checkpoint.error().message.find("model-00002-of-00003.safetensors, model-00003-of-00003.safetensors") != std::string::npos);
        QCOMPARE(checkpoint.error().readable, "1 of 3 tensors");
    }

    void shardsOutsideTheFolderAreNotOpened_data()
    {
        QTest::addColumn<QByteArray>("shard");
        for (const char* shard : {"../x.safetensors", "/etc/passwd.safetensors", "https://example.org/x.safetensors", "a/../../x.safetensors", "..\\\\x.safetensors", "link.safetensors"})
            QTest::newRow(shard) << QByteArray(shard);
    }
    void shardsOutsideTheFolderAreNotOpened()
    {
        QFETCH(QByteArray, shard);
        const TemporaryFolder folder;
        const TemporaryFolder elsewhere;
        const std::string target = elsewhere.write(QStringLiteral("x.safetensors"), safetensors("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "a"));
        QVERIFY(QFile::link(QString::fromStdString(target), QString::fromStdString(folder.path(QStringLiteral("link.safetensors")))));
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("model.safetensors.index.json"), "{\"weight_map\":{\"w\":\"" + shard + "\"}}"), job);
        QVERIFY(!checkpoint.has_value());
        QCOMPARE(checkpoint.error().rule, "path-traversal");
    }

    void theIndexIsCheckedAgainstItsShards()
    {
        const TemporaryFolder folder;
        JobContext job;
        folder.write(QStringLiteral("s.safetensors"), safetensors("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}", "ab"));
        const auto rules = [&](const QByteArray& index) {
            const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("model.safetensors.index.json"), index), job);
            QByteArrayList out;
            for (const Finding& finding : (*checkpoint)->findings)
                out << QByteArray::fromStdString(finding.rule);
            return out.join(' ');
        };
        QCOMPARE(rules("{\"weight_map\":{\"w\":\"s.safetensors\",\"x\":\"s.safetensors\"},\"metadata\":{\"total_size\":2}}"), QByteArray());
        QCOMPARE(rules("{\"weight_map\":{\"w\":\"s.safetensors\",\"x\":\"s.safetensors\"},\"metadata\":{\"total_size\":3}}"), QByteArray("inconsistent-index"));
        QCOMPARE(rules("{\"weight_map\":{\"w\":\"s.safetensors\"}}"), QByteArray("inconsistent-index"));
        QCOMPARE(rules("{\"weight_map\":{\"w\":\"s.safetensors\",\"x\":\"s.safetensors\",\"y\":\"s.safetensors\"}}"), QByteArray("inconsistent-index"));
        QCOMPARE(rules("{\"weight_map\":{\"w\":\"s.safetensors\",\"old.x\":\"s.safetensors\"}}"), QByteArray("shard-revision"));
    }

    void whatIsLeftOfACutFileIsThere_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("name");
        QTest::newRow("safetensors") << QStringLiteral("index/folder/model-00001-of-00002.safetensors") << QStringLiteral("model.safetensors");
        QTest::newRow("gguf") << QStringLiteral("gguf/model.gguf") << QStringLiteral("model.gguf");
        QTest::newRow("torch zip") << QStringLiteral("torch/zip_params.bin") << QStringLiteral("model.bin");
        QTest::newRow("torch zip, big-endian") << QStringLiteral("torch/zip_big_endian.bin") << QStringLiteral("model.bin");
    }
    /// Cut at many places: the listing is the whole file's, what is not lost has the whole file's values, what is lost says so.
    void whatIsLeftOfACutFileIsThere()
    {
        QFETCH(QString, file);
        QFETCH(QString, name);
        const QByteArray bytes = readFile(dataPath(file));
        JobContext job;
        const auto whole = openCheckpoint(dataPath(file).toStdString(), job);
        QVERIFY(whole.has_value());
        size_t partial = 0;
        size_t readable = 0;
        for (qsizetype length = bytes.size() - 1; length > 0; length -= std::max<qsizetype>(1, bytes.size() / 60)) {
            const TemporaryFolder folder;
            const auto cut = openCheckpoint(folder.write(name, bytes.left(length)), job);
            if (cut || !cut.error().partial)
                continue;
            QCOMPARE(cut.error().rule, "truncated");
            const Checkpoint& left = *cut.error().partial;
            QCOMPARE(left.tensors.size(), (*whole)->tensors.size());
            QCOMPARE(left.findings.front().rule, "truncated");
            ++partial;
            for (size_t i = 0; i < left.tensors.size(); ++i) {
                const auto hash = sha256OfTensor(left, left.tensors[i], job);
                const auto wanted = sha256OfTensor(**whole, (*whole)->tensors[i], job); // an Error for a tensor without values
                QCOMPARE(left.tensors[i].name, (*whole)->tensors[i].name);
                QCOMPARE(hash.has_value(), wanted.has_value() && !left.tensors[i].isLost);
                readable += hash ? 1 : 0;
                if (hash)
                    QCOMPARE(*hash, *wanted);
            }
            const auto lost = std::count_if(left.tensors.begin(), left.tensors.end(), [](const TensorInfo& tensor) { return tensor.isLost; });
            QCOMPARE(left.findings.front().tensors.size(), static_cast<size_t>(lost));
            QCOMPARE(foundTensors(left).size(), left.tensors.size() - static_cast<size_t>(lost));
        }
        QVERIFY(partial > 3);
        QVERIFY(readable > 0);
    }
    void aCutShardLeavesTheOthers()
    {
        const TemporaryFolder folder;
        JobContext job;
        for (const char* name : {"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors", "model.safetensors.index.json"}) {
            const QByteArray bytes = readFile(dataPath(QStringLiteral("index/safetensors/") + QString::fromLatin1(name)));
            folder.write(QString::fromLatin1(name), bytes.left(bytes.size() - (QByteArray(name).contains("00002-of") ? 1 : 0)));
        }
        const auto whole = openCheckpoint(dataPath(QStringLiteral("index/safetensors/model.safetensors.index.json")).toStdString(), job);
        const auto cut = openCheckpoint(folder.path(), job);
        QVERIFY(!cut.has_value());
        QVERIFY(cut.error().partial);
        QCOMPARE(cut.error().partial->format, "model-folder");
        QCOMPARE(cut.error().partial->tensors.size(), (*whole)->tensors.size());
        QCOMPARE(cut.error().partial->findings.front().tensors.size(), size_t(1));
    }

    void aFolderWithShardsButNoIndexSaysSo()
    {
        const TemporaryFolder folder;
        JobContext job;
        folder.write(QStringLiteral("model-00001-of-00002.safetensors"), "x");
        QCOMPARE(openCheckpoint(folder.path(), job).error().rule, "missing-index");
    }
};

QTEST_APPLESS_MAIN(TstOpen)
#include "tst_open.moc"
