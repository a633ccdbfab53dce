// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Files that carry their own architecture: whole ones fit, and what is damaged is named.
#include "core/architecture/file_architecture.h"
#include "core/architecture/keras_layers.h"
#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/check.h"
#include "core/diagnosis/tensorflow_names.h"
#include "tests/support/files.h"

#include <QtTest>

#include <algorithm>
#include <functional>

using namespace weighbridge;

namespace {

Checkpoint opened(const QString& path)
{
    JobContext job;
    const auto checkpoint = openCheckpoint(test::dataPath(path).toStdString(), job);
    if (!checkpoint)
        qFatal("%s", checkpoint.error().message.c_str());
    return **checkpoint;
}

std::shared_ptr<const CheckResult> checked(Checkpoint checkpoint)
{
    JobContext job;
    const auto result = checkCheckpoint(std::make_shared<const Checkpoint>(std::move(checkpoint)), {}, job);
    return result ? *result : nullptr;
}

std::vector<std::string> named(const CheckResult& result, Status status)
{
    std::vector<std::string> out;
    for (const size_t row : result.comparison->rows(status)) {
        const Match& match = result.comparison->matches[row];
        out.push_back(match.expected >= 0 ? result.expected->tensors[static_cast<size_t>(match.expected)].name
                                          : result.checkpoint->tensors[static_cast<size_t>(match.found)].name);
    }
    return out;
}

QStringList sorted(const std::vector<std::string>& names)
{
    QStringList out;
    for (const std::string& name : names)
        out << QString::fromStdString(name);
    out.sort();
    return out;
}

const ExpectedTensor* expectedNamed(const CheckResult& result, const char* name)
{
    return result.expected->find(name);
}

/// Calls `change` with the serialized layer of that name, at whatever depth; false if there is none.
bool changeLayer(Value& value, const std::string& name, const std::function<void(Value&)>& change)
{
    if (auto* list = value.list())
        return std::any_of(list->begin(), list->end(), [&](Value& item) { return changeLayer(item, name, change); });
    Value::Map* map = value.map();
    if (!map)
        return false;
    const Value* config = value.find("class_name") ? value.find("config") : nullptr;
    const Value* own = config ? config->find("name") : nullptr;
    if (own && own->stringOr("") == name) {
        change(value);
        return true;
    }
    return std::any_of(map->begin(), map->end(), [&](auto& entry) { return changeLayer(entry.second, name, change); });
}

void setInConfig(Value& layer, const std::string& field, Value value)
{
    Value config = *layer.find("config");
    config.set(field, std::move(value));
    layer.set("config", std::move(config));
}

Value& modelConfig(Checkpoint& checkpoint)
{
    for (auto& [key, value] : *checkpoint.metadata.map())
        if (key == "model_config")
            return value;
    qFatal("no model_config");
}

void forget(Checkpoint& checkpoint, const std::string& start)
{
    std::erase_if(checkpoint.tensors, [&start](const TensorInfo& tensor) { return tensor.name.starts_with(start); });
}

/// A checkpoint of TensorFlow 1 as google-research/bert writes it: 2 layers of 8, 30 words, 10 positions.
Checkpoint tensorFlowBert()
{
    Checkpoint out;
    out.format = "tf-checkpoint";
    const auto add = [&out](const std::string& name, Shape shape) {
        TensorInfo tensor;
        tensor.name = name;
        tensor.shape = std::move(shape);
        tensor.dtype = DType::F32;
        out.tensors.push_back(std::move(tensor));
    };
    const auto dense = [&add](const std::string& name, int64_t in, int64_t made) {
        add(name + "/kernel", {in, made});
        add(name + "/bias", {made});
    };
    const auto norm = [&add](const std::string& name) {
        add(name + "/LayerNorm/beta", {8});
        add(name + "/LayerNorm/gamma", {8});
    };
    add("bert/embeddings/word_embeddings", {30, 8});
    add("bert/embeddings/position_embeddings", {10, 8});
    add("bert/embeddings/token_type_embeddings", {2, 8});
    norm("bert/embeddings");
    for (const std::string layer : {"bert/encoder/layer_0/", "bert/encoder/layer_1/"}) {
        for (const char* part : {"query", "key", "value"})
            dense(layer + "attention/self/" + part, 8, 8);
        dense(layer + "attention/output/dense", 8, 8);
        norm(layer + "attention/output");
        dense(layer + "intermediate/dense", 8, 12);
        dense(layer + "output/dense", 12, 8);
        norm(layer + "output");
    }
    dense("bert/pooler/dense", 8, 8);
    dense("cls/predictions/transform/dense", 8, 8);
    norm("cls/predictions/transform");
    add("cls/predictions/output_bias", {30});
    add("cls/seq_relationship/output_weights", {2, 8});
    add("cls/seq_relationship/output_bias", {2});
    return out;
}

constexpr const char* formerBertConfig =
    R"({"attention_probs_dropout_prob": 0.1, "hidden_act": "gelu", "hidden_dropout_prob": 0.1, "hidden_size": 8, "initializer_range": 0.02,
    "intermediate_size": 12, "max_position_embeddings": 10, "num_attention_heads": 2, "num_hidden_layers": 2, "type_vocab_size": 2, "vocab_size": 30})";

std::shared_ptr<const CheckResult> checkedTensorFlow(Checkpoint checkpoint, const QByteArray& config)
{
    test::TemporaryFolder folder;
    CheckOptions options;
    options.configPath = folder.write(QStringLiteral("bert_config.json"), config);
    checkpoint.path = folder.path(QStringLiteral("bert_model.ckpt"));
    JobContext job;
    const auto result = checkCheckpoint(std::make_shared<const Checkpoint>(std::move(checkpoint)), options, job);
    return result ? *result : nullptr;
}

} // namespace

class TstFileArchitecture : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aWholeFileIsUsable_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<int>("tensors");
        QTest::newRow("convolutions, .keras") << "keras/images.keras" << 21;
        QTest::newRow("convolutions, .h5") << "keras/images.h5" << 21;
        QTest::newRow("recurrent and nested, .keras") << "keras/sequences.keras" << 46;
        QTest::newRow("recurrent and nested, .h5") << "keras/sequences.h5" << 46;
        QTest::newRow("other layers, .keras") << "keras/others.keras" << 16;
        QTest::newRow("a custom layer, .keras") << "keras/custom.keras" << 5;
        QTest::newRow("a custom layer, .h5") << "keras/custom.h5" << 5;
        QTest::newRow("names with :0") << "hdf5/nested.h5" << 6;
        QTest::newRow("a model first") << "hdf5/nested.keras" << 6;
        QTest::newRow("ONNX") << "onnx/graph.onnx" << 13;
    }
    void aWholeFileIsUsable()
    {
        QFETCH(QString, path);
        QFETCH(int, tensors);
        const auto result = checked(opened(path));
        QVERIFY(result && result->comparison);
        QCOMPARE(sorted(named(*result, Status::Missing)), QStringList());
        QCOMPARE(sorted(named(*result, Status::Unexpected)), QStringList());
        QCOMPARE(sorted(named(*result, Status::ShapeDiffers)), QStringList());
        QCOMPARE(static_cast<int>(result->comparison->matchedTensors), tensors);
        QCOMPARE(result->verdict, Verdict::Usable);
    }

    /// The shapes must come from the config, not from the file: with another size in every tensor, every tensor differs.
    void everyShapeFollowsFromTheConfig_data()
    {
        QTest::addColumn<QString>("path");
        for (const char* path : {"keras/images.keras", "keras/images.h5", "keras/sequences.keras", "keras/sequences.h5", "keras/others.keras"})
            QTest::newRow(path) << QString::fromLatin1(path);
    }
    void everyShapeFollowsFromTheConfig()
    {
        QFETCH(QString, path);
        Checkpoint checkpoint = opened(path);
        size_t scalars = 0;
        for (TensorInfo& tensor : checkpoint.tensors) {
            scalars += tensor.shape.empty() ? 1 : 0;
            for (int64_t& size : tensor.shape)
                size += 1000;
        }
        const auto result = checked(checkpoint);
        QVERIFY(result && result->comparison);
        QCOMPARE(result->comparison->rows(Status::ShapeDiffers).size(), checkpoint.tensors.size() - scalars);
        for (const ExpectedTensor& tensor : result->expected->tensors)
            QVERIFY2(std::all_of(tensor.shape.begin(), tensor.shape.end(), [](int64_t size) { return size > 0; }), tensor.name.c_str());
    }

    void eachLostTensorIsNamed_data() { everyShapeFollowsFromTheConfig_data(); }
    void eachLostTensorIsNamed()
    {
        QFETCH(QString, path);
        const Checkpoint whole = opened(path);
        for (size_t i = 0; i < whole.tensors.size(); ++i) {
            Checkpoint checkpoint = whole;
            const TensorInfo lost = checkpoint.tensors[i];
            checkpoint.tensors.erase(checkpoint.tensors.begin() + static_cast<std::ptrdiff_t>(i));
            const auto result = checked(checkpoint);
            QVERIFY(result && result->comparison);
            QCOMPARE(sorted(named(*result, Status::Missing)), QStringList{QString::fromStdString(lost.name)});
            QCOMPARE(sorted(named(*result, Status::Unexpected)), QStringList());
            QCOMPARE(expectedNamed(*result, lost.name.c_str())->shape, lost.shape);
            QCOMPARE(result->verdict, Verdict::NotUsable);
        }
    }

    void aLostLayerIsNamed_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("start");
        QTest::newRow(".keras") << "keras/images.keras"
                                << "layers/separable_conv2d/";
        QTest::newRow(".h5") << "keras/images.h5"
                             << "model_weights/separable_conv2d/";
        QTest::newRow("in both directions, .h5") << "keras/sequences.h5"
                                                 << "model_weights/bidirectional/";
        QTest::newRow("attention, .h5") << "keras/sequences.h5"
                                        << "model_weights/multi_head_attention/";
        QTest::newRow("stacked cells, .h5") << "keras/sequences.h5"
                                            << "model_weights/rnn/";
        QTest::newRow("an inner model, .h5") << "keras/sequences.h5"
                                             << "model_weights/inner/";
        QTest::newRow("an inner model, .keras") << "keras/sequences.keras"
                                                << "layers/sequential/";
        QTest::newRow("an inner model, with :0") << "hdf5/nested.h5"
                                                 << "model_weights/block/";
    }
    void aLostLayerIsNamed()
    {
        QFETCH(QString, path);
        QFETCH(QString, start);
        Checkpoint checkpoint = opened(path);
        std::vector<std::string> lost;
        for (const TensorInfo& tensor : checkpoint.tensors)
            if (tensor.name.starts_with(start.toStdString()))
                lost.push_back(tensor.name);
        QVERIFY(lost.size() > 1);
        forget(checkpoint, start.toStdString());
        const auto result = checked(checkpoint);
        QVERIFY(result && result->comparison);
        QCOMPARE(sorted(named(*result, Status::Missing)), sorted(lost));
        QCOMPARE(sorted(named(*result, Status::Unexpected)), QStringList());
    }

    void aLayerThatTheConfigDoesNotHaveIsUnexpected()
    {
        Checkpoint checkpoint = opened(QStringLiteral("keras/images.h5"));
        QVERIFY(changeLayer(modelConfig(checkpoint), "net", [](Value& model) {
            Value::List layers = *model.find("config")->find("layers")->list();
            std::erase_if(layers, [](const Value& layer) { return layer.find("config")->find("name")->stringOr("") == "group_normalization"; });
            setInConfig(model, "layers", std::move(layers));
        }));
        const auto result = checked(checkpoint);
        QVERIFY(result && result->comparison);
        QCOMPARE(sorted(named(*result, Status::Unexpected)), (QStringList{"model_weights/group_normalization/net/group_normalization/beta",
                                                                          "model_weights/group_normalization/net/group_normalization/gamma"}));
        QCOMPARE(sorted(named(*result, Status::Missing)), QStringList());
    }

    void anotherWidthIsAnotherShape_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<QStringList>("differ");
        QTest::newRow(".keras") << "keras/images.keras" << QStringList{"layers/dense_1/vars/0"};
        QTest::newRow(".h5") << "keras/images.h5" << QStringList{"model_weights/out/net/out/kernel"};
    }
    void anotherWidthIsAnotherShape()
    {
        QFETCH(QString, path);
        QFETCH(QStringList, differ);
        Checkpoint checkpoint = opened(path);
        QVERIFY(changeLayer(modelConfig(checkpoint), "out", [](Value& layer) { setInConfig(layer, "units", 5); }));
        const auto result = checked(checkpoint);
        QVERIFY(result && result->comparison);
        QCOMPARE(sorted(named(*result, Status::ShapeDiffers)), differ);
        QCOMPARE(expectedNamed(*result, qPrintable(differ[0]))->shape, (Shape{7, 5}));
    }

    /// Files of Keras 2 do not say what a layer was built for: shapes follow from layer to layer.
    void shapesAreWorkedOutWithoutBuildConfigs()
    {
        Checkpoint checkpoint = opened(QStringLiteral("keras/images.keras"));
        std::function<void(Value&)> strip = [&strip](Value& value) {
            if (auto* list = value.list())
                std::for_each(list->begin(), list->end(), strip);
            if (auto* map = value.map()) {
                std::erase_if(*map, [](const auto& entry) {
                    return entry.first == "build_config" || entry.first == "module" || entry.first == "registered_name";
                });
                for (auto& [key, item] : *map)
                    strip(item);
            }
        };
        strip(modelConfig(checkpoint));
        forget(checkpoint, "layers/conv2d/");
        forget(checkpoint, "layers/separable_conv2d/");
        forget(checkpoint, "layers/depthwise_conv2d/");
        const auto result = checked(checkpoint);
        QVERIFY(result && result->comparison);
        QCOMPARE(expectedNamed(*result, "layers/conv2d/vars/0")->shape, (Shape{3, 3, 3, 4}));
        QCOMPARE(expectedNamed(*result, "layers/separable_conv2d/vars/1")->shape, (Shape{1, 1, 4, 6}));
        QCOMPARE(expectedNamed(*result, "layers/depthwise_conv2d/vars/0")->shape, (Shape{3, 3, 6, 1}));
        QCOMPARE(result->comparison->rows(Status::Missing).size(), size_t(7));
    }

    void aCustomLayerIsSaidAndNotJudged()
    {
        for (const char* path : {"keras/custom.keras", "keras/custom.h5"}) {
            Checkpoint checkpoint = opened(QString::fromLatin1(path));
            const auto whole = checked(checkpoint);
            const auto finding =
                std::find_if(whole->findings.begin(), whole->findings.end(), [](const Finding& one) { return one.rule == "custom-architecture"; });
            QVERIFY(finding != whole->findings.end());
            QCOMPARE(finding->severity, Severity::Note);
            QVERIFY2(finding->title.find("Scale") != std::string::npos, finding->title.c_str());
            std::erase_if(checkpoint.tensors, [](const TensorInfo& tensor) { return tensor.name.find("scale") != std::string::npos; });
            const auto without = checked(checkpoint);
            QVERIFY(without->comparison->rows(Status::Missing).empty());
            QCOMPARE(without->comparison->expectedTensors, size_t(4));
        }
    }

    void aConfigThatIsNoModelExpectsNothing()
    {
        for (const char* config : {"{}", "[]", "3", R"({"class_name": "Mine", "config": {"layers": []}})", R"({"class_name": "Sequential"})",
                                   R"({"class_name": "Sequential", "config": {"layers": 4}})"}) {
            Checkpoint checkpoint = opened(QStringLiteral("keras/images.keras"));
            checkpoint.metadata.set("model_config", parseJson(config)->value);
            QVERIFY(!checked(checkpoint)->expected);
        }
    }

    void aDeepConfigEnds()
    {
        const QString layer = QStringLiteral(R"({"class_name": "TimeDistributed", "config": {"name": "a", "layer": %1}})");
        QString nested = QStringLiteral("{}");
        for (int i = 0; i < 60; ++i)
            nested = layer.arg(nested);
        Checkpoint checkpoint = opened(QStringLiteral("keras/images.keras"));
        checkpoint.metadata.set(
            "model_config",
            parseJson(QStringLiteral(R"({"class_name": "Sequential", "config": {"name": "x", "layers": [%1]}})").arg(nested).toStdString())->value);
        QVERIFY(checked(checkpoint));
    }

    void groupsAreNamedAsKerasNamesThem()
    {
        for (const auto& [className, group] :
             {std::pair("Dense", "dense"), std::pair("Conv2D", "conv2d"), std::pair("PReLU", "p_re_lu"),
              std::pair("MultiHeadAttention", "multi_head_attention"), std::pair("Conv2DTranspose", "conv2d_transpose"),
              std::pair("GRUCell", "gru_cell"), std::pair("ConvLSTM1D", "conv_lstm1d")})
            QCOMPARE(kerasSnakeCase(className), std::string(group));
    }

    void aGraphSaysWhatItIsMissing()
    {
        const auto result = checked(opened(QStringLiteral("onnx/graph-damaged.onnx")));
        QVERIFY(result && result->comparison);
        QCOMPARE(sorted(named(*result, Status::Missing)), (QStringList{"bn.mean", "conv.weight", "fc.bias", "shift"}));
        QCOMPARE(sorted(named(*result, Status::Unexpected)), QStringList{"left.over"});
        QCOMPARE(sorted(named(*result, Status::ShapeDiffers)), QStringList{"fc.weight"});
        QCOMPARE(expectedNamed(*result, "conv.weight")->shape, (Shape{6, 2, 3, 3}));
        QCOMPARE(expectedNamed(*result, "bn.mean")->shape, Shape{6});
        QCOMPARE(expectedNamed(*result, "fc.weight")->shape, (Shape{5, 24}));
        QVERIFY(!expectedNamed(*result, "shift")->isShapeKnown);
        QCOMPARE(formatShape(*expectedNamed(*result, "shift")), "any shape");
        QCOMPARE(result->verdict, Verdict::NotUsable);
    }

    void aTensorFlowBertFitsItsConfig()
    {
        Checkpoint checkpoint = tensorFlowBert();
        checkpoint.tensors.push_back(checkpoint.tensors.front());
        checkpoint.tensors.back().name += "/adam_m";
        const auto result = checkedTensorFlow(checkpoint, formerBertConfig);
        QVERIFY(result && result->comparison);
        QCOMPARE(result->expected->className, "BertForPreTraining");
        QCOMPARE(sorted(named(*result, Status::Missing)), QStringList());
        QCOMPARE(sorted(named(*result, Status::Unexpected)), QStringList());
        QCOMPARE(sorted(named(*result, Status::ShapeDiffers)), QStringList());
        QCOMPARE(result->comparison->matchedTensors, checkpoint.tensors.size() - 1);
        QCOMPARE(result->verdict, Verdict::Usable);
    }
    void aTensorFlowBertSaysWhatItIsMissing()
    {
        Checkpoint checkpoint = tensorFlowBert();
        forget(checkpoint, "bert/encoder/layer_1/output/dense/kernel");
        forget(checkpoint, "cls/seq_relationship/output_bias");
        checkpoint.tensors.push_back(checkpoint.tensors.front());
        checkpoint.tensors.back().name = "bert/extra/kernel";
        std::find_if(checkpoint.tensors.begin(), checkpoint.tensors.end(), [](const TensorInfo& tensor) {
            return tensor.name == "bert/encoder/layer_0/intermediate/dense/kernel";
        })->shape = {12, 8};
        const auto result = checkedTensorFlow(checkpoint, formerBertConfig);
        QVERIFY(result && result->comparison);
        QCOMPARE(sorted(named(*result, Status::Missing)),
                 (QStringList{"bert/encoder/layer_1/output/dense/kernel", "cls/seq_relationship/output_bias"}));
        QCOMPARE(sorted(named(*result, Status::Unexpected)), QStringList{"bert/extra/kernel"});
        QCOMPARE(sorted(named(*result, Status::ShapeDiffers)), QStringList{"bert/encoder/layer_0/intermediate/dense/kernel"});
        QCOMPARE(expectedNamed(*result, "bert/encoder/layer_1/output/dense/kernel")->shape, (Shape{12, 8}));
        QCOMPARE(result->verdict, Verdict::NotUsable);
    }
    /// The names of the published checkpoints, as transformers' converters take them.
    void otherFamiliesHaveTensorFlowNamesToo_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QStringList>("kernels");
        QTest::addColumn<QStringList>("others");
        const QString inner = QStringLiteral("bert/encoder/transformer/group_0/inner_group_0/");
        const QString layer = QStringLiteral("electra/encoder/layer_0/");
        QTest::newRow("albert")
            << QByteArray(
                   R"({"model_type": "albert", "architectures": ["AlbertForPreTraining"], "vocab_size": 30, "embedding_size": 6, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
            "intermediate_size": 12, "max_position_embeddings": 10})")
            << QStringList{inner + "attention_1/self/query/kernel",           inner + "attention_1/self/key/kernel",
                           inner + "attention_1/self/value/kernel",           inner + "attention_1/output/dense/kernel",
                           inner + "ffn_1/intermediate/dense/kernel",         inner + "ffn_1/intermediate/output/dense/kernel",
                           "bert/encoder/embedding_hidden_mapping_in/kernel", "bert/pooler/dense/kernel",
                           "cls/predictions/transform/dense/kernel"}
            << QStringList{"bert/embeddings/word_embeddings",
                           "bert/embeddings/position_embeddings",
                           "bert/embeddings/token_type_embeddings",
                           "bert/embeddings/LayerNorm/gamma",
                           "bert/embeddings/LayerNorm/beta",
                           inner + "LayerNorm/gamma",
                           inner + "LayerNorm/beta",
                           inner + "LayerNorm_1/gamma",
                           inner + "LayerNorm_1/beta",
                           "cls/predictions/transform/LayerNorm/gamma",
                           "cls/predictions/transform/LayerNorm/beta",
                           "cls/predictions/output_bias",
                           "cls/seq_relationship/output_weights",
                           "cls/seq_relationship/output_bias"};
        QTest::newRow("electra")
            << QByteArray(
                   R"({"model_type": "electra", "architectures": ["ElectraForPreTraining"], "vocab_size": 30, "embedding_size": 6, "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
            "intermediate_size": 12, "max_position_embeddings": 10})")
            << QStringList{layer + "attention/self/query/kernel",     layer + "attention/self/key/kernel",
                           layer + "attention/self/value/kernel",     layer + "attention/output/dense/kernel",
                           layer + "intermediate/dense/kernel",       layer + "output/dense/kernel",
                           "electra/embeddings_project/kernel",       "discriminator_predictions/dense/kernel",
                           "discriminator_predictions/dense_1/kernel"}
            << QStringList{
                   "electra/embeddings/word_embeddings",      "electra/embeddings/position_embeddings", "electra/embeddings/token_type_embeddings",
                   "electra/embeddings/LayerNorm/gamma",      "electra/embeddings/LayerNorm/beta",      layer + "attention/output/LayerNorm/gamma",
                   layer + "attention/output/LayerNorm/beta", layer + "output/LayerNorm/gamma",         layer + "output/LayerNorm/beta"};
    }
    void otherFamiliesHaveTensorFlowNamesToo()
    {
        QFETCH(QByteArray, config);
        QFETCH(QStringList, kernels);
        QFETCH(QStringList, others);
        QStringList names = kernels + others;
        for (const QString& kernel : kernels)
            names << QString(kernel).replace(QStringLiteral("/kernel"), QStringLiteral("/bias"));
        names.sort();
        Config read;
        read.root = parseJson(config.toStdString())->value;
        JobContext job;
        auto expected = expectedModel(read, "", job);
        QVERIFY(expected.has_value());
        expectTensorFlow(*expected, {{"bert/encoder/layer_0/attention/self/query/kernel", {8, 8}, DType::F32, 0}});
        std::vector<std::string> found;
        for (const ExpectedTensor& tensor : expected->tensors)
            found.push_back(tensor.name);
        QCOMPARE(sorted(found), names);
        QCOMPARE(expected->find(kernels[4].toStdString())->shape, (Shape{8, 12}));
    }

    void aTensorFlowClassifierHasTheLabelsOfItsFile()
    {
        Checkpoint checkpoint = tensorFlowBert();
        forget(checkpoint, "cls/");
        for (const auto& [name, shape] : {std::pair("output_weights", Shape{3, 8}), std::pair("output_bias", Shape{3})}) {
            checkpoint.tensors.push_back(checkpoint.tensors.front());
            checkpoint.tensors.back().name = name;
            checkpoint.tensors.back().shape = shape;
        }
        const auto result = checkedTensorFlow(checkpoint, formerBertConfig);
        QVERIFY(result && result->expected);
        QCOMPARE(result->expected->className, "BertForSequenceClassification");
        QCOMPARE(result->comparison->matchedTensors, checkpoint.tensors.size());
        QVERIFY(result->comparison->rows(Status::Unexpected).empty());
    }
};

QTEST_APPLESS_MAIN(TstFileArchitecture)
#include "tst_file_architecture.moc"
