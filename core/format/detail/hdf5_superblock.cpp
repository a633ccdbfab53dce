// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Specification: https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, II.A "Disk Format: Level 0A - Format Signature and Superblock"
#include "core/format/detail/hdf5_superblock.h"

#include "core/base/byte_reader.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr std::array signature{std::byte{0x89}, std::byte{'H'}, std::byte{'D'}, std::byte{'F'}, std::byte{'\r'}, std::byte{'\n'}, std::byte{0x1a}, std::byte{'\n'}};
constexpr std::array<size_t, 4> starts{0, 512, 1024, 2048}; ///< doubling, as libhdf5 searches; what fits into the head
constexpr size_t nearlyAll = 6;                             ///< of the signature's 8 bytes: a damaged one
constexpr uint64_t largestSuperblock = 128;
constexpr unsigned openForWriting = 1;

size_t matches(std::span<const std::byte> head)
{
    size_t count = 0;
    for (size_t i = 0; i < std::min(head.size(), signature.size()); ++i)
        count += head[i] == signature[i];
    return count;
}

std::optional<size_t> signatureStart(std::span<const std::byte> head)
{
    for (const size_t start : starts)
        if (head.size() >= start + signature.size() && matches(head.subspan(start)) == signature.size())
            return start;
    return std::nullopt;
}

class SuperblockReader {
public:
    SuperblockReader(const ByteSource& source, std::span<const std::byte> head, size_t start)
        : m_source(source), m_reader(head.subspan(start), start)
    {
        m_out.start = start;
    }

    Result<Hdf5Superblock> read()
    {
        return readVersion()
            .and_then([this] { return m_out.version < 2 ? readOldSizes() : readNewSizes(); })
            .and_then([this] { return readAddresses(); })
            .and_then([this] { return check(); })
            .map([this] { return m_out; });
    }

private:
    [[nodiscard]] Error corrupt(std::string message, uint64_t byte) const
    {
        return Error("corrupt", std::move(message)).at(m_source.path()).atByte(byte).fixedBy("Download or copy the file again.");
    }

    Result<uint8_t> byte() { return m_reader.little<uint8_t>(); }

    Result<void> readVersion()
    {
        return m_reader.skip(signature.size()).and_then([this] { return byte(); }).and_then([this](uint8_t version) -> Result<void> {
            m_out.version = version;
            if (version <= 3)
                return {};
            return failure(Error("unsupported-version", fmt::format("The HDF5 superblock has the version {}; 0 to 3 are known.", version))
                               .at(m_source.path()).atByte(m_out.start + signature.size()).expecting("0 to 3").finding(fmt::format("{}", version))
                               .fixedBy("If the file is not damaged, a newer program wrote it: save it again with an older format (libver)."));
        });
    }

    /// Versions 0 and 1: four more version bytes before the sizes, and B-tree numbers behind.
    Result<void> readOldSizes()
    {
        return m_reader.skip(4).and_then([this] { return readSizes(); }).and_then([this] {
            return m_reader.skip(1 + 2 + 2 + 4 + (m_out.version == 1 ? 4 : 0));
        });
    }

    Result<void> readNewSizes()
    {
        return readSizes().and_then([this] { return byte(); }).and_then([this](uint8_t flags) -> Result<void> {
            if (m_out.version == 3 && (flags & openForWriting) != 0)
                return failure(Error("corrupt", "The file is marked as still open for writing: the program that wrote it ended before it closed the file.")
                                   .at(m_source.path()).atByte(m_out.start + 11).fixedBy("Run `h5clear -s FILE` on a copy; values that were not written yet are lost."));
            return {};
        });
    }

    Result<void> readSizes()
    {
        const auto sizeOfOffsets = byte();
        const auto sizeOfLengths = byte();
        if (!sizeOfOffsets || !sizeOfLengths)
            return tl::unexpected(sizeOfOffsets ? sizeOfLengths.error() : sizeOfOffsets.error());
        for (const uint8_t size : {*sizeOfOffsets, *sizeOfLengths})
            if (size != 2 && size != 4 && size != 8)
                return failure(corrupt(fmt::format("The superblock gives {} bytes as the size of its numbers; 2, 4 or 8 are possible.", size), m_reader.fileOffset() - 2));
        m_width = *sizeOfOffsets;
        return {};
    }

    Result<uint64_t> address()
    {
        if (m_width == 2)
            return m_reader.little<uint16_t>().map([](uint16_t value) { return uint64_t{value}; });
        if (m_width == 4)
            return m_reader.little<uint32_t>().map([](uint32_t value) { return uint64_t{value}; });
        return m_reader.little<uint64_t>();
    }

    Result<void> readAddresses()
    {
        // old: base, free space, end, driver, name of the root, root; new: base, extension, end, root
        std::array<uint64_t, 6> numbers{};
        const size_t count = m_out.version < 2 ? 6 : 4;
        for (size_t i = 0; i < count; ++i) {
            const auto number = address();
            if (!number)
                return tl::unexpected(number.error());
            numbers[i] = *number;
        }
        m_base = numbers[0];
        m_out.endOfFile = numbers[2];
        m_out.rootAddress = numbers[count - 1];
        return {};
    }

    Result<void> check()
    {
        const uint64_t size = m_source.nbytes();
        if (m_base > m_out.endOfFile)
            return failure(corrupt(fmt::format("The superblock says that the addresses count from byte {}, beyond the end of the file.", m_base), m_out.start));
        // a user block that was added or cut off later moves everything (libhdf5 allows that)
        m_out.endOfFile = m_out.endOfFile - m_base + m_out.start;
        if (m_out.endOfFile > size)
            return failure(Error("truncated", fmt::format("The file stops at byte {} of {} ({}).", size, m_out.endOfFile, formatPercent(size, m_out.endOfFile)))
                               .at(m_source.path()).atByte(size).expecting(fmt::format("{} bytes", m_out.endOfFile)).finding(fmt::format("{} bytes", size))
                               .fixedBy("Download or copy the file again."));
        if (m_out.rootAddress >= m_out.endOfFile - m_out.start)
            return failure(corrupt(fmt::format("The superblock puts the root group at byte {}, beyond the end of the file at {}.", m_out.rootAddress, m_out.endOfFile), m_out.start));
        m_out.rootAddress += m_out.start;
        return {};
    }

    const ByteSource& m_source;
    ByteReader m_reader;
    Hdf5Superblock m_out;
    uint64_t m_base = 0;
    uint8_t m_width = 8;
};

} // namespace

bool looksLikeHdf5(std::span<const std::byte> head)
{
    if (head.size() < signature.size())
        return head.size() >= 4 && matches(head) == head.size();
    return signatureStart(head) || matches(head) >= nearlyAll;
}

Result<Hdf5Superblock> readHdf5Superblock(const ByteSource& source)
{
    const auto head = source.readUpTo(0, starts.back() + largestSuperblock);
    if (!head)
        return tl::unexpected(head.error());
    const auto start = signatureStart(*head);
    if (!start && head->size() >= signature.size())
        return failure(Error("corrupt", "The HDF5 signature in the first 8 bytes is damaged.").at(source.path()).atByte(0).fixedBy("Download or copy the file again."));
    if (!start)
        return failure(Error("truncated", fmt::format("The file stops at byte {}, inside the 8 bytes of the HDF5 signature.", source.nbytes()))
                           .at(source.path()).atByte(source.nbytes()).fixedBy("Download or copy the file again."));
    auto superblock = SuperblockReader(source, *head, *start).read();
    if (superblock || !superblock.error().path.empty())
        return superblock;
    // the reader itself ran out of bytes
    return failure(Error("truncated", fmt::format("The file stops at byte {}, inside the superblock with which an HDF5 file begins.", source.nbytes()))
                       .at(source.path()).atByte(source.nbytes()).fixedBy("Download or copy the file again."));
}

} // namespace weighbridge
