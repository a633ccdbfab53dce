// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// From a config to its tensors and back: the fields that the shapes fix come out as they went in.
#include "core/architecture/architecture_spec.h"
#include "core/base/json.h"
#include "core/diagnosis/fingerprint.h"
#include "core/diagnosis/fix.h"
#include "core/diagnosis/infer_config.h"

#include <QtTest>

#include <algorithm>

using namespace weighbridge;

namespace {

Config configOf(const QByteArray& json)
{
    Config out;
    out.root = parseJson(json.toStdString())->value;
    return out;
}

std::vector<FoundTensor> tensorsOf(const Config& config, const std::string& className = {})
{
    JobContext job;
    const auto expected = expectedModel(config, className, job);
    if (!expected)
        qFatal("%s", expected.error().message.c_str());
    auto found = asFound(*expected);
    // The loader ties them; files of today hold one of two.
    for (const auto& [target, source] : expected->tied)
        std::erase_if(found, [&target = target](const FoundTensor& tensor) { return tensor.name == target; });
    return found;
}

bool isNamed(const InferredConfig& inferred, const std::string& modelType)
{
    return inferred.modelType == modelType ||
           std::find(inferred.alternatives.begin(), inferred.alternatives.end(), modelType) != inferred.alternatives.end();
}

const Value* told(const InferredConfig& inferred, std::string_view path)
{
    const auto found = std::find_if(inferred.told.begin(), inferred.told.end(), [path](const auto& entry) { return entry.first == path; });
    return found == inferred.told.end() ? nullptr : &found->second;
}

bool isUntold(const InferredConfig& inferred, std::string_view path)
{
    return std::any_of(inferred.untold.begin(), inferred.untold.end(), [path](const auto& entry) { return entry.first == path; });
}

} // namespace

class TstInferConfig : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatTheShapesFixComesBack_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QStringList>("fixed");
        const auto row = [](const char* name, const char* config, const QStringList& fixed) { QTest::newRow(name) << QByteArray(config) << fixed; };
        const QStringList bertLike{"vocab_size",     "hidden_size", "num_hidden_layers", "intermediate_size", "max_position_embeddings",
                                   "type_vocab_size"};
        const QStringList llamaLike{"vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size"};
        row("bert",
            R"({"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 30522, "hidden_size": 384, "num_hidden_layers": 6, "intermediate_size": 1536})",
            bertLike);
        row("bert of odd sizes",
            R"({"model_type": "bert", "architectures": ["BertModel"], "vocab_size": 91, "hidden_size": 40, "num_hidden_layers": 3, "num_attention_heads": 5, "intermediate_size": 44,
            "max_position_embeddings": 77, "type_vocab_size": 3})",
            bertLike);
        row("bert with labels",
            R"({"model_type": "bert", "architectures": ["BertForSequenceClassification"], "num_hidden_layers": 2, "num_labels": 7})",
            QStringList(bertLike) << "num_labels");
        row("bert for masked words", R"({"model_type": "bert", "architectures": ["BertForMaskedLM"], "num_hidden_layers": 2, "vocab_size": 21128})",
            bertLike);
        row("roberta",
            R"({"model_type": "roberta", "architectures": ["RobertaForMaskedLM"], "vocab_size": 50265, "num_hidden_layers": 2, "max_position_embeddings": 514, "type_vocab_size": 1})",
            bertLike);
        row("distilbert",
            R"({"model_type": "distilbert", "architectures": ["DistilBertForMaskedLM"], "dim": 96, "n_layers": 4, "n_heads": 6, "hidden_dim": 120, "vocab_size": 300})",
            {"dim", "n_layers", "hidden_dim", "vocab_size", "max_position_embeddings"});
        row("albert",
            R"({"model_type": "albert", "architectures": ["AlbertForMaskedLM"], "vocab_size": 30000, "embedding_size": 48, "hidden_size": 192, "num_attention_heads": 4, "intermediate_size": 300})",
            {"vocab_size", "embedding_size", "hidden_size", "intermediate_size"});
        row("electra",
            R"({"model_type": "electra", "architectures": ["ElectraForPreTraining"], "embedding_size": 128, "hidden_size": 256, "num_attention_heads": 4, "intermediate_size": 1024, "num_hidden_layers": 3})",
            QStringList(bertLike) << "embedding_size");
        row("deberta-v2",
            R"({"model_type": "deberta-v2", "architectures": ["DebertaV2Model"], "vocab_size": 128100, "hidden_size": 384, "num_hidden_layers": 3, "num_attention_heads": 6, "intermediate_size": 1536,
            "type_vocab_size": 0, "relative_attention": true, "position_buckets": 256, "norm_rel_ebd": "layer_norm", "share_att_key": true, "pos_att_type": ["p2c", "c2p"], "position_biased_input": false})",
            {"vocab_size", "hidden_size", "num_hidden_layers", "intermediate_size", "type_vocab_size"});
        row("gpt2",
            R"({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 96, "n_layer": 3, "n_head": 6, "n_positions": 200, "vocab_size": 500})",
            {"n_embd", "n_layer", "n_positions", "vocab_size"});
        row("gpt2 with an inner size", R"({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": 2, "n_inner": 1000})",
            {"n_embd", "n_layer", "n_inner"});
        row("gpt_neo",
            R"({"model_type": "gpt_neo", "architectures": ["GPTNeoForCausalLM"], "hidden_size": 64, "num_layers": 4, "num_heads": 4, "vocab_size": 300, "attention_types": [[["global", "local"], 2]]})",
            {"hidden_size", "num_layers", "vocab_size"});
        row("gpt_neox",
            R"({"model_type": "gpt_neox", "architectures": ["GPTNeoXForCausalLM"], "hidden_size": 64, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 200, "vocab_size": 300})",
            llamaLike);
        row("opt",
            R"({"model_type": "opt", "architectures": ["OPTForCausalLM"], "hidden_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4, "ffn_dim": 200, "word_embed_proj_dim": 96, "vocab_size": 300, "max_position_embeddings": 100})",
            {"hidden_size", "num_hidden_layers", "ffn_dim", "vocab_size", "max_position_embeddings"});
        row("llama",
            R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 2048, "num_hidden_layers": 4, "num_attention_heads": 32, "num_key_value_heads": 4, "intermediate_size": 5632, "vocab_size": 32000})",
            llamaLike);
        row("mistral with heads of their own size",
            R"({"model_type": "mistral", "architectures": ["MistralForCausalLM"], "hidden_size": 5120, "num_hidden_layers": 2, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128,
            "intermediate_size": 14336, "vocab_size": 131072})",
            llamaLike);
        row("qwen2",
            R"({"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"], "hidden_size": 896, "num_hidden_layers": 3, "num_attention_heads": 14, "num_key_value_heads": 2, "intermediate_size": 4864, "vocab_size": 151936,
            "tie_word_embeddings": true})",
            llamaLike);
        row("qwen3",
            R"({"model_type": "qwen3", "architectures": ["Qwen3ForCausalLM"], "hidden_size": 1024, "num_hidden_layers": 3, "num_attention_heads": 16, "num_key_value_heads": 8, "head_dim": 128, "intermediate_size": 3072,
            "vocab_size": 151936, "tie_word_embeddings": true})",
            QStringList(llamaLike) << "num_attention_heads"
                                   << "num_key_value_heads"
                                   << "head_dim");
        row("gemma",
            R"({"model_type": "gemma", "architectures": ["GemmaForCausalLM"], "hidden_size": 2048, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 1, "head_dim": 256, "intermediate_size": 16384})",
            llamaLike);
        row("gemma2",
            R"({"model_type": "gemma2", "architectures": ["Gemma2ForCausalLM"], "hidden_size": 2304, "num_hidden_layers": 2, "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "intermediate_size": 9216})",
            llamaLike);
        row("t5",
            R"({"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "d_model": 64, "d_kv": 16, "d_ff": 100, "num_layers": 3, "num_decoder_layers": 2, "num_heads": 5, "vocab_size": 300})",
            {"d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads", "vocab_size"});
        row("t5 with gates",
            R"({"model_type": "t5", "architectures": ["T5ForConditionalGeneration"], "d_model": 64, "d_ff": 100, "num_layers": 2, "vocab_size": 300, "feed_forward_proj": "gated-gelu", "tie_word_embeddings": false})",
            {"d_model", "d_ff", "num_layers", "num_heads", "vocab_size"});
        row("bart",
            R"({"model_type": "bart", "architectures": ["BartForConditionalGeneration"], "d_model": 96, "encoder_layers": 2, "decoder_layers": 3, "encoder_ffn_dim": 120, "decoder_ffn_dim": 130, "encoder_attention_heads": 4,
            "decoder_attention_heads": 4, "vocab_size": 300})",
            {"d_model", "encoder_layers", "decoder_layers", "encoder_ffn_dim", "decoder_ffn_dim", "vocab_size"});
        row("vit",
            R"({"model_type": "vit", "architectures": ["ViTForImageClassification"], "hidden_size": 192, "num_hidden_layers": 3, "num_attention_heads": 3, "intermediate_size": 768, "image_size": 384, "patch_size": 32, "num_labels": 1000})",
            {"hidden_size", "num_hidden_layers", "intermediate_size", "patch_size", "num_labels"});
        row("clip",
            R"({"model_type": "clip", "architectures": ["CLIPModel"], "projection_dim": 64, "text_config": {"hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 100, "num_attention_heads": 4, "vocab_size": 300},
            "vision_config": {"hidden_size": 96, "num_hidden_layers": 3, "intermediate_size": 130, "num_attention_heads": 4, "image_size": 64, "patch_size": 8}})",
            {"projection_dim", "text_config.hidden_size", "text_config.num_hidden_layers", "vision_config.hidden_size",
             "vision_config.num_hidden_layers", "vision_config.patch_size", "text_config.vocab_size"});
        row("whisper",
            R"({"model_type": "whisper", "architectures": ["WhisperForConditionalGeneration"], "d_model": 96, "encoder_layers": 2, "decoder_layers": 3, "encoder_ffn_dim": 120, "decoder_ffn_dim": 130, "num_mel_bins": 128,
            "vocab_size": 300})",
            {"d_model", "encoder_layers", "decoder_layers", "encoder_ffn_dim", "decoder_ffn_dim", "num_mel_bins", "vocab_size"});
        row("wav2vec2",
            R"({"model_type": "wav2vec2", "architectures": ["Wav2Vec2ForCTC"], "hidden_size": 96, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 120, "vocab_size": 40})",
            {"hidden_size", "num_hidden_layers", "intermediate_size", "vocab_size"});
    }
    void whatTheShapesFixComesBack()
    {
        QFETCH(QByteArray, config);
        QFETCH(QStringList, fixed);
        const Config original = configOf(config);
        const auto found = tensorsOf(original);
        JobContext job;
        const auto inferred = inferConfig(found, job);
        QVERIFY(inferred);
        qInfo("%s %s %s also %zu; told %s; not told %s", inferred->modelType.c_str(), inferred->className.c_str(), toJson(inferred->config).c_str(),
              inferred->alternatives.size(), toJson(inferred->told).c_str(), toJson(inferred->untold).c_str());
        QVERIFY2(inferred->isExact, qPrintable(QStringLiteral("%1 of %2").arg(inferred->matched).arg(inferred->expected)));
        QVERIFY2(isNamed(*inferred, original.modelType()), inferred->modelType.c_str());
        // the config alone gives the same tensors again
        Config written;
        written.root = inferred->config;
        const auto again = tensorsOf(written);
        QCOMPARE(again.size(), found.size());
        for (size_t i = 0; i < again.size(); ++i) {
            QCOMPARE(again[i].name, found[i].name);
            QCOMPARE(again[i].shape, found[i].shape);
        }
        if (inferred->modelType != original.modelType())
            return; // its fields have other names
        for (const QString& path : fixed) {
            const Value* value = told(*inferred, path.toStdString());
            QVERIFY2(value, qPrintable(path + QStringLiteral(" should be told")));
            if (const Value* said = configValue(original, path.toStdString()))
                QVERIFY2(*value == *said, qPrintable(path));
        }
    }

    void aNestedFieldIsSetWhereItStands()
    {
        const Config before = configOf(R"({"a": {"b": 1, "c": 2}, "d": 3})");
        QCOMPARE(toJson(withChanges(before, {{"a.b", 5}, {"e.f", 6}, {"d.g", 7}}).root), R"({"a":{"b":5,"c":2},"d":{"g":7},"e":{"f":6}})");
    }

    void anEncoderIsAMaskedLanguageModel()
    {
        JobContext job;
        const auto inferred = inferConfig(tensorsOf(configOf(R"({"model_type": "bert", "architectures": ["BertLMHeadModel"], "num_hidden_layers": 1})")), job);
        QVERIFY(inferred && inferred->isExact);
        QCOMPARE(inferred->className, "BertForMaskedLM");
    }

    void headsThatOnlyDivideAreNotClaimed_data()
    {
        QTest::addColumn<QByteArray>("config");
        QTest::addColumn<QString>("field");
        QTest::newRow("bert")
            << QByteArray(
                   R"({"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 384, "num_hidden_layers": 1, "num_attention_heads": 12})")
            << "num_attention_heads";
        QTest::newRow("llama")
            << QByteArray(
                   R"({"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 256, "num_hidden_layers": 1, "num_attention_heads": 8, "num_key_value_heads": 2})")
            << "num_attention_heads";
        QTest::newRow("gpt2") << QByteArray(R"({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_layer": 1})") << "n_head";
    }
    void headsThatOnlyDivideAreNotClaimed()
    {
        QFETCH(QByteArray, config);
        QFETCH(QString, field);
        JobContext job;
        const auto inferred = inferConfig(tensorsOf(configOf(config)), job);
        QVERIFY(inferred && inferred->isExact);
        QVERIFY(!told(*inferred, field.toStdString()));
        QVERIFY(isUntold(*inferred, field.toStdString()));
        QVERIFY(inferred->untoldFields().find(field.toStdString()) != std::string::npos);
    }

    void everyCommonTypeIsFoundByItsDefaults_data()
    {
        QTest::addColumn<QString>("modelType");
        for (const char* modelType :
             {"xlm-roberta", "mpnet", "deberta", "modernbert", "gptj",     "bloom",  "phi",    "phi3",   "mbart",      "pegasus", "marian",
              "deit",        "swin",  "beit",    "dinov2",     "convnext", "hubert", "siglip", "falcon", "longformer", "layoutlm"})
            QTest::newRow(modelType) << QString(modelType);
    }
    void everyCommonTypeIsFoundByItsDefaults()
    {
        QFETCH(QString, modelType);
        Config config;
        config.root = Value::Map{{"model_type", modelType.toStdString()}};
        JobContext job;
        if (!expectedModel(config, "", job))
            QSKIP("there is no specification of it");
        const auto inferred = inferConfig(tensorsOf(config), job);
        QVERIFY(inferred);
        QVERIFY2(inferred->isExact,
                 qPrintable(QStringLiteral("%1 %2 of %3").arg(inferred->modelType.c_str()).arg(inferred->matched).arg(inferred->expected)));
        QVERIFY2(isNamed(*inferred, modelType.toStdString()), qPrintable(QString::fromStdString(inferred->modelType)));
    }

    void aDamagedFileIsStillNamed()
    {
        auto found = tensorsOf(configOf(
            R"({"model_type": "bert", "architectures": ["BertModel"], "hidden_size": 64, "num_hidden_layers": 4, "num_attention_heads": 2, "intermediate_size": 100})"));
        std::erase_if(found, [](const FoundTensor& tensor) { return tensor.name.find("layer.2.output") != std::string::npos; });
        JobContext job;
        const auto inferred = inferConfig(found, job);
        QVERIFY(inferred && !inferred->isExact);
        QCOMPARE(inferred->className, "BertModel");
        QCOMPARE(*told(*inferred, "num_hidden_layers")->integer(), int64_t(4));
        QCOMPARE(inferred->expected - inferred->matched, size_t(4));
    }

    void aWrappersPrefixIsNoHindrance()
    {
        auto found = tensorsOf(configOf(R"({"model_type": "distilbert", "architectures": ["DistilBertModel"], "n_layers": 2})"));
        for (FoundTensor& tensor : found)
            tensor.name = "module." + tensor.name;
        JobContext job;
        const auto inferred = inferConfig(found, job);
        QVERIFY(inferred && inferred->isExact);
        QCOMPARE(inferred->modelType, "distilbert");
    }

    void strangersAreNotNamed()
    {
        JobContext job;
        QVERIFY(!inferConfig({}, job));
        QVERIFY(!inferConfig({{"a.weight", {3, 4}, DType::F32, 0}, {"b.weight", {4}, DType::F32, 1}}, job));
        QVERIFY(!inferConfig({{std::string(5000, '7'), {-1}, DType::F32, 0}, {"layer.99999999999999999999.x", {1}, DType::F32, 1}}, job));
    }
};

QTEST_APPLESS_MAIN(TstInferConfig)
#include "tst_infer_config.moc"
