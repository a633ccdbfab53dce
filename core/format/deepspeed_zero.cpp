// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A folder of DeepSpeed's ZeRO: the parameters in 32 bits lie in flat partitions, one optimizer file per process. How they belong together:
// https://github.com/deepspeedai/DeepSpeed/blob/master/deepspeed/utils/zero_to_fp32.py
#include "core/format/format.h"

#include "core/base/checked.h"
#include "core/base/files.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/sidecar.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <map>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view optimizerEnding = "_optim_states.pt";
constexpr std::string_view modelEnding = "_model_states.pt";

/// The number behind a word of a file's name: zero_pp_rank_1_mp_rank_00_optim_states.pt.
std::optional<uint64_t> numberBehind(std::string_view name, std::string_view word)
{
    const size_t at = name.find(word);
    uint64_t number = 0;
    if (at == std::string_view::npos || std::from_chars(name.data() + at + word.size(), name.data() + name.size(), number).ec != std::errc())
        return std::nullopt;
    return number;
}

/// The files of one model-parallel rank, by the rank of the process that wrote them.
struct RankFiles {
    std::map<uint64_t, std::string> models;
    std::map<uint64_t, std::string> optimizers;
};

/// By model-parallel rank.
using StepFiles = std::map<uint64_t, RankFiles>;

StepFiles filesOf(const std::string& folder)
{
    StepFiles out;
    for (const FoundFile& file : filesIn(folder, {})) {
        const std::string name = fs::path(file.path).filename().string();
        const uint64_t mp = numberBehind(name, "mp_rank_").value_or(0);
        const auto rank = numberBehind(name, "pp_rank_");
        if (name.ends_with(modelEnding))
            out[mp].models.emplace(rank.value_or(0), name);
        else if (name.ends_with(optimizerEnding) && rank)
            out[mp].optimizers.emplace(*rank, name);
    }
    return out;
}

bool holdsPartitions(const StepFiles& files)
{
    return std::any_of(files.begin(), files.end(), [](const auto& entry) { return !entry.second.optimizers.empty(); });
}

/// The folder of the newest step, below the one that was opened, as its file `latest` says; the folder itself if it has none.
std::string stepBelow(const std::string& folder)
{
    const auto latest = openFile((fs::path(folder) / "latest").string());
    const auto text = latest.and_then([](const SourcePtr& source) { return source->readUpTo(0, 256); });
    if (!text)
        return {};
    std::string name(reinterpret_cast<const char*>(text->data()), text->size());
    name.erase(std::find_if(name.begin(), name.end(), [](char c) { return static_cast<uint8_t>(c) <= ' '; }), name.end());
    return name;
}

/// Flat tensors whose elements follow each other.
using Partitions = std::vector<const TensorInfo*>;

uint64_t elementsOf(const Partitions& partitions)
{
    uint64_t sum = 0;
    for (const TensorInfo* partition : partitions)
        sum += partition->elements();
    return sum;
}

/// Adds the run [from, from + count) of the partitions as pieces of a flat tensor, from its element `start` on.
void addRun(const Partitions& partitions, uint64_t from, uint64_t count, uint64_t start, std::vector<TensorPiece>& pieces)
{
    for (const TensorInfo* partition : partitions) {
        const uint64_t here = partition->elements();
        if (from >= here) {
            from -= here;
            continue;
        }
        const uint64_t taken = std::min(count, here - from);
        if (taken == 0)
            return;
        const uint64_t width = info(partition->dtype).bitsPerElement / 8;
        TensorPiece piece{partition->storage, {static_cast<int64_t>(start)}, {static_cast<int64_t>(taken)}};
        piece.storage.offset += (partition->elementOffset + from) * width;
        piece.storage.nbytes = taken * width;
        pieces.push_back(std::move(piece));
        from = 0;
        start += taken;
        count -= taken;
    }
}

class ZeroReader {
public:
    ZeroReader(std::string folder, StepFiles files, JobContext& job) : m_folder(std::move(folder)), m_allFiles(std::move(files)), m_job(job) {}

    Result<Checkpoint> read()
    {
        m_checkpoint.metadata = Value::Map{};
        for (const auto& [rank, files] : m_allFiles) {
            m_files = files;
            m_prefix = m_allFiles.size() > 1 ? fmt::format("mp_rank_{:02}/", rank) : "";
            if (auto read = readRank(); !read)
                return tl::unexpected(read.error());
        }
        if (m_allFiles.size() > 1)
            m_checkpoint.findings.push_back(newFinding(Severity::Note, "model-parallel", fmt::format("The model is cut over {} model-parallel ranks", m_allFiles.size()),
                                                       "Each rank holds a slice of the parameters; along which dimension is known to the training program only. The ranks are listed one after the other.",
                                                       "Convert it with the training program's own tool if one model is wanted.", {{"ranks", static_cast<uint64_t>(m_allFiles.size())}}));
        return std::move(m_checkpoint);
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const { return Error(std::move(rule), std::move(message)).at(m_folder); }

    Result<void> readRank()
    {
        m_parts.clear();
        m_done = 0;
        return readModel().and_then([this] { return readPartitions(); }).and_then([this] { return putTogether(); }).and_then([this] { return addFrozen(); }).map([this] {
            addShared();
            m_checkpoint.metadata.set(m_prefix + "zero_stage", m_stage)
                .set(m_prefix + "partitions", static_cast<uint64_t>(m_files.optimizers.size()))
                .set(m_prefix + "buffers", buffers())
                .set(m_prefix + "model_states", std::move(m_model));
        });
    }

    Result<Checkpoint> openPart(const std::string& name)
    {
        const auto source = openSidecar(m_folder, name, m_folder);
        if (!source)
            return tl::unexpected(source.error());
        auto part = openSource(*source, m_job);
        if (!part)
            return part;
        m_checkpoint.files.push_back({(*source)->path(), (*source)->nbytes(), part->format});
        std::move(part->findings.begin(), part->findings.end(), std::back_inserter(m_checkpoint.findings));
        return part;
    }

    Result<void> readModel()
    {
        if (m_files.models.empty())
            return failure(error("missing-shard", "The file ..._model_states.pt is missing, which says which parameters the partitions hold.").fixedBy("Copy it into the same folder."));
        const std::string& name = m_files.models.begin()->second;
        return openPart(name).and_then([&](Checkpoint part) -> Result<void> {
            const Value* content = part.metadata.find("content");
            const Value* shapes = content ? content->find("param_shapes") : nullptr;
            if (!shapes || !shapes->isList())
                return failure(error("corrupt", fmt::format("{} holds no param_shapes: it does not say which parameters the partitions hold.", shown(name, 120))));
            m_shapes = *shapes->list();
            m_model = Value(*content);
            keepModelTensors(std::move(part));
            return {};
        });
    }

    /// The tensors of a model file become places in the checkpoint's own shards.
    void keepModelTensors(Checkpoint part)
    {
        const auto shard = static_cast<uint32_t>(m_checkpoint.shards.size());
        StateDict kept;
        for (TensorInfo& tensor : part.tensors) {
            if (tensor.storage.kind != StorageKind::Raw)
                continue;
            tensor.storage.shard = shard;
            kept.push_back(std::move(tensor));
        }
        m_modelTensors.push_back(std::move(kept));
        m_checkpoint.shards.push_back(part.shards.empty() ? Shard{m_folder, "", nullptr} : std::move(part.shards[0]));
    }

    [[nodiscard]] static const TensorInfo* findIn(const StateDict& tensors, const std::string& name)
    {
        const auto found = std::find_if(tensors.begin(), tensors.end(), [&name](const TensorInfo& tensor) { return tensor.name == name; });
        return found == tensors.end() ? nullptr : &*found;
    }

    [[nodiscard]] const Value::Map& mapOf(const char* key) const
    {
        static const Value::Map none;
        const Value* found = m_model.find(key);
        return found && found->map() ? *found->map() : none;
    }

    /// What is not trained is not in the partitions: whole in the model file, or (stage 3) in one fragment per process.
    Result<void> addFrozen()
    {
        const Value::Map shapes = mapOf("frozen_param_shapes");
        if (shapes.empty())
            return {};
        for (auto file = std::next(m_files.models.begin()); m_stage == 3 && file != m_files.models.end(); ++file) {
            auto part = openPart(file->second);
            if (!part)
                return tl::unexpected(part.error());
            keepModelTensors(std::move(*part));
        }
        for (const auto& [name, sizes] : shapes) {
            Partitions fragments;
            for (const StateDict& tensors : m_modelTensors)
                if (const TensorInfo* fragment = findIn(tensors, "frozen_param_fragments." + name); fragment && isContiguous(*fragment) && nbytesOf(fragment->dtype, 1))
                    fragments.push_back(fragment);
            auto tensor = parameterOf(name, sizes);
            if (!tensor)
                return tl::unexpected(tensor.error());
            Assembly assembly{{static_cast<int64_t>(tensor->elements())}, {}};
            addRun(fragments, 0, tensor->elements(), 0, assembly.pieces);
            tensor->dtype = fragments.empty() ? DType::F32 : fragments[0]->dtype;
            if (auto added = add(std::move(*tensor), std::move(assembly)); !added)
                return failure(error("truncated", fmt::format("The frozen parameter {} is not whole: fragments of {} processes are there.", shown(name, 120), fragments.size()))
                                   .fixedBy("Copy the folder again, from one save."));
        }
        return {};
    }

    /// running_mean and the like, which are whole in every model file: named, beside the parameters that were put together.
    Value buffers()
    {
        Value::Map out;
        const Value* names = m_model.find("buffer_names");
        for (const Value& name : names && names->list() ? *names->list() : Value::List())
            if (const TensorInfo* found = findIn(m_modelTensors[0], "module." + name.stringOr("")))
                out.emplace_back(name.stringOr(""), Value::Map{{"dtype", found->dtypeName()}, {"shape", Value::List(found->shape.begin(), found->shape.end())}});
        m_modelTensors.clear();
        return out;
    }

    /// From each optimizer file its flat groups, in the ranks' order.
    Result<void> readPartitions()
    {
        uint64_t wanted = 0;
        for (const auto& [rank, name] : m_files.optimizers) {
            m_job.report({"partitions", m_parts.size(), m_files.optimizers.size()});
            auto part = openPart(name);
            if (!part)
                return tl::unexpected(part.error());
            const Value* content = part->metadata.find("content");
            const Value* state = content ? content->find("optimizer_state_dict") : nullptr;
            const Value* stage = state ? state->find("zero_stage") : nullptr;
            const Value* count = state ? state->find("partition_count") : nullptr;
            m_stage = stage && stage->isInt() ? *stage->integer() : m_stage;
            wanted = count && count->isInt() && *count->integer() > 0 ? static_cast<uint64_t>(*count->integer()) : wanted;
            if (part->shards.size() != 1)
                return failure(error("corrupt", fmt::format("{} is itself made of several files.", shown(name, 120))));
            addPart(std::move(*part));
        }
        if (m_parts.size() < wanted)
            return failure(error("missing-shard", fmt::format("{} of {} partitions are missing: each process of the training wrote one file, {} are there.", wanted - m_parts.size(), wanted, m_parts.size()))
                               .expecting(fmt::format("{} files", wanted)).finding(fmt::format("{} files", m_parts.size())).fixedBy("Copy the missing ..._optim_states.pt files into the same folder."));
        return {};
    }

    void addPart(Checkpoint part)
    {
        const auto shard = static_cast<uint32_t>(m_checkpoint.shards.size());
        StateDict groups;
        for (TensorInfo& tensor : part.tensors) {
            const bool isGroup = tensor.name.find("single_partition_of_fp32_groups.") != std::string::npos || tensor.name.find("fp32_flat_groups.") != std::string::npos;
            if (!isGroup || tensor.storage.kind != StorageKind::Raw || tensor.shape.size() != 1 || !nbytesOf(tensor.dtype, tensor.elements()))
                continue;
            tensor.storage.shard = shard;
            groups.push_back(std::move(tensor));
        }
        m_parts.push_back(std::move(groups));
        m_checkpoint.shards.push_back(std::move(part.shards[0]));
    }

    Result<void> putTogether()
    {
        for (size_t group = 0; group < m_shapes.size(); ++group) {
            if (!m_shapes[group].isMap())
                return failure(error("corrupt", "param_shapes is no list of maps."));
            uint64_t done = m_stage == 3 ? m_done : 0;
            for (const auto& [name, sizes] : *m_shapes[group].map())
                if (auto added = addParameter(name, sizes, group, done); !added)
                    return added;
            m_done = done;
        }
        return {};
    }

    /// `done`: elements of the partitions before this parameter; moved behind it.
    Result<void> addParameter(const std::string& name, const Value& sizes, size_t group, uint64_t& done)
    {
        auto tensor = parameterOf(name, sizes);
        if (!tensor)
            return tl::unexpected(tensor.error());
        const uint64_t elements = tensor->elements();
        Assembly assembly{{static_cast<int64_t>(elements)}, {}};
        if (m_stage == 3)
            done += addShares(elements, done, assembly.pieces);
        else {
            addRun(groupOfAll(group), done, elements, 0, assembly.pieces);
            done += elements;
        }
        tensor->dtype = assembly.pieces.empty() ? DType::F32 : dtypeOfGroups();
        return add(std::move(*tensor), std::move(assembly)) ? Result<void>() : failure(tooShort(name, group));
    }

    [[nodiscard]] Result<TensorInfo> parameterOf(const std::string& name, const Value& sizes) const
    {
        TensorInfo tensor;
        tensor.name = m_prefix + name;
        if (sizes.isList())
            for (const Value& size : *sizes.list())
                tensor.shape.push_back(size.isInt() ? *size.integer() : -1);
        if (!numel(tensor.shape) || !sizes.isList() || tensor.shape.size() > limits::dimensions)
            return failure(error("bad-shape", fmt::format("The model file gives no shape of {} that can be.", shown(name, 120))));
        return tensor;
    }

    /// False if the pieces do not cover the parameter.
    bool add(TensorInfo tensor, Assembly assembly)
    {
        if ((assembly.pieces.empty() && tensor.elements() > 0) || !isWhole(assembly, tensor.dtype))
            return false;
        tensor.storage = {StorageKind::Pieces, assembly.pieces.empty() ? 0 : assembly.pieces[0].storage.shard, m_checkpoint.assemblies.size(), tensor.nbytes(), 0, false, {}};
        m_checkpoint.assemblies.push_back(std::move(assembly));
        m_checkpoint.tensors.push_back(std::move(tensor));
        return true;
    }

    /// Stage 3: each rank holds an equal share of each parameter, the last one padded. Returns the elements of a share.
    uint64_t addShares(uint64_t elements, uint64_t done, std::vector<TensorPiece>& pieces) const
    {
        const uint64_t share = (elements + m_parts.size() - 1) / std::max<size_t>(m_parts.size(), 1);
        for (size_t rank = 0; rank < m_parts.size() && rank * share < elements; ++rank) {
            Partitions flat;
            for (const TensorInfo& partition : m_parts[rank])
                flat.push_back(&partition);
            addRun(flat, done, std::min(share, elements - rank * share), rank * share, pieces);
        }
        return share;
    }

    /// Stages 1 and 2: a group is cut into one run per rank.
    [[nodiscard]] Partitions groupOfAll(size_t group) const
    {
        Partitions out;
        for (const StateDict& part : m_parts)
            if (group < part.size())
                out.push_back(&part[group]);
        return out;
    }

    [[nodiscard]] DType dtypeOfGroups() const
    {
        for (const StateDict& part : m_parts)
            if (!part.empty())
                return part[0].dtype;
        return DType::F32;
    }

    [[nodiscard]] Error tooShort(const std::string& name, size_t group) const
    {
        return error("truncated", fmt::format("The partitions hold too few elements ({}) for {} of group {}: one is cut, or of another save.", elementsOf(groupOfAll(group)), shown(name, 120), group))
            .fixedBy("Copy the folder again, from one save.");
    }

    /// Tied parameters: the name, and the one whose values it has.
    void addShared()
    {
        for (const auto& [name, other] : mapOf("shared_params"))
            if (const TensorInfo* source = m_checkpoint.find(m_prefix + other.stringOr("")); source && !m_checkpoint.find(m_prefix + name)) {
                TensorInfo tied = *source;
                tied.name = m_prefix + name;
                m_checkpoint.tensors.push_back(std::move(tied));
            }
    }

    std::string m_folder;
    StepFiles m_allFiles;
    RankFiles m_files;             ///< of the model-parallel rank that is being read
    std::string m_prefix;          ///< of its tensors' names; empty if there is one rank
    JobContext& m_job;
    Value m_model;
    Value::List m_shapes;          ///< per group, a map of names and sizes
    std::vector<StateDict> m_modelTensors; ///< of the model files that were opened
    std::vector<StateDict> m_parts; ///< the flat groups of each rank
    int64_t m_stage = 0;
    uint64_t m_done = 0;
    Checkpoint m_checkpoint;
};

class DeepspeedZero final : public Format {
public:
    FormatInfo info() const override { return {"deepspeed-zero", "DeepSpeed ZeRO checkpoint", {}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (!candidate.isFolder)
            return false;
        if (holdsPartitions(filesOf(candidate.path)))
            return true;
        return isFile((fs::path(candidate.path) / "latest").string()) && !stepBelow(candidate.path).empty();
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        StepFiles files = filesOf(candidate.path);
        if (holdsPartitions(files))
            return ZeroReader(candidate.path, std::move(files), job).read();
        const auto folder = sidecarPath(candidate.path, stepBelow(candidate.path), (fs::path(candidate.path) / "latest").string());
        if (!folder)
            return tl::unexpected(folder.error());
        files = filesOf(*folder);
        if (!holdsPartitions(files))
            return failure(Error("missing-shard", fmt::format("The newest step, {}, holds no partitions (..._optim_states.pt): they are missing.", shown(*folder, 200))).at(candidate.path)
                               .fixedBy("Copy the whole folder of the step."));
        return ZeroReader(*folder, std::move(files), job).read();
    }
};

} // namespace

const Format& deepspeedZeroFormat()
{
    static const DeepspeedZero format;
    return format;
}

} // namespace weighbridge
