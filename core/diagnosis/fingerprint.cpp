// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/fingerprint.h"

#include "core/base/text.h"
#include "core/diagnosis/layer_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

namespace weighbridge {
namespace {

/// A tensor whose name ends so tells a size by one of its dimensions.
struct SizeTell {
    std::string_view ending;
    size_t rank;
    size_t dimension;
};

constexpr std::array vocabTells{SizeTell{"word_embeddings.weight", 2, 0}, SizeTell{"embed_tokens.weight", 2, 0}, SizeTell{"wte.weight", 2, 0},
                                SizeTell{"shared.weight", 2, 0},          SizeTell{"embed_in.weight", 2, 0},     SizeTell{"tok_embeddings.weight", 2, 0},
                                SizeTell{"word_embedding.weight", 2, 0},  SizeTell{"token_embedding.weight", 2, 0}};
constexpr std::array positionTells{SizeTell{"position_embeddings.weight", 2, 0}, SizeTell{"wpe.weight", 2, 0}, SizeTell{"embed_positions.weight", 2, 0},
                                   SizeTell{"position_embedding.weight", 2, 0}, SizeTell{"embeddings.position_embeddings", 3, 1}};
constexpr std::array typeVocabTells{SizeTell{"token_type_embeddings.weight", 2, 0}};
constexpr std::array intermediateTells{SizeTell{"intermediate.dense.weight", 2, 0}, SizeTell{"mlp.gate_proj.weight", 2, 0}, SizeTell{".fc1.weight", 2, 0},
                                       SizeTell{"mlp.c_fc.weight", 2, 1},           SizeTell{"ffn.lin1.weight", 2, 0},      SizeTell{"DenseReluDense.wi.weight", 2, 0},
                                       SizeTell{"DenseReluDense.wi_0.weight", 2, 0}, SizeTell{"albert_layers.0.ffn.weight", 2, 0}, SizeTell{"mlp.dense_h_to_4h.weight", 2, 0}};
// The side that a layer reads: whatever the heads are, it is the hidden size.
constexpr std::array hiddenTells{SizeTell{"attention.self.query.weight", 2, 1},      SizeTell{"attention.attention.query.weight", 2, 1}, SizeTell{"attention.query.weight", 2, 1},
                                 SizeTell{"self_attn.q_proj.weight", 2, 1},          SizeTell{"attention.q_lin.weight", 2, 1},           SizeTell{"attn.c_attn.weight", 2, 0},
                                 SizeTell{"SelfAttention.q.weight", 2, 1},           SizeTell{"self.query_proj.weight", 2, 1},           SizeTell{"self.in_proj.weight", 2, 1},
                                 SizeTell{"attention.query_key_value.weight", 2, 1}, SizeTell{"attention.q_proj.weight", 2, 1}};
constexpr std::array queryTells{SizeTell{"self_attn.q_proj.weight", 2, 0}};
constexpr std::array keyTells{SizeTell{"self_attn.k_proj.weight", 2, 0}};
constexpr std::array labelTells{SizeTell{"classifier.weight", 2, 0}, SizeTell{"classifier.out_proj.weight", 2, 0}, SizeTell{"score.weight", 2, 0}, SizeTell{"qa_outputs.weight", 2, 0}};

/// "classifier.weight" ends "head.classifier.weight", not "pre_classifier.weight".
bool endsWithParts(std::string_view name, std::string_view ending)
{
    return name.ends_with(ending) && (name.size() == ending.size() || ending.front() == '.' || name[name.size() - ending.size() - 1] == '.');
}

template <size_t N>
std::optional<int64_t> sizeBy(const std::array<SizeTell, N>& tells, const FoundTensor& tensor)
{
    for (const SizeTell& tell : tells) {
        if (tensor.shape.size() == tell.rank && endsWithParts(tensor.name, tell.ending) && tensor.shape[tell.dimension] > 0)
            return tensor.shape[tell.dimension];
    }
    return std::nullopt;
}

void take(std::optional<int64_t>& size, std::optional<int64_t> value)
{
    if (!size)
        size = value;
}

void take(std::optional<int64_t>& size, std::string& tensor, std::optional<int64_t> value, const std::string& name)
{
    if (size || !value)
        return;
    size = value;
    tensor = name;
}

/// Marks of a family: every one must occur in some name. More specific families come first.
struct FamilyMarks {
    std::string_view family;
    std::array<std::string_view, 3> marks;
};

constexpr std::array families{
    FamilyMarks{"deberta-v2", {"attention.self.query_proj.", "encoder.rel_embeddings.", ""}},
    FamilyMarks{"deberta", {"attention.self.in_proj.", "", ""}},
    FamilyMarks{"albert", {"albert_layer_groups.", "", ""}},
    FamilyMarks{"electra", {"electra.", "encoder.layer.", ""}},
    FamilyMarks{"electra", {"embeddings_project.", "encoder.layer.", ""}},
    FamilyMarks{"electra", {"discriminator_predictions.", "", ""}},
    FamilyMarks{"roberta", {"roberta.", "attention.self.query.", ""}},
    FamilyMarks{"roberta", {"lm_head.dense.", "attention.self.query.", ""}},
    FamilyMarks{"roberta", {"classifier.out_proj.", "attention.self.query.", ""}},
    FamilyMarks{"distilbert", {"transformer.layer.", "attention.q_lin.", ""}},
    FamilyMarks{"bert", {"embeddings.word_embeddings.", "attention.self.query.", ""}},
    FamilyMarks{"clip", {"text_model.", "vision_model.", ""}},
    FamilyMarks{"vit", {"patch_embeddings.projection.", "attention.attention.query.", ""}},
    FamilyMarks{"vit", {"patch_embeddings.projection.", "attention.q_proj.", "layernorm_before."}},
    FamilyMarks{"t5", {"SelfAttention.q.", "DenseReluDense.", ""}},
    FamilyMarks{"gpt2", {"wte.weight", "attn.c_attn.", ""}},
    FamilyMarks{"gpt_neox", {"embed_in.weight", "attention.query_key_value.", ""}},
    FamilyMarks{"whisper", {"encoder.conv1.", "decoder.embed_tokens.", ""}},
    FamilyMarks{"wav2vec2", {"feature_extractor.conv_layers.", "", ""}},
    FamilyMarks{"bart", {"encoder.layers.", "decoder.layers.", "fc1."}},
    FamilyMarks{"opt", {"decoder.embed_positions.", "self_attn.q_proj.", "fc1."}},
    FamilyMarks{"gemma2", {"pre_feedforward_layernorm.", "self_attn.q_proj.", "mlp.gate_proj."}},
    FamilyMarks{"qwen3", {"self_attn.q_norm.", "self_attn.q_proj.", "mlp.gate_proj."}},
    FamilyMarks{"qwen2", {"self_attn.q_proj.bias", "embed_tokens.", "mlp.gate_proj."}},
    FamilyMarks{"llama", {"self_attn.q_proj.", "embed_tokens.", "mlp.gate_proj."}},
};

std::string familyOf(const std::vector<FoundTensor>& tensors)
{
    for (const FamilyMarks& family : families) {
        const bool all = std::all_of(family.marks.begin(), family.marks.end(), [&tensors](std::string_view mark) {
            return mark.empty() || std::any_of(tensors.begin(), tensors.end(), [mark](const FoundTensor& tensor) { return tensor.name.find(mark) != std::string::npos; });
        });
        if (all)
            return std::string(family.family);
    }
    return {};
}

/// The fields of a family's config: hidden, layers, intermediate, positions.
struct ConfigFields {
    std::string_view family;
    std::string_view hidden;
    std::string_view layers;
    std::string_view intermediate;
    std::string_view positions;
};

constexpr ConfigFields commonFields{"", "hidden_size", "num_hidden_layers", "intermediate_size", "max_position_embeddings"};
constexpr std::array otherFields{
    ConfigFields{"distilbert", "dim", "n_layers", "hidden_dim", "max_position_embeddings"},
    ConfigFields{"gpt2", "n_embd", "n_layer", "n_inner", "n_positions"},
    ConfigFields{"t5", "d_model", "num_layers", "d_ff", ""},
    ConfigFields{"opt", "hidden_size", "num_hidden_layers", "ffn_dim", ""},
    ConfigFields{"bart", "d_model", "encoder_layers", "encoder_ffn_dim", ""},
};

} // namespace

ModelSizes modelSizes(const std::vector<FoundTensor>& tensors)
{
    ModelSizes sizes;
    std::vector<std::string_view> names;
    for (const FoundTensor& tensor : tensors) {
        names.push_back(tensor.name);
        take(sizes.vocab, sizes.vocabTensor, sizeBy(vocabTells, tensor), tensor.name);
        take(sizes.positions, sizes.positionsTensor, sizeBy(positionTells, tensor), tensor.name);
        take(sizes.typeVocab, sizes.typeVocabTensor, sizeBy(typeVocabTells, tensor), tensor.name);
        take(sizes.labels, sizes.labelsTensor, sizeBy(labelTells, tensor), tensor.name);
        take(sizes.intermediate, sizeBy(intermediateTells, tensor));
        take(sizes.hidden, sizeBy(hiddenTells, tensor));
        take(sizes.queryRows, sizeBy(queryTells, tensor));
        take(sizes.keyRows, sizeBy(keyTells, tensor));
    }
    size_t most = 0;
    for (const auto& [stem, indices] : layerIndices(names)) {
        if (indices.size() > most) {
            most = indices.size();
            sizes.layers = static_cast<int64_t>(indices.size());
        }
    }
    return sizes;
}

Fingerprint fingerprintOf(const std::vector<FoundTensor>& tensors)
{
    return {familyOf(tensors), modelSizes(tensors)};
}

std::vector<FoundTensor> asFound(const ExpectedModel& expected)
{
    std::vector<FoundTensor> out;
    out.reserve(expected.tensors.size());
    for (const ExpectedTensor& tensor : expected.tensors)
        out.push_back({tensor.name, tensor.shape, tensor.dtype, static_cast<int>(out.size())});
    return out;
}

bool sameNaming(const std::string& family, const std::string& modelType)
{
    static constexpr std::array<std::string_view, 8> bertLike{"bert", "roberta", "xlm-roberta", "camembert", "electra", "ernie", "bert-generation", "roberta-prelayernorm"};
    static constexpr std::array<std::string_view, 8> llamaLike{"llama", "mistral", "qwen2", "qwen3", "gemma", "gemma2", "phi3", "stablelm"};
    const auto both = [&](const auto& group) {
        return std::find(group.begin(), group.end(), family) != group.end() && std::find(group.begin(), group.end(), modelType) != group.end();
    };
    return family == modelType || both(bertLike) || both(llamaLike);
}

bool isKnownFamily(const std::string& modelType)
{
    return std::any_of(families.begin(), families.end(), [&modelType](const FamilyMarks& family) { return family.family == modelType; });
}

Value inferredConfig(const Fingerprint& fingerprint)
{
    if (fingerprint.family.empty())
        return {};
    const auto other = std::find_if(otherFields.begin(), otherFields.end(), [&](const ConfigFields& fields) { return fields.family == fingerprint.family; });
    const ConfigFields& fields = other == otherFields.end() ? commonFields : *other;
    Value config = Value::Map{{"model_type", fingerprint.family}};
    const auto add = [&config](std::string_view field, std::optional<int64_t> size) {
        if (size && !field.empty())
            config.set(std::string(field), *size);
    };
    add("vocab_size", fingerprint.sizes.vocab);
    add(fields.hidden, fingerprint.sizes.hidden);
    add(fields.layers, fingerprint.sizes.layers);
    add(fields.intermediate, fingerprint.sizes.intermediate);
    add(fields.positions, fingerprint.sizes.positions);
    add("type_vocab_size", fingerprint.sizes.typeVocab);
    return config;
}

std::optional<ExpectedModel> expectedBySizes(const Fingerprint& fingerprint, JobContext& job)
{
    Config config;
    config.root = inferredConfig(fingerprint);
    if (config.root.isNull())
        return std::nullopt;
    const ModelSizes& sizes = fingerprint.sizes;
    const int64_t headSize = std::gcd(sizes.queryRows.value_or(0), sizes.keyRows.value_or(0));
    for (const char* field : {"num_attention_heads", "n_heads", "n_head", "num_heads", "encoder_attention_heads", "decoder_attention_heads"})
        config.root.set(field, headSize > 0 && sizes.queryRows ? *sizes.queryRows / headSize : 1);
    if (headSize > 0) {
        config.root.set("num_key_value_heads", *sizes.keyRows / headSize);
        config.root.set("head_dim", headSize);
    }
    auto expected = expectedModel(config, "", job);
    return expected ? std::optional(std::move(*expected)) : std::nullopt;
}

std::string describe(const Fingerprint& fingerprint)
{
    std::string out;
    const auto add = [&out](const std::string& text) { out += (out.empty() ? "" : ", ") + text; };
    const ModelSizes& sizes = fingerprint.sizes;
    if (sizes.layers)
        add(fmt::format("{} layer{}", *sizes.layers, *sizes.layers == 1 ? "" : "s"));
    if (sizes.hidden)
        add(fmt::format("hidden size {}", *sizes.hidden));
    if (sizes.vocab)
        add(fmt::format("vocabulary {}", groupDigits(static_cast<uint64_t>(*sizes.vocab))));
    if (fingerprint.family.empty())
        return out;
    return fingerprint.family + (out.empty() ? "" : ": " + out);
}

std::string knownVocabulary(int64_t rows)
{
    // vocab_size of the published configs.
    static const std::map<int64_t, std::string_view> known{
        {30522, "BERT uncased (English)"}, {28996, "BERT cased (English)"},   {21128, "BERT Chinese"},     {119547, "BERT multilingual cased"}, {105879, "BERT multilingual uncased"},
        {50265, "RoBERTa or BART"},        {250002, "XLM-RoBERTa"},           {50257, "GPT-2"},            {32128, "T5"},                       {30000, "ALBERT"},
        {32000, "Llama 1 or 2"},           {128256, "Llama 3"},               {128100, "DeBERTa-v3"},      {49408, "CLIP"},                     {32005, "CamemBERT"}};
    const auto entry = known.find(rows);
    return entry == known.end() ? std::string() : std::string(entry->second);
}

} // namespace weighbridge
