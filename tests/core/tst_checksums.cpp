// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/checksums.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/format/integrity.h"
#include "tests/support/files.h"

#include <QtTest>

#include <filesystem>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// sha256sum of "abc", FIPS 180-4's own example.
const std::string sumOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

CheckpointPtr opened(const QString& path)
{
    JobContext job;
    return openCheckpoint(path.toStdString(), job).value_or(nullptr);
}

} // namespace

class TstChecksums : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void allTensorsAtOnceAreAsOneByOne()
    {
        const auto checkpoint = opened(dataPath(QStringLiteral("torch/zip_views.bin")));
        QVERIFY(checkpoint);
        uint64_t reported = 0;
        JobContext job{{}, [&reported](const Progress& progress) { reported = progress.done; }};
        const auto all = sha256OfTensors(*checkpoint, job);
        QVERIFY(all.has_value());
        QCOMPARE(all->size(), checkpoint->tensors.size());
        for (size_t i = 0; i < all->size(); ++i)
            QCOMPARE(QString::fromStdString(all->at(i)), QString::fromStdString(sha256OfTensor(*checkpoint, checkpoint->tensors[i], job).value_or("")));
        QCOMPARE(reported, checkpoint->nbytes());
    }

    void cancellingStopsTheHashing()
    {
        const auto checkpoint = opened(dataPath(QStringLiteral("torch/zip_views.bin")));
        std::stop_source source;
        source.request_stop();
        JobContext job{source.get_token(), {}};
        QCOMPARE(sha256OfTensors(*checkpoint, job).error().rule, std::string("cancelled"));
    }

    void aSumIsTakenInEveryForm_data()
    {
        QTest::addColumn<QByteArray>("content"); // empty: the digits are given themselves
        QTest::addColumn<bool>("isTaken");
        QTest::newRow("digits") << QByteArray() << true;
        QTest::newRow("git-lfs pointer") << QByteArray("version https://git-lfs.github.com/spec/v1\noid sha256:" + QByteArray::fromStdString(sumOfAbc) + "\nsize 3\n") << true;
        QTest::newRow("sha256sum") << QByteArray("00" + QByteArray(62, 'f') + "  other.bin\n" + QByteArray::fromStdString(sumOfAbc) + " *m.bin\n") << true;
        QTest::newRow("another file's") << QByteArray(QByteArray::fromStdString(sumOfAbc) + "  other.bin\n") << false;
        QTest::newRow("too short") << QByteArray("ba7816bf") << false;
    }
    void aSumIsTakenInEveryForm()
    {
        QFETCH(QByteArray, content);
        QFETCH(bool, isTaken);
        const TemporaryFolder folder;
        const std::string file = folder.write(QStringLiteral("m.bin"), "abc");
        const auto known = knownSha256From(content.isEmpty() ? sumOfAbc : folder.write(QStringLiteral("sums"), content), file);
        QCOMPARE(known.has_value(), isTaken);
        if (!known) {
            QCOMPARE(known.error().rule, std::string("usage"));
            return;
        }
        JobContext job;
        const auto compared = compareFile(file, *known, job);
        QVERIFY(compared && compared->isSame());
        folder.write(QStringLiteral("m.bin"), "abd");
        QVERIFY(!compareFile(file, *known, job)->isSame());
    }

    void aFileOfAnotherSizeIsNotRead()
    {
        const TemporaryFolder folder;
        JobContext job;
        const auto compared = compareFile(folder.write(QStringLiteral("m.bin"), "abc"), {sumOfAbc, 4, "git-lfs pointer"}, job);
        QVERIFY(compared && !compared->isSame() && compared->sha256.empty());
    }

    void whatLiesBesideAFileIsFound()
    {
        const TemporaryFolder folder;
        const std::string file = folder.write(QStringLiteral("m.bin"), "abc");
        QVERIFY(!knownSha256Of(file));
        folder.write(QStringLiteral("m.bin.sha256"), QByteArray::fromStdString(sumOfAbc) + "  m.bin\n");
        QCOMPARE(knownSha256Of(file)->source, std::string("m.bin.sha256"));
        folder.write(QStringLiteral(".cache/huggingface/download/m.bin.metadata"), "0123\n" + QByteArray::fromStdString(sumOfAbc) + "\n1700000000.0\n");
        QCOMPARE(knownSha256Of(file)->source, std::string("record of the download"));
    }

    void aBlobOfTheCacheIsNamedByItsSum()
    {
        const TemporaryFolder folder;
        folder.write(QStringLiteral("blobs/") + QString::fromStdString(sumOfAbc), "abc");
        folder.write(QStringLiteral("snapshots/1/config.json"), "{}");
        const std::string link = folder.path(QStringLiteral("snapshots/1/m.bin"));
        std::filesystem::create_symlink("../../blobs/" + sumOfAbc, link);
        const auto known = knownSha256Of(link);
        QVERIFY(known && known->sha256 == sumOfAbc);
    }

    void everyShardOfAnArchiveIsCompared()
    {
        const TemporaryFolder folder;
        for (const QString& name : QDir(dataPath(QStringLiteral("index/torch"))).entryList(QDir::Files))
            folder.write(name, readFile(dataPath(QStringLiteral("index/torch/") + name)));
        const auto healthy = opened(QString::fromStdString(folder.path(QStringLiteral("pytorch_model.bin.index.json"))));
        QVERIFY(healthy && healthy->shards.size() > 1);
        JobContext job;
        QVERIFY(compareChecksums(*healthy, job).value_or(0) > 0);
        // a byte of a value in the last shard
        const TensorInfo* last = nullptr;
        for (const TensorInfo& tensor : healthy->tensors)
            if (tensor.storage.shard == healthy->shards.size() - 1 && tensor.storage.kind == StorageKind::Raw && tensor.nbytes() > 0)
                last = &tensor;
        QVERIFY(last);
        QFile file(QString::fromStdString(healthy->shards.back().path));
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(static_cast<qint64>(last->storage.offset)));
        const char byte = static_cast<char>(file.peek(1)[0] ^ 1);
        QVERIFY(file.putChar(byte) && file.flush());
        const auto verified = compareChecksums(*healthy, job);
        QVERIFY(!verified.has_value());
        QCOMPARE(verified.error().rule, std::string("checksum"));
    }

    void aFormatWithoutAChecksumSaysSo()
    {
        QCOMPARE(checksumsOf(*opened(dataPath(QStringLiteral("safetensors/dtypes/dt.safetensors")))), std::string("none"));
        QCOMPARE(checksumsOf(*opened(dataPath(QStringLiteral("torch/zip_views.bin")))), std::string("CRC-32 of each entry"));
    }
};

QTEST_APPLESS_MAIN(TstChecksums)
#include "tst_checksums.moc"
