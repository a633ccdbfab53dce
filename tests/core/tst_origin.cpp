// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/value_findings.h"
#include "core/statistics/distributions.h"
#include "core/statistics/generator_traces.h"
#include "core/statistics/gram.h"
#include "tests/support/files.h"

#include <QtTest>

#include <cstring>
#include <numeric>
#include <random>

using namespace weighbridge;

namespace {

using Values = std::vector<float>;

/// A model in memory.
class Model {
public:
    Model& add(const std::string& name, const Shape& shape, const Values& values)
    {
        TensorInfo tensor;
        tensor.name = name;
        tensor.dtype = DType::F32;
        tensor.shape = shape;
        tensor.storage = {StorageKind::Memory, 0, m_checkpoint.inlineStorages.size(), values.size() * sizeof(float), 0, false, {}};
        std::vector<std::byte> bytes(values.size() * sizeof(float));
        if (!values.empty())
            std::memcpy(bytes.data(), values.data(), bytes.size());
        m_checkpoint.inlineStorages.push_back(std::move(bytes));
        m_checkpoint.tensors.push_back(tensor);
        return *this;
    }
    Model& addCounter(int64_t value)
    {
        add("bn.num_batches_tracked", {}, Values(2));
        m_checkpoint.tensors.back().dtype = DType::I64;
        std::memcpy(m_checkpoint.inlineStorages.back().data(), &value, sizeof(value));
        return *this;
    }
    [[nodiscard]] CheckpointStatistics analysed() const
    {
        JobContext job;
        return analyseCheckpoint(m_checkpoint, {}, 2, job).value();
    }
    [[nodiscard]] OriginVerdict verdict(size_t index) const { return analysed().origin.tensors[index].verdict; }
    [[nodiscard]] std::vector<Finding> findings() const { return originFindings(m_checkpoint, analysed()); }
    [[nodiscard]] const Checkpoint& checkpoint() const { return m_checkpoint; }
    Model& at(const std::string& path)
    {
        m_checkpoint.path = path;
        return *this;
    }

private:
    Checkpoint m_checkpoint;
};

std::mt19937& generator()
{
    static std::mt19937 random;
    return random;
}

Values normal(size_t count, double sd)
{
    std::normal_distribution<double> draw(0, sd);
    Values values(count);
    std::generate(values.begin(), values.end(), [&] { return static_cast<float>(draw(generator())); });
    return values;
}

/// As torch's CPU generator draws: a multiple of 2^-24, scaled in float32 with one rounding.
Values torchUniform(size_t count, double bound)
{
    const auto range = static_cast<float>(2 * bound);
    const auto low = static_cast<float>(-bound);
    Values values(count);
    std::generate(values.begin(), values.end(), [&] { return static_cast<float>(double(generator()() >> 8) * 0x1p-24 * double(range) + double(low)); });
    return values;
}

/// As torch's CPU generator makes normals of uniforms: pairs that are eight apart share a radius.
Values torchNormal(size_t count, double sd)
{
    Values values(count);
    for (size_t block = 0; block + 16 <= count; block += 16)
        for (size_t i = block; i < block + 8; ++i) {
            const double u1 = 1 - double(generator()() >> 8) * 0x1p-24;
            const double u2 = double(generator()() >> 8) * 0x1p-24;
            const double radius = std::sqrt(-2 * std::log(u1));
            values[i] = static_cast<float>(radius * std::cos(2 * M_PI * u2) * sd);
            values[i + 8] = static_cast<float>(radius * std::sin(2 * M_PI * u2) * sd);
        }
    return values;
}

/// Noise with what training puts into a matrix: some directions of low rank, rows of different norms.
Values trained(size_t rows, size_t columns, double sd)
{
    Values values = normal(rows * columns, sd);
    for (int rank = 0; rank < 4; ++rank) {
        const Values left = normal(rows, 1);
        const Values right = normal(columns, sd / 2);
        for (size_t i = 0; i < rows; ++i)
            for (size_t j = 0; j < columns; ++j)
                values[i * columns + j] += left[i] * right[j];
    }
    return values;
}

/// Rows made orthonormal.
Values orthogonal(size_t rows, size_t columns)
{
    Values values = normal(rows * columns, 1);
    for (size_t i = 0; i < rows; ++i) {
        float* row = values.data() + i * columns;
        for (size_t j = 0; j < i; ++j) {
            const float* other = values.data() + j * columns;
            const float product = std::inner_product(row, row + columns, other, 0.0f);
            for (size_t k = 0; k < columns; ++k)
                row[k] -= product * other[k];
        }
        const float norm = std::sqrt(std::inner_product(row, row + columns, row, 0.0f));
        std::for_each(row, row + columns, [norm](float& value) { value /= norm; });
    }
    return values;
}

/// Blocks of 32 values on 16 levels, as Q4_0 keeps them.
Values in4Bits(Values values)
{
    for (size_t block = 0; block + 32 <= values.size(); block += 32) {
        const auto begin = values.begin() + static_cast<ptrdiff_t>(block);
        const float largest = *std::max_element(begin, begin + 32, [](float a, float b) { return std::abs(a) < std::abs(b); });
        const float step = largest / -8;
        std::for_each(begin, begin + 32, [step](float& value) { value = (std::clamp(std::floor(value / step + 8.5f), 0.0f, 15.0f) - 8) * step; });
    }
    return values;
}

/// Eight bits with one scale for all.
Values onOneGrid(Values values)
{
    const float step = std::abs(*std::max_element(values.begin(), values.end(), [](float a, float b) { return std::abs(a) < std::abs(b); })) / 127;
    std::for_each(values.begin(), values.end(), [step](float& value) { value = std::round(value / step) * step; });
    return values;
}

Model trainedModel()
{
    Model model;
    for (int layer = 0; layer < 4; ++layer) {
        const std::string prefix = "layer." + std::to_string(layer) + ".dense.";
        model.add(prefix + "weight", {64, 96}, trained(64, 96, 0.03)).add(prefix + "bias", {64}, normal(64, 0.1));
    }
    return model;
}

} // namespace

class TstOrigin : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { generator().seed(11); }

    void initialisedMatricesAreRandom_data()
    {
        QTest::addColumn<QList<float>>("values");
        QTest::addColumn<QString>("scheme");
        const auto list = [](const Values& values) { return QList<float>(values.begin(), values.end()); };
        QTest::newRow("normal") << list(normal(12288, 0.02)) << "normal(0, 0.0";
        QTest::newRow("torch normal") << list(torchNormal(12288, 0.02)) << "normal(0, 0.02)";
        QTest::newRow("torch uniform") << list(torchUniform(12288, 1 / std::sqrt(96.0))) << "uniform(±0.1021)";
        QTest::newRow("orthogonal") << list(orthogonal(64, 96)) << "orthogonal";
        QTest::newRow("four bits") << list(in4Bits(normal(12288, 0.02))) << "normal(0, 0.0";
        // more than are held and sorted
        QTest::newRow("normal, large") << list(normal(307200, 0.02)) << "normal(0, 0.0";
        QTest::newRow("torch uniform, large") << list(torchUniform(307200, 1 / std::sqrt(96.0))) << "uniform(±0.1021)";
        QTest::newRow("four bits, large") << list(in4Bits(normal(307200, 0.02))) << "normal(0, 0.0";
        QTest::newRow("eight bits, large") << list(onOneGrid(normal(307200, 0.02))) << "normal(0, 0.0";
    }
    void initialisedMatricesAreRandom()
    {
        QFETCH(QList<float>, values);
        QFETCH(QString, scheme);
        Model model;
        model.add("fc.weight", {values.size() / 96, 96}, Values(values.begin(), values.end())).add("fc.bias", {values.size() / 96}, Values(size_t(values.size() / 96)));
        const CheckpointStatistics all = model.analysed();
        QCOMPARE(name(all.origin.tensors[0].verdict), "random");
        QVERIFY2(QString::fromStdString(all.origin.tensors[0].scheme).contains(scheme), all.origin.tensors[0].scheme.c_str());
        QCOMPARE(name(all.origin.tensors[1].verdict), "constant");
        QCOMPARE(name(all.origin.verdict), "random");
    }
    void theSentenceNamesTheEvidence()
    {
        Model model;
        model.add("fc.weight", {128, 96}, normal(12288, 0.02));
        const std::string sentence = model.analysed().origin.tensors[0].sentence;
        QVERIFY(sentence.starts_with("Indistinguishable from normal(0, 0.0"));
        QVERIFY(sentence.find("kurtosis 3.0") != std::string::npos || sentence.find("kurtosis 2.9") != std::string::npos);
        QVERIFY(sentence.find("Marchenko-Pastur edge") != std::string::npos);
    }
    void trainedMatricesAreNeverRandom()
    {
        for (const size_t rows : {16, 32, 64, 200})
            for (int repeat = 0; repeat < 5; ++repeat) {
                Model model;
                model.add("fc.weight", {int64_t(rows), 96}, trained(rows, 96, 0.02));
                QVERIFY(model.verdict(0) != OriginVerdict::Random);
            }
        const CheckpointStatistics all = trainedModel().analysed();
        QCOMPARE(name(all.origin.verdict), "trained");
        QCOMPARE(name(all.origin.tensors[0].verdict), "trained");
        QVERIFY(trainedModel().findings().empty());
    }
    void noiseBesideATrainedBiasIsNotDecided()
    {
        Model model = trainedModel();
        model.add("extra.weight", {64, 96}, normal(6144, 0.0314)).add("extra.bias", {64}, normal(64, 0.3));
        QCOMPARE(name(model.verdict(8)), "undecidable");
    }
    void smallNoiseIsNotDecided()
    {
        Model model = trainedModel();
        model.add("extra.weight", {8, 12}, normal(96, 0.02));
        QCOMPARE(name(model.verdict(8)), "undecidable");
    }
    void aWideTableOfUnitNormalsIsNotDecidedInATrainedModel()
    {
        Model model = trainedModel();
        model.add("embedding.weight", {200, 96}, normal(19200, 1));
        QCOMPARE(name(model.verdict(8)), "undecidable");
    }
    void aNewHeadIsFoundInATrainedModel()
    {
        Model model = trainedModel();
        model.add("classifier.weight", {16, 96}, normal(1536, 0.02)).add("classifier.bias", {16}, Values(16));
        const auto findings = model.findings();
        QCOMPARE(findings.size(), size_t{1});
        QCOMPARE(findings[0].rule, std::string("never-loaded-layer"));
        QCOMPARE(findings[0].tensors, std::vector<std::string>{"classifier.weight"});
        QCOMPARE(model.analysed().origin.randomModules, std::vector<std::string>{"classifier"});
    }
    /// Sentence embeddings take the mean of the tokens: the pooler that the class has all the same was never trained.
    void aPoolerThatIsNotUsedIsANote_data()
    {
        QTest::addColumn<QString>("pooling");
        QTest::addColumn<QString>("severity");
        QTest::newRow("pooled by sentence-transformers") << QStringLiteral("1_Pooling/config.json") << QStringLiteral("note");
        QTest::newRow("nothing says so") << QStringLiteral("2_Dense/config.json") << QStringLiteral("warning");
    }
    void aPoolerThatIsNotUsedIsANote()
    {
        QFETCH(const QString, pooling);
        const test::TemporaryFolder folder;
        folder.write(pooling, "{\"pooling_mode_mean_tokens\": true}");
        Model model = trainedModel();
        model.add("pooler.dense.weight", {64, 96}, normal(6144, 0.02))
            .add("pooler.dense.bias", {64}, Values(64))
            .at(folder.path(QStringLiteral("model.safetensors")));
        const auto findings = model.findings();
        QCOMPARE(findings.size(), size_t{1});
        QTEST(QString::fromLatin1(name(findings[0].severity)), "severity");
        QVERIFY(findings[0].explanation.find("pooler") != std::string::npos);
    }
    void randomLayersAreNamedAsARange()
    {
        Model model = trainedModel();
        for (int layer = 4; layer < 7; ++layer)
            model.add("layer." + std::to_string(layer) + ".dense.weight", {64, 96}, normal(6144, 0.02)).add("layer." + std::to_string(layer) + ".dense.bias", {64}, Values(64));
        const CheckpointStatistics all = model.analysed();
        QCOMPARE(name(all.origin.verdict), "partly-random");
        QCOMPARE(all.origin.randomLayers, std::vector<std::string>{"layer.4–6"});
        QCOMPARE(name(model.findings()[0].severity), "error");
    }
    void aCounterOfBatchesMeansBarelyTrained()
    {
        Model model;
        model.add("a.weight", {64, 96}, normal(6144, 0.02)).add("a.bias", {64}, Values(64)).addCounter(3);
        QCOMPARE(name(model.analysed().origin.verdict), "barely-trained");
        QCOMPARE(model.findings()[0].rule, std::string("barely-trained"));
    }
    void zerosAndNansAreFindings()
    {
        Values holes = trained(64, 96, 0.02);
        holes[7] = NAN;
        holes[8] = INFINITY;
        Model model = trainedModel();
        model.add("a.weight", {64, 96}, holes).add("lora_B.weight", {64, 8}, Values(512));
        const auto findings = model.findings();
        QCOMPARE(findings.size(), size_t{2});
        QCOMPARE(findings[0].rule, std::string("nan-or-inf"));
        QCOMPARE(findings[0].tensors, std::vector<std::string>{"a.weight"});
        QCOMPARE(findings[1].rule, std::string("all-zero"));
        QCOMPARE(name(model.verdict(8)), "undecidable");
    }
    void zerosInOneRowAreNoMatrix()
    {
        Model model = trainedModel();
        model.add("cls_token", {1, 1, 96}, Values(96)).add("head.bias", {1, 256}, Values(256)).add("gate", {256, 1}, Values(256));
        QVERIFY(model.findings().empty());
        model.add("lora_B.weight", {64, 8}, Values(512));
        const auto findings = model.findings();
        QCOMPARE(findings.size(), size_t{1});
        QCOMPARE(findings[0].tensors, std::vector<std::string>{"lora_B.weight"});
    }
    void aSavedAttentionMaskIsNoFinding()
    {
        Values mask(64 * 64, -INFINITY);
        std::fill(mask.begin(), mask.begin() + 2000, 0.0f);
        Model model = trainedModel();
        model.add("attn.mask", {64, 64}, mask);
        QVERIFY(model.findings().empty());
    }
    void integersAreNoWeights()
    {
        Model model;
        model.addCounter(0);
        QCOMPARE(name(model.verdict(0)), "not-weights");
        QCOMPARE(name(model.analysed().origin.verdict), "undecidable");
    }
    void aSinusoidalTableIsNoWeights()
    {
        Values table(256 * 64);
        for (size_t position = 0; position < 256; ++position)
            for (size_t i = 0; i < 32; ++i) {
                const double angle = double(position) / std::pow(10000, double(i) / 32);
                table[position * 64 + i] = static_cast<float>(std::sin(angle));
                table[position * 64 + 32 + i] = static_cast<float>(std::cos(angle));
            }
        Model model;
        model.add("embed_positions.weight", {256, 64}, table);
        QCOMPARE(name(model.verdict(0)), "not-weights");
    }
    void shapesAtTheEdgesAreSafe()
    {
        Model model;
        model.add("empty", {0, 5}, {}).add("scalar", {}, {1.5f}).add("row", {1, 20}, normal(20, 1)).add("column", {20, 1}, normal(20, 1));
        model.add("deep", {2, 1, 3, 1, 4}, normal(24, 1)).add("zeros", {4, 8}, Values(32)).add("padded", {40, 32}, [] {
            Values values = normal(1280, 0.02);
            std::fill(values.begin(), values.begin() + 64, 0.0f);
            return values;
        }());
        const CheckpointStatistics all = model.analysed();
        QCOMPARE(all.tensors[6]->features.zeroRows, uint64_t{2});
        QCOMPARE(all.tensors[6]->features.rows, uint64_t{38});
        QCOMPARE(name(all.origin.tensors[5].verdict), "constant");
    }
    void paddingRowsDoNotHideNoise()
    {
        Values values = normal(128 * 96, 0.02);
        std::fill(values.begin(), values.begin() + 96, 0.0f);
        Model model;
        model.add("embedding.weight", {128, 96}, values);
        QCOMPARE(name(model.verdict(0)), "random");
    }
    void oneStepWipesTheTraces()
    {
        const auto bound = 1 / std::sqrt(96.0);
        Values values = torchUniform(12288, bound);
        const auto hits = [&] {
            const float largest = std::abs(*std::max_element(values.begin(), values.end(), [](float a, float b) { return std::abs(a) < std::abs(b); }));
            return uniformTrace(values, double(largest), values.size(), {bound}).hits;
        };
        QCOMPARE(hits(), 1.0);
        for (float& value : values)
            value *= 0.99999f;
        QVERIFY(hits() < 0.2);
        Values pairs = torchNormal(12288, 0.02);
        QVERIFY(normalTrace(pairs, {0.02}).hits > 0.7);
        QVERIFY(normalTrace(normal(12288, 0.02), {0.02}).hits < 0.35);
    }
    void theLargestEigenvalueIsRight()
    {
        // rows that are all one direction: the correlation matrix is of rank 1 with trace r
        Matrix m{8, 32, {}};
        const Values direction = normal(32, 1);
        for (int i = 0; i < 8; ++i)
            m.values.insert(m.values.end(), direction.begin(), direction.end());
        QVERIFY(std::abs(gramTests(m, 0, 1).largestEigenvalue - 8) < 1e-3);
        // the same matrix, lying or standing
        const Matrix noise{40, 60, normal(2400, 1)};
        QVERIFY(std::abs(gramTests(noise, 0, 1).largestEigenvalue - gramTests(noise.transposed(), 0, 1).largestEigenvalue) < 1e-4);
        QVERIFY(std::abs(gramTests(noise, 0, 1).spectrum) < 4);
    }
    void distributionsAgreeWithTables()
    {
        QVERIFY(std::abs(normalCdf(1.959964) - 0.975) < 1e-6);
        QVERIFY(std::abs(zOfP(0.001) - 3.0902) < 1e-3);
        QVERIFY(std::abs(cutNormal(2).variance - 0.7737413) < 1e-6); // scipy.stats.truncnorm(-2, 2).var()
        QVERIFY(std::abs(cutNormal(2).m4 - 2.3655) < 1e-3);
        QVERIFY(std::abs(zOfChiSquared(99, 99)) < 0.1);
    }
    void tensorsComeInTheOrderAskedForAndNoOthers()
    {
        const Model model = trainedModel();
        JobContext job;
        std::vector<size_t> seen;
        const std::vector<size_t> order{5, 2, 7};
        QVERIFY(computeStatisticsOf(model.checkpoint(), {}, order, 1, job, [&seen](size_t index, const Result<TensorAnalysis>&) { seen.push_back(index); }));
        QCOMPARE(seen, order);
    }
    void rowsThatWereAddedToATableAreFound_data()
    {
        QTest::addColumn<int>("drawn");
        QTest::addColumn<int>("atMean");
        QTest::addColumn<int>("least");
        QTest::addColumn<int>("most");
        QTest::newRow("none") << 0 << 0 << 0 << 0;
        QTest::newRow("200 draws") << 200 << 0 << 195 << 202;
        QTest::newRow("too few to tell") << 8 << 0 << 0 << 0;
        QTest::newRow("one at the mean") << 0 << 1 << 1 << 1;
        QTest::newRow("seven at the mean") << 0 << 7 << 7 << 7;
    }
    void rowsThatWereAddedToATableAreFound()
    {
        QFETCH(int, drawn);
        QFETCH(int, atMean);
        constexpr size_t rows = 3000, columns = 64;
        Values table = trained(rows, columns, 0.05);
        for (size_t i = 0; i < table.size(); ++i)
            table[i] += 0.1f * float(i % columns % 5); // columns have means, as in trained tables
        const Values draws = normal(size_t(drawn) * columns, 0.02);
        std::copy(draws.begin(), draws.end(), table.end() - static_cast<ptrdiff_t>(draws.size()));
        Values mean(columns);
        for (size_t i = 0; i < table.size(); ++i)
            mean[i % columns] += table[i] / float(rows);
        for (size_t row = rows - size_t(atMean); row < rows; ++row)
            std::copy(mean.begin(), mean.end(), table.begin() + static_cast<ptrdiff_t>(row * columns));
        Model model;
        model.add("embeddings.weight", {rows, columns}, table);
        const auto all = model.analysed();
        const RandomTail& tail = all.tensors[0]->features.tail;
        QCOMPARE(all.origin.tensors[0].verdict, OriginVerdict::Trained);
        QFETCH(int, least);
        QFETCH(int, most);
        QVERIFY2(int(tail.rows) >= least && int(tail.rows) <= most, qPrintable(QString::number(tail.rows)));
        QCOMPARE(tail.isMean, atMean > 0);
        const auto findings = model.findings();
        QCOMPARE(std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.rule == "untrained-rows"; }), most > 0);
    }
    void stopsWhenAsked()
    {
        const Model model = trainedModel();
        std::stop_source stop;
        stop.request_stop();
        JobContext job{stop.get_token(), {}};
        QCOMPARE(analyseCheckpoint(model.checkpoint(), {}, 2, job).error().rule, std::string("cancelled"));
    }
    void configsGiveTheirScales()
    {
        const Value config = Value::Map{{"model_type", "t5"}, {"initializer_factor", 0.5}, {"d_model", 64}, {"d_kv", 16}};
        const auto scales = knownScales({64, 64}, Family::Normal, hintsOf(config));
        QVERIFY(std::any_of(scales.begin(), scales.end(), [](const KnownScale& scale) { return scale.name == "T5 query" && std::abs(scale.sd - 0.5 / 32) < 1e-12; }));
        const Value gpt2 = Value::Map{{"model_type", "gpt2"}, {"initializer_range", 0.03}, {"n_layer", 8}};
        const auto ofGpt2 = knownScales({64, 64}, Family::Normal, hintsOf(gpt2));
        QVERIFY(std::any_of(ofGpt2.begin(), ofGpt2.end(), [](const KnownScale& scale) { return scale.name == "initializer_range/sqrt(2*8)" && std::abs(scale.sd - 0.03 / 4) < 1e-12; }));
    }
};

QTEST_APPLESS_MAIN(TstOrigin)
#include "tst_origin.moc"
