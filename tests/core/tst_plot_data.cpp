// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What core computes for the plots and the value table.

#include "core/statistics/all_statistics.h"
#include "core/statistics/distribution_fit.h"
#include "core/statistics/heat_map.h"
#include "core/statistics/quantile_plot.h"
#include "core/statistics/spectrum.h"
#include "core/statistics/value_block.h"

#include <QtTest>

#include <cmath>
#include <cstring>
#include <random>

using namespace weighbridge;

namespace {

template <typename T>
Checkpoint checkpointOf(const std::vector<T>& values, DType dtype, Shape shape)
{
    std::vector<std::byte> bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    Checkpoint checkpoint;
    TensorInfo tensor;
    tensor.name = "w";
    tensor.dtype = dtype;
    tensor.shape = std::move(shape);
    tensor.storage = {StorageKind::Raw, 0, 0, bytes.size(), 0, false, {}};
    checkpoint.tensors.push_back(tensor);
    checkpoint.shards.push_back({"memory", "safetensors", memorySource(std::move(bytes), "memory")});
    return checkpoint;
}

std::vector<float> counting(size_t count)
{
    std::vector<float> values(count);
    for (size_t i = 0; i < count; ++i)
        values[i] = float(i);
    return values;
}

std::vector<float> normals(size_t count, float sd, unsigned seed = 5)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal(0, sd);
    std::vector<float> values(count);
    std::generate(values.begin(), values.end(), [&] { return normal(random); });
    return values;
}

ValueBlock blockOf(const Checkpoint& checkpoint, uint64_t row, uint64_t column, size_t rows, size_t columns)
{
    JobContext job;
    return readValueBlock(checkpoint, checkpoint.tensors[0], row, column, rows, columns, job).value();
}

} // namespace

class TstPlotData : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aBlockHoldsItsRowsAndColumns()
    {
        const Checkpoint checkpoint = checkpointOf(counting(100 * 70), DType::F32, {100, 7, 10});
        const ValueBlock block = blockOf(checkpoint, 20, 30, 3, 5);
        QCOMPARE(block.rows, size_t{3});
        QCOMPARE(block.columns, size_t{5});
        for (size_t i = 0; i < 3; ++i)
            for (size_t j = 0; j < 5; ++j)
                QCOMPARE(block.at(i, j), double((20 + i) * 70 + 30 + j));
    }
    void aBlockEndsWhereTheTensorEnds()
    {
        const Checkpoint checkpoint = checkpointOf(counting(100 * 70), DType::F32, {100, 70});
        const ValueBlock block = blockOf(checkpoint, 98, 60, 50, 50);
        QCOMPARE(block.rows, size_t{2});
        QCOMPARE(block.columns, size_t{10});
        QCOMPARE(block.at(1, 9), 6999.0);
        QVERIFY(blockOf(checkpoint, 1000, 0, 5, 5).values.empty());
    }
    void aVectorIsOneColumn()
    {
        const Checkpoint checkpoint = checkpointOf(counting(100), DType::F32, {100});
        QCOMPARE(matrixViewOf(checkpoint.tensors[0]), (MatrixView{100, 1}));
        QCOMPARE(blockOf(checkpoint, 42, 0, 1, 1).values, std::vector<double>{42});
    }
    void aTransposedViewGivesItsOwnRows()
    {
        Checkpoint checkpoint = checkpointOf(counting(6 * 4), DType::F32, {4, 6});
        checkpoint.tensors[0].strides = {1, 4};
        QCOMPARE(blockOf(checkpoint, 2, 3, 2, 2).values, (std::vector<double>{14, 18, 15, 19}));
    }
    void halvesOfAByteAreReadFromAnyColumn()
    {
        const Checkpoint whole = checkpointOf<uint8_t>({0x10, 0x32, 0x54, 0x76, 0x01, 0x23}, DType::U4, {2, 6});
        const ValueBlock all = blockOf(whole, 0, 0, 2, 6);
        for (uint64_t column = 0; column < 6; ++column)
            QCOMPARE(blockOf(whole, 1, column, 1, 1).values[0], all.at(1, column));
    }
    void textHasNoBlocks()
    {
        const Checkpoint checkpoint = checkpointOf<uint8_t>({1, 2}, DType::String, {2});
        JobContext job;
        QCOMPARE(readValueBlock(checkpoint, checkpoint.tensors[0], 0, 0, 1, 1, job).error().rule, std::string("bad-dtype"));
    }
    void aHeatMapReducesEveryCell()
    {
        std::vector<float> values = counting(10 * 9);
        values[0] = NAN;
        values[89] = -1000;
        const Checkpoint checkpoint = checkpointOf(values, DType::F32, {10, 9});
        JobContext job;
        const HeatMap map = computeHeatMap(checkpoint, checkpoint.tensors[0], 3, 2, job).value();
        QCOMPARE(map.rows, size_t{3});
        QCOMPARE(map.columns, size_t{2});
        for (size_t i = 0; i < 3; ++i) {
            for (size_t j = 0; j < 2; ++j) {
                double sum = 0, largest = 0, count = 0;
                for (uint64_t r = map.rowOf(i); r < map.rowOf(i + 1); ++r)
                    for (uint64_t c = map.columnOf(j); c < map.columnOf(j + 1); ++c)
                        if (const double value = double(values[r * 9 + c]); std::isfinite(value)) {
                            sum += value;
                            largest = std::max(largest, std::abs(value));
                            ++count;
                        }
                QCOMPARE(map.mean[map.index(i, j)], float(sum / count));
                QCOMPARE(map.maxAbs[map.index(i, j)], float(largest));
            }
        }
        QCOMPARE(map.notFinite[0], 1u);
        QCOMPARE(map.notFinite[5], 0u);
    }
    void singularValuesOfADiagonal()
    {
        std::vector<float> values(5 * 3, 0.0f);
        values[0] = -3;
        values[4] = 2;
        values[8] = 0.5f;
        const Checkpoint checkpoint = checkpointOf(values, DType::F32, {5, 3});
        JobContext job;
        const Spectrum spectrum = computeSpectrum(checkpoint, checkpoint.tensors[0], job).value();
        QCOMPARE(spectrum.values.size(), size_t{3});
        for (const auto& [i, expected] : {std::pair(0, 3.0), std::pair(1, 2.0), std::pair(2, 0.5)})
            QVERIFY(std::abs(spectrum.values[size_t(i)] - expected) < 1e-7);
        QVERIFY(spectrum.isWhole());
    }
    void noiseStaysWithinTheMarchenkoPasturEdge()
    {
        const Checkpoint checkpoint = checkpointOf(normals(200 * 300, 0.02f), DType::F32, {200, 300});
        JobContext job;
        const Spectrum spectrum = computeSpectrum(checkpoint, checkpoint.tensors[0], job).value();
        QCOMPARE(spectrum.beyondEdge, size_t{0});
        QVERIFY(spectrum.values.front() > 0.97 * spectrum.upperEdge);
        QVERIFY(spectrum.values.back() > 0.8 * spectrum.lowerEdge);
    }
    void aDirectionLiesBeyondTheEdge()
    {
        std::vector<float> values = normals(200 * 300, 0.02f);
        for (size_t i = 0; i < values.size(); ++i)
            values[i] += 0.02f * std::sin(float(i / 300)) * std::cos(float(i % 300));
        const Checkpoint checkpoint = checkpointOf(values, DType::F32, {200, 300});
        JobContext job;
        QCOMPARE(computeSpectrum(checkpoint, checkpoint.tensors[0], job)->beyondEdge, size_t{1});
    }
    void aLargeMatrixIsSampledEvenly()
    {
        // a rank-one matrix of rows and columns that count up: the sample's only singular value follows from the rows and columns taken
        std::vector<float> values(100 * 50);
        for (size_t i = 0; i < values.size(); ++i)
            values[i] = float(i / 50) * float(i % 50);
        const Checkpoint checkpoint = checkpointOf(values, DType::F32, {100, 50});
        JobContext job;
        const Spectrum spectrum = computeSpectrum(checkpoint, checkpoint.tensors[0], job, 10).value();
        QVERIFY(!spectrum.isWhole());
        double rows = 0, columns = 0;
        for (int k = 0; k < 10; ++k) {
            rows += 100.0 * k * k;
            columns += 25.0 * k * k;
        }
        QVERIFY(std::abs(spectrum.values[0] / std::sqrt(rows * columns) - 1) < 1e-9);
    }
    void aVectorHasNoSpectrum()
    {
        const Checkpoint checkpoint = checkpointOf(counting(10), DType::F32, {10});
        JobContext job;
        QCOMPARE(computeSpectrum(checkpoint, checkpoint.tensors[0], job).error().rule, std::string("bad-shape"));
    }
    void aSpectrumStopsWhenAsked()
    {
        const Checkpoint checkpoint = checkpointOf(counting(10000), DType::F32, {100, 100});
        std::stop_source stop;
        stop.request_stop();
        JobContext job{stop.get_token(), {}};
        QCOMPARE(computeSpectrum(checkpoint, checkpoint.tensors[0], job).error().rule, std::string("cancelled"));
    }
    void distributionsInvertThemselves()
    {
        for (const Family family : {Family::Normal, Family::Uniform, Family::Cut2, Family::Cut3}) {
            const Distribution distribution{family, 0.5, 2};
            double area = 0, squares = 0;
            for (double x = -20; x < 20; x += 1e-3) {
                area += distribution.density(x + 5e-4) * 1e-3;
                squares += distribution.density(x + 5e-4) * 1e-3 * (x + 5e-4 - 0.5) * (x + 5e-4 - 0.5);
            }
            QVERIFY(std::abs(area - 1) < 1e-3);
            QVERIFY(std::abs(squares - 4) < 1e-2);
            for (const double p : {1e-6, 0.01, 0.3, 0.5, 0.9, 0.9999})
                QVERIFY(std::abs(distribution.cumulative(distribution.quantile(p)) - p) < 1e-12);
        }
    }
    void normalsLieOnTheDiagonalAndUniformsDoNot()
    {
        const Checkpoint checkpoint = checkpointOf(normals(50000, 0.02f), DType::F32, {500, 100});
        JobContext job;
        const auto outside = [&](Family family) {
            const QuantilePlot plot = computeQuantilePlot(checkpoint, checkpoint.tensors[0], {family, 0, 0.02}, 200, job).value();
            return std::count_if(plot.points.begin(), plot.points.end(), [](const QuantilePlot::Point& p) { return p.empirical < p.low || p.empirical > p.high; });
        };
        QCOMPARE(outside(Family::Normal), std::ptrdiff_t{0});
        QVERIFY(outside(Family::Uniform) > 50);
    }
    void aHugeTensorIsSampledForItsQuantiles()
    {
        const Checkpoint checkpoint = checkpointOf(normals(600000, 1), DType::F32, {600000});
        JobContext job;
        const QuantilePlot plot = computeQuantilePlot(checkpoint, checkpoint.tensors[0], {Family::Normal, 0, 1}, 99, job).value();
        QVERIFY(!plot.isWhole());
        QCOMPARE(plot.values, uint64_t{256 * 1024});
        QVERIFY(std::abs(plot.points[49].empirical) < 0.01);
    }
    void theInitialiserOfARandomTensorIsNamed()
    {
        const Checkpoint checkpoint = checkpointOf(normals(256 * 256, 0.02f), DType::F32, {256, 256});
        JobContext job;
        ConfigHints hints;
        hints.ranges = {0.02};
        const auto all = analyseCheckpoint(checkpoint, hints, 1, job).value();
        const auto fit = distributionFit(all.tensors[0]->statistics, all.tensors[0]->features, hints).value();
        QVERIFY(fit.isAccepted);
        QCOMPARE(fit.fitted.family, Family::Normal);
        QCOMPARE(fit.initialiser.value().sd, 0.02);
        QCOMPARE(fit.initialiserName, std::string("initializer_range"));
        QCOMPARE(fit.initialiser->text(), std::string("normal(0, 0.02)"));
    }
};

QTEST_APPLESS_MAIN(TstPlotData)
#include "tst_plot_data.moc"
