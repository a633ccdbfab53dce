// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What llama.cpp asks of a GGUF file's tensors, by the file's own keys.
#include "core/architecture/expected_model.h"
#include "core/architecture/gguf_config.h"
#include "core/diagnosis/check.h"

#include <QtTest>

#include <algorithm>

using namespace weighbridge;

namespace {

Value::Map keysOf(const std::string& architecture)
{
    return {{"general.architecture", architecture},
            {"tokenizer.ggml.tokens", Value::List(40, Value("a"))},
            {architecture + ".context_length", 64},
            {architecture + ".embedding_length", 64},
            {architecture + ".block_count", 2},
            {architecture + ".feed_forward_length", 96},
            {architecture + ".attention.head_count", 4},
            {architecture + ".attention.head_count_kv", 2},
            {architecture + ".expert_count", 4},
            {architecture + ".expert_feed_forward_length", 32},
            {architecture + ".token_type_count", 2}};
}

Checkpoint fileOf(Value::Map keys)
{
    Checkpoint out;
    out.path = "/models/model.gguf";
    out.format = "gguf";
    out.metadata = Value::Map{{"gguf_version", 3}, {"gguf", std::move(keys)}};
    return out;
}

/// A file with every tensor that its keys ask for.
Checkpoint completeFile(const std::string& architecture)
{
    Checkpoint out = fileOf(keysOf(architecture));
    JobContext job;
    const auto expected = expectedByGguf(*ggufConfig(out), job);
    if (!expected)
        return out;
    uint64_t offset = 0;
    for (const ExpectedTensor& wanted : expected->tensors) {
        TensorInfo tensor;
        tensor.name = wanted.name;
        tensor.shape = wanted.shape;
        tensor.dtype = DType::F16;
        tensor.storage.offset = offset;
        tensor.storage.nbytes = 2 * numel(wanted.shape).value_or(0);
        offset += tensor.storage.nbytes;
        out.tensors.push_back(tensor);
    }
    return out;
}

std::shared_ptr<const CheckResult> checked(Checkpoint checkpoint)
{
    JobContext job;
    const auto result = checkCheckpoint(std::make_shared<const Checkpoint>(std::move(checkpoint)), {}, job);
    return result ? *result : nullptr;
}

TensorInfo& tensorOf(Checkpoint& checkpoint, const char* name)
{
    return *std::find_if(checkpoint.tensors.begin(), checkpoint.tensors.end(), [name](const TensorInfo& tensor) { return tensor.name == name; });
}

bool hasFinding(const CheckResult& result, std::string_view rule)
{
    return std::any_of(result.findings.begin(), result.findings.end(), [rule](const Finding& finding) { return finding.rule == rule; });
}

} // namespace

class TstGgufLayout : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keysBecomeFields()
    {
        const auto config = ggufConfig(fileOf(keysOf("llama")));
        QVERIFY(config);
        QCOMPARE(config->modelType(), "gguf-llama");
        QCOMPARE(*config->root.find("attention_head_count_kv")->integer(), int64_t(2));
        QCOMPARE(*config->root.find("vocab_size")->integer(), int64_t(40));
        Value::Map withVocabulary = keysOf("llama");
        withVocabulary.emplace_back("llama.vocab_size", 48);
        QCOMPARE(*ggufConfig(fileOf(withVocabulary))->root.find("vocab_size")->integer(), int64_t(48));
        QVERIFY(!ggufConfig(fileOf({{"general.name", "x"}})));
    }

    void aCompleteFileIsComplete_data()
    {
        QTest::addColumn<QString>("architecture");
        for (const std::string& type : knownModelTypes())
            if (type.starts_with("gguf-"))
                QTest::newRow(type.c_str()) << QString::fromStdString(type.substr(5));
    }
    void aCompleteFileIsComplete()
    {
        QFETCH(QString, architecture);
        const auto result = checked(completeFile(architecture.toStdString()));
        QVERIFY(result && result->comparison);
        QVERIFY(result->comparison->expectedTensors > 10);
        QCOMPARE(result->comparison->matchedTensors, result->comparison->expectedTensors);
        QCOMPARE(result->verdict, Verdict::Usable);
        QCOMPARE(result->modelSource, "config");
        QVERIFY(!result->config);
    }

    void whatIsMissingIsNamed()
    {
        Checkpoint file = completeFile("llama");
        std::erase_if(file.tensors, [](const TensorInfo& tensor) { return tensor.name == "blk.1.ffn_up_exps.weight"; });
        const auto result = checked(file);
        QVERIFY(result && hasFinding(*result, "missing-tensors"));
        QCOMPARE(result->verdict, Verdict::NotUsable);
        QVERIFY2(result->subSentence.ends_with("its loader stops at the first that is missing"), result->subSentence.c_str());
    }

    void aTiedHeadMayBeMissing()
    {
        Checkpoint file = completeFile("llama");
        std::erase_if(file.tensors, [](const TensorInfo& tensor) { return tensor.name == "output.weight"; });
        const auto result = checked(file);
        QVERIFY(result);
        QCOMPARE(result->verdict, Verdict::Usable);
    }

    void fewerBlocksThanAnnouncedAreALayerCount()
    {
        Checkpoint file = completeFile("qwen2");
        std::erase_if(file.tensors, [](const TensorInfo& tensor) { return tensor.name.starts_with("blk.1."); });
        const auto result = checked(file);
        QVERIFY(result && !result->findings.empty());
        QCOMPARE(result->findings[0].rule, "num-hidden-layers");
        QCOMPARE(result->findings[0].title, "The metadata asks for 2 layers, the file holds 1");
        QVERIFY(result->findings[0].fix.configChanges.empty());
    }

    void anotherShapeIsSaid()
    {
        Checkpoint file = completeFile("gemma2");
        tensorOf(file, "blk.0.ffn_up.weight").shape = {128, 64};
        const auto result = checked(file);
        QVERIFY(result && hasFinding(*result, "shape-differs"));
        QCOMPARE(result->verdict, Verdict::NotUsable);
    }

    void whatTheKeysDoNotSayIsNotGuessed_data()
    {
        QTest::addColumn<QString>("architecture");
        QTest::addColumn<QString>("without");
        QTest::newRow("no head count") << "llama" << "llama.attention.head_count";
        QTest::newRow("another architecture") << "somebodys-own" << "";
    }
    void whatTheKeysDoNotSayIsNotGuessed()
    {
        QFETCH(QString, architecture);
        QFETCH(QString, without);
        Value::Map keys = keysOf(architecture.toStdString());
        std::erase_if(keys, [&without](const auto& entry) { return entry.first == without.toStdString(); });
        const auto result = checked(fileOf(keys));
        QVERIFY(result && !result->expected);
        QVERIFY(!hasFinding(*result, "unknown-model-type"));
    }
};

QTEST_APPLESS_MAIN(TstGgufLayout)
#include "tst_gguf_layout.moc"
