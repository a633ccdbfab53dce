// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/worker_channel.h"
#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "tests/support/listing.h"

#include <QLibrary>
#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

Result<CheckpointPtr> opened(const std::string& path)
{
    JobContext job;
    return openCheckpoint(path, job);
}

Result<CheckpointPtr> openedData(const char* name)
{
    return opened(dataPath(QStringLiteral("hdf5/") + QLatin1String(name)).toStdString());
}

const Finding* findingOf(const Checkpoint& checkpoint, std::string_view rule)
{
    const auto found = std::find_if(checkpoint.findings.begin(), checkpoint.findings.end(), [rule](const Finding& finding) { return finding.rule == rule; });
    return found == checkpoint.findings.end() ? nullptr : &*found;
}

QByteArray frame(FrameKind kind, const std::string& payload)
{
    const auto header = encodeFrameHeader({static_cast<uint32_t>(payload.size()), kind});
    return QByteArray(reinterpret_cast<const char*>(header.data()), static_cast<qsizetype>(header.size())) + QByteArray::fromStdString(payload);
}

/// A program in place of the worker, for as long as the object lives: writes frames, then runs a line of shell.
class WorkerInstead {
public:
    WorkerInstead(const TemporaryFolder& folder, const QByteArray& frames, const QByteArray& then)
    {
        folder.write(QStringLiteral("frames"), frames);
        const std::string script = folder.write(QStringLiteral("worker"), "#!/bin/sh\ncat \"$(dirname \"$0\")/frames\"\n" + then + "\n");
        QFile(QString::fromStdString(script)).setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        qputenv("WEIGHBRIDGE_HDF5_WORKER", QByteArray::fromStdString(script));
    }
    ~WorkerInstead() { qputenv("WEIGHBRIDGE_HDF5_WORKER", WEIGHBRIDGE_BIN_DIR "/weighbridge-hdf5"); }
};

template <typename T>
std::string sha256Of(const std::vector<T>& values)
{
    return QCryptographicHash::hash(QByteArray(reinterpret_cast<const char*>(values.data()), static_cast<qsizetype>(values.size() * sizeof(T))), QCryptographicHash::Sha256).toHex().toStdString();
}

/// Bytes in memory that can be read so many times.
class BreakingSource final : public ByteSource {
public:
    BreakingSource(const QByteArray& bytes, int good)
        : m_bytes(bytes)
        , m_left(good)
    {
    }
    uint64_t nbytes() const override { return static_cast<uint64_t>(m_bytes.size()); }
    const std::string& path() const override { return m_path; }
    FileIdentity identity() const override { return {0, 0, nbytes(), 0}; }
    Result<void> readAt(uint64_t offset, std::span<std::byte> out) const override
    {
        if (m_left-- <= 0)
            return failure("connection-lost", "The connection was cut.");
        std::copy_n(reinterpret_cast<const std::byte*>(m_bytes.constData()) + offset, out.size(), out.begin());
        return {};
    }
    [[nodiscard]] bool hasBroken() const { return m_left < 0; }

private:
    QByteArray m_bytes;
    std::string m_path = "breaking.h5";
    mutable int m_left;
};

const std::string oneDataset = R"({"dataset":"a/b","address":96,"dtype":"F32","writer":"float","self_contained":true,"shape":[2],"layout":"compact","stored":8})";

} // namespace

class TstHdf5 : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { qputenv("WEIGHBRIDGE_HDF5_WORKER", WEIGHBRIDGE_BIN_DIR "/weighbridge-hdf5"); }

    void readsKerasMetadata()
    {
        const auto checkpoint = openedData("nested.h5");
        QVERIFY(checkpoint.has_value());
        QCOMPARE((*checkpoint)->format, std::string("keras-h5"));
        const Value& metadata = (*checkpoint)->metadata;
        QCOMPARE(metadata.find("keras_version")->stringOr(""), std::string("2.21.0"));
        QCOMPARE(metadata.find("backend")->stringOr(""), std::string("tensorflow"));
        QCOMPARE(toJson(metadata.find("layers")->list()->at(1)), std::string("{\"name\":\"block\",\"weights\":[\"in_a/kernel:0\",\"in_a/bias:0\",\"in_b/kernel:0\",\"in_b/bias:0\"]}"));
        QVERIFY(metadata.find("model_config")->find("class_name"));
    }

    void namesLayersOfClassNamedGroups()
    {
        const auto checkpoint = openedData("rnn.weights.h5");
        QVERIFY(checkpoint.has_value());
        const Value* paths = (*checkpoint)->metadata.find("layer_paths");
        QVERIFY(paths);
        QCOMPARE(paths->find("layers/dense/vars")->stringOr(""), std::string("dense"));
    }

    void readsThroughAUserBlock()
    {
        const auto checkpoint = openedData("ok-userblock.h5");
        QVERIFY(checkpoint.has_value());
        const TensorInfo* tensor = (*checkpoint)->find("model_weights/dense/dense/bias:0");
        QVERIFY(tensor);
        JobContext job;
        QCOMPARE(sha256OfTensor(**checkpoint, *tensor, job).value_or(""), std::string("75664b4da1c08de9e8fad52303cc458b3e420edde6591e58761e138cc5e3f163"));
    }

    void contiguousValuesAreReadWithoutTheWorker()
    {
        const auto checkpoint = openedData("generic.h5");
        QVERIFY(checkpoint.has_value());
        QVERIFY((*checkpoint)->find("a/f4")->storage.kind == StorageKind::Raw);
        QVERIFY((*checkpoint)->find("a/be")->storage.bigEndian);
        QVERIFY((*checkpoint)->find("gz")->storage.kind == StorageKind::Format);
    }

    void listsWhatIsNoTensorApart()
    {
        const auto checkpoint = openedData("ok-types.h5");
        QVERIFY(checkpoint.has_value());
        const std::string others = toJson(*(*checkpoint)->metadata.find("other_datasets"));
        for (const char* word : {"string", "reference", "variable-length"})
            QVERIFY2(others.find(word) != std::string::npos, word);
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("dims-huge.h5") << QByteArray("bad-shape") << QByteArray("overflows");
        QTest::newRow("sbver.h5") << QByteArray("unsupported-version") << QByteArray("version 99");
        QTest::newRow("noweights.keras") << QByteArray("missing-shard") << QByteArray("model.weights.h5");
        QTest::newRow("crc.keras") << QByteArray("checksum") << QByteArray("CRC-32");
        QTest::newRow("cfg-nan.keras") << QByteArray("corrupt") << QByteArray("config.json");
        QTest::newRow("h5-trunc.keras") << QByteArray("truncated") << QByteArray("stops at byte");
    }
    void refuses()
    {
        const auto checkpoint = openedData(QTest::currentDataTag());
        QVERIFY(!checkpoint.has_value());
        QTEST(QByteArray::fromStdString(checkpoint.error().rule), "rule");
        QFETCH(QByteArray, says);
        QVERIFY2(QByteArray::fromStdString(checkpoint.error().message).contains(says), checkpoint.error().message.c_str());
    }

    void warns_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("ext-storage-rel.h5") << QByteArray("path-traversal") << QByteArray("external file");
        QTest::newRow("ext-link.h5") << QByteArray("path-traversal") << QByteArray("external link");
        QTest::newRow("vds.h5") << QByteArray("path-traversal") << QByteArray("virtual dataset");
        QTest::newRow("soft-cycle.h5") << QByteArray("corrupt") << QByteArray("leads nowhere");
        QTest::newRow("names-ghost.h5") << QByteArray("inconsistent-index") << QByteArray("ghost");
        QTest::newRow("cfg-deep.h5") << QByteArray("resource-bomb") << QByteArray("levels deep");
        QTest::newRow("module-inject.keras") << QByteArray("unsafe-pickle") << QByteArray("builtins");
        QTest::newRow("fletcher.h5") << QByteArray("checksum") << QByteArray("checksum");
        QTest::newRow("gzip-bad.h5") << QByteArray("checksum") << QByteArray("could not be read");
    }
    void warns()
    {
        const auto checkpoint = openedData(QTest::currentDataTag());
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        QFETCH(QByteArray, rule);
        const Finding* finding = findingOf(**checkpoint, rule.toStdString());
        QVERIFY(finding);
        QFETCH(QByteArray, says);
        QVERIFY2(QByteArray::fromStdString(finding->title + " " + finding->explanation).contains(says), (finding->title + finding->explanation).c_str());
    }

    void valuesOutsideOfTheFileAreNotRead()
    {
        const auto checkpoint = openedData("ext-storage-rel.h5");
        QVERIFY(checkpoint.has_value());
        const auto outside = std::find_if((*checkpoint)->tensors.begin(), (*checkpoint)->tensors.end(), [](const TensorInfo& tensor) { return tensor.storage.kind == StorageKind::Absent; });
        QVERIFY(outside != (*checkpoint)->tensors.end());
        JobContext job;
        const auto read = readTensor(**checkpoint, *outside, job, [](std::span<const std::byte>) { return true; });
        QVERIFY(!read.has_value());
        QCOMPARE(read.error().rule, std::string("unreadable"));
    }

    void damagedChunksAreNeverGivenAsValues_data()
    {
        QTest::addColumn<QByteArray>("rule");
        QTest::newRow("fletcher.h5") << QByteArray("checksum");
        QTest::newRow("gzip-bad.h5") << QByteArray("checksum");
    }
    void damagedChunksAreNeverGivenAsValues()
    {
        const auto checkpoint = openedData(QTest::currentDataTag());
        QVERIFY(checkpoint.has_value());
        JobContext job;
        bool refused = false;
        for (const TensorInfo& tensor : (*checkpoint)->tensors)
            if (const auto hash = sha256OfTensor(**checkpoint, tensor, job); !hash) {
                refused = true;
                QTEST(QByteArray::fromStdString(hash.error().rule), "rule");
            }
        QVERIFY(refused);
    }

    void lzfIsUnpacked()
    {
        const auto checkpoint = openedData("lzf.h5");
        QVERIFY(checkpoint.has_value());
        QCOMPARE((*checkpoint)->findings.size(), size_t{0});
        JobContext job;
        std::vector<float> packed(1200);
        std::vector<double> shuffled(1200);
        for (size_t i = 0; i < packed.size(); ++i) {
            packed[i] = float(i % 7) + 0.5f;
            shuffled[i] = double(i % 11);
        }
        QCOMPARE(sha256OfTensor(**checkpoint, *(*checkpoint)->find("packed"), job).value_or(""), sha256Of(packed));
        QCOMPARE(sha256OfTensor(**checkpoint, *(*checkpoint)->find("shuffled"), job).value_or(""), sha256Of(shuffled));
    }
    void damagedLzfIsAnError()
    {
        QByteArray bytes = readFile(dataPath(QStringLiteral("hdf5/lzf.h5")));
        const qsizetype chunk = bytes.indexOf(QByteArray("\0\0\0\x3f\0\0", 6)); // 0.5 and the beginning of 1.5, not packed yet
        QVERIFY(chunk > 0);
        bytes.replace(chunk - 1, 16, QByteArray(16, '\xff')); // refers to bytes before the first
        const TemporaryFolder folder;
        const auto checkpoint = opened(folder.write(QStringLiteral("damaged.h5"), bytes));
        QVERIFY(checkpoint.has_value());
        JobContext job;
        const auto hash = sha256OfTensor(**checkpoint, *(*checkpoint)->find("packed"), job);
        QVERIFY(!hash.has_value());
        QCOMPARE(hash.error().rule, std::string("corrupt"));
    }

    void aFilterThatIsAPluginIsNamedAndNeverLoaded()
    {
        const TemporaryFolder folder;
        const QString trace = QString::fromStdString(folder.path(QStringLiteral("loaded")));
        qputenv("WEIGHBRIDGE_PLUGIN_TRACE", trace.toUtf8());
        QLibrary plugin(QStringLiteral(WEIGHBRIDGE_FILTER_PLUGIN)); // the trap works
        QVERIFY2(plugin.load(), qPrintable(plugin.errorString()));
        QVERIFY(QFile::remove(trace));
        qputenv("HDF5_PLUGIN_PATH", QFileInfo(QStringLiteral(WEIGHBRIDGE_FILTER_PLUGIN)).path().toUtf8());
        QByteArray bytes = readFile(dataPath(QStringLiteral("hdf5/lzf.h5")));
        const QByteArray lzf("\x00\x7d\x08\x00\x01\x00\x03\x00lzf", 11); // number 32000, length of the name, flags, values, name
        QVERIFY(bytes.count(lzf) > 0);
        bytes.replace(lzf, QByteArray("\x0f\x7d\x08\x00\x01\x00\x03\x00zst", 11)); // 32015: Zstandard
        const auto checkpoint = opened(folder.write(QStringLiteral("plugin.h5"), bytes));
        QVERIFY(checkpoint.has_value());
        const Finding* finding = findingOf(**checkpoint, "unreadable");
        QVERIFY(finding && finding->title.find("32015") != std::string::npos);
        QVERIFY(!finding->fix.text.empty());
        JobContext job;
        const auto hash = sha256OfTensor(**checkpoint, *(*checkpoint)->find("packed"), job);
        QVERIFY(!hash.has_value());
        QCOMPARE(hash.error().rule, std::string("unreadable"));
        QVERIFY2(hash.error().message.find("32015") != std::string::npos, hash.error().message.c_str());
        QVERIFY(!QFile::exists(trace));
        qunsetenv("HDF5_PLUGIN_PATH");
        qunsetenv("WEIGHBRIDGE_PLUGIN_TRACE");
    }

    void aCutFileSaysByteXOfY()
    {
        const QByteArray whole = readFile(dataPath(QStringLiteral("hdf5/nested.h5")));
        const TemporaryFolder folder;
        for (const int size : {4, 8, 9, 40, 95, 96, 2000, static_cast<int>(whole.size()) - 1}) {
            const auto checkpoint = opened(folder.write(QStringLiteral("cut.h5"), whole.left(size)));
            QVERIFY(!checkpoint.has_value());
            QCOMPARE(checkpoint.error().rule, std::string("truncated"));
            QVERIFY(checkpoint.error().message.find("byte " + std::to_string(size)) != std::string::npos);
        }
    }

    void aFileInMemoryIsReadToo()
    {
        const QByteArray whole = readFile(dataPath(QStringLiteral("hdf5/generic.h5")));
        const auto bytes = std::as_bytes(std::span(whole.constData(), static_cast<size_t>(whole.size())));
        JobContext job;
        const auto checkpoint = openSource(memorySource({bytes.begin(), bytes.end()}, "memory.h5"), job);
        const auto ofFile = openedData("generic.h5");
        QVERIFY(checkpoint.has_value() && ofFile.has_value());
        QCOMPARE(listing(*checkpoint), listing(**ofFile));
        QVERIFY(sha256OfTensor(*checkpoint, *checkpoint->find("gz"), job).has_value());
    }

    /// A read that fails is no damage of the file, and half a listing no checkpoint.
    void aReadThatFailsIsSaid()
    {
        const QByteArray bytes = readFile(dataPath(QStringLiteral("hdf5/nested.h5")));
        int broken = 0;
        for (int good = 0;; good += 3) {
            const auto source = std::make_shared<BreakingSource>(bytes, good);
            JobContext job;
            const auto checkpoint = openSource(source, job);
            if (!source->hasBroken())
                break;
            ++broken;
            QVERIFY(!checkpoint.has_value());
            QCOMPARE(checkpoint.error().rule, std::string("connection-lost"));
        }
        QVERIFY(broken > 5);
    }

    void aWorkerGetsOnlyTheBytesOfTheFile_data()
    {
        QTest::addColumn<QByteArray>("wanted");
        QTest::addColumn<QByteArray>("rule");
        QTest::newRow("past the end") << QByteArray(R"({"wanted":1000000000,"nbytes":8})") << QByteArray("truncated");
        QTest::newRow("overflowing") << QByteArray(R"({"wanted":9223372036854775807,"nbytes":8})") << QByteArray("truncated");
        QTest::newRow("too many") << QByteArray(R"({"wanted":0,"nbytes":9000000000})") << QByteArray("worker");
        QTest::newRow("none") << QByteArray(R"({"wanted":0})") << QByteArray("worker");
        QTest::newRow("no map") << QByteArray("null") << QByteArray("worker");
    }
    void aWorkerGetsOnlyTheBytesOfTheFile()
    {
        QFETCH(QByteArray, wanted);
        const TemporaryFolder folder;
        const WorkerInstead worker(folder, frame(FrameKind::Json, wanted.toStdString()), "sleep 5");
        const auto checkpoint = openedData("nested.h5");
        QVERIFY(!checkpoint.has_value());
        QTEST(QByteArray::fromStdString(checkpoint.error().rule), "rule");
    }

    void aCrashKeepsWhatWasListed()
    {
        const TemporaryFolder folder;
        const WorkerInstead worker(folder, frame(FrameKind::Json, oneDataset) + frame(FrameKind::Place, "a/c"), "kill -SEGV $$");
        const auto checkpoint = openedData("nested.h5");
        QVERIFY(checkpoint.has_value());
        QCOMPARE((*checkpoint)->tensors.size(), size_t{1});
        const Finding* finding = findingOf(**checkpoint, "corrupt");
        QVERIFY(finding);
        QVERIFY2(finding->explanation.find("a/c") != std::string::npos && finding->explanation.find("signal 11") != std::string::npos, finding->explanation.c_str());
    }

    void aCrashAtOnceIsAnError()
    {
        const TemporaryFolder folder;
        const WorkerInstead worker(folder, {}, "kill -SEGV $$");
        const auto checkpoint = openedData("nested.h5");
        QVERIFY(!checkpoint.has_value());
        QCOMPARE(checkpoint.error().rule, std::string("corrupt"));
        QVERIFY(checkpoint.error().message.find("crashed") != std::string::npos);
    }

    void answersAreNotBelieved_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("no JSON") << QByteArray("{");
        QTest::newRow("a shape below zero") << QByteArray::fromStdString(oneDataset).replace("[2]", "[-2]");
        QTest::newRow("a shape without end") << QByteArray::fromStdString(oneDataset).replace("[2]", "[9223372036854775807,9]");
        QTest::newRow("values past the end") << QByteArray::fromStdString(oneDataset).replace("\"compact\"", "\"contiguous\",\"offset\":9000000000000000000");
    }
    void answersAreNotBelieved()
    {
        QFETCH(QByteArray, answer);
        const TemporaryFolder folder;
        const WorkerInstead worker(folder, frame(FrameKind::Json, answer.toStdString()) + frame(FrameKind::Json, "{\"done\":true}"), "sleep 5");
        QVERIFY(!openedData("nested.h5").has_value());
    }

    void anAbsentWorkerIsNamed()
    {
        qputenv("WEIGHBRIDGE_HDF5_WORKER", "/nonexistent/weighbridge-hdf5");
        const auto checkpoint = openedData("nested.h5");
        initTestCase();
        QVERIFY(!checkpoint.has_value());
        QCOMPARE(checkpoint.error().rule, std::string("dependency-missing"));
    }

    void cancelStopsTheListing()
    {
        std::stop_source source;
        source.request_stop();
        JobContext job{source.get_token(), {}};
        const auto checkpoint = openCheckpoint(dataPath(QStringLiteral("hdf5/nested.h5")).toStdString(), job);
        QVERIFY(!checkpoint.has_value());
        QCOMPARE(checkpoint.error().rule, std::string("cancelled"));
    }

    void aMissingShardIsNamed()
    {
        const TemporaryFolder folder;
        for (const char* name : {"m.weights.json", "m_00000.weights.h5"})
            folder.write(QLatin1String(name), readFile(dataPath(QStringLiteral("hdf5/sharded/") + QLatin1String(name))));
        const auto checkpoint = opened(folder.path(QStringLiteral("m.weights.json")));
        QVERIFY(!checkpoint.has_value());
        QCOMPARE(checkpoint.error().rule, std::string("missing-shard"));
        QVERIFY(checkpoint.error().message.find("m_00001.weights.h5, m_00002.weights.h5") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TstHdf5)
#include "tst_hdf5.moc"
