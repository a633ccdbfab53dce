// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/packing/unpack.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/packing/packing.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

const Packing* packingOf(std::string_view id)
{
    const auto all = allPackings();
    const auto found = std::find_if(all.begin(), all.end(), [id](const Packing* packing) { return packing->id() == id; });
    return found == all.end() ? nullptr : *found;
}

bool isMark(std::string_view name)
{
    const auto all = allPackings();
    return std::any_of(all.begin(), all.end(), [name](const Packing* packing) { return packing->isMark(name); });
}

std::optional<PackedWeight> findWeight(const TensorInfo& mark, PackedTensors& tensors)
{
    for (const Packing* packing : allPackings()) {
        auto weight = packing->isMark(mark.name) ? packing->find(mark, tensors) : std::nullopt;
        if (!weight || weight->parts.empty() || weight->parts[0] == PackedWeight::absent || !numel(weight->shape))
            continue;
        weight->packing = packing->id();
        return weight;
    }
    return std::nullopt;
}

} // namespace

Value PackedWeight::asValue() const
{
    Value::Map out{{"scheme", scheme}, {"bits", bits}, {"shape", Value::List(shape.begin(), shape.end())}};
    if (groupSize > 0)
        out.emplace_back("group_size", groupSize);
    if (!dtype.empty())
        out.emplace_back("dtype", dtype);
    if (!isUnpacked())
        out.emplace_back("as_stored", asStored);
    return out;
}

std::string PackedWeight::asText() const
{
    std::string out = bits > 0 ? fmt::format("{} bits ({})", bits, scheme) : scheme;
    out += fmt::format(" of {}", formatShape(shape));
    if (!dtype.empty())
        out += " " + dtype;
    return isUnpacked() ? out : out + ", shown as stored: " + asStored;
}

std::map<std::string, PackedWeight, std::less<>> findPackedWeights(const Checkpoint& checkpoint, JobContext& job)
{
    std::map<std::string, PackedWeight, std::less<>> out;
    if (std::none_of(checkpoint.tensors.begin(), checkpoint.tensors.end(), [](const TensorInfo& tensor) { return isMark(tensor.name); }))
        return out;
    PackedTensors tensors(checkpoint, job);
    for (const TensorInfo& tensor : checkpoint.tensors)
        if (auto weight = isMark(tensor.name) ? findWeight(tensor, tensors) : std::nullopt)
            out.emplace(checkpoint.tensors[weight->parts[0]].name, std::move(*weight));
    return out;
}

Result<void> readPacked(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink)
{
    const auto found = checkpoint.packedWeights.find(tensor.name);
    const Packing* packing = found == checkpoint.packedWeights.end() ? nullptr : packingOf(found->second.packing);
    if (!packing || !found->second.isUnpacked() || found->second.shape != tensor.shape)
        return failure(Error("unreadable", fmt::format("It is not known how {} is packed.", shown(tensor.name))).at(checkpoint.path));
    PackedParts parts(checkpoint, found->second, job);
    const auto rows = packing->rows(found->second, parts);
    const auto columns = static_cast<uint64_t>(tensor.shape.empty() ? 1 : tensor.shape.back());
    const uint64_t count = tensor.elements() / std::max<uint64_t>(columns, 1);
    const uint64_t step = std::max<uint64_t>(1, limits::blockNbytes / sizeof(float) / std::max<uint64_t>(columns, 1));
    if (columns > limits::packedPartNbytes / sizeof(float))
        return failure(Error("resource-bomb", fmt::format("A row of {} has {} numbers, too many to be unpacked.", shown(tensor.name), columns))
                           .at(checkpoint.path));
    std::vector<float> block(std::min(step, count) * columns);
    for (uint64_t first = 0; first < count; first += step) {
        if (job.cancelled())
            return failure(cancelledError());
        const std::span<float> values(block.data(), std::min(step, count - first) * columns);
        for (uint64_t i = 0; i * columns < values.size() && !parts.error(); ++i)
            rows->read(first + i, values.subspan(i * columns, columns));
        if (parts.error())
            return failure(*parts.error());
        if (!sink(std::as_bytes(values)))
            return {};
    }
    return {};
}

} // namespace weighbridge
