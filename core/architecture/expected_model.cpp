// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/expected_model.h"

#include "core/architecture/architecture_spec.h"
#include "core/architecture/model_expansion.h"
#include "core/architecture/resolved_config.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <unordered_set>

namespace weighbridge {
namespace {

/// The fields of the bert_config.json that the first BERT models came with: it has no model_type.
constexpr std::array formerBertFields{"attention_probs_dropout_prob", "hidden_act", "hidden_dropout_prob", "hidden_size", "initializer_range", "intermediate_size",
                                      "max_position_embeddings", "num_attention_heads", "num_hidden_layers", "type_vocab_size", "vocab_size"};
/// ... and what the multilingual and Chinese ones have besides.
constexpr std::array furtherBertFields{"directionality", "pooler_fc_size", "pooler_num_attention_heads", "pooler_num_fc_layers", "pooler_size_per_head", "pooler_type", "layer_norm_eps",
                                       "pad_token_id"};

template <typename Names>
bool holds(const Names& names, const std::string& name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Only if every field of such a config is there and none that another model would have.
bool isFormerBert(const Value& config)
{
    const auto* map = config.map();
    return map && std::all_of(formerBertFields.begin(), formerBertFields.end(), [&config](const char* field) { return config.find(field); })
        && std::all_of(map->begin(), map->end(), [](const auto& entry) { return holds(formerBertFields, entry.first) || holds(furtherBertFields, entry.first); });
}

bool asksForRemoteCode(const Value& config)
{
    const Value* map = config.find("auto_map");
    return map && isTrue(*map);
}

Error remoteCode(const Config& config)
{
    return Error("remote-code", "The config says that the model is built by Python code of its own (auto_map), which is never run here; what it expects is not known.")
        .at(config.path)
        .fixedBy("Compare with a reference checkpoint of the same model, or describe the architecture in a file (docs/adding-an-architecture.md).");
}

Error noModelType(const Config& config)
{
    return Error("config-missing", "The config does not say what model it is for: the field model_type is missing.").at(config.path).fixedBy("Add it, for example \"model_type\": \"bert\".");
}

std::string firstArchitecture(const Value& config)
{
    const Value* list = config.find("architectures");
    return list && list->list() && !list->list()->empty() ? list->list()->front().stringOr("") : std::string();
}

Error unknownClass(const std::string& className, const ArchitectureSpec& spec, const Config& config)
{
    return Error("unknown-class", fmt::format("What {} holds is not known for certain. Known for model type {}: {}.", shown(className), shown(spec.modelType()), fmt::join(spec.classNames(), ", ")))
        .at(config.path)
        .fixedBy("Name one of these classes, or compare with a reference checkpoint.");
}

/// Mapped by every from_pretrained after a model type's own renames: names of PyTorch checkpoints converted from TensorFlow 1, of
/// weight_norm before torch 2.1, and of vision-language models before transformers 4.52.
std::vector<LoaderRename> legacyRenames()
{
    return {{R"(LayerNorm.gamma(?!\w))", "LayerNorm.weight", "LayerNorm.gamma -> weight", {}},
            {R"(LayerNorm.beta(?!\w))", "LayerNorm.bias", "LayerNorm.beta -> bias", {}},
            {R"(.weight_g(?!\w))", ".parametrizations.weight.original0", "weight_g -> parametrizations.weight.original0", {}},
            {R"(.weight_v(?!\w))", ".parametrizations.weight.original1", "weight_v -> parametrizations.weight.original1", {}},
            {R"(^model\.language_model\.model(?!\w)|^language_model\.model\.model(?!\w))", "model.language_model", "language_model.model -> language_model", {}}};
}

Result<std::string> modelTypeOf(const Config& config)
{
    if (!config.modelType().empty())
        return config.modelType();
    if (isFormerBert(config.root))
        return std::string("bert");
    return failure(asksForRemoteCode(config.root) ? remoteCode(config) : noModelType(config));
}

void append(std::vector<LoaderRename> renames, std::vector<LoaderRename>& out)
{
    std::move(renames.begin(), renames.end(), std::back_inserter(out));
}

/// What the loader does with a checkpoint's keys, the models inside included; or what of it is not known.
Result<std::string> fillLoading(const ArchitectureSpec& spec, const std::vector<InnerModel>& inner, ExpectedModel& out)
{
    auto conversions = spec.conversions(out.className);
    if (!conversions)
        return tl::unexpected(conversions.error());
    out.conversions = std::move(*conversions);
    out.renames = spec.renames(out.className);
    const std::string unknown = spec.unknownLoading(out.className);
    auto ofInner = addInnerLoading(inner, out);
    append(legacyRenames(), out.renames);
    return unknown.empty() ? ofInner : unknown;
}

Error unknownLoading(const std::string& className, const std::string& what)
{
    return Error("unknown-class", fmt::format("The tensors of {} are known (`expect` lists them), but not how the loader maps a checkpoint's keys to them: {}.",
                                              shown(className), shown(what)));
}

Result<ExpectedModel> build(ArchitectureLibrary& library, const ArchitectureSpec& spec, const Config& config, const std::string& className, Purpose purpose,
                            JobContext& job)
{
    const auto architecture = spec.compile(className);
    if (!architecture)
        return tl::unexpected(architecture.error());
    const auto resolved = resolveConfig(library, spec, "", config.root);
    if (!resolved)
        return tl::unexpected(resolved.error());
    ExpectedModel out;
    out.className = className;
    out.modelType = spec.modelType();
    out.baseModelPrefix = architecture->baseModelPrefix;
    out.ignoreMissing = architecture->ignoreMissing;
    out.ignoreUnexpected = architecture->ignoreUnexpected;
    out.source = config.modelType().empty() ? "inferred" : "config";
    out.sourcePath = config.path;
    const auto inner = expandModel(library, *architecture, *resolved, out, job);
    if (!inner)
        return tl::unexpected(inner.error());
    const auto unknown = fillLoading(spec, *inner, out);
    if (!unknown)
        return tl::unexpected(unknown.error());
    if (purpose == Purpose::Loading && !unknown->empty())
        return failure(unknownLoading(className, *unknown));
    return out;
}

} // namespace

std::vector<LoaderRename> loaderRenames(const ArchitectureSpec& spec, const std::string& className)
{
    std::vector<LoaderRename> out = spec.renames(className);
    append(legacyRenames(), out);
    return out;
}

Result<ExpectedModel> expectedModel(const Config& config, const std::string& className, JobContext& job, Purpose purpose)
{
    ArchitectureLibrary library(std::filesystem::path(config.path).parent_path().string());
    return expectedModel(library, config, className, job, purpose);
}

Result<ExpectedModel> expectedModel(ArchitectureLibrary& library, const Config& config, const std::string& className, JobContext& job, Purpose purpose)
{
    const auto modelType = modelTypeOf(config);
    if (!modelType)
        return tl::unexpected(modelType.error());
    const auto spec = library.find(*modelType);
    if (!spec)
        return failure(spec.error().rule == "unknown-model-type" && asksForRemoteCode(config.root) ? remoteCode(config)
                       : spec.error().path.empty()                                               ? Error(spec.error()).at(config.path)
                                                                                                 : spec.error());
    const std::string first = firstArchitecture(config.root);
    const std::string wanted = !className.empty() ? className : !first.empty() ? first : (*spec)->baseClass();
    if (!holds((*spec)->classNames(), wanted))
        return failure(asksForRemoteCode(config.root) ? remoteCode(config) : unknownClass(wanted, **spec, config));
    auto model = build(library, **spec, config, wanted, purpose, job);
    if (!model && model.error().path.empty())
        return failure(Error(model.error()).at(config.path));
    return model;
}

Result<ExpectedModel> expectedByGguf(const Config& keys, JobContext& job)
{
    auto expected = expectedModel(keys, "", job);
    if (expected)
        expected->isStrict = true;
    return expected;
}

ExpectedModel expectedFromReference(const Checkpoint& reference)
{
    ExpectedModel out;
    out.source = "reference";
    out.sourcePath = reference.path;
    out.tensors.reserve(reference.tensors.size());
    for (const TensorInfo& tensor : reference.tensors)
        out.tensors.push_back({tensor.name, tensor.shape, tensor.dtype, tensor.isBuffer});
    return out;
}

std::string formatShape(const ExpectedTensor& tensor)
{
    if (!tensor.isShapeKnown)
        return "any shape";
    std::string out;
    for (const int64_t size : tensor.shape)
        out += (out.empty() ? "" : " x ") + (size < 0 ? "?" : std::to_string(size));
    return tensor.shape.empty() ? "scalar" : out;
}

const ExpectedTensor* ExpectedModel::find(std::string_view name) const
{
    const auto found = std::find_if(tensors.begin(), tensors.end(), [name](const ExpectedTensor& tensor) { return tensor.name == name; });
    return found == tensors.end() ? nullptr : &*found;
}

uint64_t ExpectedModel::parameters() const
{
    std::unordered_set<std::string_view> targets;
    for (const auto& tie : tied)
        targets.insert(tie.first);
    uint64_t sum = 0;
    for (const ExpectedTensor& tensor : tensors)
        if (!targets.contains(tensor.name))
            sum += numel(tensor.shape).value_or(0);
    return sum;
}

std::vector<std::string> knownModelTypes()
{
    return ArchitectureLibrary("").modelTypes();
}

std::vector<std::string> knownClasses(const std::string& modelType)
{
    const auto spec = ArchitectureLibrary("").find(modelType);
    return spec ? (*spec)->classNames() : std::vector<std::string>();
}

} // namespace weighbridge
