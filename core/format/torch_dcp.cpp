// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// torch.distributed.checkpoint: a folder with a pickle, .metadata, and .distcp files in which each chunk is a whole torch.save archive.
// https://github.com/pytorch/pytorch/blob/main/torch/distributed/checkpoint/metadata.py and filesystem.py
#include "core/format/format.h"

#include "core/base/checked.h"
#include "core/base/files.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/pickle_state.h"
#include "core/format/detail/sidecar.h"
#include "core/format/detail/torch_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr const char* metadataName = ".metadata";
constexpr std::string_view metadataModule = "torch.distributed.checkpoint.metadata";

/// Where a chunk lies: a range of a file.
struct ChunkPlace {
    std::string file;
    uint64_t offset = 0;
    uint64_t nbytes = 0;
};

class DcpReader {
public:
    DcpReader(std::string folder, SourcePtr metadata, JobContext& job) : m_folder(std::move(folder)), m_source(std::move(metadata)), m_job(job) {}

    Result<Checkpoint> read()
    {
        return readMetadata().and_then([this] { return openFiles(); }).and_then([this] { return readTensors(); }).map([this] {
            const auto version = attribute(m_pickle->root(), "version");
            m_checkpoint.metadata =
                Value::Map{{"version", version ? shown(m_pickle->text(*version).value_or("")) : ""}, {"objects", std::move(m_objects)}};
            m_checkpoint.files.insert(m_checkpoint.files.begin(), {m_source->path(), m_source->nbytes(), "torch-dcp"});
            return std::move(m_checkpoint);
        });
    }

    /// Compares each item with its checksums: the bytes compared.
    Result<uint64_t> verify()
    {
        uint64_t compared = 0;
        const auto verified = readMetadata().and_then([this] { return openFiles(); }).and_then([&]() -> Result<void> {
            for (const auto& [key, place] : m_places) {
                m_job.report({"checksums", compared, m_itemsNbytes});
                const auto item = itemAt(place).and_then([this](const SourcePtr& source) {
                    return source->readUpTo(0, 4).and_then(
                        [&](const std::vector<std::byte>& head) { return looksLikeZip(head) ? verifyArchive(source, m_job) : Result<uint64_t>(0); });
                });
                if (!item)
                    return tl::unexpected(item.error());
                compared += *item;
            }
            return {};
        });
        return verified.map([&] { return compared; });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const { return Error(std::move(rule), std::move(message)).at(m_source->path()).fixedBy("Copy the folder again, from one save."); }

    Result<void> readMetadata()
    {
        auto pickle = parseJudged(m_source, 0, m_source->nbytes(), PickleOrigin::Plain, m_job, m_checkpoint.findings);
        if (!pickle)
            return tl::unexpected(pickle.error());
        // that it names the classes of its own format is nothing to say
        std::erase_if(m_checkpoint.findings,
                      [](const Finding& finding) { return finding.rule == "unsafe-pickle" && finding.severity == Severity::Note; });
        m_pickle = std::move(*pickle);
        const auto tensors = attribute(m_pickle->root(), "state_dict_metadata");
        const auto places = attribute(m_pickle->root(), "storage_data");
        if (!tensors || !places || m_pickle->kind(*tensors) != PickleKind::Dict || m_pickle->kind(*places) != PickleKind::Dict)
            return failure(error("corrupt", "The metadata name no tensors: state_dict_metadata or storage_data is missing."));
        m_tensors = *tensors;
        return readPlaces(*places);
    }

    /// The value of a dict's key, by text.
    [[nodiscard]] std::optional<PickleId> valueOf(PickleId dict, std::string_view key) const
    {
        const auto pairs = m_pickle->children(dict);
        for (size_t i = 0; i + 1 < pairs.size(); i += 2)
            if (m_pickle->text(pairs[i]) == key)
                return pairs[i + 1];
        return std::nullopt;
    }
    /// An attribute of an object, as its state says.
    [[nodiscard]] std::optional<PickleId> attribute(PickleId object, std::string_view name) const
    {
        if (m_pickle->kind(object) != PickleKind::Object || !m_pickle->object(object).state)
            return std::nullopt;
        return valueOf(*m_pickle->object(object).state, name);
    }
    [[nodiscard]] bool isClass(PickleId object, std::string_view name) const
    {
        const PickleGlobal* callee = m_pickle->kind(object) == PickleKind::Object ? m_pickle->calleeOf(object) : nullptr;
        return callee && callee->name == name;
    }
    [[nodiscard]] std::optional<uint64_t> number(std::optional<PickleId> id) const
    {
        const auto value = id ? m_pickle->integer(*id) : std::nullopt;
        return value && *value >= 0 ? std::optional(static_cast<uint64_t>(*value)) : std::nullopt;
    }

    /// torch.Size((3, 4))
    [[nodiscard]] std::optional<Shape> sizeOf(std::optional<PickleId> id) const
    {
        if (!id || !isClass(*id, "Size") || !m_pickle->object(*id).arguments)
            return std::nullopt;
        const auto arguments = m_pickle->children(*m_pickle->object(*id).arguments);
        if (arguments.size() != 1)
            return std::nullopt;
        Shape out;
        for (const PickleId part : m_pickle->children(arguments[0]))
            if (const auto size = number(part); size && out.size() < limits::dimensions)
                out.push_back(static_cast<int64_t>(*size));
            else
                return std::nullopt;
        return out;
    }

    static std::string chunkKey(std::string_view name, const Shape& offset) { return fmt::format("{}\n{}", name, fmt::join(offset, ",")); }

    /// MetadataIndex(fqn, offset, index) -> _StorageInfo(relative_path, offset, length)
    Result<void> readPlaces(PickleId places)
    {
        const auto pairs = m_pickle->children(places);
        for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
            const auto name = attribute(pairs[i], "fqn");
            const auto file = attribute(pairs[i + 1], "relative_path");
            const auto offset = number(attribute(pairs[i + 1], "offset"));
            const auto nbytes = number(attribute(pairs[i + 1], "length"));
            if (!name || !m_pickle->text(*name) || !file || !m_pickle->text(*file) || !offset || !nbytes)
                return failure(error("corrupt", fmt::format("The metadata do not say where the chunk {} lies.", i / 2)));
            const auto packings = attribute(pairs[i + 1], "transform_descriptors");
            if (packings && !m_pickle->children(*packings).empty())
                return failure(
                    Error("unsupported-version", fmt::format("The item {} is packed ({}), which is not read.", shown(*m_pickle->text(*name), 120),
                                                             shown(m_pickle->text(m_pickle->children(*packings)[0]).value_or("?"), 60)))
                        .at(m_source->path())
                        .fixedBy("Save the checkpoint without extensions of the writer."));
            m_itemsNbytes = checkedAdd(m_itemsNbytes, *nbytes).value_or(UINT64_MAX);
            const Shape start = sizeOf(attribute(pairs[i], "offset")).value_or(Shape{});
            m_places.insert_or_assign(chunkKey(*m_pickle->text(*name), start), ChunkPlace{std::string(*m_pickle->text(*file)), *offset, *nbytes});
        }
        return {};
    }

    Result<void> openFiles()
    {
        std::vector<std::string> absent;
        std::set<std::string> files;
        for (const auto& [key, place] : m_places)
            files.insert(place.file);
        for (const std::string& file : files) {
            auto source = openSidecar(m_folder, file, m_source->path());
            if (!source && source.error().rule != "missing-shard")
                return tl::unexpected(source.error());
            if (!source) {
                absent.push_back(shown(file, 120));
                continue;
            }
            m_shardOf[file] = static_cast<uint32_t>(m_checkpoint.shards.size());
            m_checkpoint.files.push_back({(*source)->path(), (*source)->nbytes(), "torch-dcp"});
            m_checkpoint.shards.push_back({(*source)->path(), "torch-dcp", std::move(*source)});
        }
        if (absent.empty())
            return {};
        return failure(Error("missing-shard", fmt::format("{} of the {} files that hold the values are missing: {}.", absent.size(), files.size(), fmt::join(absent, ", ")))
                           .at(m_source->path()).expecting(fmt::format("{} files", files.size())).finding(fmt::format("{} files", files.size() - absent.size()))
                           .fixedBy("Copy them into the same folder: each process of the training wrote its own."));
    }

    Result<void> readTensors()
    {
        const auto pairs = m_pickle->children(m_tensors);
        for (size_t i = 0; i + 1 < pairs.size(); i += 2) {
            const auto name = m_pickle->text(pairs[i]);
            if (!name)
                return failure(error("corrupt", fmt::format("The name of the tensor {} is no text.", i / 2)));
            if (!isClass(pairs[i + 1], "TensorStorageMetadata"))
                m_objects.emplace_back(shown(*name));
            else if (auto read = readTensor(std::string(*name), pairs[i + 1]); !read)
                return read;
        }
        return {};
    }

    /// properties: in its state, a tuple, the dtype comes first (a dict in old versions).
    [[nodiscard]] std::optional<DType> dtypeOf(PickleId tensor) const
    {
        const auto properties = attribute(tensor, "properties");
        if (!properties || m_pickle->kind(*properties) != PickleKind::Object || !m_pickle->object(*properties).state)
            return std::nullopt;
        const PickleId state = *m_pickle->object(*properties).state;
        const auto parts = m_pickle->children(state);
        const auto dtype = m_pickle->kind(state) == PickleKind::Dict ? valueOf(state, "dtype") : parts.empty() ? std::nullopt : std::optional(parts[0]);
        const PickleGlobal* named = dtype ? m_pickle->global(*dtype) : nullptr;
        const auto known = named ? torchDType(named->name) : std::nullopt;
        return known && known->dtype != DType::Unknown ? std::optional(known->dtype) : std::nullopt;
    }

    Result<void> readTensor(const std::string& name, PickleId id)
    {
        TensorInfo tensor;
        tensor.name = name;
        const auto size = sizeOf(attribute(id, "size"));
        const auto dtype = dtypeOf(id);
        const auto chunks = attribute(id, "chunks");
        if (!size || !numel(*size) || !chunks)
            return failure(error("bad-shape", fmt::format("The metadata give no size of {} that can be.", shown(name, 120))));
        if (!dtype)
            return failure(error("bad-dtype", fmt::format("The metadata give no known dtype of {}.", shown(name, 120))));
        tensor.shape = *size;
        tensor.dtype = *dtype;
        const auto parts = m_pickle->children(*chunks);
        Assembly assembly{tensor.shape, {}};
        for (const PickleId chunk : parts) {
            if (m_job.cancelled())
                return failure(cancelledError());
            const auto offsets = sizeOf(attribute(chunk, "offsets"));
            const auto stored = readChunk(tensor, chunk, offsets);
            if (!stored)
                return tl::unexpected(stored.error());
            if (parts.size() == 1 && stored->shape == tensor.shape) {
                // as it is: it may be a view
                m_checkpoint.tensors.push_back(*stored);
                m_checkpoint.tensors.back().name = name;
                return {};
            }
            if (!isContiguous(*stored))
                return failure(Error("unsupported-version", fmt::format("A chunk of {} is not stored contiguously, which is not read.", shown(name, 120))).at(m_source->path()));
            const uint64_t width = info(tensor.dtype).bitsPerElement / 8;
            TensorPiece piece{stored->storage, *offsets, stored->shape};
            piece.storage.offset += stored->elementOffset * width;
            piece.storage.nbytes = stored->elements() * width;
            assembly.pieces.push_back(std::move(piece));
        }
        if (!isWhole(assembly, tensor.dtype))
            return failure(error("inconsistent-index", fmt::format("The {} chunks of {} do not make up its shape {}.", assembly.pieces.size(), shown(name, 120), formatShape(tensor.shape))));
        const Storage first = assembly.pieces.empty() ? Storage{} : assembly.pieces[0].storage;
        tensor.storage = {StorageKind::Pieces, first.shard, m_checkpoint.assemblies.size(), tensor.nbytes(), 0, first.bigEndian, {}};
        m_checkpoint.assemblies.push_back(std::move(assembly));
        m_checkpoint.tensors.push_back(std::move(tensor));
        return {};
    }

    static bool isContiguous(const TensorInfo& tensor)
    {
        const auto dense = contiguousStrides(tensor.shape);
        for (size_t d = 0; d < tensor.strides.size(); ++d)
            if (tensor.shape[d] > 1 && tensor.strides[d] != dense[d])
                return false;
        return true;
    }

    /// ChunkStorageMetadata(offsets, sizes): the tensor that is stored for it, placed in its file.
    Result<TensorInfo> readChunk(const TensorInfo& tensor, PickleId chunk, const std::optional<Shape>& offsets)
    {
        const auto sizes = sizeOf(attribute(chunk, "sizes"));
        if (!offsets || !sizes || !numel(*sizes))
            return failure(error("bad-shape", fmt::format("A chunk of {} has no offsets or sizes.", shown(tensor.name, 120))));
        const auto place = m_places.find(chunkKey(tensor.name, *offsets));
        if (place == m_places.end())
            return failure(error("inconsistent-index", fmt::format("The metadata do not say in which file the chunk of {} at {} lies.", shown(tensor.name, 120), formatShape(*offsets))));
        auto stored = readArchive(place->second);
        if (!stored)
            return stored;
        if (stored->dtype != tensor.dtype || stored->shape != *sizes || stored->storage.kind != StorageKind::Raw)
            return failure(error("inconsistent-index", fmt::format("The chunk of {} in {} is {} of {}, the metadata say {} of {}.", shown(tensor.name, 120), shown(place->second.file, 120),
                                                                   formatShape(stored->shape), stored->dtypeName(), formatShape(*sizes), tensor.dtypeName())));
        stored->storage.offset += place->second.offset;
        stored->storage.shard = m_shardOf.at(place->second.file);
        return stored;
    }

    [[nodiscard]] Result<SourcePtr> itemAt(const ChunkPlace& place) const
    {
        const SourcePtr& file = m_checkpoint.shards[m_shardOf.at(place.file)].source;
        if (!fits(place.offset, place.nbytes, file->nbytes()))
            return failure(Error("truncated", fmt::format("The file is too short: a chunk of {} bytes begins at byte {}, the file ends at byte {}.",
                                                          place.nbytes, place.offset, file->nbytes()))
                               .at(file->path())
                               .atByte(file->nbytes())
                               .fixedBy("Copy this file again."));
        return subSource(file, place.offset, place.nbytes, file->path());
    }

    /// The tensor that the archive at a place holds; its storage's offset counts from that place.
    Result<TensorInfo> readArchive(const ChunkPlace& place)
    {
        const auto archive = itemAt(place).and_then([this](const SourcePtr& item) { return TorchArchive::open(item, m_job); });
        if (!archive)
            return tl::unexpected(archive.error());
        if (m_itemsNbytes <= limits::verifiedAtOnceNbytes)
            if (auto damage = archive->verifyIfSmall(m_job))
                m_checkpoint.findings.push_back(std::move(*damage));
        const auto range = archive->pickleRange("data.pkl", m_job);
        if (!range)
            return tl::unexpected(range.error());
        const auto pickle = Pickle::parse(range->source, range->offset, m_job);
        if (!pickle)
            return tl::unexpected(pickle.error());
        const ArchiveStorages storages(*archive, "data", archive->find("data.pkl"));
        return TorchTensors(*pickle, storages, m_checkpoint.inlineStorages).build(pickle->root(), "chunk");
    }

    std::string m_folder;
    SourcePtr m_source;
    JobContext& m_job;
    std::optional<Pickle> m_pickle;
    PickleId m_tensors = 0;     ///< the dict state_dict_metadata
    uint64_t m_itemsNbytes = 0; ///< of all places together
    std::map<std::string, ChunkPlace> m_places;
    std::map<std::string, uint32_t> m_shardOf;
    Value::List m_objects; ///< names of what is no tensor
    Checkpoint m_checkpoint;
};

class TorchDcp final : public Format {
public:
    FormatInfo info() const override { return {"torch-dcp", "PyTorch distributed checkpoint", {}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder)
            return isFile((fs::path(candidate.path) / metadataName).string());
        const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
        return head.starts_with('\x80') && head.substr(0, 200).find(metadataModule) != std::string_view::npos;
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        const std::string folder = candidate.isFolder ? candidate.path : fs::path(candidate.path).parent_path().string();
        auto metadata = candidate.isFolder ? openSidecar(folder, metadataName, candidate.path) : Result<SourcePtr>(candidate.source);
        if (!metadata)
            return tl::unexpected(metadata.error());
        return DcpReader(folder, std::move(*metadata), job).read();
    }

    Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const override
    {
        if (checkpoint.files.empty() || fs::path(checkpoint.files[0].path).filename() != metadataName)
            return 0;
        auto metadata = openFile(checkpoint.files[0].path);
        if (!metadata)
            return tl::unexpected(metadata.error());
        return DcpReader(fs::path(checkpoint.files[0].path).parent_path().string(), std::move(*metadata), job).verify();
    }
};

} // namespace

const Format& torchDcpFormat()
{
    static const TorchDcp format;
    return format;
}

} // namespace weighbridge
