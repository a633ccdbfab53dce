// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/snappy.h"

#include "core/base/byte_reader.h"

#include <fmt/format.h>

namespace weighbridge {
namespace {

tl::unexpected<Error> broken()
{
    return failure("corrupt", "A block says that it is compressed with Snappy, but does not unpack.");
}

std::optional<uint64_t> littleNumber(ByteReader& reader, size_t nbytes)
{
    const auto bytes = reader.take(nbytes);
    if (!bytes)
        return std::nullopt;
    uint64_t value = 0;
    for (size_t i = 0; i < nbytes; ++i)
        value |= static_cast<uint64_t>((*bytes)[i]) << (8 * i);
    return value;
}

std::optional<uint64_t> declaredNbytes(ByteReader& reader)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        const auto byte = littleNumber(reader, 1);
        if (!byte)
            return std::nullopt;
        value |= (*byte & 0x7F) << shift;
        if (*byte < 0x80)
            return value;
    }
    return std::nullopt;
}

/// A run of bytes as they are, or a copy of what stands `distance` bytes before.
struct Element {
    bool isLiteral = false;
    uint64_t nbytes = 0;
    uint64_t distance = 0;
};

std::optional<Element> nextElement(ByteReader& reader)
{
    const auto tag = littleNumber(reader, 1);
    if (!tag)
        return std::nullopt;
    const uint64_t upper = *tag >> 2;
    if ((*tag & 3) == 0) {
        if (upper < 60)
            return Element{true, upper + 1, 0};
        const auto length = littleNumber(reader, static_cast<size_t>(upper - 59));
        return length ? std::optional(Element{true, *length + 1, 0}) : std::nullopt;
    }
    static constexpr size_t distanceNbytes[] = {0, 1, 2, 4};
    const auto low = littleNumber(reader, distanceNbytes[*tag & 3]);
    if (!low)
        return std::nullopt;
    if ((*tag & 3) == 1)
        return Element{false, (upper & 7) + 4, (*tag >> 5) << 8 | *low};
    return Element{false, upper + 1, *low};
}

} // namespace

Result<std::vector<std::byte>> unpackSnappy(std::span<const std::byte> packed, uint64_t maximum)
{
    ByteReader reader(packed);
    const auto wanted = declaredNbytes(reader);
    if (!wanted)
        return broken();
    // three bytes of a copy give 64 at most
    if (*wanted > maximum || *wanted > packed.size() * 64)
        return failure("resource-bomb", fmt::format("A block of {} bytes says that it unpacks to {}, more than it can or than the limit of {}.", packed.size(), *wanted, maximum));
    std::vector<std::byte> out;
    out.reserve(static_cast<size_t>(*wanted));
    while (!reader.atEnd()) {
        const auto element = nextElement(reader);
        if (!element || element->nbytes > *wanted - out.size())
            return broken();
        if (element->isLiteral) {
            const auto bytes = reader.take(element->nbytes);
            if (!bytes)
                return broken();
            out.insert(out.end(), bytes->begin(), bytes->end());
            continue;
        }
        if (element->distance == 0 || element->distance > out.size())
            return broken();
        for (uint64_t i = 0; i < element->nbytes; ++i)
            out.push_back(out[out.size() - static_cast<size_t>(element->distance)]);
    }
    return out.size() == *wanted ? Result<std::vector<std::byte>>(std::move(out)) : broken();
}

} // namespace weighbridge
