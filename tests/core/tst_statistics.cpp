// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/statistics/all_statistics.h"
#include "core/statistics/kernels.h"
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

bool sameNumbers(const TensorAnalysis& a, const TensorAnalysis& b)
{
    const auto bits = [](double x) { return std::bit_cast<uint64_t>(x); };
    const TensorStatistics& s = a.statistics;
    const TensorStatistics& t = b.statistics;
    bool same = s.quantiles == t.quantiles && s.histogram.counts == t.histogram.counts && s.mean == t.mean && s.std == t.std && s.kurtosis == t.kurtosis;
    for (size_t i = 0; i < a.features.z.size(); ++i)
        same = same && bits(a.features.z[i]) == bits(b.features.z[i]);
    return same && a.features.ksNormal == b.features.ksNormal && bits(a.features.orthogonality) == bits(b.features.orthogonality);
}

TensorAnalysis analysed(const Checkpoint& checkpoint, unsigned threads)
{
    JobContext job;
    return analyseCheckpoint(checkpoint, {}, threads, job).value().tensors[0].value();
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
    void sortingByDigitsEqualsComparing()
    {
        std::vector<float> values = normals(50000, 0.02f);
        values.insert(values.end(), {0.0f, -0.0f, 1e-42f, -1e-42f, 3e38f, -3e38f, 0.5f, 0.5f});
        std::vector<float> expected = values;
        std::sort(expected.begin(), expected.end());
        sortValues(values);
        QCOMPARE(values, expected);
    }
    void largeTensorsAreCountedInBins_data()
    {
        QTest::addColumn<QString>("shape");
        for (const char* shape : {"normal", "uniform", "heavy tails", "spike", "far mean"})
            QTest::newRow(shape) << QString(shape);
    }
    void largeTensorsAreCountedInBins()
    {
        QFETCH(QString, shape);
        std::vector<float> values = normals(3'000'000, 0.02f);
        for (size_t i = 0; i < values.size(); ++i) {
            if (shape == "uniform")
                values[i] = float(i * 7919 % values.size()) * 1e-6f - 1;
            else if (shape == "heavy tails")
                values[i] = values[i] / std::max(1e-3f, std::abs(values[(i * 31) % values.size()]));
            else if (shape == "spike" && i % 3 == 0)
                values[i] = 0;
            else if (shape == "far mean")
                values[i] += 100;
        }
        const TensorStatistics found = statisticsOf(values, DType::F32);
        QVERIFY(!found.quantilesExact);
        QCOMPARE(counted(found.histogram), uint64_t{3'000'000});
        TensorStatistics exact = found;
        sortValues(values);
        setDistribution(std::span<const float>(values), exact);
        const double range = exact.quantiles.back() - exact.quantiles.front();
        for (size_t i = 0; i < exact.quantiles.size(); ++i)
            QVERIFY2(std::abs(found.quantiles[i] - exact.quantiles[i]) < (shape == "heavy tails" ? 1e-2 : 1e-3) * range, qPrintable(QString::number(i)));
        QVERIFY(found.histogram.below + found.histogram.above < uint64_t(0.002 * 3e6));
        for (size_t i = 0; i < found.histogram.counts.size(); i += 10) {
            const auto from = std::lower_bound(values.begin(), values.end(), found.histogram.edge(i));
            const auto to = std::lower_bound(values.begin(), values.end(), found.histogram.edge(i + 1));
            QVERIFY(std::abs(double(to - from) - double(found.histogram.counts[i])) <= 100 + 0.01 * double(to - from));
        }
    }
    void aLargeTensorOfNearlyOneValueShowsTheOthers()
    {
        std::vector<float> values(1'000'000, 0.0f);
        values[500'001] = -1;
        values[700'001] = 3;
        const TensorStatistics s = statisticsOf(values, DType::F32);
        QVERIFY(isNear(s.histogram.low, -1, 1e-3) && isNear(s.histogram.high, 3, 1e-3));
        QCOMPARE(counted(s.histogram), uint64_t{1'000'000});
        QCOMPARE(s.zeros, uint64_t{999'998});
    }
    void manyValuesThatAreNotFiniteAreLeftOut()
    {
        std::vector<float> values = normals(1'000'000, 1);
        for (size_t i = 0; i < values.size(); i += 5)
            values[i] = i % 2 ? NAN : INFINITY;
        const TensorStatistics s = statisticsOf(values, DType::F32);
        QCOMPARE(s.nan, uint64_t{100'000});
        QCOMPARE(s.inf, uint64_t{100'000});
        QCOMPARE(counted(s.histogram), s.finite);
        QVERIFY(isNear(s.std, 1, 0.01));
    }
    void manyDoublesAreCountedInBins()
    {
        std::vector<double> values(2'200'000);
        for (size_t i = 0; i < values.size(); ++i)
            values[i] = double(i);
        const TensorStatistics s = statisticsOf(values, DType::F64);
        QVERIFY(!s.quantilesExact);
        QVERIFY(isNear(s.quantiles[4], 1'100'000, 1e-4));
        QCOMPARE(counted(s.histogram), uint64_t{2'200'000});
    }
    void threadsDoNotChangeABit_data()
    {
        QTest::addColumn<QList<int>>("shape");
        QTest::newRow("square") << QList<int>{2100, 2001};
        QTest::newRow("tall") << QList<int>{300'000, 17};
        QTest::newRow("wide") << QList<int>{70, 70'000};
        QTest::newRow("vector") << QList<int>{5'000'001};
    }
    void threadsDoNotChangeABit()
    {
        QFETCH(QList<int>, shape);
        const size_t count = std::accumulate(shape.begin(), shape.end(), size_t{1}, std::multiplies<>());
        Checkpoint checkpoint = memoryCheckpoint(normals(count, 0.02f), DType::F32);
        checkpoint.tensors[0].shape.assign(shape.begin(), shape.end());
        QVERIFY(sameNumbers(analysed(checkpoint, 1), analysed(checkpoint, 4)));
    }
    void aStreamGivesTheSameAsSegments()
    {
        Checkpoint checkpoint = memoryCheckpoint(normals(2100 * 2001, 0.02f), DType::F32);
        checkpoint.tensors[0].shape = {2100, 2001};
        const TensorAnalysis segments = analysed(checkpoint, 2);
        // the same rows as pieces, which only a stream puts together
        Storage storage = checkpoint.tensors[0].storage;
        checkpoint.assemblies.push_back({{2100, 2001}, {{storage, {0, 0}, {2100, 2001}}}});
        checkpoint.tensors[0].storage.kind = StorageKind::Pieces;
        checkpoint.tensors[0].storage.offset = 0;
        const TensorAnalysis stream = analysed(checkpoint, 2);
        QVERIFY(isNear(stream.statistics.std, segments.statistics.std, 1e-12));
        QCOMPARE(stream.features.of(Structure::GramTotal), segments.features.of(Structure::GramTotal));
        QVERIFY(std::abs(stream.features.ksNormal - segments.features.ksNormal) < 0.25); // counted over other bins, of a 1020th of the values each
        QVERIFY(std::abs(stream.features.of(Structure::ColumnSquares) - segments.features.of(Structure::ColumnSquares)) < 0.01);
    }
    void tileSumsEqualPlainOnes_data()
    {
        QTest::addColumn<int>("columns");
        for (const int columns : {1, 7, 8, 9, 255, 300, 1000})
            QTest::newRow(qPrintable(QString::number(columns))) << columns;
    }
    void tileSumsEqualPlainOnes()
    {
        QFETCH(int, columns);
        const size_t n = size_t(columns);
        const std::vector<float> values = normals(5 * n, 1);
        std::vector<float> sums(n), squares(n);
        kernels::Tile tile{{}, values.data(), n, 0.125f, 2};
        for (size_t r = 0; r < kernels::tileRows; ++r)
            tile.rows[r] = values.data() + (r + 1) * n;
        const kernels::TileSums found = kernels::addTile(tile, sums.data(), squares.data());
        const auto u = [&](size_t row, size_t i) { return (double(values[row * n + i]) - 0.125) * 2; };
        double beside = 0;
        double above = 0;
        for (size_t i = 0; i < n; ++i) {
            double sum = 0;
            double square = 0;
            for (size_t r = 1; r <= kernels::tileRows; ++r) {
                sum += u(r, i);
                square += u(r, i) * u(r, i);
                above += u(r, i) * u(r - 1, i);
                beside += i + 1 < n ? u(r, i) * u(r, i + 1) : 0;
            }
            QVERIFY(std::abs(double(sums[i]) - sum) < 1e-4 && std::abs(double(squares[i]) - square) < 1e-3);
        }
        QVERIFY(std::abs(found.neighbours - beside) < 1e-5 * double(4 * n) && std::abs(found.neighbourRows - above) < 1e-5 * double(4 * n));
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
