// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// SavedTensorSlices: https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/saved_tensor_slice.proto
#include "core/format/detail/tf_slices.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/sstable.h"
#include "core/format/detail/tf_proto.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace weighbridge {
namespace {

/// What the file says of a tensor, before its values are found.
struct SlicedTensor {
    TensorInfo tensor;
    std::vector<TfSlice> slices;
};

class SlicesReader {
public:
    SlicesReader(const SourcePtr& source, JobContext& job) : m_source(source), m_job(job) {}

    Result<Checkpoint> open()
    {
        m_checkpoint.shards.push_back({m_source->path(), "tf-checkpoint", m_source});
        m_checkpoint.metadata = Value::Map{{"version", "V1"}};
        auto table = SortedTable::open(m_source);
        if (!table)
            return tl::unexpected(table.error());
        bool hasMeta = false;
        return table->eachEntry(m_job, [&](const TableEntry& entry) -> Result<void> {
                        if (entry.isUnpacked)
                            return failure(error("unsupported-version", "The file's blocks are compressed, which TensorFlow does not do for V1 checkpoints.", 0));
                        if (hasMeta)
                            return readSlice(entry);
                        hasMeta = true;
                        return readMeta(entry);
                    })
            .and_then([&] { return m_source->nbytes() <= limits::verifiedAtOnceNbytes ? table->verify(m_job).map([](uint64_t) {}) : Result<void>(); })
            .and_then([this] { return placeAll(); })
            .map([this] { return std::move(m_checkpoint); });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message, uint64_t offset) const { return Error(std::move(rule), std::move(message)).at(m_source->path()).atByte(offset); }

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
            .map([&] { m_tensors.push_back(std::move(out)); });
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
                return readTensorProto(*m_source, field).map([&](TfTensorProto proto) { m_values.insert_or_assign(std::string(entry.key), std::move(proto)); });
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
            return {};
        }
        Assembly assembly{tensor.shape, {}};
        for (const TfSlice& slice : sliced.slices) {
            auto piece = pieceOf(slice, tensor.shape);
            const auto values = m_values.find(tfSliceKey(tensor.name, slice));
            if (!piece || values == m_values.end())
                return failure(error("inconsistent-index", "The file lists a slice of this tensor that does not fit its shape or is not in it.", 0));
            TensorInfo part = tensor;
            part.shape = piece->shape;
            if (auto placed = placeTfValues(part, values->second, *m_source, m_checkpoint.inlineStorages); !placed)
                return placed;
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
            return failure(error("inconsistent-index", fmt::format("Its {} slices do not make up its shape {}.", sliced.slices.size(), formatShape(tensor.shape)), 0));
        tensor.storage = {StorageKind::Pieces, 0, m_checkpoint.assemblies.size(), tensor.nbytes(), 0, false, {}};
        m_checkpoint.assemblies.push_back(std::move(assembly));
        return {};
    }

    SourcePtr m_source;
    JobContext& m_job;
    std::vector<SlicedTensor> m_tensors;
    std::unordered_map<std::string, TfTensorProto> m_values; ///< by the slice's key
    Checkpoint m_checkpoint;
};

} // namespace

Result<Checkpoint> openTfSlices(const SourcePtr& source, JobContext& job)
{
    return SlicesReader(source, job).open();
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
