// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/comparison/comparison.h"
#include "tests/support/files.h"

#include <fmt/format.h>
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

    void aSecondWeightFileIsCompared_data()
    {
        QTest::addColumn<QByteArray>("second");
        QTest::addColumn<bool>("isOther");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("the same") << twoWeights("F32", "[2]", "12345678") << false << QByteArray("same 2 tensors with the same values");
        QTest::newRow("other values") << twoWeights("F32", "[2]", "12345679") << true << QByteArray("1 tensor with other values (the first is b)");
        QTest::newRow("another dtype") << twoWeights("I32", "[2]", "12345678") << false << QByteArray("1 tensor of another dtype");
        QTest::newRow("another shape") << twoWeights("F32", "[2,1]", "12345678") << true << QByteArray("1 tensor of another shape");
        QTest::newRow("other names") << safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "abcd") << true << QByteArray("1 tensor missing");
    }
    void aSecondWeightFileIsCompared()
    {
        QFETCH(QByteArray, second);
        QFETCH(QByteArray, says);
        const TemporaryFolder folder;
        folder.write(QStringLiteral("model.safetensors"), twoWeights("F32", "[2]", "12345678"));
        folder.write(QStringLiteral("other.safetensors"), second);
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.path(), job);
        QVERIFY(checkpoint.has_value() && (*checkpoint)->findings.size() == 1);
        const Finding& finding = (*checkpoint)->findings[0];
        QCOMPARE(finding.rule, std::string("several-weights"));
        QTEST(finding.severity == Severity::Warning, "isOther");
        QVERIFY2(QByteArray::fromStdString(finding.explanation).contains(says), finding.explanation.c_str());
    }

    void packedWeightsSayWhatTheyStandFor()
    {
        const QByteArray state = R"({"quant_type":"nf4","blocksize":64,"dtype":"bfloat16","shape":[3,4]})";
        const QByteArray header = R"({"g.qweight":{"dtype":"I32","shape":[2,4],"data_offsets":[0,32]},"g.qzeros":{"dtype":"I32","shape":[1,1],"data_offsets":[32,36]},)"
                                  R"("g.scales":{"dtype":"F16","shape":[1,4],"data_offsets":[36,44]},)"
                                  R"("a.qweight":{"dtype":"I32","shape":[8,1],"data_offsets":[44,76]},"a.qzeros":{"dtype":"I32","shape":[2,1],"data_offsets":[76,84]},)"
                                  R"("a.scales":{"dtype":"BF16","shape":[2,8],"data_offsets":[84,116]},"b.weight":{"dtype":"U8","shape":[6,1],"data_offsets":[116,122]},)"
                                  R"("b.weight.quant_state.bitsandbytes__nf4":{"dtype":"U8","shape":[)" + QByteArray::number(state.size()) + R"(],"data_offsets":[122,)" + QByteArray::number(122 + state.size()) + "]}}";
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("m.safetensors"), safetensors(header, QByteArray(122, '\0') + state)), job);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        const auto& packed = (*checkpoint)->packedWeights;
        QVERIFY((*checkpoint)->metadata.find("packed_weights")->find("b.weight"));
        QCOMPARE(packed.size(), size_t{3});
        const auto is = [&packed](const char* name, const char* scheme, const Shape& shape, const char* dtype) {
            const PackedWeight& weight = packed.at(name);
            return weight.scheme == scheme && weight.bits == (weight.scheme == "gptq" ? 8 : 4) && weight.shape == shape && weight.dtype == dtype;
        };
        QVERIFY(is("g.qweight", "gptq", {4, 8}, "F16"));
        QVERIFY(is("a.qweight", "awq", {8, 8}, "BF16"));
        QVERIFY(is("b.weight", "nf4", {3, 4}, "BF16"));
    }

    void filesOfATokenizerOpenByThemselves_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("kind"); // or the rule of the Error
        QTest::newRow("merges") << QStringLiteral("merges.txt") << QByteArray("#version: 0.2\nh e\nhe l\n") << QByteArray("merges");
        QTest::newRow("broken merges") << QStringLiteral("merges.txt") << QByteArray("#version: 0.2\nh e\nhel\n") << QByteArray("corrupt");
        QTest::newRow("special tokens") << QStringLiteral("special_tokens_map.json") << QByteArray(R"({"unk_token": "<unk>", "pad_token": {"content": "<pad>"}})") << QByteArray("special tokens");
    }
    void filesOfATokenizerOpenByThemselves()
    {
        QFETCH(QString, name);
        QFETCH(QByteArray, text);
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(name, text), job);
        const std::string found = checkpoint ? (*checkpoint)->metadata.find("kind")->stringOr("") : checkpoint.error().rule;
        QTEST(QByteArray::fromStdString(found), "kind");
        QVERIFY(!checkpoint || (*checkpoint)->format == "tokenizer");
    }

private:
    static QByteArray twoWeights(const QByteArray& dtype, const QByteArray& shape, const QByteArray& values)
    {
        return safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":")" + dtype + R"(","shape":)" + shape + R"(,"data_offsets":[4,12]}})", "abcd" + values);
    }
};

QTEST_APPLESS_MAIN(TstOpen)
#include "tst_open.moc"
