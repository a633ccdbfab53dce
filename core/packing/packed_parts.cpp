// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/packing/packed_parts.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/tensor/decode.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

/// The bytes of a tensor as a tensor of their own; nothing where they do not lie in the file one after another as they are.
std::optional<TensorInfo> asBytes(const TensorInfo& tensor)
{
    const bool isPlain = (tensor.storage.kind == StorageKind::Raw || tensor.storage.kind == StorageKind::Memory) && isContiguous(tensor) &&
                         !tensor.storage.bigEndian && !tensor.isNegated && !tensor.isConjugated;
    const auto offset = nbytesOf(tensor.dtype, tensor.elementOffset);
    if (!isPlain || !offset)
        return std::nullopt;
    TensorInfo out = tensor;
    out.dtype = DType::U8;
    out.shape = {static_cast<int64_t>(tensor.nbytes())};
    out.strides.clear();
    out.elementOffset = *offset;
    return out;
}

} // namespace

void PackedParts::fail(Error error)
{
    if (!m_error)
        m_error = std::move(error);
}

std::vector<std::byte> PackedParts::readBytes(const TensorInfo& tensor)
{
    const bool isRepeated = tensor.storage.kind != StorageKind::Format && tensor.nbytes() > tensor.storage.nbytes;
    if (isRepeated)
        fail(Error("resource-bomb", fmt::format("{} has {}, but its storage only {}: a view that repeats them.", shown(tensor.name),
                                                formatNbytes(tensor.nbytes()), formatNbytes(tensor.storage.nbytes)))
                 .at(m_checkpoint.path));
    auto read = m_error ? Result<std::vector<std::byte>>() : readWhole(m_checkpoint, tensor, m_job, limits::packedPartNbytes);
    if (!read)
        fail(read.error());
    else if (!m_error && read->size() != tensor.nbytes())
        fail(Error("corrupt", fmt::format("{} has {} bytes, but only {} can be read.", shown(tensor.name), tensor.nbytes(), read->size()))
                 .at(m_checkpoint.path));
    return m_error ? std::vector<std::byte>() : std::move(*read);
}

std::vector<std::byte> PackedParts::bytes(size_t part)
{
    return has(part) ? readBytes(tensor(part)) : std::vector<std::byte>();
}

std::vector<float> PackedParts::floats(size_t part)
{
    const auto stored = bytes(part);
    const Decoder* decoder = stored.empty() ? nullptr : decoderOf(tensor(part).dtype);
    std::vector<float> out(decoder ? decoder->values(stored.size()) : 0);
    if (decoder)
        decode(*decoder, stored, std::span(out));
    return out;
}

std::span<const std::byte> PackedParts::range(size_t part, uint64_t from, uint64_t count)
{
    const bool isHeld = part == m_blockPart && from >= m_blockStart && fits(from - m_blockStart, count, m_block.size());
    if (!isHeld && has(part)) {
        const TensorInfo& whole = tensor(part);
        auto bytes = asBytes(whole);
        m_blockPart = part;
        m_blockStart = bytes ? from : 0;
        if (bytes && fits(from, count, whole.nbytes())) {
            bytes->elementOffset += from;
            bytes->shape = {static_cast<int64_t>(std::min(std::max(count, limits::blockNbytes), whole.nbytes() - from))};
        }
        m_block = readBytes(bytes ? *bytes : whole);
    }
    if (from < m_blockStart || !fits(from - m_blockStart, count, m_block.size()))
        fail(Error("corrupt",
                   has(part) ? fmt::format("{} is shorter than its weight needs.", shown(tensor(part).name)) : "A part of a weight is absent.")
                 .at(m_checkpoint.path));
    if (m_error)
        return {};
    return std::span<const std::byte>(m_block).subspan(from - m_blockStart, count);
}

} // namespace weighbridge
