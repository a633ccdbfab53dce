// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/check.h"
#include "core/diagnosis/environment.h"
#include "core/diagnosis/memory_need.h"
#include "tests/support/files.h"
#include "tests/support/model_file.h"

#include <QtTest>

#include <algorithm>
#include <functional>

using namespace weighbridge;
using test::bertConfig;
using test::modelFile;
using test::parsed;
using test::same;

class TstCheck : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEnvironmentIsReadFromItsMetadata()
    {
        test::TemporaryFolder folder;
        folder.write("lib/python3.11/site-packages/typing_extensions-4.1.dist-info/METADATA", "Metadata-Version: 2.1\nName: typing_extensions\nVersion: 4.1\n\nName: no\n");
        folder.write("lib/python3.11/site-packages/torch-2.13.0.dist-info/METADATA", "Metadata-Version: 2.1\r\nName: torch\r\nVersion: 2.13.0+cpu\r\n");
        JobContext job;
        const auto environment = readEnvironment(folder.path(), job);
        QVERIFY(environment);
        QCOMPARE(environment->version("Typing-Extensions"), "4.1");
        QCOMPARE(environment->version("torch"), "2.13.0+cpu");
        QVERIFY(environment->version("no").empty());
        QCOMPARE(readEnvironment(folder.path("lib/python3.11/absent"), job).error().rule, "not-found");
        QCOMPARE(compareVersions("4.49.0.dev0", "4.50"), -1);
        QCOMPARE(compareVersions("2.13.0+cpu", "2.13"), 0);
        QCOMPARE(compareVersions("10.0", "9.9"), 1);
    }
    void memoryIsCountedOncePerStorage()
    {
        JobContext job;
        Checkpoint checkpoint;
        const auto tensor = [&checkpoint](const char* name, Shape shape, uint64_t offset) {
            TensorInfo info;
            info.name = name;
            info.dtype = DType::F16;
            info.shape = std::move(shape);
            info.storage.offset = offset;
            checkpoint.tensors.push_back(info);
        };
        tensor("a.weight", {100, 64}, 0);
        tensor("tied.weight", {100, 64}, 0);
        tensor("state.0.exp_avg", {10}, 12800);
        const MemoryNeed need = memoryNeed(checkpoint, nullptr);
        QCOMPARE(need.parameters, uint64_t(6400));
        QCOMPARE(need.asStored, uint64_t(12800));
        QCOMPARE(need.optimizerState, uint64_t(20));
        QCOMPARE(need.int8, uint64_t(6400 + 400));
        QCOMPARE(need.int4, uint64_t(3200 + 400));
        QCOMPARE(need.trainingAdam, uint64_t(16 * 6400));
    }
    void memoryIsSharedOnlyByStoragesOfOneKind()
    {
        Checkpoint checkpoint;
        for (const StorageKind kind : {StorageKind::Raw, StorageKind::Pieces, StorageKind::Memory}) { // of the last two the offset is an index
            TensorInfo info;
            info.dtype = DType::F32;
            info.shape = {8};
            info.storage.kind = kind;
            checkpoint.tensors.push_back(info);
        }
        checkpoint.tensors.push_back(checkpoint.tensors[1]);
        QCOMPARE(memoryNeed(checkpoint, nullptr).parameters, uint64_t(24));
    }
    void aModelThatFitsIsUsable()
    {
        const auto result = check(bertConfig, bertConfig, same);
        QCOMPARE(result->verdict, Verdict::Usable);
        QCOMPARE(result->sentence, "Usable: all 39 tensors match");
        QCOMPARE(result->modelSource, "config");
        QVERIFY(result->findings.empty());
    }
    void aPrefixIsTheCauseAndTheRestFollows()
    {
        const auto result = check(bertConfig, bertConfig, [](const std::string& name) { return "module." + name; });
        QCOMPARE(result->verdict, Verdict::UsableAfterFix);
        QCOMPARE(result->sentence, "Usable after one fix: every tensor name starts with module.");
        QCOMPARE(result->findings.front().rule, "key-prefix");
        QCOMPARE(*result->findings.front().fix.coverageAfter, 1.0);
        QVERIFY(std::all_of(result->findings.begin() + 1, result->findings.end(), [](const Finding& finding) { return finding.because == "key-prefix"; }));
        const std::vector<Trial>& tried = result->findings.front().tried;
        QVERIFY(tried.size() > 2);
        QCOMPARE(tried[0].text, "as it is");
        QCOMPARE(tried[0].matched, size_t(0));
        QVERIFY(tried[1].isTaken && tried[1].matched == 39 && tried[1].of == 39);
        QVERIFY(std::none_of(tried.begin() + 2, tried.end(), [](const Trial& trial) { return trial.isTaken || trial.matched > 39; }));
        QCOMPARE(result->findings.size(), size_t(3)); // missing and unexpected follow from it
        QCOMPARE(result->comparison->matchedTensors, size_t(0));
        QVERIFY(result->afterFix);
        QCOMPARE(result->fixedFinding, 0);
        QCOMPARE(result->afterFix->comparison->matchedTensors, size_t(39));
        const FoundTensor& first = result->afterFix->found.front();
        QCOMPARE(first.name, result->checkpoint->tensors[static_cast<size_t>(first.index)].name.substr(7));
    }
    void aNestedDictIsToldFromAModuleOfItsName()
    {
        // By its names it may be either: only the reader knows that "model" is a dict in the file.
        Checkpoint checkpoint = *checkpointOf(bertConfig, [](const std::string& name) { return "model." + name; });
        checkpoint.format = "torch-zip";
        checkpoint.shards.clear();
        QCOMPARE(checkOf(checkpoint, bertConfig)->findings.front().rule, "key-prefix");
        checkpoint.metadata = Value::Map{{"state_dicts", Value::List{Value::Map{{"path", "model"}, {"tensors", 39}}}}};
        const auto result = checkOf(checkpoint, bertConfig);
        QCOMPARE(result->findings.front().rule, "nested-state-dict");
        QCOMPARE(result->verdict, Verdict::UsableAfterFix);
        QCOMPARE(result->findings.front().tried.front().matched, size_t(0));
    }
    void theFixOfAnyFindingCanBeSeen()
    {
        const std::string larger = QByteArray(bertConfig).replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1").toStdString();
        const auto result = check(larger, bertConfig, same);
        JobContext job;
        const auto after = applyFix(*result, result->findings.front(), job);
        QVERIFY(after && result->fixedFinding == 0);
        QCOMPARE(after->comparison->matchedTensors, size_t(39)); // of the corrected config, which has a layer more than the check's
        QVERIFY(after->expected != result->expected);
        QVERIFY(!applyFix(*result, Finding{}, job));
        const std::vector<Trial>& tried = result->findings.front().tried;
        QCOMPARE(tried.size(), size_t(2));
        QCOMPARE(tried[0].matched, size_t(23));
        QVERIFY(tried[1].isTaken && tried[1].matched == 39);
    }
    void anotherDtypeSaysHowManyTensorsHaveWhich()
    {
        const auto result = check(QByteArray(bertConfig).insert(1, "\"dtype\": \"float16\", ").toStdString(), bertConfig, same);
        const auto finding = std::find_if(result->findings.begin(), result->findings.end(), [](const Finding& one) { return one.rule == "dtype"; });
        QVERIFY(finding != result->findings.end());
        QCOMPARE(finding->tried.size(), size_t(2));
        QCOMPARE(finding->tried[0].text, "F16, as the config says");
        QVERIFY(!finding->tried[0].isTaken && finding->tried[0].matched == 0 && finding->tried[0].of == 39);
        QVERIFY(finding->tried[1].isTaken && finding->tried[1].text == "F32" && finding->tried[1].matched == 39);
    }
    void headsAreReadFromTheShapesWhereTheyCanBe()
    {
        const std::string config = R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "vocab_size": 30, "hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 4,
            "num_key_value_heads": 2, "head_dim": 6, "intermediate_size": 12, "tie_word_embeddings": false})";
        const auto result = check(QByteArray::fromStdString(config).replace("\"num_attention_heads\": 4", "\"num_attention_heads\": 5").toStdString(), config, same);
        QCOMPARE(result->findings.front().rule, "num-attention-heads");
        QCOMPARE(result->findings.front().fix.configChanges.front().second, Value(4));
        QCOMPARE(result->verdict, Verdict::UsableAfterFix);
    }
    void aQuantizedLayerIsWhatAQuantizationConfigAsksFor()
    {
        const std::string config = QByteArray(bertConfig).replace("\"type_vocab_size\": 2", "\"type_vocab_size\": 2, \"quantization_config\": {\"quant_method\": \"gptq\"}").toStdString();
        const auto result = check(config, bertConfig, [](const std::string& name) { return QByteArray::fromStdString(name).replace("query.weight", "query.qweight").toStdString(); });
        QCOMPARE(result->verdict, Verdict::Usable);
        QCOMPARE(result->comparison->matchedTensors, size_t(39));
    }
    void anAdapterBesideItsConfigIsNoError()
    {
        test::TemporaryFolder folder;
        folder.write(QStringLiteral("adapter_config.json"), R"({"peft_type": "LORA", "base_model_name_or_path": "google/vit"})");
        folder.write(QStringLiteral("adapter_model.safetensors"), test::safetensors(R"({"base_model.model.q.lora_A.weight":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})", QByteArray(8, '\1')));
        const auto result = checkPath(folder.path(), {});
        QCOMPARE(result->findings.front().rule, "adapter");
        QCOMPARE(result->findings.front().severity, Severity::Warning);
        QVERIFY(result->findings.front().fix.text.find("google/vit") != std::string::npos);
        QVERIFY(std::none_of(result->findings.begin(), result->findings.end(), [](const Finding& finding) { return finding.severity == Severity::Error; }));
    }
    void aConfigWithoutSizesIsDoubtedBeforeTheFile()
    {
        const auto result = check(R"({"model_type": "bert", "architectures": ["BertModel"]})", bertConfig, same);
        QCOMPARE(result->findings.front().rule, "config-missing");
        QVERIFY(std::none_of(result->findings.begin(), result->findings.end(), [](const Finding& finding) { return finding.severity == Severity::Error; }));
    }
    void whatFollowsFromANoteStandsBehindIt()
    {
        const std::string head = QByteArray(bertConfig).replace("BertModel", "BertForMaskedLM").toStdString();
        const auto result = check(bertConfig, head, same);
        QCOMPARE(result->findings.front().rule, "class-differs");
        QVERIFY(std::all_of(result->findings.begin() + 1, result->findings.end(), [](const Finding& finding) { return finding.because == "class-differs"; }));
    }
    void lostLayersMakeItUnusable()
    {
        const auto result = check(bertConfig, bertConfig, [](const std::string& name) { return name.find("layer.1.") == std::string::npos ? name : ""; });
        QCOMPARE(result->verdict, Verdict::NotUsable);
        QCOMPARE(result->sentence, "Not usable: the config asks for 2 layers, the file holds 1");
        QCOMPARE(result->findings.front().tensors.size(), size_t(16));
    }
    void moreLayersThanTheConfigHaveAFix()
    {
        const std::string shallow = QByteArray(bertConfig).replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1").toStdString();
        const auto result = check(shallow, bertConfig, same);
        QCOMPARE(result->verdict, Verdict::UsableAfterFix);
        QCOMPARE(result->findings.front().rule, "num-hidden-layers");
        QCOMPARE(result->findings.front().fix.configChanges.front().first, "num_hidden_layers");
    }
    void oneCorrectedConfigMendsAllSizesAtOnce()
    {
        const std::string larger = QByteArray(bertConfig).replace("\"hidden_size\": 8", "\"hidden_size\": 16").replace("\"vocab_size\": 30", "\"vocab_size\": 40").toStdString();
        const auto result = check(larger, bertConfig, same);
        QCOMPARE(result->findings.front().rule, "hidden-size");
        QCOMPARE(*result->findings.front().fix.coverageAfter, 1.0);
        QVERIFY(std::any_of(result->findings.begin(), result->findings.end(), [](const Finding& finding) { return finding.rule == "vocab-size" && finding.because == "hidden-size"; }));
    }
    void whatNoRuleExplainsIsStillAnError()
    {
        const auto result = check(bertConfig, bertConfig, [](const std::string& name) { return name == "encoder.layer.0.output.dense.weight" ? "" : name; });
        QCOMPARE(result->verdict, Verdict::NotUsable);
        QCOMPARE(result->findings.front().rule, "missing-tensors");
        QCOMPARE(result->findings.front().because, "");
    }
    void withoutAConfigNothingIsClaimed()
    {
        test::TemporaryFolder folder;
        const std::string path = folder.write(QStringLiteral("weights.safetensors"), modelFile(parsed(bertConfig), same));
        const auto result = checkPath(path, {});
        QCOMPARE(result->modelSource, "inferred");
        QCOMPARE(result->verdict, Verdict::Usable);
        QVERIFY(!result->comparison);
        QCOMPARE(result->looksLike, "bert: 2 layers, hidden size 8, vocabulary 30");
    }
    void aConfigThatCannotBeReadIsTheCause()
    {
        test::TemporaryFolder folder;
        folder.write(QStringLiteral("config.json"), "{\"model_type\": \"bert\",");
        folder.write(QStringLiteral("model.safetensors"), modelFile(parsed(bertConfig), same));
        const auto result = checkPath(folder.path(), {});
        QCOMPARE(result->findings.front().rule, "config-syntax");
        QCOMPARE(result->verdict, Verdict::NotUsable);
    }
    void aNamedConfigThatIsAbsentIsAnError()
    {
        test::TemporaryFolder folder;
        const std::string path = folder.write(QStringLiteral("model.safetensors"), modelFile(parsed(bertConfig), same));
        CheckOptions options;
        options.configPath = folder.path(QStringLiteral("absent.json"));
        JobContext job;
        const auto checkpoint = openCheckpoint(path, job);
        QVERIFY(checkpoint.has_value());
        QVERIFY(!checkCheckpoint(*checkpoint, options, job).has_value());
    }
    void aReferenceTakesNamesAsTheyAre()
    {
        test::TemporaryFolder folder;
        const std::string a = folder.write(QStringLiteral("a.safetensors"), modelFile(parsed(bertConfig), same));
        const std::string b = folder.write(QStringLiteral("b.safetensors"), modelFile(parsed(bertConfig), [](const std::string& name) { return "bert." + name; }));
        CheckOptions options;
        options.againstPath = a;
        const auto result = checkPath(b, options);
        QCOMPARE(result->modelSource, "reference");
        QCOMPARE(result->findings.front().rule, "key-prefix");
        QCOMPARE(result->verdict, Verdict::UsableAfterFix);
    }
    void aTrainingYamlIsReadAsTheModelItDescribes()
    {
        test::TemporaryFolder folder;
        folder.write(QStringLiteral("model.yml"), "model:\n  vocab_size: 30\n  hidden_size: 8\n  num_hidden_layers: 2\n  num_attention_heads: 2\n  intermediate_size: 12\n"
                                                  "  max_position_embeddings: 10\nlr: 0.1\n");
        folder.write(QStringLiteral("model.safetensors"), modelFile(parsed(bertConfig), same));
        const auto result = checkPath(folder.path(), {});
        QCOMPARE(result->modelSource, "config");
        QCOMPARE(result->comparison->matchedTensors, size_t(39));
        QCOMPARE(result->findings.front().rule, "config-format");
    }
    void aFolderWithOnlyAnOptimizerSaysSo()
    {
        test::TemporaryFolder folder;
        folder.write(QStringLiteral("config.json"), bertConfig);
        folder.write(QStringLiteral("optimizer.safetensors"), test::safetensors("{\"state.0.exp_avg\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", QByteArray(8, '\1')));
        const auto result = checkPath(folder.path(), {});
        QCOMPARE(result->findings.front().rule, "optimizer-state");
        QCOMPARE(result->sentence, "Not usable: the file holds an optimizer's state, not a model");
    }
    void bareValuesHaveTheirOwnWord_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("rule");
        const float weight = 0.02F;
        const QByteArray value(reinterpret_cast<const char*>(&weight), sizeof(weight));
        QTest::newRow("weights from the first byte on") << value.repeated(100) << QByteArray("wrong-format");
        QTest::newRow("too few to tell") << value.repeated(10) << QByteArray("not-a-checkpoint");
        QTest::newRow("behind a header of text") << "flax params embeddings kernel" + value.repeated(1000) << QByteArray("not-a-checkpoint");
    }
    void bareValuesHaveTheirOwnWord()
    {
        QFETCH(QByteArray, bytes);
        test::TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("pytorch_model.bin"), bytes), job);
        QVERIFY(!checkpoint.has_value());
        QTEST(QByteArray::fromStdString(checkpoint.error().rule), "rule");
    }
    void sentencesAreShort()
    {
        const auto result = check(bertConfig, bertConfig, [](const std::string& name) { return std::string(300, 'x') + "." + name; });
        QVERIFY2(result->sentence.size() <= 140, result->sentence.c_str());
        QVERIFY2(result->subSentence.size() <= 140, result->subSentence.c_str());
    }

private:
    using ResultPtr = std::shared_ptr<const CheckResult>;

    static ResultPtr checkPath(const std::string& path, const CheckOptions& options)
    {
        JobContext job;
        const auto checkpoint = openCheckpoint(path, job);
        if (!checkpoint)
            qFatal("%s", checkpoint.error().message.c_str());
        const auto result = checkCheckpoint(*checkpoint, options, job);
        if (!result)
            qFatal("%s", result.error().message.c_str());
        return *result;
    }

    static CheckpointPtr checkpointOf(const std::string& savedFrom, const std::function<std::string(const std::string&)>& rename)
    {
        test::TemporaryFolder folder;
        JobContext job;
        return *openCheckpoint(folder.write(QStringLiteral("model.safetensors"), modelFile(parsed(savedFrom), rename)), job);
    }

    static ResultPtr checkOf(const Checkpoint& checkpoint, const std::string& config)
    {
        test::TemporaryFolder folder;
        CheckOptions options;
        options.configPath = folder.write(QStringLiteral("config.json"), QByteArray::fromStdString(config));
        JobContext job;
        return *checkCheckpoint(std::make_shared<const Checkpoint>(checkpoint), options, job);
    }

    /// A model folder: the config, and a file of what another config asks for.
    static ResultPtr check(const std::string& config, const std::string& savedFrom, const std::function<std::string(const std::string&)>& rename)
    {
        test::TemporaryFolder folder;
        folder.write(QStringLiteral("config.json"), QByteArray::fromStdString(config));
        folder.write(QStringLiteral("model.safetensors"), modelFile(parsed(savedFrom), rename));
        return checkPath(folder.path(), {});
    }
};

QTEST_APPLESS_MAIN(TstCheck)
#include "tst_check.moc"
