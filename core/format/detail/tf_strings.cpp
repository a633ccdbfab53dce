// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/tf_strings.h"

#include "core/base/crc32c.h"
#include "core/base/source_reader.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr uint64_t shownNbytes = 300; ///< of one string
constexpr uint64_t checksumNbytes = 4;

/// A number as the checksum takes it: in as many bytes as 32 bits need, in 64 bits if it has to be.
uint32_t extended(uint32_t crc, uint64_t number, size_t width)
{
    std::array<std::byte, 8> bytes{};
    for (size_t i = 0; i < width; ++i)
        bytes[i] = static_cast<std::byte>(number >> (8 * i));
    return crc32c(std::span(bytes).first(width), crc);
}

bool isReadable(std::string_view text)
{
    return isValidUtf8(text) &&
           std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t'; });
}

} // namespace

Result<void> ShownStrings::add(const ByteSource& source, uint64_t offset, uint64_t nbytes)
{
    const auto bytes = source.read(offset, std::min(nbytes, shownNbytes));
    if (!bytes)
        return tl::unexpected(bytes.error());
    const std::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
    m_strings.push_back(nbytes <= shownNbytes && isReadable(text) ? Value(text) : Value(fmt::format("<{} bytes>", nbytes)));
    return {};
}

Value ShownStrings::take(uint64_t count)
{
    if (count > m_strings.size())
        m_strings.push_back(fmt::format("<{} more>", count - m_strings.size()));
    return std::move(m_strings);
}

Result<std::optional<TfStrings>> TfStrings::read(const ByteSource& source, TfStringsPlace place, JobContext& job)
{
    TfStrings out;
    out.m_place = place;
    const uint64_t end = place.offset + place.nbytes;
    SourceReader reader(source, place.offset, std::min<uint64_t>(place.nbytes, 65536));
    uint64_t total = 0;
    for (uint64_t i = 0; i < place.count; ++i) {
        if (i % 65536 == 0 && job.cancelled())
            return failure(cancelledError());
        const auto length = reader.varint();
        if (!length && length.error().rule == "unreadable")
            return tl::unexpected(length.error());
        if (!length || reader.position() > end || *length > place.nbytes - total)
            return std::nullopt;
        total += *length;
        out.m_crc = extended(out.m_crc, *length, *length <= UINT32_MAX ? 4 : 8);
        if (out.m_lengths.size() < ShownStrings::most)
            out.m_lengths.push_back(*length);
    }
    if (end - reader.position() < checksumNbytes || end - reader.position() - checksumNbytes != total)
        return std::nullopt;
    const auto stored = reader.number<uint32_t>(false);
    if (!stored)
        return tl::unexpected(stored.error());
    if (checksumsCount && *stored != maskedCrc32c(out.m_crc))
        return std::nullopt;
    out.m_crc = extended(out.m_crc, *stored, checksumNbytes);
    out.m_start = reader.position();
    return out;
}

Result<Value> TfStrings::shownValues(const ByteSource& source) const
{
    ShownStrings out;
    uint64_t at = m_start;
    for (const uint64_t length : m_lengths) {
        if (auto added = out.add(source, at, length); !added)
            return tl::unexpected(added.error());
        at += length;
    }
    return out.take(m_place.count);
}

Result<uint32_t> TfStrings::checksum(const ByteSource& source, JobContext& job) const
{
    const uint64_t end = m_place.offset + m_place.nbytes;
    return crc32cOf(source, m_start, end - m_start, job, m_crc).map([](uint32_t crc) { return maskedCrc32c(crc); });
}

} // namespace weighbridge
