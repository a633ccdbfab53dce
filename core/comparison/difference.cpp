// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/difference.h"

#include "core/architecture/config.h"
#include "core/architecture/expected_model.h"
#include "core/comparison/alignment.h"
#include "core/comparison/fields.h"
#include "core/diagnosis/find_config.h"

#include <algorithm>
#include <optional>

namespace weighbridge {
namespace {

std::optional<Config> configOf(const Checkpoint& checkpoint, JobContext& job)
{
    const std::string path = findConfig(checkpoint);
    auto config = path.empty() ? Result<Config>(failure("config-missing", "")) : loadConfig(path, job);
    return config ? std::optional(std::move(*config)) : std::nullopt;
}

/// What the loader of a config's model type does to the names; nothing if it is not known.
std::optional<ExpectedModel> loaderOf(const std::optional<Config>& config, JobContext& job)
{
    auto expected = config ? expectedModel(*config, "", job) : Result<ExpectedModel>(failure("config-missing", ""));
    return expected && !expected->renames.empty() ? std::optional(std::move(*expected)) : std::nullopt;
}

Alignment::Rename loaderNames(const ExpectedModel& model)
{
    auto renamings = std::make_shared<std::vector<Renaming>>();
    for (const LoaderRename& rename : model.renames)
        if (auto pattern = Pattern::compile(rename.pattern))
            renamings->emplace_back(std::move(*pattern), rename.replacement, rename.scope, model.baseModelPrefix);
    return [renamings](std::string key) {
        for (const Renaming& renaming : *renamings)
            renaming.apply(key);
        return key;
    };
}

Alignment align(const Checkpoint& a, const Checkpoint& b, const std::optional<Config>& configA, const std::optional<Config>& configB, JobContext& job)
{
    const auto common = [](const std::string& key) { return commonName(key); };
    const auto gguf = [](const std::string& key) { return ggufName(commonName(key)); };
    Alignment out(a, b);
    out.byName();
    for (const auto& config : {configA, configB})
        if (const auto loader = loaderOf(config, job)) {
            const auto names = loaderNames(*loader);
            out.byRenamed(names, names);
        }
    out.byRenamed(common, common);
    if (a.format == "gguf" || b.format == "gguf")
        out.byRenamed(gguf, gguf);
    out.byStructure(job);
    return out;
}

TensorPair pairOf(const Difference& difference, size_t index, const Alignment::Partner& partner)
{
    TensorPair out;
    out.a = static_cast<int>(index);
    out.b = partner.b;
    if (out.b < 0)
        return out;
    const TensorInfo& a = difference.a->tensors[index];
    const TensorInfo& b = difference.b->tensors[static_cast<size_t>(partner.b)];
    out.reason = partner.reason;
    out.rule = partner.rule;
    out.axes = partner.axes;
    out.shapeDiffers = a.shape != b.shape && (out.axes.empty() || out.reason == PairReason::Exact);
    out.dtypeDiffers = a.dtypeName() != b.dtypeName();
    return out;
}

/// Whether the order is that of the alphabet (of each dtype in each shard), as safetensors writes it: then it says nothing of the model's.
bool isSortedByName(const Checkpoint& checkpoint)
{
    const auto& tensors = checkpoint.tensors;
    const auto descends = [](const TensorInfo& x, const TensorInfo& y) { return x.storage.shard == y.storage.shard && x.dtype == y.dtype && y.name < x.name; };
    return std::adjacent_find(tensors.begin(), tensors.end(), descends) == tensors.end();
}

/// A's order; what only B has stands behind what stands before it in B. What the alphabet alone puts in front of everything ("lm_head" before
/// "model") is a head, and stands at the end.
std::vector<TensorPair> inOrder(const Difference& difference, const Alignment& alignment)
{
    std::vector<std::vector<int>> followers(alignment.partners().size() + 1); // [0]: in front of everything
    std::vector<size_t> rowOf(difference.b->tensors.size(), 0);
    for (size_t i = 0; i < alignment.partners().size(); ++i)
        if (alignment.partners()[i].b >= 0)
            rowOf[static_cast<size_t>(alignment.partners()[i].b)] = i + 1;
    size_t row = 0;
    for (size_t i = 0; i < rowOf.size(); ++i) {
        if (alignment.isTaken(i))
            row = rowOf[i];
        else
            followers[row].push_back(static_cast<int>(i));
    }
    if (isSortedByName(*difference.b)) {
        const auto isHead = [&](int b) { return difference.b->tensors[static_cast<size_t>(b)].name.find("emb") == std::string::npos; };
        const auto heads = std::stable_partition(followers.front().begin(), followers.front().end(), [&](int b) { return !isHead(b); });
        std::vector<int> moved(heads, followers.front().end());
        followers.front().erase(heads, followers.front().end());
        followers.back().insert(followers.back().end(), moved.begin(), moved.end());
    }
    std::vector<TensorPair> out;
    for (size_t i = 0; i < followers.size(); ++i) {
        if (i > 0)
            out.push_back(pairOf(difference, i - 1, alignment.partners()[i - 1]));
        for (const int b : followers[i]) {
            out.emplace_back();
            out.back().b = b;
        }
    }
    return out;
}

} // namespace

const char* name(PairReason reason)
{
    switch (reason) {
    case PairReason::Exact: return "exact";
    case PairReason::Prefix: return "prefix";
    case PairReason::Rename: return "rename";
    case PairReason::Structure: return "structure";
    }
    return "";
}

PairState stateOf(const TensorPair& pair)
{
    if (!pair.isPair())
        return pair.a >= 0 ? PairState::OnlyInA : PairState::OnlyInB;
    if (pair.shapeDiffers || (pair.reason == PairReason::Exact && !pair.axes.empty()))
        return PairState::ShapeDiffers;
    // What only the other dtype costs is no other difference.
    const bool isExplained = pair.values && (pair.values->rounding == Rounding::Rounded || pair.values->rounding == Rounding::Narrower || pair.values->rounding == Rounding::Quantized);
    if (pair.valuesDiffer() && !isExplained)
        return PairState::Changed;
    if (pair.dtypeDiffers)
        return PairState::DTypeDiffers;
    return pair.isRenamed() || !pair.axes.empty() ? PairState::Renamed : PairState::Same;
}

const char* name(PairState state)
{
    switch (state) {
    case PairState::OnlyInA: return "only in A";
    case PairState::OnlyInB: return "only in B";
    case PairState::ShapeDiffers: return "shape";
    case PairState::Changed: return "values";
    case PairState::DTypeDiffers: return "dtype";
    case PairState::Renamed: return "renamed";
    case PairState::Same: return "same";
    }
    return "";
}

char sign(PairState state)
{
    switch (state) {
    case PairState::OnlyInA: return '-';
    case PairState::OnlyInB: return '+';
    case PairState::ShapeDiffers:
    case PairState::Changed:
    case PairState::DTypeDiffers: return '!';
    case PairState::Renamed: return '~';
    case PairState::Same: return '=';
    }
    return ' ';
}

bool carriesWeights(const TensorInfo& tensor)
{
    const DTypeKind kind = info(tensor.dtype).kind;
    return kind == DTypeKind::Float || kind == DTypeKind::Block || kind == DTypeKind::Complex || kind == DTypeKind::Quantized;
}

std::vector<size_t> Difference::rows(PairState state) const
{
    std::vector<size_t> out;
    for (size_t i = 0; i < pairs.size(); ++i)
        if (stateOf(pairs[i]) == state)
            out.push_back(i);
    return out;
}

bool Difference::hasDifferences() const
{
    return std::any_of(pairs.begin(), pairs.end(), [](const TensorPair& pair) { return stateOf(pair) < PairState::Renamed; });
}

const TensorPair* Difference::unreadable() const
{
    const auto found = std::find_if(pairs.begin(), pairs.end(), [](const TensorPair& pair) { return pair.isUnreadable; });
    return found == pairs.end() ? nullptr : &*found;
}

Result<Difference> alignCheckpoints(const CheckpointPtr& a, const CheckpointPtr& b, JobContext& job)
{
    Difference out;
    out.a = a;
    out.b = b;
    const auto configA = configOf(*a, job);
    const auto configB = configOf(*b, job);
    const Alignment alignment = align(*a, *b, configA, configB, job);
    if (job.cancelled())
        return failure(cancelledError());
    out.pairs = inOrder(out, alignment);
    out.metadata = differingFields(&a->metadata, &b->metadata);
    out.config = differingFields(configA ? &configA->root : nullptr, configB ? &configB->root : nullptr);
    out.tokenizer = differingTokens(*a, *b, job);
    return out;
}

Result<Difference> differenceOf(const CheckpointPtr& a, const CheckpointPtr& b, const DifferenceOptions& options, JobContext& job)
{
    auto out = alignCheckpoints(a, b, job);
    if (!out)
        return out;
    if (options.values)
        if (auto done = compareValues(*out, options, job); !done)
            return tl::unexpected(done.error());
    relate(*out, job);
    return out;
}

} // namespace weighbridge
