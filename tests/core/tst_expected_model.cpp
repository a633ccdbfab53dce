// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/expected_model.h"
#include "core/base/json.h"
#include "core/base/sha256.h"
#include "core/report/answers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <QTemporaryDir>
#include <QtTest>

using namespace weighbridge;

namespace {

Config configOf(const char* json)
{
    return {parseJson(json)->value, "/nowhere/config.json", "json", {}};
}

Value orEmpty(const Value* value, Value fallback)
{
    return value ? *value : fallback;
}

} // namespace

class TstExpectedModel : public QObject {
    Q_OBJECT

    JobContext m_job;

private Q_SLOTS:
    void agreesWithTheLibrary_data()
    {
        QTest::addColumn<int>("index");
        QFile file(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/arch/bert_cases.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_cases = parseJson(file.readAll().toStdString())->value;
        for (size_t i = 0; i < m_cases.list()->size(); ++i)
            QTest::addRow("%zu %s", i, (*m_cases.list())[i].find("class")->stringOr("").c_str()) << static_cast<int>(i);
    }
    void agreesWithTheLibrary()
    {
        QFETCH(int, index);
        const Value& row = (*m_cases.list())[static_cast<size_t>(index)];
        const Value& wanted = *row.find("case");
        const auto model = expectedModel({*row.find("config"), "/nowhere/config.json", "json", {}}, row.find("class")->stringOr(""), m_job);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        Value::Map keys;
        for (const ExpectedTensor& tensor : model->tensors)
            keys.emplace_back(tensor.name, Value::List(tensor.shape.begin(), tensor.shape.end()));
        QCOMPARE(toJson(keys), toJson(*wanted.find("keys")));
        const Value answer = expectAnswer(*model);
        QCOMPARE(toJson(*answer.find("tied")), toJson(orEmpty(wanted.find("tied"), Value::Map{})));
        QCOMPARE(toJson(*answer.find("nonpersistent")), toJson(orEmpty(wanted.find("nonpersistent"), Value::Map{})));
        QCOMPARE(toJson(*answer.find("buffers")), toJson(orEmpty(wanted.find("buffers"), Value::List{})));
        QCOMPARE(model->baseModelPrefix, wanted.find("base_model_prefix")->stringOr(""));
    }
    /// What tools/fingerprint_models.py says that the library builds from configs as they are published.
    void publishedModelsAreExact_data()
    {
        QTest::addColumn<int>("index");
        QFile file(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/arch/published_models.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_published = parseJson(file.readAll().toStdString())->value;
        for (size_t i = 0; i < m_published.list()->size(); ++i)
            QTest::addRow("%s", (*m_published.list())[i].find("name")->stringOr("").c_str()) << static_cast<int>(i);
    }
    void publishedModelsAreExact()
    {
        QFETCH(int, index);
        const Value& row = (*m_published.list())[static_cast<size_t>(index)];
        const Config config{*row.find("config"), "/nowhere/config.json", "json", {}};
        const auto model = expectedModel(config, row.find("class")->stringOr(""), m_job, Purpose::Listing);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        std::string lines;
        for (const ExpectedTensor& tensor : model->tensors)
            lines += fmt::format("{} [{}]\n", tensor.name, fmt::join(tensor.shape, ","));
        QCOMPARE(static_cast<int64_t>(model->tensors.size()), *row.find("tensors")->integer());
        Sha256 digest;
        digest.update({reinterpret_cast<const std::byte*>(lines.data()), lines.size()});
        QCOMPARE(digest.finish(), row.find("sha256")->stringOr(""));
    }
    void takesTheConfigsOwnClassElseTheBaseModel()
    {
        QCOMPARE(expectedModel(configOf("{\"model_type\": \"bert\", \"architectures\": [\"BertForMaskedLM\"]}"), "", m_job)->className, "BertForMaskedLM");
        QCOMPARE(expectedModel(configOf("{\"model_type\": \"bert\", \"architectures\": null}"), "", m_job)->className, "BertModel");
        QCOMPARE(expectedModel(configOf("{\"model_type\": \"bert\", \"architectures\": [\"BertForMaskedLM\"]}"), "BertModel", m_job)->className, "BertModel");
    }
    void untiesWhenTheConfigSaysSo()
    {
        QVERIFY(expectedModel(configOf("{\"model_type\": \"bert\", \"tie_word_embeddings\": false}"), "BertForMaskedLM", m_job)->tied.empty());
    }
    void countsTiedParametersOnce()
    {
        const auto base = expectedModel(configOf("{\"model_type\": \"bert\"}"), "BertModel", m_job);
        QCOMPARE(base->parameters(), uint64_t(109482240)); // the published number of bert-base-uncased
    }
    void readsTheFirstBertConfigs()
    {
        const auto model = expectedModel(configOf("{\"attention_probs_dropout_prob\": 0.1, \"hidden_act\": \"gelu\", \"hidden_dropout_prob\": 0.1, \"hidden_size\": 768, \"initializer_range\": 0.02, "
                                                  "\"intermediate_size\": 3072, \"max_position_embeddings\": 512, \"num_attention_heads\": 12, \"num_hidden_layers\": 12, \"type_vocab_size\": 2, "
                                                  "\"vocab_size\": 30522}"),
                                         "", m_job);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        QCOMPARE(model->modelType, "bert");
        QCOMPARE(model->source, "inferred");
    }
    void refuses_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("className");
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("inMessage");
        const auto row = [](const char* what, const char* json, const char* className, const char* rule, const char* inMessage) {
            QTest::newRow(what) << QByteArray(json) << QByteArray(className) << QByteArray(rule) << QByteArray(inMessage);
        };
        row("unknown model type", "{\"model_type\": \"bertt\"}", "", "unknown-model-type", "bert");
        row("model type that is a path", "{\"model_type\": \"../architectures/bert\"}", "", "unknown-model-type", "not known");
        row("unknown class", "{\"model_type\": \"bert\"}", "BertForEverything", "unknown-class", "BertForMaskedLM");
        row("remote code", "{\"model_type\": \"own\", \"auto_map\": {\"AutoModel\": \"x.Y\"}}", "", "remote-code", "auto_map");
        row("no model type", "{\"hidden_size\": 3}", "", "config-missing", "model_type");
        row("nearly a first BERT config", "{\"hidden_size\": 768, \"embedding_size\": 128}", "", "config-missing", "model_type");
        row("negative size", "{\"model_type\": \"bert\", \"vocab_size\": -5}", "", "bad-shape", "vocab_size = -5");
        row("size that is text", "{\"model_type\": \"bert\", \"vocab_size\": \"many\"}", "", "bad-shape", "vocab_size");
        row("size that is no number", "{\"model_type\": \"bert\", \"vocab_size\": NaN}", "", "bad-shape", "vocab_size");
        row("size of 2.5", "{\"model_type\": \"bert\", \"intermediate_size\": 2.5}", "", "bad-shape", "intermediate_size = 2.5");
        row("absurd size", "{\"model_type\": \"bert\", \"vocab_size\": 1000000000000000}", "", "bad-shape", "vocab_size");
        row("absurd product", "{\"model_type\": \"bert\", \"vocab_size\": 100000000000000, \"hidden_size\": 120000000}", "", "bad-shape", "word_embeddings");
        row("absurd layers", "{\"model_type\": \"bert\", \"num_hidden_layers\": 1000000000}", "", "bad-shape", "num_hidden_layers");
        row("too many tensors", "{\"model_type\": \"bert\", \"num_hidden_layers\": 400000}", "", "resource-bomb", "tensors");
        row("heads that do not divide", "{\"model_type\": \"bert\", \"hidden_size\": 770}", "", "bad-shape", "hidden_size = 770");
        row("no heads", "{\"model_type\": \"bert\", \"num_attention_heads\": 0}", "", "bad-shape", "division by zero");
        row("field that is null", "{\"model_type\": \"bert\", \"hidden_size\": null}", "", "bad-shape", "hidden_size");
    }
    void refuses()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, className);
        QFETCH(QByteArray, inMessage);
        const auto model = expectedModel(configOf(json.constData()), className.toStdString(), m_job);
        QVERIFY(!model.has_value());
        QTEST(QByteArray::fromStdString(model.error().rule), "rule");
        QVERIFY2(model.error().message.find(inMessage.toStdString()) != std::string::npos, model.error().message.c_str());
        QCOMPARE(model.error().path, "/nowhere/config.json");
    }
    void readsASpecificationBesideTheConfig()
    {
        const auto model = beside("{\"model_type\": \"mine\", \"base_class\": \"Mine\", \"config\": {\"fields\": {\"width\": 8, \"depth\": 2}}, \"classes\": {\"Mine\": {\"lines\": ["
                   "[\"blocks.{i}.weight\", [\"width\", \"2 * width\"], {\"for\": {\"i\": \"depth\"}}],"
                   "[\"blocks.{i}.gate\", [\"width\"], {\"for\": {\"i\": \"depth\"}, \"if\": \"i > 0\"}], [\"scale\", []]]}}}",
                                  "{\"model_type\": \"mine\", \"width\": 4}", Purpose::Loading);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        std::string listing;
        for (const ExpectedTensor& tensor : model->tensors)
            listing += tensor.name + toJson(Value::List(tensor.shape.begin(), tensor.shape.end())) + " ";
        QCOMPARE(listing, "blocks.0.weight[4,8] blocks.1.weight[4,8] blocks.1.gate[4] scale[] ");
    }
    void indicesThatShareAPlaceAreWrittenOutTogether()
    {
        const auto model =
            beside("{\"model_type\": \"mine\", \"base_class\": \"Mine\", \"config\": {\"fields\": {}}, \"classes\": {\"Mine\": {\"lines\": ["
                   "[\"b.{2 * i + j}.w\", [1], {\"for\": {\"i\": 2, \"j\": 2}}], [\"b.{2 * i + j}.x\", [1], {\"for\": {\"i\": 2, \"j\": 2}}]]}}}",
                   "{\"model_type\": \"mine\"}", Purpose::Loading);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        std::string listing;
        for (const ExpectedTensor& tensor : model->tensors)
            listing += tensor.name + " ";
        QCOMPARE(listing, "b.0.w b.0.x b.1.w b.1.x b.2.w b.2.x b.3.w b.3.x ");
    }
    void aBatchNormIsFiveTensors()
    {
        const auto model = beside(R"({"model_type": "mine", "base_class": "Mine", "config": {"fields": {"width": 8}}, "classes": {"Mine": {"lines": [["norms.{i}", {"batch_norm": "2 * width"}, {"for": {"i": 2}, "if": "i > 0"}]]}}})",
                                  "{\"model_type\": \"mine\"}", Purpose::Loading);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        std::string listing;
        for (const ExpectedTensor& tensor : model->tensors)
            listing += tensor.name + toJson(Value::List(tensor.shape.begin(), tensor.shape.end())) + (tensor.isBuffer ? " (buffer) " : " ");
        QCOMPARE(listing, "norms.1.weight[16] norms.1.bias[16] norms.1.running_mean[16] (buffer) norms.1.running_var[16] (buffer) norms.1.num_batches_tracked[] (buffer) ");
        QCOMPARE(model->tensors.back().dtype, DType::I64);
    }
    void frozenNormsHoldBuffersAndNoCount()
    {
        const auto model = beside("{\"model_type\": \"mine\", \"base_class\": \"Mine\", \"auto\": {\"AutoBackbone\": \"Inner\"}, \"config\": {\"fields\": {}, \"sub\": {\"inner\": "
                                  "{\"config\": \"auto\", \"model_type\": \"mine\", \"optional\": true}}}, \"classes\": {\"Inner\": {\"lines\": [[\"conv.weight\", [3]], [\"norm.weight\", [3]], [\"norm.bias\", [3]], "
                                  "[\"norm.running_mean\", [3], {\"buffer\": \"persistent\"}], [\"norm.num_batches_tracked\", [], {\"buffer\": \"persistent\"}]]}, "
                                  "\"Mine\": {\"lines\": [[\"own.num_batches_tracked\", []], [\"b\", {\"model\": \"inner\", \"as\": \"AutoBackbone\", \"frozen_batch_norm\": true}], [\"norm.weight\", [1]]]}}}",
                                  "{\"model_type\": \"mine\", \"inner\": {\"model_type\": \"mine\"}}", Purpose::Loading);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        std::string listing;
        for (const ExpectedTensor& tensor : model->tensors)
            listing += tensor.name + (tensor.isBuffer ? " (buffer) " : " ");
        QCOMPARE(listing, "own.num_batches_tracked b.conv.weight b.norm.weight (buffer) b.norm.bias (buffer) b.norm.running_mean (buffer) norm.weight ");
    }
    void aModelInsideBringsWhatTheLoaderIgnores()
    {
        const auto model = beside(R"({"model_type": "mine", "base_class": "Mine", "auto": {"AutoBackbone": "Inner"}, "config": {"fields": {}, "sub": {"inner": {"config": "auto", "model_type": "mine", "optional": true}}},
                                      "classes": {"Inner": {"ignore_missing": ["a", "b"], "ignore_unexpected": ["c"], "lines": [["w", [3]]]},
                                                  "Mine": {"ignore_missing": ["b"], "lines": [["x", {"model": "inner", "as": "AutoBackbone"}]]}}})",
                                  R"({"model_type": "mine", "inner": {"model_type": "mine"}})", Purpose::Loading);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        QCOMPARE(model->ignoreMissing, (std::vector<std::string>{"b", "a"}));
        QCOMPARE(model->ignoreUnexpected, (std::vector<std::string>{"c"}));
    }
    void aSubConfigsFieldsMayStandBesideTheOuterOnes_data()
    {
        QTest::addColumn<QString>("config");
        QTest::addColumn<QString>("shape");
        QTest::newRow("inside") << R"({"model_type": "mine", "width": 3, "depth": 7, "inner": {"width": 5}})" << "[5,2]";
        QTest::newRow("beside") << R"({"model_type": "mine", "width": 3, "depth": 7})" << "[3,2]"; // the outer config has a depth of its own
        QTest::newRow("by an older name") << R"({"model_type": "mine", "inner": {"width": 5}, "inner_dict": {"width": 6}})" << "[6,2]";
        QTest::newRow("older name null") << R"({"model_type": "mine", "inner": {"width": 5}, "inner_dict": null})" << "[5,2]";
        QTest::newRow("absent") << R"({"model_type": "mine", "inner": null})" << "[4,2]";
    }
    void aSubConfigsFieldsMayStandBesideTheOuterOnes()
    {
        QFETCH(QString, config);
        QFETCH(QString, shape);
        const auto model = beside(R"({"model_type": "mine", "base_class": "Mine", "config": {"fields": {"depth": 1}, "sub": {"inner": {"config": "Inner", "model_type": "x", "flat": true, "instead": "inner_dict"}}},
                                      "configs": {"Inner": {"fields": {"width": 4, "depth": 2}}}, "classes": {"Mine": {"lines": [["w", ["inner.width", "inner.depth"]]]}}})",
                                  config.toStdString().c_str(), Purpose::Loading);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        QCOMPARE(toJson(Value::List(model->tensors[0].shape.begin(), model->tensors[0].shape.end())), shape.toStdString());
    }
    void modelsBelowAPlainModulePassNothingOn()
    {
        const auto model = beside(R"({"model_type": "mine", "base_class": "Mine", "auto": {"AutoBackbone": "Inner"}, "config": {"fields": {}, "sub": {"inner": {"config": "auto", "model_type": "mine", "optional": true}}},
                                      "classes": {"Inner": {"ignore_missing": ["a"], "tied": [["v", "w"]], "lines": [["w", [3]], ["v", [3]]]},
                                                  "Mine": {"ignore_missing": ["b"], "lines": [["x", {"model": "inner", "as": "AutoBackbone", "inherit": false}]]}}})",
                                  R"({"model_type": "mine", "inner": {"model_type": "mine"}})", Purpose::Loading);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        QCOMPARE(model->tensors.size(), size_t{2});
        QCOMPARE(model->ignoreMissing, (std::vector<std::string>{"b"}));
        QVERIFY(model->tied.empty());
    }
    void aSubConfigMayBeMadeOfOuterFields_data()
    {
        QTest::addColumn<QString>("config");
        QTest::addColumn<QString>("shape");
        QTest::newRow("absent") << R"({"model_type": "mine", "width": 3})" << "[3,7]";
        QTest::newRow("null") << R"({"model_type": "mine", "width": 3, "inner": null})" << "[3,7]";
        QTest::newRow("given") << R"({"model_type": "mine", "width": 3, "inner": {"size": 5}})" << "[5,2]";
    }
    void aSubConfigMayBeMadeOfOuterFields()
    {
        QFETCH(QString, config);
        QFETCH(QString, shape);
        const auto model = beside(R"({"model_type": "mine", "base_class": "Mine", "config": {"fields": {"width": 1}, "sub": {"inner": {"config": "Inner", "model_type": "x", "default": {"depth": 7}, "fill": {"size": "width"}}}},
                                      "configs": {"Inner": {"fields": {"size": 4, "depth": 2}}}, "classes": {"Mine": {"lines": [["w", ["inner.size", "inner.depth"]]]}}})",
                                  config.toStdString().c_str(), Purpose::Loading);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        QCOMPARE(toJson(Value::List(model->tensors[0].shape.begin(), model->tensors[0].shape.end())), shape.toStdString());
    }
    void modelsInsideBringTheirOwnRenames()
    {
        const auto model = beside(R"spec({"model_type": "mine", "base_model_prefix": "base", "base_class": "Mine", "auto": {"AutoModel": "Inner"},
                                      "config": {"fields": {}, "sub": {"inner": {"config": "auto", "model_type": "mine", "optional": true}}},
                                      "classes": {"Inner": {"renames": [["old", "new"], ["deep", "deeper", "part"], ["deepest", "bottom", ""]],
                                                            "conversions": [{"from": "(?P<g0>a)|(?P<g1>b)", "to": ["ab"], "do": [["concatenate", 0]]}],
                                                            "lines": [["w", [3]], ["base.part.w", [3]]]},
                                                  "Mine": {"renames": [["own", "mine"], ["default", "there", "tower"], ["beside", "it", "towers"]],
                                                           "lines": [["base.tower", {"model": "inner", "as": "AutoModel"}]]}}})spec",
                                  R"({"model_type": "mine", "inner": {"model_type": "mine"}})", Purpose::Loading);
        QVERIFY2(model.has_value(), model ? "" : model.error().message.c_str());
        std::vector<std::pair<std::string, std::string>> scopes;
        for (const LoaderRename& rename : model->renames)
            if (!rename.rule.starts_with("LayerNorm.") && !rename.rule.starts_with("weight_") && !rename.rule.starts_with("language_model"))
                scopes.emplace_back(rename.pattern, rename.scope.value_or("-"));
        // What the outer class says of the place itself gives way.
        const std::vector<std::pair<std::string, std::string>> wanted{{"own", "-"}, {"beside", "towers"}, {"old", "tower"}, {"deep", "tower.base.part"}, {"deepest", "tower.base"}};
        QCOMPARE(scopes, wanted);
        QCOMPARE(model->conversions.size(), size_t{1});
        QCOMPARE(model->conversions[0].scope, std::optional<std::string>("tower"));
    }
    void whatIsUnknownOfAModelInsideIsUnknownOfTheWhole()
    {
        const char* spec = R"({"model_type": "mine", "base_class": "Mine", "auto": {"AutoModel": "Inner"},
                               "config": {"fields": {}, "sub": {"inner": {"config": "auto", "model_type": "mine", "optional": true}}},
                               "classes": {"Inner": {"unknown_loading": "the conversion Split", "lines": [["w", [3]]]},
                                           "Mine": {"lines": [["x", {"model": "inner", "as": "AutoModel"}]]}}})";
        const char* config = R"({"model_type": "mine", "inner": {"model_type": "mine"}})";
        QVERIFY(beside(spec, config, Purpose::Listing).has_value());
        const auto refused = beside(spec, config, Purpose::Loading);
        QVERIFY(!refused.has_value());
        QVERIFY(refused.error().message.find("Split") != std::string::npos);
    }
    void whatTheLoaderDoesWithTheKeysMayBeUnknown()
    {
        const char* spec = "{\"model_type\": \"mine\", \"base_class\": \"Mine\", \"config\": {\"fields\": {}}, \"classes\": {\"Mine\": {\"unknown_loading\": \"the conversion Split\", \"lines\": [[\"scale\", []]]}}}";
        QCOMPARE(beside(spec, "{\"model_type\": \"mine\"}", Purpose::Listing)->tensors.size(), size_t{1});
        const auto refused = beside(spec, "{\"model_type\": \"mine\"}", Purpose::Loading);
        QVERIFY(!refused.has_value());
        QCOMPARE(refused.error().rule, "unknown-class");
        QVERIFY(refused.error().message.find("Split") != std::string::npos);
    }
    void everyShippedSpecificationCompiles()
    {
        const auto types = knownModelTypes();
        QVERIFY(std::find(types.begin(), types.end(), "bert") != types.end());
        for (const std::string& type : types) {
            QVERIFY2(!knownClasses(type).empty(), type.c_str());
            for (const std::string& className : knownClasses(type)) {
                const auto model = expectedModel(configOf(("{\"model_type\": \"" + type + "\"}").c_str()), className, m_job, Purpose::Listing);
                // The library's own defaults can be refused (a config that needs a field), a file of ours can not.
                QVERIFY2(model ? !model->tensors.empty() : model.error().rule != "architecture-syntax", (className + ": " + (model ? "no tensors" : model.error().message)).c_str());
            }
        }
    }

private:
    /// What a config asks for whose specification lies beside it.
    Result<ExpectedModel> beside(const char* specification, const char* json, Purpose purpose)
    {
        QTemporaryDir folder;
        QFile file(folder.filePath(QStringLiteral("weighbridge-architecture.json")));
        if (!file.open(QIODevice::WriteOnly))
            return failure("unreadable", "no temporary file");
        file.write(specification);
        file.close();
        Config config = configOf(json);
        config.path = folder.filePath(QStringLiteral("config.json")).toStdString();
        return expectedModel(config, "", m_job, purpose);
    }

    Value m_cases;
    Value m_published;
};

QTEST_APPLESS_MAIN(TstExpectedModel)
#include "tst_expected_model.moc"
