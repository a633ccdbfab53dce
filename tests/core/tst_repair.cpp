// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/repair/save_repaired.h"

#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/repair/mended_config.h"
#include "core/repair/safetensors_writer.h"
#include "tests/support/files.h"
#include "tests/support/model_file.h"

#include <QtTest>

#include <csignal>
#include <cstring>
#include <sys/resource.h>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

std::shared_ptr<const CheckResult> checkOf(const std::string& path, const CheckOptions& options = {})
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

RepairPlan planOf(const std::string& path)
{
    JobContext job;
    const auto plan = planRepair(*checkOf(path), job);
    if (!plan)
        qFatal("%s", plan.error().message.c_str());
    return *plan;
}

QByteArray rules(const RepairPlan& plan)
{
    QByteArrayList out;
    for (const RepairStep& step : plan.steps)
        out << QByteArray::fromStdString(step.rule);
    return out.join(' ');
}

std::string hashOf(const Checkpoint& checkpoint, std::string_view name)
{
    JobContext job;
    const TensorInfo* tensor = checkpoint.find(name);
    return tensor ? sha256OfTensor(checkpoint, *tensor, job).value() : "absent";
}

std::string withPrefix(const std::string& name)
{
    return "module." + name;
}

bool isKernel(const ExpectedTensor& tensor)
{
    return tensor.shape.size() == 2 && tensor.name.find("embeddings") == std::string::npos;
}

Value bertWith(const char* field, int64_t value)
{
    Value config = parsed(bertConfig);
    config.set(field, value);
    return config;
}

/// A folder with a file of what bertConfig asks for, and perhaps another config.
void writeModel(const TemporaryFolder& folder, const Value& config, const std::function<std::string(const std::string&)>& rename, const std::function<bool(const ExpectedTensor&)>& isReversed = {})
{
    folder.write(QStringLiteral("model/config.json"), QByteArray::fromStdString(toJson(config, 2)));
    folder.write(QStringLiteral("model/model.safetensors"), modelFile(parsed(bertConfig), rename, isReversed));
}

} // namespace

class TstRepair : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aCopyLoadsAndKeepsEveryValue()
    {
        const TemporaryFolder folder;
        writeModel(folder, parsed(bertConfig), withPrefix);
        folder.write(QStringLiteral("model/tokenizer.json"), "{}");
        folder.write(QStringLiteral("model/optimizer.pt"), "not wanted");
        const RepairPlan plan = planOf(folder.path(QStringLiteral("model")));
        QCOMPARE(rules(plan), QByteArray("key-prefix"));
        QCOMPARE(plan.before->missing.size(), size_t(39));
        QVERIFY(plan.after->isComplete());
        JobContext job;
        const auto copy = saveRepaired(plan, folder.path(QStringLiteral("copy")), {}, job);
        QVERIFY2(copy.has_value(), copy ? "" : copy.error().message.c_str());
        QCOMPARE(copy->verifiedTensors, size_t(39));
        const auto again = checkOf(copy->path);
        QCOMPARE(again->verdict, Verdict::Usable);
        for (const TensorInfo& tensor : plan.checkpoint->tensors)
            QCOMPARE(hashOf(*again->checkpoint, tensor.name.substr(7)), hashOf(*plan.checkpoint, tensor.name));
        QCOMPARE(QDir(QString::fromStdString(copy->path)).entryList(QDir::Files), (QStringList{"config.json", "model.safetensors", "tokenizer.json"}));
        QCOMPARE(readFile(QString::fromStdString(copy->path) + "/config.json"), readFile(QString::fromStdString(folder.path(QStringLiteral("model/config.json")))));
    }

    void fixesCombine_data()
    {
        QTest::addColumn<bool>("prefix");
        QTest::addColumn<bool>("transposed");
        QTest::addColumn<QByteArray>("field");
        QTest::addColumn<QByteArray>("steps");
        QTest::newRow("names and config") << true << false << QByteArray("vocab_size") << QByteArray("key-prefix vocab-size");
        QTest::newRow("names and matrices") << true << true << QByteArray() << QByteArray("key-prefix transposed");
        QTest::newRow("config and matrices") << false << true << QByteArray("type_vocab_size") << QByteArray("transposed type-vocab-size");
        QTest::newRow("all three") << true << true << QByteArray("max_position_embeddings") << QByteArray("key-prefix transposed max-position-embeddings");
    }
    void fixesCombine()
    {
        QFETCH(bool, prefix);
        QFETCH(bool, transposed);
        QFETCH(QByteArray, field);
        const TemporaryFolder folder;
        writeModel(folder, field.isEmpty() ? parsed(bertConfig) : bertWith(field.constData(), 25), prefix ? withPrefix : same, transposed ? isKernel : std::function<bool(const ExpectedTensor&)>());
        const RepairPlan plan = planOf(folder.path(QStringLiteral("model")));
        QTEST(rules(plan), "steps");
        QVERIFY(plan.after->isComplete());
        JobContext job;
        const auto copy = saveRepaired(plan, folder.path(QStringLiteral("copy")), {}, job);
        QVERIFY2(copy.has_value(), copy ? "" : copy.error().message.c_str());
        QCOMPARE(checkOf(copy->path)->verdict, Verdict::Usable);
    }

    void kernelsAreTransposedAndSquareOnesWithThem()
    {
        const TemporaryFolder folder;
        writeModel(folder, parsed(bertConfig), same, isKernel);
        const RepairPlan plan = planOf(folder.path(QStringLiteral("model")));
        QCOMPARE(plan.assumptions.size(), size_t(1));
        JobContext job;
        const auto copy = saveRepaired(plan, folder.path(QStringLiteral("copy.safetensors")), {}, job);
        QVERIFY(copy.has_value());
        const auto opened = openCheckpoint(copy->path, job);
        const auto values = [&job](const Checkpoint& checkpoint, const char* name) { return readWhole(checkpoint, *checkpoint.find(name), job, 10000).value(); };
        for (const char* name : {"encoder.layer.0.intermediate.dense.weight", "pooler.dense.weight"}) {
            const Shape shape = (*opened)->find(name)->shape;
            const auto before = values(*plan.checkpoint, name);
            const auto after = values(**opened, name);
            for (int64_t row = 0; row < shape[0]; ++row)
                for (int64_t column = 0; column < shape[1]; ++column)
                    QCOMPARE(std::memcmp(&after[size_t(4 * (row * shape[1] + column))], &before[size_t(4 * (column * shape[0] + row))], 4), 0);
        }
        const char* embeddings = "embeddings.position_embeddings.weight";
        QCOMPARE(hashOf(**opened, embeddings), hashOf(*plan.checkpoint, embeddings));
    }

    void theConfigKeepsItsOtherFieldsAndTheirOrder()
    {
        const TemporaryFolder folder;
        Value config = Value::Map{{"zebra", "first"}};
        const Value bert = parsed(bertConfig);
        for (const auto& [key, value] : *bert.map())
            config.set(key, key == "vocab_size" ? Value(99) : value);
        config.set("layer_norm_eps", 1e-12);
        config.set("custom", Value::Map{{"b", Value::List{1, "x"}}, {"a", nullptr}});
        writeModel(folder, config, same);
        JobContext job;
        const auto copy = saveRepaired(planOf(folder.path(QStringLiteral("model"))), folder.path(QStringLiteral("copy")), {}, job);
        QVERIFY(copy.has_value());
        config.set("vocab_size", 30);
        QCOMPARE(loadConfig(copy->path + "/config.json", job)->root, config);
    }

    void aNearlyRightConfigIsMended_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("comma") << QByteArray("{\"a\": [1, 2,], \"b\": \",}\", \n}") << QByteArray("2 commas before a closing bracket");
        QTest::newRow("comments") << QByteArray("{\"a\": [1, 2], // why\n \"b\": \",}\" /* end } */ }") << QByteArray("2 comments");
        QTest::newRow("comma before a comment") << QByteArray("{\"a\": [1, 2], \"b\": \",}\", // last\n}") << QByteArray("1 comma before a closing bracket, 1 comment");
    }
    void aNearlyRightConfigIsMended()
    {
        QFETCH(QByteArray, text);
        const TemporaryFolder folder;
        const auto mended = mendConfig(folder.write(QStringLiteral("config.json"), text));
        QVERIFY2(mended.has_value(), mended ? "" : mended.error().message.c_str());
        QTEST(QByteArray::fromStdString(mended->what), "says");
        QCOMPARE(mended->config.root, (Value(Value::Map{{"a", Value::List{1, 2}}, {"b", ",}"}})));
    }
    void aConfigThatLostSomethingIsNotMended()
    {
        const TemporaryFolder folder;
        for (const char* text : {"{\"a\": 1,", "{\"a\": }", "{\"a\" 1,}", "{\"a\": \"\\", "{\"a\": 1 /* ", "/"})
            QVERIFY2(!mendConfig(folder.write(QStringLiteral("config.json"), text)), text);
    }

    void nothingToRepairIsNoError()
    {
        const TemporaryFolder folder;
        writeModel(folder, parsed(bertConfig), same);
        const RepairPlan plan = planOf(folder.path(QStringLiteral("model")));
        QVERIFY(plan.steps.empty());
        JobContext job;
        QCOMPARE(saveRepaired(plan, folder.path(QStringLiteral("copy")), {}, job).error().rule, "no-repair");
        QVERIFY(!QFile::exists(QString::fromStdString(folder.path(QStringLiteral("copy")))));
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("an optimizer's state") << QByteArray("{\"state.0.exp_avg\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}") << QByteArray("no-repair") << QByteArray("optimizer");
        QTest::newRow("what would load nothing") << QByteArray("{\"x.y\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}") << QByteArray("no-repair") << QByteArray("better");
    }
    void refuses()
    {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, says);
        const TemporaryFolder folder;
        folder.write(QStringLiteral("model/config.json"), bertConfig);
        folder.write(QStringLiteral("model/model.safetensors"), safetensors(header, "abcd"));
        JobContext job;
        const auto plan = planRepair(*checkOf(folder.path(QStringLiteral("model"))), job);
        QVERIFY(!plan.has_value());
        QTEST(QByteArray::fromStdString(plan.error().rule), "rule");
        QVERIFY2(QByteArray::fromStdString(plan.error().message).contains(says), plan.error().message.c_str());
    }

    void nothingIsEverWrittenOver()
    {
        const TemporaryFolder folder;
        writeModel(folder, parsed(bertConfig), withPrefix);
        const RepairPlan plan = planOf(folder.path(QStringLiteral("model")));
        folder.write(QStringLiteral("full/note.txt"), "kept");
        const std::string file = folder.write(QStringLiteral("file.safetensors"), "kept");
        JobContext job;
        for (const std::string& target : {folder.path(QStringLiteral("full")), file, folder.path(QStringLiteral("model"))})
            QCOMPARE(saveRepaired(plan, target, {}, job).error().rule, "exists");
        QCOMPARE(readFile(QString::fromStdString(file)), QByteArray("kept"));
        QVERIFY(QDir(QString::fromStdString(folder.path())).mkdir(QStringLiteral("empty")));
        QVERIFY(saveRepaired(plan, folder.path(QStringLiteral("empty")), {}, job).has_value());
        QCOMPARE(saveRepaired(plan, folder.path(QStringLiteral("empty")), {}, job).error().rule, "exists");
    }

    void whatIsStoppedOrFailsLeavesNothing_data()
    {
        QTest::addColumn<QByteArray>("when");
        QTest::addColumn<QByteArray>("rule");
        QTest::newRow("stopped while writing") << QByteArray("writing") << QByteArray("cancelled");
        QTest::newRow("stopped while verifying") << QByteArray("verifying") << QByteArray("cancelled");
        QTest::newRow("no room") << QByteArray("room") << QByteArray("unwritable");
    }
    void whatIsStoppedOrFailsLeavesNothing()
    {
        QFETCH(QByteArray, when);
        const TemporaryFolder folder;
        writeModel(folder, parsed(bertConfig), withPrefix);
        const RepairPlan plan = planOf(folder.path(QStringLiteral("model")));
        std::stop_source stop;
        JobContext job{stop.get_token(), [&](const Progress& progress) {
                           if (progress.what == when.toStdString())
                               stop.request_stop();
                       }};
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        if (when == "room") { // of the system's ways to refuse a write, the one that a test can ask for
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit small{1000, before.rlim_max};
            QCOMPARE(setrlimit(RLIMIT_FSIZE, &small), 0);
        }
        const auto copy = saveRepaired(plan, folder.path(QStringLiteral("copy")), {}, job);
        setrlimit(RLIMIT_FSIZE, &before);
        QVERIFY(!copy.has_value());
        QTEST(QByteArray::fromStdString(copy.error().rule), "rule");
        QCOMPARE(QDir(QString::fromStdString(folder.path())).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot), QStringList{"model"});
    }

    void largeModelsBecomeShardsWithAnIndex()
    {
        const TemporaryFolder folder;
        writeModel(folder, parsed(bertConfig), withPrefix);
        const RepairPlan plan = planOf(folder.path(QStringLiteral("model")));
        JobContext job;
        const auto copy = saveRepaired(plan, folder.path(QStringLiteral("copy")), {1500}, job);
        QVERIFY(copy.has_value());
        const auto opened = checkOf(copy->path);
        QCOMPARE(opened->verdict, Verdict::Usable);
        QVERIFY(opened->checkpoint->shards.size() > 3);
        for (const Shard& shard : opened->checkpoint->shards)
            QVERIFY(shard.source->nbytes() < 1500 + 4000);
        QVERIFY(opened->checkpoint->findings.empty());
        const auto back = saveRepaired(plan, folder.path(QStringLiteral("one")), {}, job);
        QCOMPARE(checkOf(back->path)->checkpoint->shards.size(), size_t(1));
    }

    void wideElementsComeFirstInTheFileAndTheOrderOfNamesStays()
    {
        const TemporaryFolder folder;
        const std::vector<TensorToWrite> tensors{{"flag", DType::Bool, {3}}, {"half", DType::F16, {1}}, {"empty", DType::F32, {0, 4}}, {"wide", DType::F64, {2}}, {"scalar", DType::F32, {}}};
        const auto source = [&tensors](size_t index, JobContext&, const BlockSink& sink) -> Result<void> {
            sink(std::vector<std::byte>(static_cast<size_t>(tensors[index].nbytes()), std::byte(index)));
            return {};
        };
        JobContext job;
        QVERIFY(writeSafetensors(folder.path(), tensors, {{"format", "pt"}}, UINT64_MAX, source, job).has_value());
        const auto opened = openCheckpoint(folder.path(QStringLiteral("model.safetensors")), job);
        QVERIFY(opened.has_value());
        QVERIFY((*opened)->findings.empty());
        for (size_t i = 0; i < tensors.size(); ++i) {
            const TensorInfo& tensor = (*opened)->tensors[i];
            QCOMPARE(tensor.name, tensors[i].name);
            QCOMPARE(tensor.storage.offset % (info(tensor.dtype).bitsPerElement / 8), uint64_t(0));
            QCOMPARE(readWhole(**opened, tensor, job, 100).value(), std::vector<std::byte>(static_cast<size_t>(tensor.nbytes()), std::byte(i)));
        }
    }
    void theWriterRefuses()
    {
        const TemporaryFolder folder;
        JobContext job;
        const auto rule = [&](const std::vector<TensorToWrite>& tensors) {
            const auto written = writeSafetensors(folder.path(), tensors, {}, UINT64_MAX, [](size_t, JobContext&, const BlockSink&) -> Result<void> { return {}; }, job);
            return written ? "nothing" : written.error().rule;
        };
        QCOMPARE(rule({{"q", DType::Q4_K, {256}}}), "bad-dtype");
        QCOMPARE(rule({{"a", DType::F32, {1}}, {"a", DType::F32, {1}}}), "duplicate-key");
        QCOMPARE(rule({{"short", DType::F32, {1}}}), "truncated");
    }

    void tiedTensorsThatShareTheirValuesAreWrittenOnce()
    {
        auto checkpoint = std::make_shared<Checkpoint>();
        checkpoint->path = "model.safetensors";
        checkpoint->format = "safetensors";
        checkpoint->inlineStorages = {std::vector<std::byte>(16), std::vector<std::byte>(16)};
        const auto add = [&checkpoint](const char* name, uint64_t storage) {
            TensorInfo tensor;
            tensor.name = name;
            tensor.dtype = DType::F32;
            tensor.shape = {2, 2};
            tensor.storage = {StorageKind::Memory, 0, storage, 16, 0, false, {}};
            checkpoint->tensors.push_back(std::move(tensor));
        };
        add("module.embedding.weight", 0);
        add("module.head.weight", 0);
        add("module.other.weight", 0);
        auto expected = std::make_shared<ExpectedModel>();
        for (const char* name : {"embedding.weight", "head.weight", "other.weight"})
            expected->tensors.push_back({name, {2, 2}, DType::Unknown, false});
        expected->tied = {{"head.weight", "embedding.weight"}};
        CheckResult check;
        JobContext job;
        check.checkpoint = checkpoint;
        check.comparison = std::make_shared<const Comparison>(compareToExpected(*expected, foundTensors(*checkpoint), job));
        check.expected = expected;
        const auto plan = planRepair(check, job);
        QVERIFY2(plan.has_value(), plan ? "" : plan.error().message.c_str());
        QCOMPARE(rules(*plan), QByteArray("key-prefix tied"));
        QCOMPARE(plan->leftOut, std::vector<std::string>{"module.head.weight"});
        QVERIFY(plan->after->isComplete());
    }

    void aPickledModelBecomesSafetensors()
    {
        const TemporaryFolder folder;
        const RepairPlan plan = planOf(dataPath(QStringLiteral("torch/zip_views.bin")).toStdString());
        QCOMPARE(rules(plan), QByteArray("convert"));
        JobContext job;
        const auto copy = saveRepaired(plan, folder.path(QStringLiteral("views.safetensors")), {}, job);
        QVERIFY2(copy.has_value(), copy ? "" : copy.error().message.c_str());
        const auto opened = openCheckpoint(copy->path, job);
        QCOMPARE((*opened)->tensors.size(), plan.checkpoint->tensors.size());
        for (const TensorInfo& tensor : plan.checkpoint->tensors)
            QCOMPARE(hashOf(**opened, tensor.name), hashOf(*plan.checkpoint, tensor.name));
    }
};

QTEST_APPLESS_MAIN(TstRepair)
#include "tst_repair.moc"
