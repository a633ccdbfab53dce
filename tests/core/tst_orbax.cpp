// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "tests/support/files.h"

#include <QDirIterator>
#include <QtTest>

#include <cstring>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

constexpr uint64_t enough = 1024 * 1024;

Result<CheckpointPtr> opened(const std::string& path)
{
    JobContext job;
    return openCheckpoint(path, job);
}

/// The elements of a tensor of tests/data/zarr.
template <typename T>
std::vector<T> valuesOf(const char* folder, const char* name)
{
    JobContext job;
    const auto checkpoint = opened(dataPath(QStringLiteral("zarr/") + QLatin1String(folder)).toStdString());
    const TensorInfo* tensor = checkpoint ? (*checkpoint)->find(name) : nullptr;
    const auto bytes = tensor ? readWhole(**checkpoint, *tensor, job, enough) : failure("not-found", "");
    std::vector<T> out(bytes ? bytes->size() / sizeof(T) : 0);
    if (bytes)
        std::memcpy(out.data(), bytes->data(), out.size() * sizeof(T));
    return out;
}

template <typename T>
bool counts(const std::vector<T>& values, size_t size)
{
    for (size_t i = 0; i < values.size(); ++i)
        if (values[i] != static_cast<T>(i))
            return false;
    return values.size() == size;
}

/// A copy of the sample that Orbax wrote into an OCDBT database.
struct DatabaseCopy {
    TemporaryFolder folder;
    QString values; ///< the data file that holds the chunks
    QString nodes;  ///< the one that holds the tree

    DatabaseCopy()
    {
        const QDir sample(dataPath(QStringLiteral("zarr/orbax")));
        for (QDirIterator file(sample.path(), QDir::Files, QDirIterator::Subdirectories); file.hasNext();) {
            const QString name = sample.relativeFilePath(file.next());
            const QByteArray bytes = readFile(file.filePath());
            const QString copy = QString::fromStdString(folder.write(name, bytes));
            if (name.startsWith(QStringLiteral("d/")))
                nodes = copy;
            if (name.contains(QStringLiteral("process_0/d/")) && bytes.size() > 1000)
                values = copy;
        }
    }
};

void flip(const QString& path, qint64 at)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(at));
    const char byte = static_cast<char>(file.peek(1)[0] ^ 1);
    QVERIFY(file.putChar(byte));
}

} // namespace

class TstOrbax : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void chunksArePutTogether()
    {
        QVERIFY(counts(valuesOf<float>("plain", "target/edge"), 70));     // cut at the edges
        QVERIFY(counts(valuesOf<float>("plain", "target/fortran"), 70));  // the first dimension fastest
        QVERIFY(counts(valuesOf<int32_t>("plain", "target/packed"), 70)); // gzip, big-endian
        QCOMPARE(valuesOf<int64_t>("plain", "scalar"), std::vector<int64_t>{3});
    }

    void anAbsentChunkHoldsTheFillValue()
    {
        QCOMPARE(valuesOf<double>("plain", "filled"), (std::vector<double>{1.5, 1.5, 1.5, 1.5, 4, 5, 6, 7}));
    }

    void chunksInsideShardsAreFound()
    {
        QVERIFY(counts(valuesOf<int16_t>("sharded", "w"), 120)); // one inner chunk is absent: it lies outside of the shape
    }

    void namesAreThoseOfTheTree()
    {
        const auto checkpoint = opened(dataPath(QStringLiteral("zarr/orbax")).toStdString());
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        QVERIFY((*checkpoint)->find("params/dense/kernel"));
        QVERIFY((*checkpoint)->find("step"));
    }

    void bothWaysOfStoringGiveTheSame()
    {
        QVERIFY(!valuesOf<float>("orbax", "params/dense/kernel").empty());
        QCOMPARE(valuesOf<float>("orbax", "params/dense/kernel"), valuesOf<float>("orbax_files", "params/dense/kernel"));
    }

    void theNewestStepOfATrainingIsOpened()
    {
        const TemporaryFolder folder;
        for (const char* step : {"9", "10"}) {
            folder.write(QLatin1String(step) + QStringLiteral("/_CHECKPOINT_METADATA"), "{}");
            folder.write(QLatin1String(step) + QStringLiteral("/default/w/.zarray"),
                         QByteArray(R"({"chunks":[1],"compressor":null,"dtype":"|u1","fill_value":null,"filters":null,"order":"C","shape":[1],"zarr_format":2,"of":")") + step + "\"}");
            folder.write(QLatin1String(step) + QStringLiteral("/default/w/0"), step);
        }
        folder.write(QStringLiteral("9/default/w/0"), "9");
        folder.write(QStringLiteral("10/default/w/0"), "X");
        const auto checkpoint = opened(folder.path());
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        JobContext job;
        const auto bytes = readWhole(**checkpoint, *(*checkpoint)->find("w"), job, enough);
        QVERIFY(bytes && bytes->size() == 1 && bytes->at(0) == std::byte{'X'});
    }

    void damageIsNamed()
    {
        const DatabaseCopy absent;
        QVERIFY(QFile::remove(absent.values));
        QCOMPARE(opened(absent.folder.path()).error().rule, std::string("missing-shard"));
        const DatabaseCopy cut;
        QVERIFY(QFile::resize(cut.values, QFileInfo(cut.values).size() / 2));
        QCOMPARE(opened(cut.folder.path()).error().rule, std::string("truncated"));
        const DatabaseCopy changed;
        flip(changed.nodes, QFileInfo(changed.nodes).size() / 2);
        QCOMPARE(opened(changed.folder.path()).error().rule, std::string("checksum"));
    }

    void descriptionsAreNotBelieved_data()
    {
        QTest::addColumn<QByteArray>("changed");
        QTest::addColumn<QByteArray>("rule");
        QTest::newRow("a size below zero") << QByteArray(R"("shape":[-1])") << QByteArray("bad-shape");
        QTest::newRow("sizes that overflow") << QByteArray(R"("shape":[9223372036854775807,9])") << QByteArray("bad-shape");
        QTest::newRow("chunks of nothing") << QByteArray(R"("shape":[4],"chunks":[0])") << QByteArray("bad-shape");
        QTest::newRow("no JSON") << QByteArray("\"shape\":[") << QByteArray("truncated");
    }
    void descriptionsAreNotBelieved()
    {
        QFETCH(QByteArray, changed);
        const TemporaryFolder folder;
        folder.write(QStringLiteral("w/.zarray"), R"({"zarr_format":2,"dtype":"<f4","compressor":null,"order":"C","fill_value":0,"filters":null,"chunks":[4],)" + changed + (changed.endsWith('[') ? "" : "}"));
        const auto checkpoint = opened(folder.path());
        QVERIFY(!checkpoint.has_value());
        QTEST(QByteArray::fromStdString(checkpoint.error().rule), "rule");
    }

    void whatIsNotThereIsNotStreamedForever()
    {
        const TemporaryFolder folder;
        folder.write(QStringLiteral("w/.zarray"), R"({"zarr_format":2,"dtype":"<f4","compressor":null,"order":"C","fill_value":0,"filters":null,"chunks":[1000000],"shape":[1000000000000]})");
        const auto checkpoint = opened(folder.path());
        QVERIFY(checkpoint.has_value());
        JobContext job;
        const auto read = readTensor(**checkpoint, (*checkpoint)->tensors[0], job, [](std::span<const std::byte>) { return true; });
        QVERIFY(!read.has_value());
        QCOMPARE(read.error().rule, std::string("resource-bomb"));
    }
};

QTEST_APPLESS_MAIN(TstOrbax)
#include "tst_orbax.moc"
