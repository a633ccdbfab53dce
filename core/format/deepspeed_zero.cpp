// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A folder of DeepSpeed's ZeRO: the parameters in 32 bits lie in flat partitions, one optimizer file per process. How they belong together:
// https://github.com/deepspeedai/DeepSpeed/blob/master/deepspeed/utils/zero_to_fp32.py
#include "core/format/format.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/format/detail/sidecar.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
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

struct StepFiles {
    std::vector<std::string> models;               ///< by name
    std::map<uint64_t, std::string> optimizers;    ///< by rank
    bool isTensorParallel = false;
};

StepFiles filesOf(const std::string& folder)
{
    constexpr size_t maximumFiles = 100'000;
    StepFiles out;
    std::error_code failed;
    size_t count = 0;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end && ++count < maximumFiles; entry.increment(failed)) {
        const std::string name = entry->path().filename().string();
        if (name.ends_with(modelEnding))
            out.models.push_back(name);
        else if (!name.ends_with(optimizerEnding))
            continue;
        else if (const auto rank = numberBehind(name, "pp_rank_"))
            out.optimizers.emplace(*rank, name);
        out.isTensorParallel = out.isTensorParallel || numberBehind(name, "mp_rank_").value_or(0) > 0;
    }
    std::sort(out.models.begin(), out.models.end());
    return out;
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
    ZeroReader(std::string folder, StepFiles files, JobContext& job) : m_folder(std::move(folder)), m_files(std::move(files)), m_job(job) {}

    Result<Checkpoint> read()
    {
        if (m_files.isTensorParallel)
            return failure(error("unsupported-version", "The checkpoint is split over several model-parallel ranks (mp_rank_01 ...), which is not put together here.")
                               .fixedBy("Convert it with DeepSpeed's zero_to_fp32.py, or open a single file."));
        return readModel().and_then([this] { return readPartitions(); }).and_then([this] { return putTogether(); }).map([this] {
            addShared();
            m_checkpoint.metadata = Value::Map{{"zero_stage", m_stage}, {"partitions", static_cast<uint64_t>(m_files.optimizers.size())}, {"model_states", std::move(m_model)}};
            return std::move(m_checkpoint);
        });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const { return Error(std::move(rule), std::move(message)).at(m_folder); }

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
        return openPart(m_files.models[0]).and_then([this](Checkpoint part) -> Result<void> {
            const Value* content = part.metadata.find("content");
            const Value* shapes = content ? content->find("param_shapes") : nullptr;
            if (!shapes || !shapes->isList())
                return failure(error("corrupt", fmt::format("{} holds no param_shapes: it does not say which parameters the partitions hold.", shown(m_files.models[0], 120))));
            m_shapes = *shapes->list();
            if (const Value* shared = content->find("shared_params"); shared && shared->isMap())
                m_shared = *shared->map();
            m_model = Value(*content);
            return {};
        });
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
        TensorInfo tensor;
        tensor.name = name;
        if (sizes.isList())
            for (const Value& size : *sizes.list())
                tensor.shape.push_back(size.isInt() ? *size.integer() : -1);
        const auto elements = numel(tensor.shape);
        if (!elements || !sizes.isList() || tensor.shape.size() > limits::dimensions)
            return failure(error("bad-shape", fmt::format("param_shapes gives no shape of {} that can be.", shown(name, 120))));
        Assembly assembly{{static_cast<int64_t>(*elements)}, {}};
        if (m_stage == 3)
            done += addShares(*elements, done, assembly.pieces);
        else {
            addRun(groupOfAll(group), done, *elements, 0, assembly.pieces);
            done += *elements;
        }
        if (assembly.pieces.empty() && *elements > 0)
            return failure(tooShort(name, group));
        tensor.dtype = assembly.pieces.empty() ? DType::F32 : dtypeOfGroups();
        if (!isWhole(assembly, tensor.dtype))
            return failure(tooShort(name, group));
        tensor.storage = {StorageKind::Pieces, assembly.pieces.empty() ? 0 : assembly.pieces[0].storage.shard, m_checkpoint.assemblies.size(), tensor.nbytes(), 0, false, {}};
        m_checkpoint.assemblies.push_back(std::move(assembly));
        m_checkpoint.tensors.push_back(std::move(tensor));
        return {};
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
        for (const auto& [name, other] : m_shared)
            if (const TensorInfo* source = m_checkpoint.find(other.stringOr("")); source && !m_checkpoint.find(name)) {
                TensorInfo tied = *source;
                tied.name = name;
                m_checkpoint.tensors.push_back(std::move(tied));
            }
    }

    std::string m_folder;
    StepFiles m_files;
    JobContext& m_job;
    Value m_model;
    Value::List m_shapes;          ///< per group, a map of names and sizes
    Value::Map m_shared;
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
        std::error_code ignored;
        if (!filesOf(candidate.path).optimizers.empty())
            return true;
        return fs::exists(fs::path(candidate.path) / "latest", ignored) && !stepBelow(candidate.path).empty();
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        StepFiles files = filesOf(candidate.path);
        if (!files.optimizers.empty())
            return ZeroReader(candidate.path, std::move(files), job).read();
        const auto folder = sidecarPath(candidate.path, stepBelow(candidate.path), (fs::path(candidate.path) / "latest").string());
        if (!folder)
            return tl::unexpected(folder.error());
        files = filesOf(*folder);
        if (files.optimizers.empty())
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
