// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/tar.h"

#include "core/base/checked.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <optional>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t nameNbytes = 100;
constexpr size_t typeAt = 156;
constexpr size_t markAt = 257;
constexpr size_t mostEntries = 100'000;

/// Octal digits, or base 256 with the first bit set.
std::optional<uint64_t> sizeIn(std::span<const std::byte> header)
{
    const auto field = header.subspan(124, 12);
    uint64_t size = 0;
    if ((field[0] & std::byte{0x80}) != std::byte{0}) {
        for (const std::byte byte : field.subspan(4))
            size = size << 8 | static_cast<uint8_t>(byte);
        return size;
    }
    for (const std::byte byte : field) {
        const char c = static_cast<char>(byte);
        if (c == ' ' || c == '\0')
            continue;
        if (c < '0' || c > '7')
            return std::nullopt;
        size = size << 3 | static_cast<uint64_t>(c - '0');
    }
    return size;
}

bool isRegular(std::span<const std::byte> header)
{
    const char type = static_cast<char>(header[typeAt]);
    return type == '0' || type == '\0' || type == '7';
}

Error error(const ByteSource& source, std::string rule, std::string message, uint64_t byte)
{
    return Error(std::move(rule), std::move(message)).at(source.path()).atByte(byte).fixedBy("Download or copy the file again.");
}

} // namespace

std::string_view tarNameIn(std::span<const std::byte> header)
{
    const std::string_view field(reinterpret_cast<const char*>(header.data()), nameNbytes);
    std::string_view name = field.substr(0, field.find('\0'));
    if (name.starts_with("./"))
        name.remove_prefix(2);
    return name;
}

bool isUstar(std::span<const std::byte> head)
{
    return head.size() >= tarBlockNbytes && std::string_view(reinterpret_cast<const char*>(head.data()) + markAt, 5) == "ustar";
}

Result<TarDirectory> readTar(const ByteSource& source)
{
    TarDirectory out;
    std::unordered_set<std::string> names;
    const uint64_t size = source.nbytes();
    for (uint64_t at = 0; fits(at, tarBlockNbytes, size);) {
        const auto header = source.read(at, tarBlockNbytes);
        if (!header)
            return tl::unexpected(header.error());
        if ((*header)[0] == std::byte{0}) {
            out.isEnded = fits(at, 2 * tarBlockNbytes, size);
            break;
        }
        const auto nbytes = sizeIn(*header);
        const auto end = nbytes ? checkedAdd(at + tarBlockNbytes, *nbytes) : std::nullopt;
        if (!end || *end > UINT64_MAX - tarBlockNbytes)
            return failure(error(source, "corrupt", "The size of a tar entry is not a number.", at));
        if (*end > size)
            return failure(
                error(source, "truncated",
                      fmt::format("The file stops at byte {} of at least {}: it is cut inside the entry {}.", size, *end, shown(tarNameIn(*header))),
                      size));
        if (out.entries.size() == mostEntries)
            return failure(error(source, "resource-bomb", fmt::format("The tar file holds more than {} entries.", mostEntries), at));
        if (isRegular(*header)) {
            std::string name(tarNameIn(*header));
            if (!names.insert(name).second)
                return failure(error(source, "duplicate-key", fmt::format("The tar file holds two entries named {} (duplicate).", shown(name)), at));
            out.entries.push_back({std::move(name), at + tarBlockNbytes, *end});
        }
        at = (*end + tarBlockNbytes - 1) / tarBlockNbytes * tarBlockNbytes;
    }
    return out;
}

} // namespace weighbridge
