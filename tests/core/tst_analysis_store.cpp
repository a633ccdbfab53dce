// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/analysis_file.h"
#include "core/statistics/analysis_store.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <cstring>
#include <random>
#include <thread>

using namespace weighbridge;

namespace {

/// Bytes in memory that count how many of them are read.
class CountedSource final : public ByteSource {
public:
    explicit CountedSource(std::vector<std::byte> bytes, int64_t modified = 1) : m_bytes(std::move(bytes)), m_modified(modified) {}
    uint64_t nbytes() const override { return m_bytes.size(); }
    const std::string& path() const override { return m_path; }
    FileIdentity identity() const override { return {1, 2, m_bytes.size(), m_modified}; }
    Result<void> readAt(uint64_t offset, std::span<std::byte> out) const override
    {
        if (offset + out.size() > m_bytes.size())
            return failure("truncated", "Past the end.");
        std::copy_n(m_bytes.begin() + static_cast<ptrdiff_t>(offset), out.size(), out.begin());
        read += out.size();
        return {};
    }
    mutable std::atomic<uint64_t> read = 0;

private:
    std::vector<std::byte> m_bytes;
    int64_t m_modified;
    std::string m_path = "counted";
};

constexpr size_t tensors = 6, side = 600;

std::vector<std::byte> normals()
{
    std::mt19937 random(5);
    std::normal_distribution<float> normal(0, 0.02f);
    std::vector<float> values(tensors * side * side);
    std::generate(values.begin(), values.end(), [&] { return normal(random); });
    std::vector<std::byte> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

struct Opened {
    std::shared_ptr<const CountedSource> source;
    Checkpoint checkpoint;
};

Opened opened(std::vector<std::byte> bytes, int64_t modified = 1)
{
    Opened out;
    out.source = std::make_shared<CountedSource>(std::move(bytes), modified);
    out.checkpoint.shards.push_back({"counted", "safetensors", out.source});
    for (size_t i = 0; i < tensors; ++i) {
        TensorInfo tensor;
        tensor.name = "layer." + std::to_string(i) + ".weight";
        tensor.dtype = DType::F32;
        tensor.shape = {int64_t(side), int64_t(side)};
        tensor.storage = {StorageKind::Raw, 0, i * side * side * sizeof(float), side * side * sizeof(float), 0, false, {}};
        out.checkpoint.tensors.push_back(tensor);
    }
    return out;
}

CheckpointStatistics analysed(const Opened& model, AnalysisStore& store)
{
    JobContext job;
    return analyseCheckpoint(model.checkpoint, {}, 2, job, &store).value();
}

bool sameBytes(const CheckpointStatistics& a, const CheckpointStatistics& b)
{
    const auto stored = [](const CheckpointStatistics& all) {
        StoredAnalyses out;
        for (const auto& analysis : all.tensors)
            out.emplace_back(analysis ? std::optional(*analysis) : std::nullopt);
        return encodeAnalyses("key", out);
    };
    return stored(a) == stored(b);
}

} // namespace

class TstAnalysisStore : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whoAsksSecondReadsNothing()
    {
        AnalysisStore store({});
        const Opened model = opened(normals());
        const auto first = analysed(model, store);
        const uint64_t read = model.source->read;
        QVERIFY(read >= model.source->nbytes());
        const auto second = analysed(model, store);
        QCOMPARE(model.source->read, read);
        QVERIFY(sameBytes(first, second));
    }
    void whoAsksMeanwhileWaits()
    {
        AnalysisStore store({});
        const Opened model = opened(normals());
        std::vector<CheckpointStatistics> answers(3);
        {
            std::vector<std::jthread> threads;
            for (CheckpointStatistics& answer : answers)
                threads.emplace_back([&] { answer = analysed(model, store); });
        }
        QVERIFY(model.source->read < model.source->nbytes() * 3 / 2); // values and the samples that come before them, once
        QVERIFY(sameBytes(answers[0], answers[1]) && sameBytes(answers[0], answers[2]));
    }
    void openingAgainReadsOnlyTheSampleOfItsIdentity()
    {
        QTemporaryDir folder;
        const Opened model = opened(normals());
        AnalysisStore store(folder.path().toStdString());
        const auto first = analysed(model, store);
        const Opened again = opened(normals());
        AnalysisStore other(folder.path().toStdString());
        QVERIFY(sameBytes(analysed(again, other), first));
        QVERIFY(again.source->read <= 64 * 4096);
    }
    void aChangedFileIsReadAnew_data()
    {
        QTest::addColumn<int>("change");
        QTest::newRow("time") << 0;
        QTest::newRow("first byte") << 1;
        QTest::newRow("hints") << 2;
    }
    void aChangedFileIsReadAnew()
    {
        QFETCH(int, change);
        QTemporaryDir folder;
        AnalysisStore store(folder.path().toStdString());
        analysed(opened(normals()), store);
        std::vector<std::byte> bytes = normals();
        if (change == 1)
            bytes[0] ^= std::byte{1};
        const Opened changed = opened(std::move(bytes), change == 0 ? 2 : 1);
        ConfigHints hints;
        if (change == 2)
            hints.ranges = {0.02};
        AnalysisStore other(folder.path().toStdString());
        JobContext job;
        QVERIFY(analyseCheckpoint(changed.checkpoint, hints, 2, job, &other));
        QVERIFY(changed.source->read >= changed.source->nbytes());
    }
    void aDamagedCacheFileIsIgnored_data()
    {
        QTest::addColumn<int>("damage");
        for (int damage = 0; damage < 6; ++damage)
            QTest::newRow(qPrintable(QString::number(damage))) << damage;
    }
    void aDamagedCacheFileIsIgnored()
    {
        QFETCH(int, damage);
        QTemporaryDir folder;
        AnalysisStore store(folder.path().toStdString());
        const auto expected = analysed(opened(normals()), store);
        const QStringList names = QDir(folder.path()).entryList(QDir::Files);
        QCOMPARE(names.size(), 1);
        QFile file(folder.filePath(names[0]));
        QVERIFY(file.open(QIODevice::ReadWrite));
        QByteArray bytes = file.readAll();
        if (damage == 0)
            bytes.clear();
        else if (damage == 1)
            bytes.chop(1);
        else if (damage == 2)
            bytes += 'x';
        else
            bytes[bytes.size() * damage / 7] = char(bytes[bytes.size() * damage / 7] ^ 4);
        file.resize(0);
        file.seek(0);
        file.write(bytes);
        file.close();
        AnalysisStore other(folder.path().toStdString());
        const Opened again = opened(normals());
        QVERIFY(sameBytes(analysed(again, other), expected));
        QVERIFY(again.source->read >= again.source->nbytes());
    }
    void hostileBytesAreNoAnalyses()
    {
        StoredAnalyses one(1);
        one[0].emplace().statistics.histogram.counts = {1, 2, 3};
        const std::vector<std::byte> good = encodeAnalyses("key", one);
        QVERIFY(decodeAnalyses(good, "key", 1));
        QVERIFY(!decodeAnalyses(good, "other", 1));
        QVERIFY(!decodeAnalyses(good, "key", 2));
        QVERIFY(!decodeAnalyses(good, "key", 0));
        for (size_t length = 0; length < good.size(); ++length)
            QVERIFY(!decodeAnalyses(std::span(good).first(length), "key", 1));
    }
    void theFolderStaysBounded()
    {
        QTemporaryDir folder;
        for (int i = 0; i < 5; ++i) {
            QFile old(folder.filePath(QString("%1.analyses").arg(i)));
            QVERIFY(old.open(QIODevice::WriteOnly));
            QVERIFY(old.resize(qint64(AnalysisStore::fileMaximum)));
            QVERIFY(old.setFileTime(QDateTime::currentDateTime().addDays(-i - 1), QFileDevice::FileModificationTime));
        }
        AnalysisStore store(folder.path().toStdString());
        analysed(opened(normals()), store);
        qint64 nbytes = 0;
        for (const QFileInfo& file : QDir(folder.path()).entryInfoList(QDir::Files))
            nbytes += file.size();
        QVERIFY(nbytes <= qint64(AnalysisStore::folderMaximum));
        QVERIFY(QFile::exists(folder.filePath("0.analyses")) && !QFile::exists(folder.filePath("4.analyses")));
    }
    void aFolderThatCannotBeWrittenCostsNothing()
    {
        AnalysisStore store("/proc/nowhere");
        QVERIFY(analysed(opened(normals()), store).tensors[0]);
    }
    void whatWasStoppedIsComputedLater()
    {
        AnalysisStore store({});
        const Opened model = opened(normals());
        std::stop_source stop;
        stop.request_stop();
        JobContext stopped{stop.get_token(), {}};
        QCOMPARE(analyseCheckpoint(model.checkpoint, {}, 1, stopped, &store).error().rule, std::string("cancelled"));
        for (const auto& analysis : analysed(model, store).tensors)
            QVERIFY(analysis);
    }
};

QTEST_APPLESS_MAIN(TstAnalysisStore)
#include "tst_analysis_store.moc"
