// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/diagnosis/tensorflow_names.h"

#include "core/comparison/loader_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace weighbridge {
namespace {

struct Rename {
    std::string_view pattern;     ///< searched in the name
    std::string_view replacement; ///< \1 is the pattern's first group
};

/// A head that tells the class: how names of it begin, and how the class's name ends.
struct Head {
    std::string_view start;
    std::string_view ending;
};

struct Family {
    std::string_view modelType;
    std::string_view classPrefix;
    std::span<const Rename> renames; ///< from PyTorch's name to TensorFlow's, in order; an empty result: TensorFlow does not save it
};

// What all of them share comes last: the last layer of a head has names of its own, a layer's matrix is a kernel; dots become slashes in the end.
constexpr std::array commonRenames{
    Rename{R"(^(cls\.seq_relationship|cls\.squad)\.weight$)", R"(\1.output_weights)"},
    Rename{R"(^(cls\.seq_relationship|cls\.squad|cls\.predictions)\.bias$)", R"(\1.output_bias)"},
    Rename{R"(^classifier\.weight$)", "output_weights"},
    Rename{R"(^classifier\.bias$)", "output_bias"},
    Rename{R"(LayerNorm\.weight$)", "LayerNorm/gamma"},
    Rename{R"(LayerNorm\.bias$)", "LayerNorm/beta"},
    Rename{R"(\b(word|position|token_type)_embeddings\.weight$)", R"(\1_embeddings)"},
    Rename{R"(\.layer\.(\d+)\.)", R"(/layer_\1/)"},
    Rename{R"(\.weight$)", "/kernel"},
};

constexpr std::array bertRenames{
    Rename{R"(^cls\.predictions\.decoder\..*$)", ""},
    Rename{R"(^qa_outputs\.)", "cls.squad."},
};

constexpr std::array albertRenames{
    Rename{R"(^predictions\.decoder\..*$)", ""},
    Rename{R"(^predictions\.(dense|LayerNorm)\.)", R"(cls.predictions.transform.\1.)"},
    Rename{R"(^predictions\.bias$)", "cls.predictions.bias"},
    Rename{R"(^sop_classifier\.classifier\.)", "cls.seq_relationship."},
    Rename{R"(^albert\.)", "bert/"},
    Rename{R"(pooler\.(weight|bias)$)", R"(pooler/dense.\1)"},
    Rename{R"(albert_layer_groups\.(\d+)\.)", R"(transformer/group_\1/)"},
    Rename{R"(albert_layers\.(\d+)\.)", R"(inner_group_\1/)"},
    Rename{R"(attention\.(query|key|value)\.)", R"(attention_1/self/\1.)"},
    Rename{R"(attention\.dense\.)", "attention_1/output/dense."},
    Rename{R"(attention\.LayerNorm\.)", "LayerNorm."},
    Rename{R"(full_layer_layer_norm\.weight$)", "LayerNorm_1/gamma"},
    Rename{R"(full_layer_layer_norm\.bias$)", "LayerNorm_1/beta"},
    Rename{R"(ffn_output\.)", "ffn_1/intermediate/output/dense."},
    Rename{R"(\bffn\.)", "ffn_1/intermediate/dense."},
};

constexpr std::array electraRenames{
    Rename{R"(^discriminator_predictions\.dense_prediction\.)", "discriminator_predictions/dense_1."},
    Rename{R"(^generator_lm_head\.bias$)", "generator_predictions/output_bias"},
    Rename{R"(^generator_lm_head\.weight$)", ""},
};

constexpr std::array families{Family{"bert", "Bert", bertRenames}, Family{"albert", "Albert", albertRenames},
                              Family{"electra", "Electra", electraRenames}};

/// The first that is found counts.
constexpr std::array heads{Head{"cls/seq_relationship/", "ForPreTraining"}, Head{"discriminator_predictions/", "ForPreTraining"},
                           Head{"cls/predictions/", "ForMaskedLM"}, Head{"cls/squad/", "ForQuestionAnswering"},
                           Head{"output_weights", "ForSequenceClassification"}};

/// What Adam, the counters of steps and ELECTRA's generator beside its discriminator add.
constexpr std::array ignored{
    "/adam_[mv]$",           "/Adam(_1)?$", "/lamb_[mv]$", "^global_step$", "^beta[12]_power$", "^temperature$", "^generator(_predictions)?/",
    "^signal_early_stopping"};

bool isTensorFlow1(const std::vector<FoundTensor>& found)
{
    return std::any_of(found.begin(), found.end(), [](const FoundTensor& tensor) {
        return tensor.name.find("/encoder/") != std::string::npos && tensor.name.ends_with("/kernel");
    });
}

const Family* familyOf(const std::string& modelType)
{
    const auto found = std::find_if(families.begin(), families.end(), [&modelType](const Family& family) { return family.modelType == modelType; });
    return found == families.end() ? nullptr : &*found;
}

/// A config without model_type is an old bert_config.json: expectedModel() reads it as BERT's, or refuses it.
std::string modelTypeOf(const Config& config)
{
    const std::string said = config.modelType();
    return said.empty() ? "bert" : said;
}

std::vector<Renaming> compiled(const Family& family)
{
    std::vector<Renaming> out;
    for (const auto& list : {family.renames, std::span<const Rename>(commonRenames)})
        for (const Rename& rename : list)
            if (auto pattern = Pattern::compile(std::string(rename.pattern)))
                out.emplace_back(std::move(*pattern), std::string(rename.replacement), std::nullopt, "");
    return out;
}

} // namespace

std::string tensorFlowClass(const Config& config, const std::vector<FoundTensor>& found)
{
    const Family* family = familyOf(modelTypeOf(config));
    if (!family || config.root.find("architectures") || !isTensorFlow1(found))
        return {};
    for (const Head& head : heads)
        if (std::any_of(found.begin(), found.end(), [&head](const FoundTensor& tensor) { return tensor.name.starts_with(head.start); }))
            return fmt::format("{}{}", family->classPrefix, head.ending);
    return {};
}

Config withTensorFlowLabels(Config config, const std::vector<FoundTensor>& found)
{
    if (!familyOf(modelTypeOf(config)) || config.root.find("num_labels") || config.root.find("id2label") || !config.root.isMap() ||
        !isTensorFlow1(found))
        return config;
    const auto classifier = std::find_if(found.begin(), found.end(),
                                         [](const FoundTensor& tensor) { return tensor.name == "output_weights" && tensor.shape.size() == 2; });
    if (classifier == found.end())
        return config;
    if (config.modelType().empty() && config.root.find("attention_probs_dropout_prob") && config.root.find("type_vocab_size"))
        config.root.set("model_type", "bert"); // the only one that came without
    config.root.set("num_labels", classifier->shape[0]);
    return config;
}

void expectTensorFlow(ExpectedModel& expected, const std::vector<FoundTensor>& found)
{
    const Family* family = familyOf(expected.modelType);
    if (!family || !isTensorFlow1(found))
        return;
    const std::vector<Renaming> renames = compiled(*family);
    std::vector<ExpectedTensor> tensors;
    for (ExpectedTensor& tensor : expected.tensors) {
        if (tensor.isBuffer) // positions and the like, which TensorFlow computes
            continue;
        for (const Renaming& rename : renames)
            rename.apply(tensor.name);
        std::replace(tensor.name.begin(), tensor.name.end(), '.', '/');
        if (tensor.name.ends_with("/kernel"))
            std::reverse(tensor.shape.begin(), tensor.shape.end());
        if (!tensor.name.empty())
            tensors.push_back(std::move(tensor));
    }
    expected.tensors = std::move(tensors);
    expected.tied.clear();
    expected.renames.clear();
    expected.conversions.clear();
    expected.baseModelPrefix.clear();
    expected.ignoreMissing.clear();
    expected.ignoreUnexpected.assign(ignored.begin(), ignored.end());
}

} // namespace weighbridge
