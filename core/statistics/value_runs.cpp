// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/value_runs.h"

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/statistics/value_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

namespace weighbridge {
namespace {

using TakeValues = std::function<void(std::span<const double>)>;

/// The part of a tensor that holds the values [first, end), as a tensor of its own, and which value it begins with.
struct Part {
    TensorInfo tensor;
    uint64_t first = 0;
};

/// Whole units, because a quantized block cannot be cut.
Part rangeOf(const TensorInfo& tensor, const Decoder& decoder, uint64_t first, uint64_t end)
{
    const uint64_t perElement = valuesPerElement(tensor.dtype);
    const uint64_t perUnit = std::max<uint64_t>(1, decoder.unitValues / perElement);
    const uint64_t from = first / perElement / perUnit * perUnit;
    const uint64_t to = std::min((end + perElement * perUnit - 1) / (perElement * perUnit) * perUnit, tensor.elements());
    Part part{tensor, from * perElement};
    part.tensor.elementOffset += from;
    part.tensor.shape = {static_cast<int64_t>(to - from)};
    part.tensor.strides.clear();
    return part;
}

/// The slices along dimension 0 of a permuted view.
Part slicesOf(const TensorInfo& tensor, uint64_t first, uint64_t end)
{
    const uint64_t perSlice = tensor.elements() / static_cast<uint64_t>(tensor.shape[0]) * valuesPerElement(tensor.dtype);
    const uint64_t from = first / perSlice;
    Part part{tensor, from * perSlice};
    part.tensor.elementOffset += from * static_cast<uint64_t>(tensor.strides[0]);
    part.tensor.shape[0] = static_cast<int64_t>((end + perSlice - 1) / perSlice - from);
    return part;
}

Part partOf(const TensorInfo& tensor, const Decoder& decoder, uint64_t first, uint64_t end)
{
    const StorageKind kind = tensor.storage.kind;
    if (kind == StorageKind::Format || kind == StorageKind::Pieces || kind == StorageKind::Packed)
        return {tensor, 0};
    if (isContiguous(tensor))
        return rangeOf(tensor, decoder, first, end);
    return tensor.strides[0] >= 0 ? slicesOf(tensor, first, end) : Part{tensor, 0};
}

/// Streams one part and hands out what of it lies in the runs.
Result<void> readPart(const Checkpoint& checkpoint, const Part& part, const Decoder& decoder, std::span<const ValueRun> runs, JobContext& job, const TakeValues& take)
{
    uint64_t position = part.first;
    size_t next = 0;
    return streamDoubles(checkpoint, part.tensor, decoder, job, [&](std::span<const double> values) {
        const uint64_t end = position + values.size();
        while (next < runs.size() && runs[next].first < end) {
            const uint64_t from = std::max(runs[next].first, position);
            const uint64_t to = std::min(runs[next].first + runs[next].count, end);
            if (from < to)
                take(values.subspan(from - position, to - from));
            if (runs[next].first + runs[next].count > end)
                break;
            ++next;
        }
        position = end;
    });
}

template <typename T>
Result<void> decodeValues(const Checkpoint& checkpoint, const TensorInfo& tensor, const Decoder& decoder, uint64_t first, std::span<T> out, JobContext& job)
{
    const Part part = rangeOf(tensor, decoder, first, first + out.size());
    uint64_t position = part.first;
    return streamValues<T>(checkpoint, part.tensor, decoder, job, [&](std::span<const T> values) {
        const uint64_t from = std::max(first, position);
        const uint64_t to = std::min(first + out.size(), position + values.size());
        if (from < to)
            std::copy_n(values.begin() + static_cast<ptrdiff_t>(from - position), to - from, out.begin() + static_cast<ptrdiff_t>(from - first));
        position += values.size();
    });
}

/// The source whose bytes are the values as they are, if there is one that has them.
const ByteSource* floatsAsTheyAre(const Checkpoint& checkpoint, const TensorInfo& tensor, uint64_t end)
{
    const Storage& storage = tensor.storage;
    const bool isPlain = tensor.dtype == DType::F32 && storage.kind == StorageKind::Raw && !storage.bigEndian && !tensor.isNegated;
    const auto last = checkedAdd(tensor.elementOffset, end);
    if (std::endian::native != std::endian::little || !isPlain || !last || *last > storage.nbytes / sizeof(float) || storage.shard >= checkpoint.shards.size())
        return nullptr;
    return checkpoint.shards[storage.shard].source.get();
}

} // namespace

bool isSeekable(const TensorInfo& tensor)
{
    return (tensor.storage.kind == StorageKind::Raw || tensor.storage.kind == StorageKind::Memory) && isContiguous(tensor);
}

Result<void> readValues(const Checkpoint& checkpoint, const TensorInfo& tensor, const Decoder& decoder, uint64_t first, std::span<float> out, JobContext& job)
{
    if (const ByteSource* source = floatsAsTheyAre(checkpoint, tensor, first + out.size()))
        return source->readAt(tensor.storage.offset + (tensor.elementOffset + first) * sizeof(float), std::as_writable_bytes(out));
    return decodeValues(checkpoint, tensor, decoder, first, out, job);
}

Result<void> readValues(const Checkpoint& checkpoint, const TensorInfo& tensor, const Decoder& decoder, uint64_t first, std::span<double> out, JobContext& job)
{
    return decodeValues(checkpoint, tensor, decoder, first, out, job);
}

Result<const Decoder*> decoderFor(const Checkpoint& checkpoint, const TensorInfo& tensor)
{
    if (const Decoder* decoder = decoderOf(tensor.dtype))
        return decoder;
    return failure(Error("bad-dtype", fmt::format("Elements of type {} are no numbers that can be read, so {} has no statistics.", tensor.dtypeName(), shown(tensor.name)))
                       .at(checkpoint.path));
}

uint64_t valuesPerElement(DType dtype)
{
    return info(dtype).kind == DTypeKind::Complex ? 2 : 1;
}

std::vector<ValueRun> evenRuns(uint64_t values, uint64_t count, uint64_t length)
{
    if (values <= count * length)
        return {{0, values}};
    std::vector<ValueRun> runs;
    for (uint64_t k = 0; k < count; ++k)
        runs.push_back({static_cast<uint64_t>(double(k) / double(std::max<uint64_t>(1, count - 1)) * double(values - length)), length});
    return runs;
}

Result<void> readRuns(const Checkpoint& checkpoint, const TensorInfo& tensor, std::span<const ValueRun> runs, JobContext& job, const TakeValues& take)
{
    const auto decoder = decoderFor(checkpoint, tensor);
    if (!decoder)
        return tl::unexpected(decoder.error());
    if (runs.empty() || tensor.elements() == 0)
        return {};
    if (!isSeekable(tensor))
        return readPart(checkpoint, partOf(tensor, **decoder, runs.front().first, runs.back().first + runs.back().count), **decoder, runs, job, take);
    for (const ValueRun& run : runs)
        if (auto read = readPart(checkpoint, rangeOf(tensor, **decoder, run.first, run.first + run.count), **decoder, {&run, 1}, job, take); !read)
            return read;
    return {};
}

} // namespace weighbridge
