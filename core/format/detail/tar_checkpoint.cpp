// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// legacy_load() in torch/serialization.py.
#include "core/format/detail/tar_checkpoint.h"

#include "core/base/byte_reader.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/legacy_storages.h"
#include "core/format/detail/pickle_state.h"
#include "core/format/detail/tar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>

namespace weighbridge {
namespace {

constexpr std::array<std::string_view, 4> knownNames{"sys_info", "pickle", "storages", "tensors"};

struct Range {
    uint64_t offset = 0;
    uint64_t end = 0;
};

class TarFile {
public:
    TarFile(const SourcePtr& source, JobContext& job) : m_source(source), m_job(job) {}

    Result<Checkpoint> read()
    {
        m_checkpoint.shards.push_back({m_source->path(), "torch-legacy", m_source});
        return readHeaders()
            .and_then([this] { return readStorages(); })
            .and_then([this] { return readTensors(); })
            .and_then([this] { return readObject(); })
            .map([this] { return std::move(m_checkpoint); });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message, uint64_t byte) const
    {
        return Error(std::move(rule), std::move(message)).at(m_source->path()).atByte(byte).fixedBy("Download or copy the file again.");
    }

    Result<void> readHeaders()
    {
        const auto directory = readTar(*m_source);
        if (!directory)
            return tl::unexpected(directory.error());
        for (const TarEntry& entry : directory->entries)
            m_entries.emplace(entry.name, Range{entry.offset, entry.end});
        const uint64_t size = m_source->nbytes();
        for (const std::string_view name : {"storages", "tensors", "pickle"})
            if (!m_entries.contains(std::string(name)))
                return failure(error("truncated", fmt::format("The tar file lacks its entry {}: it was cut at byte {}, or it is no checkpoint.", name, size), size));
        return {};
    }

    /// A pickle inside an entry; `at` moves behind it.
    Result<Pickle> next(const Range& range, uint64_t& at)
    {
        if (at >= range.end)
            return failure(error("truncated", "A tar entry ends before all that it announces.", range.end));
        return Pickle::parse(subSource(m_source, 0, range.end, m_source->path()), at, m_job).map([&at](Pickle&& pickle) {
            at = pickle.end();
            return std::move(pickle);
        });
    }

    /// An entry's count, then its items, each of which begins with a pickle of three parts; `take` reads what stands behind it.
    Result<void> eachItem(const Range& range, uint64_t& at, const std::function<Result<void>(const Pickle&, std::span<const PickleId>)>& take)
    {
        const auto first = next(range, at);
        if (!first)
            return tl::unexpected(first.error());
        const auto total = first->integer(first->root());
        if (!total || *total < 0 || static_cast<uint64_t>(*total) > m_source->nbytes())
            return failure(error("corrupt", "A tar entry's count is not a number that the file can hold.", at));
        for (int64_t i = 0; i < *total; ++i) {
            const auto id = next(range, at);
            if (!id)
                return tl::unexpected(id.error());
            const auto parts = id->children(id->root());
            if (parts.size() != 3)
                return failure(error("corrupt", "An item of a tar entry is not made of a key and two more parts.", at));
            if (auto taken = take(*id, parts); !taken)
                return taken;
        }
        return {};
    }

    /// (key, location, class), an element count and the elements, each; then views.
    Result<void> readStorages()
    {
        const Range range = m_entries.at("storages");
        uint64_t at = range.offset;
        return eachItem(range, at, [&](const Pickle& id, std::span<const PickleId> parts) -> Result<void> {
            const auto key = pickledKey(id, parts[0]);
            const PickleGlobal* type = key ? id.global(parts[2]) : nullptr;
            const auto known = type ? torchStorageType(type->name) : std::nullopt;
            if (!known)
                return failure(error(type ? "bad-dtype" : "corrupt", "A storage has no key, or a data type that PyTorch does not have.", at));
            const auto bytes = fits(at, 8, range.end) ? m_source->read(at, 8) : failure(error("truncated", "The storages end before all that they announce.", range.end));
            if (!bytes)
                return tl::unexpected(bytes.error());
            const auto elements = *ByteReader(*bytes).little<int64_t>();
            const auto nbytes = elements >= 0 ? checkedMul(static_cast<uint64_t>(elements), known->nbytes) : std::nullopt;
            if (!nbytes || !fits(at + 8, *nbytes, range.end))
                return failure(error("truncated", fmt::format("The storage {} says {} elements, which exceeds its tar entry.", shown(*key, 60), elements), at));
            m_storages.add(*key, {at + 8, *nbytes, *known});
            at += 8 + *nbytes;
            return {};
        }).and_then([&] { return readViews(range, at); });
    }

    /// (key, key of the whole, first element, elements) each.
    Result<void> readViews(const Range& range, uint64_t& at)
    {
        const auto views = next(range, at);
        if (!views)
            return tl::unexpected(views.error());
        for (const PickleId item : views->children(views->root())) {
            const auto parts = views->children(item);
            const auto key = parts.size() == 4 ? pickledKey(*views, parts[0]) : std::nullopt;
            const auto whole = key ? pickledKey(*views, parts[1]) : std::nullopt;
            const LegacyStorages::Block* block = whole ? m_storages.block(*whole) : nullptr;
            const auto first = key ? views->integer(parts[2]) : std::nullopt;
            const auto elements = key ? views->integer(parts[3]) : std::nullopt;
            const auto from = block && first && *first >= 0 ? checkedMul(static_cast<uint64_t>(*first), block->type.nbytes) : std::nullopt;
            const auto nbytes = from && elements && *elements >= 0 ? checkedMul(static_cast<uint64_t>(*elements), block->type.nbytes) : std::nullopt;
            if (!nbytes || !fits(*from, *nbytes, block->nbytes))
                return failure(error("bad-shape", "A view of a storage reaches past its size.", at));
            m_storages.add(*key, {block->offset + *from, *nbytes, block->type});
        }
        return {};
    }

    /// (key, storage's key, class), int32 dimensions, 4 bytes, sizes, strides and offset as int64, each.
    Result<void> readTensors()
    {
        const Range range = m_entries.at("tensors");
        uint64_t at = range.offset;
        return eachItem(range, at, [&](const Pickle& id, std::span<const PickleId> parts) -> Result<void> {
            const auto key = pickledKey(id, parts[0]);
            const auto storage = key ? pickledKey(id, parts[1]) : std::nullopt;
            const LegacyStorages::Block* block = storage ? m_storages.block(*storage) : nullptr;
            if (!block)
                return failure(error("corrupt", "A tensor refers to a storage that is not in the file.", at));
            return readTensor(range, at, *block).map([&](TensorInfo&& tensor) {
                tensor.storage.key = *storage;
                m_storages.addTensor(*key, std::move(tensor));
            });
        });
    }

    Result<TensorInfo> readTensor(const Range& range, uint64_t& at, const LegacyStorages::Block& block)
    {
        const auto bytes = m_source->readUpTo(at, std::min<uint64_t>(range.end - at, 16 + 16 * limits::dimensions));
        if (!bytes)
            return tl::unexpected(bytes.error());
        ByteReader reader(*bytes, at);
        const auto dimensions = reader.little<int32_t>();
        if (dimensions && (*dimensions < 0 || static_cast<size_t>(*dimensions) > limits::dimensions))
            return failure(error("bad-shape", fmt::format("A tensor's shape has {} dimensions.", *dimensions), at));
        TensorInfo tensor;
        tensor.dtype = block.type.dtype;
        tensor.writerDtype = block.type.name;
        const auto numbers = [&](std::vector<int64_t>& out) {
            for (int32_t i = 0; dimensions && i < *dimensions; ++i)
                if (const auto number = reader.little<int64_t>())
                    out.push_back(*number);
        };
        (void)reader.skip(4);
        numbers(tensor.shape);
        numbers(tensor.strides);
        const auto offset = reader.little<int64_t>();
        if (!dimensions || !offset)
            return failure(error("truncated", "The tensors end before all that they announce.", range.end));
        tensor.elementOffset = static_cast<uint64_t>(*offset);
        tensor.storage.offset = block.offset;
        tensor.storage.nbytes = block.nbytes;
        const uint64_t before = at;
        at += reader.position();
        if (const auto problem = reachProblem(tensor, block.type.nbytes))
            return failure(error(problem->rule, "A tensor cannot be read. " + problem->message, before));
        return tensor;
    }

    Result<void> readObject()
    {
        const Range range = m_entries.at("pickle");
        const auto pickle = parseJudged(subSource(m_source, 0, range.end, m_source->path()), range.offset, range.end, PickleOrigin::TorchSave, m_job, m_checkpoint.findings);
        if (!pickle)
            return tl::unexpected(pickle.error());
        m_checkpoint.metadata = Value::Map{{"pickle_protocol", pickle->protocol()}, {"tar", true}};
        return readPickledState(*pickle, m_storages, "", m_job, m_checkpoint);
    }

    SourcePtr m_source;
    JobContext& m_job;
    Checkpoint m_checkpoint;
    std::map<std::string, Range> m_entries;
    LegacyStorages m_storages;
};

} // namespace

bool looksLikeTar(std::span<const std::byte> head)
{
    return head.size() >= tarBlockNbytes && std::find(knownNames.begin(), knownNames.end(), tarNameIn(head)) != knownNames.end();
}

Result<Checkpoint> readTarCheckpoint(const SourcePtr& source, JobContext& job)
{
    return TarFile(source, job).read();
}

} // namespace weighbridge
