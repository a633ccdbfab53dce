// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/wire.h"

#include "core/base/limits.h"

#include <fmt/format.h>

namespace weighbridge {

Error WireMessage::error(std::string message) const
{
    return Error("corrupt", std::move(message)).at(m_source.path()).atByte(m_reader.position()).fixedBy("Download or convert it again.");
}

Result<uint64_t> WireMessage::varint()
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        if (m_reader.position() >= m_end)
            return failure(Error("truncated", fmt::format("A number is cut at byte {}.", m_reader.position())).at(m_source.path()).atByte(m_reader.position()));
        const auto byte = m_reader.number<uint8_t>(false);
        if (!byte)
            return tl::unexpected(byte.error());
        if (shift < 64)
            value |= uint64_t(*byte & 0x7F) << shift;
        if ((*byte & 0x80) == 0)
            return value;
    }
    return failure(error(fmt::format("The number before byte {} has more than the 10 bytes that a protobuf number may have.", m_reader.position())));
}

Result<std::optional<WireField>> WireMessage::next()
{
    if (m_reader.position() >= m_end)
        return std::optional<WireField>{};
    const auto key = varint();
    if (!key)
        return tl::unexpected(key.error());
    WireField field{static_cast<uint32_t>(*key >> 3), static_cast<uint32_t>(*key & 7), 0, 0, 0};
    if (*key >> 3 == 0 || *key >> 3 > 0x1FFFFFFF)
        return failure(error(fmt::format("A protobuf field has the number {}, which cannot be.", *key >> 3)));
    if (field.type == 0 || field.type == 2) {
        const auto number = varint();
        if (!number)
            return tl::unexpected(number.error());
        field.value = *number;
    }
    if (field.type == 2) {
        field.nbytes = field.value;
        field.offset = m_reader.position();
        if (!fits(field.offset, field.nbytes, m_end))
            return failure(Error("truncated", fmt::format("The field at byte {} has {} bytes, but its message ends at byte {}.", field.offset, field.nbytes, m_end)).at(m_source.path()).atByte(field.offset));
        return m_reader.skip(field.nbytes).map([&] { return std::optional(field); });
    }
    if (field.type == 1)
        return m_reader.number<uint64_t>(false).map([&](uint64_t value) { field.value = value; return std::optional(field); });
    if (field.type == 5)
        return m_reader.number<uint32_t>(false).map([&](uint32_t value) { field.value = value; return std::optional(field); });
    if (field.type != 0)
        return failure(error(fmt::format("The protobuf wire type {} at byte {} is not used by any model.", field.type, m_reader.position())));
    return std::optional(field);
}

Result<std::string> WireMessage::text(const WireField& field) const
{
    constexpr uint64_t maximum = 16 * limits::MiB;
    if (field.nbytes > maximum)
        return failure(Error("resource-bomb", fmt::format("A text has {} bytes, more than the limit of {}.", field.nbytes, maximum)).at(m_source.path()).atByte(field.offset));
    return m_source.read(field.offset, field.nbytes).map([](const std::vector<std::byte>& bytes) { return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()); });
}

Result<void> WireMessage::integers(const WireField& field, std::vector<int64_t>& out, size_t maximum) const
{
    const auto tooMany = [&] { return failure(Error("resource-bomb", fmt::format("A list has more than {} numbers.", maximum)).at(m_source.path()).atByte(field.offset)); };
    if (field.type == 0) {
        if (out.size() >= maximum)
            return tooMany();
        out.push_back(static_cast<int64_t>(field.value));
        return {};
    }
    WireMessage packed(m_source, field);
    while (packed.m_reader.position() < packed.m_end) {
        const auto value = packed.varint();
        if (!value)
            return tl::unexpected(value.error());
        if (out.size() >= maximum)
            return tooMany();
        out.push_back(static_cast<int64_t>(*value));
    }
    return {};
}

} // namespace weighbridge
