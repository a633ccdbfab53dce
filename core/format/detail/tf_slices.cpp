// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SavedTensorSlices: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/saved_tensor_slice.proto
#include "core/format/detail/tf_slices.h"

#include "core/base/files.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/sidecar.h"
#include "core/format/detail/sstable.h"
#include "core/format/detail/tf_proto.h"
#include "core/format/detail/tf_strings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <unordered_map>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr size_t mostStringTensors = 1000; ///< whose texts are shown

/// What the files say of a tensor, before its values are found.
struct SlicedTensor {
    TensorInfo tensor;
    std::vector<TfSlice> slices;
};

/// The values of a slice, and the file that has them.
struct SliceValues {
    TfTensorProto proto;
    uint32_t shard = 0;
};

class SlicesReader {
public:
    explicit SlicesReader(JobContext& job)
        : m_job(job)
    {
    }

    Result<Checkpoint> open(const std::vector<SourcePtr>& sources)
    {
        m_checkpoint.metadata = Value::Map{{"version", "V1"}, {"data_files", static_cast<uint64_t>(sources.size())}};
        for (const SourcePtr& source : sources) {
            m_source = source;
            m_checkpoint.files.push_back({source->path(), source->nbytes(), "tf-checkpoint"});
            m_checkpoint.shards.push_back({source->path(), "tf-checkpoint", source});
            if (auto read = readFile(); !read)
                return tl::unexpected(read.error());
        }
        return placeAll().map([this] {
            if (!m_strings.empty())
                m_checkpoint.metadata.set("strings", std::move(m_strings));
            return std::move(m_checkpoint);
        });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message, uint64_t offset) const
    {
        return Error(std::move(rule), std::move(message)).at(m_source->path()).atByte(offset);
    }

    Result<void> readFile()
    {
        const auto table = SortedTable::open(m_source);
        if (!table)
            return tl::unexpected(table.error());
        bool hasMeta = false;
        return table
            ->eachEntry(m_job,
                        [&](const TableEntry& entry) -> Result<void> {
                            if (entry.isUnpacked)
                                return failure(error("unsupported-version",
                                                     "The file's blocks are compressed, which TensorFlow does not do for V1 checkpoints.", 0));
                            if (hasMeta)
                                return readSlice(entry);
                            hasMeta = true;
                            return readMeta(entry);
                        })
            .and_then(
                [&] { return m_source->nbytes() <= limits::verifiedAtOnceNbytes ? table->verify(m_job).map([](uint64_t) {}) : Result<void>(); });
    }

    Result<void> readMeta(const TableEntry& entry)
    {
        return eachField(WireMessage(*m_source, entry.offset, entry.nbytes), [&](WireMessage&, const WireField& meta) -> Result<void> {
            if (!meta.isMessage(1))
                return {};
            return eachField(WireMessage(*m_source, meta), [&](WireMessage&, const WireField& tensor) -> Result<void> {
                if (!tensor.isMessage(1))
                    return {};
                if (m_tensors.size() == limits::tensors)
                    return failure(error("resource-bomb", fmt::format("The file names more than {} tensors.", limits::tensors), tensor.offset));
                return readTensor(tensor);
            });
        });
    }

    Result<void> readTensor(const WireField& place)
    {
        SlicedTensor out;
        Shape shape;
        uint64_t type = 0;
        return eachField(WireMessage(*m_source, place), [&](WireMessage& message, const WireField& field) -> Result<void> {
                   if (field.isMessage(1))
                       return message.text(field).map([&](std::string text) { out.tensor.name = std::move(text); });
                   if (field.isMessage(2))
                       return readTfShape(*m_source, field).map([&](Shape dimensions) { shape = std::move(dimensions); });
                   if (field.isMessage(4))
                       return readTfSlice(*m_source, field).map([&](TfSlice slice) { out.slices.push_back(std::move(slice)); });
                   if (field.isNumber(3))
                       type = field.value;
                   return {};
               })
            .and_then([&] { return setTfType(out.tensor, type, std::move(shape), place.offset); })
            .and_then([&] { return add(std::move(out), place.offset); });
    }

    /// A tensor that is partitioned is named by each file that has slices of it.
    Result<void> add(SlicedTensor sliced, uint64_t offset)
    {
        const auto [known, isNew] = m_byName.emplace(sliced.tensor.name, m_tensors.size());
        if (isNew) {
            m_tensors.push_back(std::move(sliced));
            return {};
        }
        SlicedTensor& first = m_tensors[known->second];
        if (first.tensor.dtype != sliced.tensor.dtype || first.tensor.shape != sliced.tensor.shape)
            return failure(error("inconsistent-index",
                                 fmt::format("{} is {} of {} here, but {} of {} in another place: the files do not belong together.",
                                             shown(sliced.tensor.name, 120), formatShape(sliced.tensor.shape), sliced.tensor.dtypeName(),
                                             formatShape(first.tensor.shape), first.tensor.dtypeName()),
                                 offset)
                               .fixedBy("Copy all files of the checkpoint again, from one save."));
        std::move(sliced.slices.begin(), sliced.slices.end(), std::back_inserter(first.slices));
        return {};
    }

    /// The values of one slice; where they are is kept under the entry's key.
    Result<void> readSlice(const TableEntry& entry)
    {
        return eachField(WireMessage(*m_source, entry.offset, entry.nbytes), [&](WireMessage&, const WireField& slice) -> Result<void> {
            if (!slice.isMessage(2))
                return {};
            return eachField(WireMessage(*m_source, slice), [&](WireMessage&, const WireField& field) -> Result<void> {
                if (!field.isMessage(3))
                    return {};
                return readTensorProto(*m_source, field).map([&](TfTensorProto proto) {
                    m_values.insert_or_assign(std::string(entry.key),
                                              SliceValues{std::move(proto), static_cast<uint32_t>(m_checkpoint.shards.size() - 1)});
                });
            });
        });
    }

    Result<void> placeAll()
    {
        for (SlicedTensor& sliced : m_tensors) {
            if (auto placed = place(sliced); !placed) {
                Error why = placed.error();
                why.message = fmt::format("{}: {}", shown(sliced.tensor.name, 120), why.message);
                return failure(std::move(why).at(m_source->path()));
            }
            m_checkpoint.tensors.push_back(std::move(sliced.tensor));
        }
        return {};
    }

    Result<void> place(SlicedTensor& sliced)
    {
        TensorInfo& tensor = sliced.tensor;
        if (tensor.dtype == DType::Unknown || tensor.dtype == DType::String) {
            tensor.storage.kind = StorageKind::Absent;
            return tensor.dtype == DType::String ? showStrings(sliced) : Result<void>();
        }
        Assembly assembly{tensor.shape, {}};
        for (const TfSlice& slice : sliced.slices) {
            auto piece = pieceOf(slice, tensor.shape);
            const auto values = m_values.find(tfSliceKey(tensor.name, slice));
            if (!piece || values == m_values.end())
                return failure(
                    error("inconsistent-index", "A slice is listed that does not fit its shape, or whose values are in none of the files.", 0));
            TensorInfo part = tensor;
            part.shape = piece->shape;
            const uint32_t shard = values->second.shard;
            if (auto placed = placeTfValues(part, values->second.proto, *m_checkpoint.shards[shard].source, m_checkpoint.inlineStorages); !placed)
                return placed;
            part.storage.shard = shard;
            if (slice.isFull() && sliced.slices.size() == 1) {
                tensor = std::move(part);
                return {};
            }
            if (!part.strides.empty() && part.elements() > 1)
                return failure(error("unsupported-version", "A slice of this tensor repeats one value, which is not read.", 0));
            piece->storage = std::move(part.storage);
            assembly.pieces.push_back(std::move(*piece));
        }
        if (!isWhole(assembly, tensor.dtype))
            return failure(error("inconsistent-index",
                                 fmt::format("Its {} slices do not make up its shape {}.", sliced.slices.size(), formatShape(tensor.shape)), 0));
        tensor.storage = {StorageKind::Pieces, assembly.pieces[0].storage.shard, m_checkpoint.assemblies.size(), tensor.nbytes(), 0, false, {}};
        m_checkpoint.assemblies.push_back(std::move(assembly));
        return {};
    }

    /// Texts have no numbers to be shown as values: those of tensors in one piece stand in the metadata.
    Result<void> showStrings(const SlicedTensor& sliced)
    {
        constexpr uint32_t stringValues = 8;
        const auto values = sliced.slices.size() == 1 ? m_values.find(tfSliceKey(sliced.tensor.name, sliced.slices[0])) : m_values.end();
        if (values == m_values.end() || m_strings.size() == mostStringTensors)
            return {};
        ShownStrings strings;
        for (const WireField& value : values->second.proto.values)
            if (value.isMessage(stringValues) && !strings.isFull())
                if (auto added = strings.add(*m_checkpoint.shards[values->second.shard].source, value.offset, value.nbytes); !added)
                    return added;
        m_strings.emplace_back(sliced.tensor.name, strings.take(sliced.tensor.elements()));
        return {};
    }

    JobContext& m_job;
    Value::Map m_strings; ///< of tensors of texts, by name
    SourcePtr m_source; ///< the file that is being read
    std::vector<SlicedTensor> m_tensors;
    std::unordered_map<std::string, size_t> m_byName;      ///< indices of m_tensors
    std::unordered_map<std::string, SliceValues> m_values; ///< by the slice's key
    Checkpoint m_checkpoint;
};

} // namespace

Result<Checkpoint> openTfSlices(const SourcePtr& source, JobContext& job)
{
    const fs::path path = source->path();
    std::vector<SourcePtr> sources;
    std::vector<std::string> absent;
    for (const std::string& name : tfSliceFiles(path.string())) {
        auto part = name == path.filename() ? Result<SourcePtr>(source) : openSidecar(path.parent_path().string(), name, path.string());
        if (!part && part.error().rule != "missing-shard")
            return tl::unexpected(part.error());
        if (part)
            sources.push_back(std::move(*part));
        else
            absent.push_back(shown(name, 200));
    }
    if (!absent.empty())
        return failure(Error("missing-shard", fmt::format("{} of the {} files of this checkpoint {} missing: {}.", absent.size(),
                                                          absent.size() + sources.size(), absent.size() == 1 ? "is" : "are", fmt::join(absent, ", ")))
                           .at(source->path())
                           .fixedBy("Copy the missing files into the same folder."));
    return SlicesReader(job).open(sources.empty() ? std::vector{source} : sources);
}

std::vector<std::string> tfSliceFiles(const std::string& path)
{
    constexpr std::string_view pattern = "-00000-of-00000"; // 0: a digit, or ? as the file `checkpoint` has it
    constexpr int mostFiles = 10'000;
    const std::string name = fs::path(path).filename().string();
    if (name.size() <= pattern.size())
        return {};
    const std::string_view tail = std::string_view(name).substr(name.size() - pattern.size());
    const auto fitting = [](char wanted, char c) { return wanted == '0' ? (c >= '0' && c <= '9') || c == '?' : c == wanted; };
    int count = 0;
    const auto parsed = std::from_chars(tail.data() + tail.size() - 5, tail.data() + tail.size(), count);
    if (!std::equal(pattern.begin(), pattern.end(), tail.begin(), fitting) || parsed.ec != std::errc() || count < 1 || count > mostFiles)
        return {};
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i)
        out.push_back(fmt::format("{}-{:05}-of-{:05}", name.substr(0, name.size() - pattern.size()), i, count));
    return out;
}

std::string firstTfSlice(const std::string& prefix)
{
    const fs::path path = prefix;
    const std::string start = path.filename().string() + "-00000-of-";
    if (path.filename().empty())
        return {};
    for (const FoundFile& file : filesIn(path.has_parent_path() ? path.parent_path().string() : ".", {}))
        if (fs::path(file.path).filename().string().starts_with(start) && !tfSliceFiles(file.path).empty())
            return (path.parent_path() / fs::path(file.path).filename()).string();
    return {};
}

bool isTfSlices(const ByteSource& source)
{
    // the first entry: no shared bytes, no key, the value's length, then field 1 as a message (V2: a number)
    SourceReader reader(source, 0, 32);
    const auto shared = reader.varint();
    const auto key = reader.varint();
    const auto nbytes = reader.varint();
    return shared == uint64_t{0} && key == uint64_t{0} && nbytes && *nbytes > 0 && reader.number<uint8_t>(false).value_or(0) == 0x0A;
}

} // namespace weighbridge
