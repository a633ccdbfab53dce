// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/statistics/moments.h"
#include "core/statistics/order_statistics.h"
#include "core/statistics/tensor_statistics.h"

#include <QFile>
#include <QtTest>

#include <cmath>
#include <cstring>
#include <numeric>
#include <random>

using namespace weighbridge;

namespace {

const std::string folder = WEIGHBRIDGE_SOURCE_DIR "/tests/data/statistics/";

/// A checkpoint of one tensor that lies in memory.
template <typename T>
Checkpoint memoryCheckpoint(const std::vector<T>& values, DType dtype)
{
    std::vector<std::byte> bytes(values.size() * sizeof(T));
    if (!values.empty())
        std::memcpy(bytes.data(), values.data(), bytes.size());
    Checkpoint checkpoint;
    TensorInfo tensor;
    tensor.name = "w";
    tensor.dtype = dtype;
    tensor.shape = {static_cast<int64_t>(values.size())};
    tensor.storage = {StorageKind::Raw, 0, 0, bytes.size(), 0, false, {}};
    checkpoint.tensors.push_back(tensor);
    checkpoint.shards.push_back({"memory", "safetensors", memorySource(std::move(bytes), "memory")});
    return checkpoint;
}

template <typename T>
TensorStatistics statisticsOf(const std::vector<T>& values, DType dtype)
{
    const Checkpoint checkpoint = memoryCheckpoint(values, dtype);
    JobContext job;
    return computeStatistics(checkpoint, checkpoint.tensors[0], job).value();
}

uint64_t counted(const Histogram& histogram)
{
    return std::accumulate(histogram.counts.begin(), histogram.counts.end(), histogram.below + histogram.above);
}

bool isNear(double found, double expected, double tolerance)
{
    return std::abs(found - expected) <= tolerance * std::max(1e-300, std::abs(expected));
}

std::vector<float> normals(size_t count, float scale)
{
    std::mt19937 random(3);
    std::normal_distribution<float> normal(0, scale);
    std::vector<float> values(count);
    std::generate(values.begin(), values.end(), [&] { return normal(random); });
    return values;
}

bool sameBits(const Moments& a, const Moments& b)
{
    return a.count == b.count && a.mean == b.mean && a.m2 == b.m2 && a.m3 == b.m3 && a.m4 == b.m4;
}

} // namespace

class TstStatistics : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithNumpy_data()
    {
        QTest::addColumn<QByteArray>("name");
        const Value all = references();
        for (const auto& [name, entry] : *all.map())
            QTest::newRow(name.c_str()) << QByteArray::fromStdString(name);
    }
    void agreesWithNumpy()
    {
        QFETCH(QByteArray, name);
        JobContext job;
        const auto checkpoint = openCheckpoint(folder + "references.safetensors", job).value();
        const TensorStatistics found = computeStatistics(*checkpoint, *checkpoint->find(name.toStdString()), job).value();
        const Value all = references();
        const Value& expected = *all.find(name.toStdString());
        const std::pair<const char*, uint64_t> counts[] = {{"count", found.count}, {"finite", found.finite}, {"nan", found.nan}, {"inf", found.inf},
                                                           {"zeros", found.zeros}, {"denormals", found.denormals}};
        for (const auto& [key, count] : counts)
            if (const Value* value = expected.find(key))
                QVERIFY2(double(count) == value->number(), key);
        const std::pair<const char*, double> numbers[] = {{"mean", found.mean}, {"std", found.std}, {"min", found.min}, {"max", found.max}, {"absmax", found.absmax},
                                                          {"skewness", found.skewness}, {"kurtosis", found.kurtosis}};
        for (const auto& [key, number] : numbers)
            if (const Value* value = expected.find(key))
                QVERIFY2(isNear(number, value->number(), 1e-9) || std::abs(number - value->number()) < 1e-13, key);
        QVERIFY(found.quantilesExact);
        if (const Value* quantiles = expected.find("quantiles"))
            for (size_t i = 0; i < found.quantiles.size(); ++i)
                QVERIFY2(isNear(found.quantiles[i], (*quantiles->list())[i].number(), 1e-12), qPrintable(QString::number(i)));
        QCOMPARE(counted(found.histogram), found.finite);
    }
    void handComputedMoments()
    {
        const TensorStatistics s = statisticsOf<float>({1, 2, 3, 4}, DType::F32);
        QCOMPARE(s.mean, 2.5);
        QCOMPARE(s.std, std::sqrt(1.25));
        QCOMPARE(s.skewness, 0.0);
        QCOMPARE(s.kurtosis, 1.64); // (2 * 1.5^4 + 2 * 0.5^4) / 4 / 1.25^2
        QCOMPARE(s.ulp, 0x1p-23);
    }
    void aFarMeanCostsNoDigits()
    {
        std::vector<double> values(100000);
        for (size_t i = 0; i < values.size(); ++i)
            values[i] = 1e9 + (i % 2 ? 1 : -1);
        const TensorStatistics s = statisticsOf(values, DType::F64);
        QCOMPARE(s.mean, 1e9);
        QCOMPARE(s.std, 1.0);
        QCOMPARE(s.kurtosis, 1.0);
    }
    void anEmptyTensorHasNoNumbers()
    {
        const TensorStatistics s = statisticsOf<float>({}, DType::F32);
        QCOMPARE(s.count, uint64_t{0});
        QVERIFY(s.histogram.counts.empty());
    }
    void aConstantGivesOneBin()
    {
        const TensorStatistics s = statisticsOf(std::vector<float>(5000, 0.1f), DType::F32);
        QCOMPARE(s.histogram.counts, std::vector<uint64_t>{5000});
        QCOMPARE(s.std, 0.0);
        QCOMPARE(s.mean, double(0.1f));
    }
    void onlyNanGivesNoBin()
    {
        const TensorStatistics s = statisticsOf(std::vector<float>(10, NAN), DType::F32);
        QCOMPARE(s.nan, uint64_t{10});
        QCOMPARE(s.finite, uint64_t{0});
        QVERIFY(s.histogram.counts.empty());
    }
    void theHistogramCoversAllButTheTails()
    {
        const TensorStatistics s = statisticsOf(normals(200000, 1), DType::F32);
        QVERIFY(s.histogram.counts.size() > 100 && s.histogram.counts.size() <= 256);
        QVERIFY(s.histogram.below > 0 && s.histogram.below <= 200);
        QVERIFY(s.histogram.above > 0 && s.histogram.above <= 200);
        QCOMPARE(counted(s.histogram), uint64_t{200000});
        QVERIFY(isNear(s.histogram.low, -3.29, 0.1));
    }
    void nearlyConstantValuesAreNotHiddenByTheRange()
    {
        std::vector<float> values(100000, 0.0f);
        values[5] = -1;
        values[7] = 3;
        const TensorStatistics s = statisticsOf(values, DType::F32);
        QCOMPARE(s.histogram.low, -1.0);
        QCOMPARE(s.histogram.high, 3.0);
        QCOMPARE(s.histogram.below + s.histogram.above, uint64_t{0});
    }
    void theEndsOfTheNumberRangeAreSafe_data()
    {
        QTest::addColumn<QList<double>>("values");
        QTest::newRow("largest") << QList<double>{-1.7e308, 1.7e308, 0};
        QTest::newRow("smallest") << QList<double>{0, 5e-324, 1e-323};
        QTest::newRow("infinite") << QList<double>{HUGE_VAL, -HUGE_VAL, 1, 2};
    }
    void theEndsOfTheNumberRangeAreSafe()
    {
        QFETCH(QList<double>, values);
        const TensorStatistics s = statisticsOf(std::vector<double>(values.begin(), values.end()), DType::F64);
        QCOMPARE(counted(s.histogram), s.finite);
    }
    void countingRanksEqualsSorting()
    {
        std::vector<float> values = normals(300000, 0.02f);
        for (size_t i = 0; i < values.size(); i += 3)
            values[i] = 0.5f; // a bin with more values than are kept one by one
        values.push_back(NAN);
        values.push_back(-INFINITY);
        const std::vector<uint64_t> ranks{0, 1, 150, 90000, 150000, 250000, 299999};
        StreamedRanks counting;
        counting.addFirst(values);
        counting.choose(ranks);
        counting.addSecond(values);
        values.resize(300000);
        const auto expected = selectRanks(std::span(values), ranks);
        for (size_t i = 0; i < ranks.size(); ++i) {
            QCOMPARE(counting.value(i), expected[i]);
            QVERIFY(counting.lowerBound(i) <= expected[i] && expected[i] <= counting.upperBound(i));
        }
    }
    void aTensorThatIsNotHeldGivesTheSame()
    {
        // 24 MB of floats are read twice; their first 12 MB would be kept
        std::vector<float> values = normals(3'000'000, 0.02f);
        const TensorStatistics small = statisticsOf(values, DType::F32);
        std::vector<float> twice = values;
        twice.insert(twice.end(), values.begin(), values.end());
        const TensorStatistics large = statisticsOf(twice, DType::F32);
        QVERIFY(large.quantilesExact);
        QCOMPARE(large.min, small.min);
        QVERIFY(isNear(large.std, small.std, 1e-12));
        QVERIFY(isNear(large.kurtosis, small.kurtosis, 1e-12));
        for (size_t i = 0; i < large.quantiles.size(); ++i)
            QVERIFY(isNear(large.quantiles[i], small.quantiles[i], 1e-3));
        QCOMPARE(counted(large.histogram), uint64_t{6'000'000});
    }
    void manyDoublesAreSampledAndSaySo()
    {
        std::vector<double> values(2'200'000);
        for (size_t i = 0; i < values.size(); ++i)
            values[i] = double(i);
        const TensorStatistics s = statisticsOf(values, DType::F64);
        QVERIFY(!s.quantilesExact);
        QVERIFY(isNear(s.quantiles[4], 1'100'000, 1e-4));
        QCOMPARE(counted(s.histogram), uint64_t{2'200'000});
    }
    void partialMomentsMergeToTheSameBits()
    {
        const std::vector<float> values = normals(8 * 4096 + 100, 1);
        const auto part = [&values](size_t firstChunk, size_t chunks) {
            MomentTree tree;
            for (size_t i = firstChunk * 4096; i < std::min(values.size(), (firstChunk + chunks) * 4096); i += 4096)
                tree.add(summarize(std::span(values).subspan(i, std::min<size_t>(4096, values.size() - i)), 0).moments);
            return tree.total();
        };
        MomentTree ofParts;
        for (size_t i = 0; i < 12; i += 4)
            ofParts.add(part(i, 4));
        QVERIFY(sameBits(ofParts.total(), part(0, 12)));
    }
    void complexValuesCountTheirParts()
    {
        const std::vector<float> parts{1, -1, 3, -3};
        Checkpoint checkpoint = memoryCheckpoint(parts, DType::C64);
        checkpoint.tensors[0].shape = {2};
        JobContext job;
        const TensorStatistics s = computeStatistics(checkpoint, checkpoint.tensors[0], job).value();
        QCOMPARE(s.count, uint64_t{4});
        QCOMPARE(s.mean, 0.0);
        QCOMPARE(s.max, 3.0);
    }
    void textHasNoStatistics()
    {
        const Checkpoint checkpoint = memoryCheckpoint<uint8_t>({1, 2}, DType::String);
        JobContext job;
        QCOMPARE(computeStatistics(checkpoint, checkpoint.tensors[0], job).error().rule, std::string("bad-dtype"));
    }
    void stopsWhenAsked()
    {
        const Checkpoint checkpoint = memoryCheckpoint(normals(1000, 1), DType::F32);
        std::stop_source stop;
        stop.request_stop();
        JobContext job{stop.get_token(), {}};
        QCOMPARE(computeStatistics(checkpoint, checkpoint.tensors[0], job).error().rule, std::string("cancelled"));
    }
    void progressEndsAtTheTotal()
    {
        const Checkpoint checkpoint = memoryCheckpoint(normals(5000, 1), DType::F32);
        std::vector<uint64_t> done;
        JobContext job{{}, [&done](const Progress& progress) { done.push_back(progress.done); }};
        QVERIFY(computeStatistics(checkpoint, checkpoint.tensors[0], job));
        QCOMPARE(done.back(), uint64_t{5000});
    }

private:
    static Value references()
    {
        QFile file(QString::fromStdString(folder + "references.json"));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("references.json is not there");
        const QByteArray text = file.readAll();
        return parseJson(std::string_view(text.constData(), static_cast<size_t>(text.size())))->value;
    }
};

QTEST_APPLESS_MAIN(TstStatistics)
#include "tst_statistics.moc"
