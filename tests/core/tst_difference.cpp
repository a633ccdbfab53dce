// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/alignment.h"
#include "core/comparison/difference.h"
#include "core/comparison/fields.h"
#include "core/comparison/pair_sample.h"
#include "core/comparison/rounding.h"
#include "core/comparison/tensor_box.h"
#include "core/comparison/value_sums.h"
#include "core/checkpoint/open_checkpoint.h"
#include "tests/support/checkpoint_builder.h"
#include "tests/support/files.h"

#include <QtTest>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace weighbridge;
using Builder = weighbridge::test::CheckpointBuilder;

namespace {

std::vector<float> normals(size_t count, unsigned seed, float scale = 0.05f)
{
    std::mt19937 generator(seed);
    std::normal_distribution<float> draw(0, scale);
    std::vector<float> out(count);
    for (float& value : out)
        value = draw(generator);
    return out;
}

std::vector<float> moved(std::vector<float> values, unsigned seed, float scale)
{
    const auto noise = normals(values.size(), seed, scale);
    for (size_t i = 0; i < values.size(); ++i)
        values[i] += noise[i];
    return values;
}

std::vector<float> transposed(const std::vector<float>& values, size_t rows, size_t columns)
{
    std::vector<float> out(values.size());
    for (size_t i = 0; i < rows; ++i)
        for (size_t k = 0; k < columns; ++k)
            out[k * rows + i] = values[i * columns + k];
    return out;
}

Difference differ(const CheckpointPtr& a, const CheckpointPtr& b, DifferenceOptions options = {})
{
    JobContext job;
    options.values = true;
    return differenceOf(a, b, options, job).value();
}

const TensorPair& pairOf(const Difference& difference, const std::string& name)
{
    for (const TensorPair& pair : difference.pairs)
        if (pair.a >= 0 && difference.a->tensors[size_t(pair.a)].name == name)
            return pair;
    qFatal("no such tensor");
}

constexpr int layers = 4;
constexpr int64_t width = 48;

/// A small transformer; `change` may alter the values of a tensor.
using Change = std::function<std::vector<float>(const std::string& name, std::vector<float> values)>;

struct Named {
    std::string name;
    Shape shape;
    std::vector<float> values;
};

std::vector<Named> transformer(const Change& change = {})
{
    std::vector<Named> out;
    unsigned seed = 1;
    const auto add = [&](std::string name, Shape shape) {
        auto values = normals(size_t(*numel(shape)), seed++);
        if (change)
            values = change(name, std::move(values));
        out.push_back({std::move(name), std::move(shape), std::move(values)});
    };
    add("embeddings.word_embeddings.weight", {97, width});
    for (int layer = 0; layer < layers; ++layer) {
        const std::string prefix = "encoder.layer." + std::to_string(layer) + ".";
        for (const char* part : {"attention.self.query", "attention.self.key", "attention.output.dense"}) {
            add(prefix + part + ".weight", {width, width});
            add(prefix + part + ".bias", {width});
        }
        add(prefix + "attention.output.LayerNorm.weight", {width});
        add(prefix + "attention.output.LayerNorm.bias", {width});
    }
    return out;
}

CheckpointPtr built(const std::vector<Named>& tensors)
{
    Builder builder;
    for (const Named& tensor : tensors)
        builder.add(tensor.name, tensor.shape, tensor.values);
    return builder.build();
}

/// A checkpoint of the samples without the tensors whose name holds `left`.
CheckpointPtr sampleWithout(const char* sample, const std::string& left)
{
    JobContext job;
    Checkpoint out = *openCheckpoint(std::string(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/") + sample, job).value();
    std::erase_if(out.tensors, [&](const TensorInfo& tensor) { return !left.empty() && tensor.name.find(left) != std::string::npos; });
    return std::make_shared<const Checkpoint>(std::move(out));
}

std::string withReplaced(std::string text, const std::string& from, const std::string& to)
{
    if (const size_t at = text.find(from); at != std::string::npos)
        text.replace(at, from.size(), to);
    return text;
}

} // namespace

class TestDifference : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCheckpointIsIdenticalToItself()
    {
        const auto a = built(transformer());
        const Difference difference = differ(a, built(transformer()));
        QCOMPARE(difference.rows(PairState::Same).size(), a->tensors.size());
        QVERIFY(!difference.hasDifferences());
        QCOMPARE(difference.relation.kind, RelationKind::Identical);
        QVERIFY(difference.pairs.front().values->isBitwiseEqual);
        QCOMPARE(difference.pairs.front().values->cosine, 1.0);
    }

    void oneShiftedMatrixIsTheOnlyDifference()
    {
        const std::string name = "encoder.layer.2.attention.self.key.weight";
        const auto shift = [&](const std::string& n, std::vector<float> values) {
            if (n == name)
                for (float& value : values)
                    value += 1e-3f;
            return values;
        };
        const Difference difference = differ(built(transformer()), built(transformer(shift)));
        QCOMPARE(difference.rows(PairState::Changed).size(), size_t(1));
        const ValueDifference& values = *pairOf(difference, name).values;
        QVERIFY(std::abs(values.maxAbs - 1e-3) < 1e-7);
        QVERIFY(std::abs(values.meanAbs - 1e-3) < 1e-7);
        QVERIFY(std::abs(values.rmse - 1e-3) < 1e-7);
        QCOMPARE(values.changedFraction(), 1.0);
        QCOMPARE(values.firstChanged, (std::vector<int64_t>{0, 0}));
        QCOMPARE(difference.relation.kind, RelationKind::Edited);
    }

    void figuresAreThoseOfTheDefinitions()
    {
        const std::vector<float> a{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
        std::vector<float> b = a;
        b[6] = 4;
        b[9] = 14;
        const Difference difference = differ(Builder().add("w", {2, 5}, a).build(), Builder().add("w", {2, 5}, b).build());
        const ValueDifference& values = *difference.pairs.front().values;
        QCOMPARE(values.changed, uint64_t(2));
        QCOMPARE(values.firstChanged, (std::vector<int64_t>{1, 1}));
        QCOMPARE(values.maxAbs, 4.0);
        QCOMPARE(values.meanAbs, 0.7);
        QCOMPARE(values.rmse, std::sqrt(2.5));
        QCOMPARE(values.relativeL2, 5 / std::sqrt(385.0));
        QCOMPARE(values.cosine, (385 - 3 * 7 + 4 * 10) / std::sqrt(385.0) / std::sqrt(385.0 - 49 + 16 - 100 + 196));
    }

    void nanIsTheSameAsNan()
    {
        const float nan = std::numeric_limits<float>::quiet_NaN();
        const float inf = std::numeric_limits<float>::infinity();
        const std::vector<float> a{nan, inf, 1, nan, 2, 3, 4, 5, 6};
        const std::vector<float> b{nan, inf, 1, 1, 2, 3, 4, 5, 7};
        const ValueSums sums = sumsOf(a.data(), b.data(), a.size(), {});
        QCOMPARE(sums.changed, uint64_t(2));
        QCOMPARE(sums.notFinite, uint64_t(3));
        QCOMPARE(sums.largestD, 1.0);
    }

    void toleranceIsThatOfNumpy()
    {
        QVERIFY(!isChanged(1.0, 1.1, {0.1000001, 0}));
        QVERIFY(isChanged(1.0, 1.1, {0.09, 0}));
        QVERIFY(!isChanged(10.0, 11.0, {0, 0.091}));
        QVERIFY(isChanged(10.0, 11.0, {0, 0.0909}));
        const std::vector<float> a(16, 1.0f), b(16, 1.001f);
        QCOMPARE(sumsOf(a.data(), b.data(), 16, {1e-2, 0}).changed, uint64_t(0));
        QCOMPARE(sumsOf(a.data(), b.data(), 16, {1e-4, 0}).changed, uint64_t(16));
    }

    void sumsDoNotDependOnTheThreads()
    {
        const size_t count = 5'000'003;
        const auto values = normals(count, 5);
        const auto a = Builder().add("w", {int64_t(count)}, values).build();
        const auto b = Builder().add("w", {int64_t(count)}, moved(values, 6, 1e-3f)).build();
        DifferenceOptions one, three;
        one.threads = 1;
        three.threads = 3;
        const ValueDifference first = *differ(a, b, one).pairs.front().values;
        const ValueDifference second = *differ(a, b, three).pairs.front().values;
        QCOMPARE(first.rmse, second.rmse);
        QCOMPARE(first.cosine, second.cosine);
        QVERIFY(std::abs(first.rmse - 1e-3) < 1e-5);
    }

    void aStridedTensorIsComparedInItsOwnOrder()
    {
        const auto values = normals(12 * 20, 9);
        Builder strided;
        strided.add("w", {20, 12}, values);
        strided.last().shape = {12, 20};
        strided.last().strides = {1, 12};
        const Difference difference = differ(strided.build(), Builder().add("w", {12, 20}, transposed(values, 20, 12)).build());
        QVERIFY(difference.pairs.front().values->isBitwiseEqual);
    }

    void halvesRoundAsIeeeSays_data()
    {
        QTest::addColumn<float>("value");
        QTest::addColumn<float>("half");
        QTest::newRow("exact") << 1.5f << 1.5f;
        QTest::newRow("tie to even, down") << 1.0f + 0x1p-11f << 1.0f;
        QTest::newRow("tie to even, up") << 1.0f + 3 * 0x1p-11f << 1.0f + 2 * 0x1p-10f;
        QTest::newRow("largest") << 65519.0f << 65504.0f;
        QTest::newRow("too large") << 65520.0f << std::numeric_limits<float>::infinity();
        QTest::newRow("denormal") << 3.3f * 0x1p-24f << 3 * 0x1p-24f;
        QTest::newRow("vanishes") << 0x1p-25f << 0.0f;
        QTest::newRow("negative") << -0x1.8p-24f << -0x1p-23f;
    }
    void halvesRoundAsIeeeSays()
    {
        QFETCH(float, value);
        QFETCH(float, half);
        float out = 0;
        roundTo(DType::F16)(&value, 1, &out);
        QCOMPARE(out, half);
    }

    void aRoundedCopyIsNamed()
    {
        Builder b;
        for (const Named& tensor : transformer())
            b.addBfloats(tensor.name, tensor.shape, tensor.values);
        const auto rounded = b.build();
        const Difference difference = differ(built(transformer()), rounded);
        QCOMPARE(difference.relation.kind, RelationKind::OtherDType);
        QCOMPARE(difference.relation.sentence, std::string("B is A in BF16"));
        QCOMPARE(difference.pairs.front().values->rounding, Rounding::Rounded);
        QVERIFY(difference.rows(PairState::Changed).empty());
        QVERIFY(difference.hasDifferences());
        QCOMPARE(differ(rounded, built(transformer())).relation.sentence, std::string("A is B in BF16"));
    }

    void aQuantizedCopyIsNamed()
    {
        Builder a, b;
        const auto values = normals(64 * 64, 3);
        std::vector<uint8_t> blocks;
        for (size_t first = 0; first < values.size(); first += 32) {
            float largest = 0;
            for (size_t i = first; i < first + 32; ++i)
                largest = std::max(largest, std::abs(values[i]));
            float scale = largest / 127;
            float half = 0;
            roundTo(DType::F16)(&scale, 1, &half);
            // a half of these sizes is normal: exponent and mantissa cut from the float
            const uint32_t bits = std::bit_cast<uint32_t>(half);
            const uint16_t stored = uint16_t((((bits >> 23) - 112) << 10) | ((bits >> 13) & 0x3ff));
            blocks.push_back(uint8_t(stored & 0xff));
            blocks.push_back(uint8_t(stored >> 8));
            for (size_t i = first; i < first + 32; ++i)
                blocks.push_back(uint8_t(int8_t(std::round(values[i] * (1 / scale)))));
        }
        const Difference difference = differ(a.add("w", {64, 64}, values).build(), b.addBytes("w", DType::Q8_0, {64, 64}, std::as_bytes(std::span(blocks))).build("gguf"));
        QCOMPARE(difference.pairs.front().values->rounding, Rounding::Rounded);
        QCOMPARE(difference.relation.sentence, std::string("B is A in Q8_0"));
        QVERIFY(difference.pairs.front().values->relativeL2 > 1e-3);
    }

    void aRenamedShuffledCopyIsAligned()
    {
        auto copy = transformer();
        for (Named& tensor : copy)
            tensor.name = "bert." + withReplaced(withReplaced(tensor.name, "LayerNorm.weight", "LayerNorm.gamma"), "LayerNorm.bias", "LayerNorm.beta");
        std::shuffle(copy.begin(), copy.end(), std::mt19937(7));
        const auto a = built(transformer());
        const Difference difference = differ(a, built(copy));
        QCOMPARE(difference.rows(PairState::Renamed).size(), a->tensors.size());
        QVERIFY(!difference.hasDifferences());
        QCOMPARE(difference.relation.kind, RelationKind::SameValues);
        const TensorPair& plain = pairOf(difference, "encoder.layer.0.attention.self.query.weight");
        QCOMPARE(plain.reason, PairReason::Prefix);
        QCOMPARE(plain.rule, std::string("prefix bert. added"));
        const TensorPair& norm = pairOf(difference, "encoder.layer.3.attention.output.LayerNorm.weight");
        QCOMPARE(norm.reason, PairReason::Rename);
        QCOMPARE(norm.rule, std::string("prefix bert. added, weight -> gamma"));
    }

    void namesThatSayNothingAreAlignedByValues()
    {
        auto copy = transformer();
        std::shuffle(copy.begin(), copy.end(), std::mt19937(7));
        for (size_t i = 0; i < copy.size(); ++i) {
            copy[i].name = "p" + std::to_string(i);
            copy[i].values = moved(copy[i].values, unsigned(i) + 500, 1e-3f);
        }
        const Difference difference = differ(built(transformer()), built(copy));
        QVERIFY(difference.rows(PairState::OnlyInA).empty());
        for (const TensorPair& pair : difference.pairs) {
            QCOMPARE(pair.reason, PairReason::Structure);
            QVERIFY(pair.values->cosine > 0.99);
        }
    }

    void smallTensorsArePairedIfTheyAreTheSame()
    {
        const auto a = Builder().add("norm.beta", {6}, normals(6, 1)).add("norm.gamma", {6}, normals(6, 2)).build();
        const auto b = Builder().add("vars.0", {6}, normals(6, 2)).add("vars.1", {6}, normals(6, 1)).build();
        QVERIFY(!differ(a, b).hasDifferences());
    }

    void aHeadThatOnlyBHasStandsWhereItBelongs_data()
    {
        QTest::addColumn<QStringList>("b");
        QTest::addColumn<QStringList>("order");
        const QStringList body{"model.embed.weight", "model.layers.0.weight", "model.norm.weight"};
        QTest::newRow("sorted by name") << QStringList{"lm_head.weight"} + body << body + QStringList{"lm_head.weight"};
        QTest::newRow("in the model's order") << body + QStringList{"lm_head.weight"} << body + QStringList{"lm_head.weight"};
        QTest::newRow("sorted, between") << QStringList{body[0], body[1], "model.layers.1.weight", body[2]} << QStringList{body[0], body[1], "model.layers.1.weight", body[2]};
        QTest::newRow("first by the model's order") << QStringList{"stem.weight"} + body << QStringList{"stem.weight"} + body;
        QTest::newRow("embeddings of their own") << QStringList{"audio_embed.weight"} + body << QStringList{"audio_embed.weight"} + body;
    }
    void aHeadThatOnlyBHasStandsWhereItBelongs()
    {
        QFETCH(QStringList, b);
        QFETCH(QStringList, order);
        const auto builtOf = [](const QStringList& names) {
            Builder builder;
            for (const QString& name : names) // sizes of its own for each, so that only names pair
                builder.add(name.toStdString(), {name.size()}, normals(size_t(name.size()), unsigned(name.size())));
            return builder.build();
        };
        const QStringList body{"model.embed.weight", "model.layers.0.weight", "model.norm.weight"};
        const Difference difference = differ(builtOf(body), builtOf(b));
        QStringList found;
        for (const TensorPair& pair : difference.pairs)
            found.append(QString::fromStdString(pair.a >= 0 ? difference.a->tensors[size_t(pair.a)].name : difference.b->tensors[size_t(pair.b)].name));
        QCOMPARE(found, order);
    }

    void foreignTensorsAreNotPaired()
    {
        const auto a = Builder().add("conv.weight", {16, 9}, normals(144, 1)).add("conv.bias", {16}, normals(16, 2)).build();
        const auto b = Builder().add("gru.kernel", {7, 5}, normals(35, 3)).add("gru.bias", {35}, normals(35, 4)).build();
        const Difference difference = differ(a, b);
        QCOMPARE(difference.rows(PairState::OnlyInA).size(), size_t(2));
        QCOMPARE(difference.rows(PairState::OnlyInB).size(), size_t(2));
        QCOMPARE(difference.relation.kind, RelationKind::OtherStructure);
    }

    void transposedMatricesAreRecognised()
    {
        const auto wide = normals(24 * 36, 1);
        const auto square = normals(30 * 30, 2);
        const auto a = Builder().add("wide.weight", {24, 36}, wide).add("square.weight", {30, 30}, square).build();
        const auto b = Builder().add("wide.weight", {36, 24}, transposed(wide, 24, 36)).add("square.weight", {30, 30}, transposed(square, 30, 30)).build();
        const Difference difference = differ(a, b);
        for (const TensorPair& pair : difference.pairs) {
            QCOMPARE(pair.axes, (std::vector<int>{1, 0}));
            QVERIFY(pair.values->isSame());
            QCOMPARE(stateOf(pair), PairState::ShapeDiffers);
        }
        // between frameworks it is how they write, no difference
        const auto keras = Builder().add("wide/kernel:0", {36, 24}, transposed(wide, 24, 36)).add("square/kernel:0", {30, 30}, transposed(square, 30, 30)).build();
        QVERIFY(!differ(a, keras).hasDifferences());
    }

    void boxesCoverATensorOnce_data()
    {
        QTest::addColumn<Shape>("shape");
        QTest::addColumn<std::vector<int>>("axes");
        QTest::newRow("matrix") << Shape{3000, 1500} << std::vector<int>{1, 0};
        QTest::newRow("two rows") << Shape{2, 1'500'001} << std::vector<int>{1, 0};
        QTest::newRow("two columns") << Shape{1'500'001, 2} << std::vector<int>{1, 0};
        QTest::newRow("convolution") << Shape{90, 70, 3, 5} << std::vector<int>{3, 2, 0, 1};
        QTest::newRow("heads") << Shape{1100, 1300, 2} << std::vector<int>{1, 0, 2};
    }
    void boxesCoverATensorOnce()
    {
        QFETCH(Shape, shape);
        QFETCH(std::vector<int>, axes);
        const BoxGrid grid(shape, axes);
        std::vector<bool> isCovered(*numel(shape), false);
        QVERIFY(grid.boxes() < 100);
        for (uint64_t i = 0; i < grid.boxes(); ++i) {
            const Box box = grid.at(i);
            QVERIFY(box.elements() <= 4 * 1024 * 1024);
            uint64_t last = 0;
            for (uint64_t k = 0; k < box.elements(); ++k) {
                const uint64_t element = elementOf(box, shape, k);
                QVERIFY(!isCovered[element] && (k == 0 || element > last));
                isCovered[element] = true;
                last = element;
            }
        }
        QVERIFY(std::find(isCovered.begin(), isCovered.end(), false) == isCovered.end());
    }

    void aTransposedPairHasTheFiguresOfItsElements_data() { boxesCoverATensorOnce_data(); }
    void aTransposedPairHasTheFiguresOfItsElements()
    {
        QFETCH(Shape, shape);
        QFETCH(std::vector<int>, axes);
        const auto values = normals(*numel(shape), 11);
        auto other = values;
        const size_t first = other.size() / 2 + 7, second = other.size() - 2;
        other[first] += 3;
        other[second] += 1;
        const Difference expected = differ(Builder().add("w", shape, values).build(), Builder().add("w", shape, other).build());
        // B as a file of the other framework would have it
        Shape shapeB(shape.size());
        std::vector<float> turned(other.size());
        for (size_t i = 0; i < axes.size(); ++i)
            shapeB[size_t(axes[i])] = shape[i];
        const auto stridesB = contiguousStrides(shapeB);
        for (size_t i = 0; i < other.size(); ++i) {
            size_t at = 0, rest = i;
            for (size_t d = shape.size(); d-- > 0; rest /= size_t(shape[d]))
                at += rest % size_t(shape[d]) * size_t(stridesB[size_t(axes[d])]);
            turned[at] = other[i];
        }
        Difference difference;
        difference.a = Builder().add("w", shape, values).build();
        difference.b = Builder().add("w", shapeB, turned).build();
        difference.pairs.emplace_back();
        TensorPair& pair = difference.pairs.front();
        pair.a = pair.b = 0;
        pair.axes = axes;
        JobContext job;
        QVERIFY(compareValues(difference, {}, job));
        const ValueDifference& wanted = *expected.pairs.front().values;
        QCOMPARE(pair.values->changed, uint64_t(2));
        QCOMPARE(pair.values->maxAbs, wanted.maxAbs);
        QVERIFY(std::abs(pair.values->rmse - wanted.rmse) < 1e-12);
        QCOMPARE(pair.values->firstChanged, wanted.firstChanged);
        const auto sample = samplePair(*difference.a, *difference.b, pair, values.size(), job);
        QVERIFY(sample && sample->isWhole());
        QCOMPARE(*std::max_element(sample->b.begin(), sample->b.end()), *std::max_element(other.begin(), other.end()));
    }

    void aTransposedTensorIsNotHeldInMemory()
    {
        const test::TemporaryFolder folder;
        // 192 MiB of nothing on each side
        const auto sparse = [&folder](const QString& name, const QByteArray& shape) {
            const std::string path = folder.write(name, test::safetensors("{\"w\":{\"dtype\":\"F32\",\"shape\":" + shape + ",\"data_offsets\":[0,201326592]}}", {}));
            QFile file(QString::fromStdString(path));
            file.resize(file.size() + 201326592);
            JobContext job;
            return openCheckpoint(path, job).value();
        };
        const Difference difference = differ(sparse(QStringLiteral("a.safetensors"), "[4096,12288]"), sparse(QStringLiteral("b.safetensors"), "[12288,4096]"));
        QCOMPARE(QByteArray::fromStdString(difference.pairs.front().valuesError), QByteArray());
        QCOMPARE(difference.pairs.front().axes, (std::vector<int>{1, 0}));
        QVERIFY(difference.pairs.front().values->isSame());
    }

    void ggufNamesAreKnown_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("gguf");
        QTest::newRow("llama") << "model.layers.11.self_attn.q_proj.weight" << "blk.11.attn_q.weight";
        QTest::newRow("bert") << "bert.encoder.layer.0.attention.output.LayerNorm.bias" << "blk.0.attn_output_norm.bias";
        QTest::newRow("gpt2") << "transformer.h.3.mlp.c_proj.weight" << "blk.3.ffn_down.weight";
        QTest::newRow("embedding") << "model.embed_tokens.weight" << "token_embd.weight";
    }
    void ggufNamesAreKnown()
    {
        QFETCH(QString, name);
        QFETCH(QString, gguf);
        QCOMPARE(QString::fromStdString(ggufName(name.toStdString())), gguf);
    }

    void fineTuningSaysWhichLayersMovedAndWhichAreFrozen()
    {
        unsigned seed = 900;
        auto tuned = transformer([&](const std::string& name, std::vector<float> values) {
            if (name.find("layer.2.") != std::string::npos)
                return moved(std::move(values), seed++, 5e-4f);
            return name.find("layer.3.") != std::string::npos ? moved(std::move(values), seed++, 2e-3f) : values;
        });
        tuned.push_back({"classifier.weight", {3, width}, normals(3 * width, 77)});
        auto base = *built(transformer());
        TensorInfo& positions = base.tensors.emplace_back(); // a buffer that loaders make themselves takes nothing from that
        positions.name = "embeddings.position_ids";
        positions.shape = {1, 8};
        positions.dtype = DType::I64;
        positions.storage.kind = StorageKind::Absent;
        const Difference difference = differ(std::make_shared<const Checkpoint>(std::move(base)), built(tuned));
        QCOMPARE(difference.relation.kind, RelationKind::FineTuned);
        QCOMPARE(difference.relation.sentence, std::string("B is A fine-tuned, with a new classifier on top, layers 0, 1 frozen"));
        QCOMPARE(difference.relation.movedMost, (std::vector<std::string>{"encoder.layer.3", "encoder.layer.2"}));
        QCOMPARE(difference.relation.frozen, (std::vector<std::string>{"encoder.layer.0", "encoder.layer.1"}));
    }

    void aNewHeadAloneIsSaid()
    {
        auto tuned = transformer();
        tuned.push_back({"classifier.weight", {3, width}, normals(3 * width, 77)});
        const Difference difference = differ(built(transformer()), built(tuned));
        QCOMPARE(difference.relation.kind, RelationKind::HeadOnly);
        QVERIFY(difference.hasDifferences());
    }

    void onlyTheHeadDiffers()
    {
        auto a = transformer(), b = transformer();
        a.push_back({"classifier.weight", {3, width}, normals(3 * width, 77)});
        b.push_back({"classifier.weight", {3, width}, normals(3 * width, 78)});
        const Difference difference = differ(built(a), built(b));
        QCOMPARE(difference.relation.kind, RelationKind::HeadOnly);
        QCOMPARE(difference.relation.sentence, std::string("B is A but for the head"));
    }

    void aLayerThatWasNeverLoadedIsNamed()
    {
        const Difference difference = differ(sampleWithout("trained", ""), sampleWithout("never-loaded", ""));
        QCOMPARE(difference.relation.kind, RelationKind::PartlyRandom);
        QCOMPARE(difference.relation.sentence, std::string("B has random weights where A is trained: bert.encoder.layer.2"));
        const Difference turned = differ(sampleWithout("never-loaded", ""), sampleWithout("trained", ""));
        QCOMPARE(turned.relation.kind, RelationKind::PartlyRandom);
        QCOMPARE(turned.relation.sentence, std::string("A has random weights where B is trained: bert.encoder.layer.2"));
        QVERIFY(turned.relation.randomInB.empty());
    }

    void randomLayersThatAHasNotAreNamed()
    {
        const Difference difference = differ(sampleWithout("never-loaded", ".layer.2."), sampleWithout("never-loaded", ""));
        QCOMPARE(difference.relation.kind, RelationKind::PartlyRandom);
        QCOMPARE(difference.relation.sentence, std::string("B is A with random layers that A has not: bert.encoder.layer.2"));
        // trained ones are not called so
        const Difference trained = differ(sampleWithout("trained", ".layer.2."), sampleWithout("trained", ""));
        QCOMPARE(trained.relation.kind, RelationKind::SameValues);
        QVERIFY(trained.relation.randomInB.empty());
    }

    void aMergedAdapterIsOfLowRank()
    {
        unsigned seed = 300;
        const auto merge = [&](const std::string& name, std::vector<float> values) {
            if (name.find("query.weight") == std::string::npos && name.find("key.weight") == std::string::npos)
                return values;
            const auto up = normals(width * 4, seed++, 0.05f);
            const auto down = normals(width * 4, seed++, 0.05f);
            for (size_t i = 0; i < width; ++i)
                for (size_t k = 0; k < width; ++k)
                    for (size_t r = 0; r < 4; ++r)
                        values[i * width + k] += up[i * 4 + r] * down[k * 4 + r];
            return values;
        };
        const Difference difference = differ(built(transformer()), built(transformer(merge)));
        QCOMPARE(difference.relation.kind, RelationKind::LowRank);
        QCOMPARE(difference.relation.rank, 4);
    }

    void unrelatedWeightsAreNotFineTuned()
    {
        const auto other = transformer([](const std::string&, std::vector<float> values) {
            std::reverse(values.begin(), values.end());
            return values;
        });
        const Difference difference = differ(built(transformer()), built(other));
        QCOMPARE(difference.relation.kind, RelationKind::OtherWeights);
    }

    void withoutValuesNothingIsSaidOfThem()
    {
        JobContext job;
        const Difference difference = differenceOf(built(transformer()), built(transformer()), {}, job).value();
        QCOMPARE(difference.relation.kind, RelationKind::Unknown);
        QVERIFY(!difference.pairs.front().values);
        QVERIFY(!difference.hasDifferences());
    }

    void whatCannotBeReadSaysWhy()
    {
        Builder b;
        b.add("w", {4}, {1, 2, 3, 4});
        b.last().storage.offset = 1000;
        const Difference difference = differ(Builder().add("w", {4}, {1, 2, 3, 4}).build(), b.build());
        QVERIFY(!difference.pairs.front().values);
        QVERIFY(!difference.pairs.front().valuesError.empty());
        QCOMPARE(difference.unreadable(), &difference.pairs.front());
        QCOMPARE(difference.relation.kind, RelationKind::Unknown);
    }

    void cancellingEndsIt()
    {
        std::stop_source stop;
        stop.request_stop();
        JobContext job{stop.get_token(), {}};
        Difference difference;
        difference.a = built(transformer());
        difference.b = built(transformer());
        QVERIFY(!alignCheckpoints(difference.a, difference.b, job));
        QCOMPARE(QString::fromStdString(compareValues(difference, {}, job).error().rule), QStringLiteral("cancelled"));
    }

    void tokensAreAddedRemovedAndMoved()
    {
        const test::TemporaryFolder folder;
        folder.write(QStringLiteral("a/vocab.txt"), "[PAD]\nthe\nof\nand\n");
        folder.write(QStringLiteral("b/tokenizer.json"), "{\"model\": {\"vocab\": {\"[PAD]\": 0, \"of\": 1, \"the\": 2}}, \"added_tokens\": [{\"id\": 3, \"content\": \"[NEW]\"}]}");
        Checkpoint a, b;
        a.path = folder.path(QStringLiteral("a/model.safetensors")); // a file: what lies beside it counts
        a.format = "safetensors";
        b.path = folder.path(QStringLiteral("b"));
        b.format = "model-folder";
        b.tokenizerPaths = {folder.path(QStringLiteral("b/tokenizer.json"))};
        JobContext job;
        const TokenizerDifference tokens = differingTokens(a, b, job);
        QCOMPARE(tokens.tokensA, size_t(4));
        QCOMPARE(tokens.added, size_t(1));
        QCOMPARE(tokens.removed, size_t(1));
        QCOMPARE(tokens.moved, size_t(2));
        QCOMPARE(tokens.tokens.size(), size_t(4));
        QCOMPARE(tokens.tokens.front().token, std::string("the"));
        QVERIFY(differingTokens(a, a, job).isSame());
    }

    void fieldsAreComparedOneByOne()
    {
        const Value a = Value::Map{{"x", 1}, {"inner", Value::Map{{"y", "a"}, {"z", true}}}};
        const Value b = Value::Map{{"inner", Value::Map{{"y", "b"}, {"z", true}}}, {"w", 2.5}};
        const FieldsDifference fields = differingFields(&a, &b);
        QCOMPARE(fields.fields, size_t(4));
        QCOMPARE(fields.differing.size(), size_t(3));
        QCOMPARE(fields.differing[0].field, std::string("x"));
        QVERIFY(!fields.differing[0].b);
        QCOMPARE(fields.differing[1].field, std::string("inner.y"));
        QCOMPARE(fields.differing[2].field, std::string("w"));
        QVERIFY(!differingFields(nullptr, &b).hasA);
    }
};

QTEST_APPLESS_MAIN(TestDifference)
#include "tst_difference.moc"
