// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Specification: PKWARE APPNOTE.TXT 6.3, sections 4.3 (layout) and 4.5.3 (zip64).
#include "core/format/detail/zip_directory.h"

#include "core/base/byte_reader.h"
#include "core/base/crc32c.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr uint32_t localSignature = 0x04034b50;
constexpr uint32_t centralSignature = 0x02014b50;
constexpr uint32_t endSignature = 0x06054b50;
constexpr uint32_t end64Signature = 0x06064b50;
constexpr uint32_t locatorSignature = 0x07064b50;
constexpr size_t localNbytes = 30;
constexpr size_t centralNbytes = 46;
constexpr size_t endNbytes = 22;
constexpr size_t locatorNbytes = 20;
constexpr size_t end64Nbytes = 56;
constexpr uint16_t zip64Extra = 0x0001;
constexpr uint32_t all32 = 0xFFFFFFFF;
constexpr uint16_t flagEncrypted = 0x0001;
constexpr uint16_t flagDescriptor = 0x0008; ///< sizes and CRC follow the data; the local header has zeros
constexpr uint16_t flagStrong = 0x0040;
constexpr uint16_t flagMasked = 0x2000;
constexpr uint16_t methodAes = 99;

uint32_t number32(std::span<const std::byte> bytes, size_t at)
{
    uint32_t out = 0;
    for (size_t i = 4; i-- > 0;)
        out = out << 8 | static_cast<uint32_t>(bytes[at + i]);
    return out;
}

uint16_t number16(std::span<const std::byte> bytes, size_t at)
{
    return static_cast<uint16_t>(static_cast<unsigned>(bytes[at]) | static_cast<unsigned>(bytes[at + 1]) << 8);
}

/// Replaces the sizes that are 0xFFFFFFFF by the 64-bit ones of the zip64 extra field; false if that field is missing or too short.
bool applyZip64(std::span<const std::byte> extra, std::initializer_list<uint64_t*> fields)
{
    const auto wanted = std::count_if(fields.begin(), fields.end(), [](const uint64_t* field) { return *field == all32; });
    if (wanted == 0)
        return true;
    ByteReader reader(extra);
    while (reader.remaining() >= 4) {
        const uint16_t id = *reader.little<uint16_t>();
        const uint16_t size = *reader.little<uint16_t>();
        const auto body = reader.take(size);
        if (!body)
            return false;
        if (id != zip64Extra)
            continue;
        ByteReader values(*body);
        for (uint64_t* field : fields) {
            if (*field != all32)
                continue;
            const auto value = values.little<uint64_t>();
            if (!value)
                return false;
            *field = *value;
        }
        return true;
    }
    return false;
}

bool leavesFolder(std::string_view name)
{
    if (name.starts_with('/') || name.starts_with('\\') || (name.size() > 1 && name[1] == ':'))
        return true;
    std::string slashes(name);
    std::replace(slashes.begin(), slashes.end(), '\\', '/');
    for (const std::string_view part : split(slashes, '/'))
        if (part == "..")
            return true;
    return false;
}

/// "a, b, c and 4 more"
std::string listed(const std::vector<ZipEntry>& entries)
{
    constexpr size_t most = 6;
    std::string out;
    for (size_t i = 0; i < std::min(most, entries.size()); ++i)
        out += (i ? ", " : "") + shown(entries[i].name, 80);
    return entries.size() > most ? fmt::format("{} and {} more", out, entries.size() - most) : out;
}

} // namespace

Error ZipDirectory::error(std::string rule, std::string message) const
{
    return Error(std::move(rule), std::move(message)).at(m_source.path());
}

Error ZipDirectory::corrupt(std::string message, uint64_t byte) const
{
    return error("corrupt", std::move(message)).atByte(byte).fixedBy("Download or copy the file again.");
}

Result<void> ZipDirectory::read()
{
    const auto end = findEnd();
    if (!end)
        return tl::unexpected(end.error());
    return readCentral(*end)
        .and_then([this] { return indexNames(); })
        .and_then([&] { return checkOffsets(*end); })
        .and_then([&]() -> Result<void> {
            for (ZipEntry& entry : m_archive.m_entries) {
                if (m_job.cancelled())
                    return failure(cancelledError());
                if (auto local = readLocal(entry, end->directoryOffset); !local)
                    return local;
            }
            return {};
        })
        .and_then([&] { return checkSpans(*end); })
        .map([&] { note(*end); });
}

Result<void> ZipDirectory::readCentralOnly()
{
    return findEnd().and_then([this](const EndRecord& end) { return readCentral(end); });
}

/// The end record is the last thing in the file; only a comment of up to 64 KiB may follow it.
Result<ZipDirectory::EndRecord> ZipDirectory::findEnd()
{
    const uint64_t size = m_source.nbytes();
    const uint64_t tailNbytes = std::min<uint64_t>(size, endNbytes + 0xFFFF);
    const uint64_t tailOffset = size - tailNbytes;
    const auto tail = m_source.read(tailOffset, tailNbytes);
    if (!tail)
        return tl::unexpected(tail.error());
    std::optional<size_t> last;
    for (size_t at = tail->size() < endNbytes ? 0 : tail->size() - endNbytes + 1; at-- > 0;) {
        if (number32(*tail, at) != endSignature)
            continue;
        if (!last)
            last = at;
        if (at + endNbytes + number16(*tail, at + 20) == tail->size())
            return parseEnd(*tail, at, tailOffset);
    }
    if (!last)
        return failure(withoutDirectory());
    const uint64_t after = *last + endNbytes + number16(*tail, *last + 20);
    if (after > tail->size())
        return failure(error("truncated", fmt::format("The file stops at byte {}, inside the archive's closing comment, which should end at byte {}.", size,
                                                      tailOffset + after))
                           .atByte(size).fixedBy("Download or copy the file again."));
    m_trailing = tail->size() - after;
    return parseEnd(*tail, *last, tailOffset);
}

Error ZipDirectory::withoutDirectory() const
{
    const uint64_t size = m_source.nbytes();
    const auto entries = scanLocalHeaders(m_source, m_job);
    Error out = error("truncated", fmt::format("The archive's central directory is missing: the file was cut at byte {} or its end was overwritten.", size))
                    .atByte(size)
                    .expecting("a central directory and an end record at the end of the file")
                    .fixedBy("Download or copy the file again: compare its size with the original's.");
    if (!entries.empty())
        out.readable = fmt::format("{} entries begin in what is left: {}.", entries.size(), listed(entries));
    return out;
}

Result<ZipDirectory::EndRecord> ZipDirectory::parseEnd(std::span<const std::byte> tail, size_t position, uint64_t tailOffset)
{
    const auto record = tail.subspan(position, endNbytes);
    EndRecord end;
    end.offset = tailOffset + position;
    end.entries = number16(record, 10);
    end.directoryNbytes = number32(record, 12);
    end.directoryOffset = number32(record, 16);
    const uint16_t disk = number16(record, 4);
    const bool hasLocator = position >= locatorNbytes && number32(tail, position - locatorNbytes) == locatorSignature;
    if (hasLocator)
        return readZip64(end, end.offset - locatorNbytes);
    if (disk != 0 || number16(record, 6) != 0 || number16(record, 8) != end.entries)
        return failure(corrupt("The archive says that it is one part of several disks; such archives are not read.", end.offset));
    if (end.entries == 0xFFFF || end.directoryNbytes == all32 || end.directoryOffset == all32)
        return failure(corrupt("The archive's end record points to a zip64 record that is not there.", end.offset));
    return end;
}

Result<ZipDirectory::EndRecord> ZipDirectory::readZip64(EndRecord end, uint64_t locatorOffset) const
{
    const auto locator = m_source.read(locatorOffset, locatorNbytes);
    if (!locator)
        return tl::unexpected(locator.error());
    ByteReader where(*locator);
    (void)where.skip(8);
    const uint64_t offset = *where.little<uint64_t>();
    if (offset > locatorOffset || locatorOffset - offset < end64Nbytes)
        return failure(corrupt(fmt::format("The zip64 locator points to byte {}, where no end record can be: it must lie before byte {}.", offset, locatorOffset),
                               locatorOffset));
    const auto bytes = m_source.read(offset, end64Nbytes);
    if (!bytes)
        return tl::unexpected(bytes.error());
    if (number32(*bytes, 0) != end64Signature)
        return failure(corrupt(fmt::format("There is no zip64 end record at byte {}, where the locator points.", offset), offset));
    ByteReader record(*bytes);
    (void)record.skip(24);
    const uint64_t entriesHere = *record.little<uint64_t>();
    const EndRecord wide{offset, *record.little<uint64_t>(), *record.little<uint64_t>(), *record.little<uint64_t>()};
    if (number32(*locator, 4) != 0 || number32(*bytes, 16) != 0 || number32(*bytes, 20) != 0 || entriesHere != wide.entries)
        return failure(corrupt("The archive says that it is one part of several disks; such archives are not read.", offset));
    const auto differs = [](uint64_t narrow, uint64_t whole, uint64_t sentinel) { return narrow != sentinel && narrow != whole; };
    if (differs(end.entries, wide.entries, 0xFFFF) || differs(end.directoryNbytes, wide.directoryNbytes, all32)
        || differs(end.directoryOffset, wide.directoryOffset, all32))
        return failure(corrupt("The archive's two end records (zip and zip64) contradict each other.", end.offset));
    return wide;
}

Result<void> ZipDirectory::readCentral(const EndRecord& end)
{
    if (!fits(end.directoryOffset, end.directoryNbytes, end.offset))
        return failure(corrupt(fmt::format("The central directory should be {} bytes at byte {}, but the end record is at byte {}.", end.directoryNbytes,
                                           end.directoryOffset, end.offset),
                               end.offset));
    if (end.entries > limits::zipEntries || end.directoryNbytes > limits::GiB)
        return failure(error("resource-bomb", fmt::format("The archive lists {} entries in {}, beyond the limit of {}.", end.entries,
                                                          formatNbytes(end.directoryNbytes), limits::zipEntries)).atByte(end.offset));
    const auto bytes = m_source.read(end.directoryOffset, end.directoryNbytes);
    if (!bytes)
        return tl::unexpected(bytes.error());
    ByteReader reader(*bytes, end.directoryOffset);
    while (reader.remaining() >= centralNbytes) {
        if (m_archive.m_entries.size() == limits::zipEntries || m_job.cancelled())
            break;
        auto entry = readCentralEntry(reader);
        if (!entry)
            return tl::unexpected(entry.error());
        m_archive.m_entries.push_back(std::move(*entry));
    }
    if (m_job.cancelled())
        return failure(cancelledError());
    if (m_archive.m_entries.size() != end.entries || !reader.atEnd() || end.directoryOffset + end.directoryNbytes != end.offset)
        return failure(corrupt(fmt::format("The archive's end record says {} entries in {} bytes, the central directory before it holds {} in {} bytes.", end.entries,
                                           end.directoryNbytes, m_archive.m_entries.size(), end.offset - end.directoryOffset),
                               end.offset));
    return {};
}

Result<ZipEntry> ZipDirectory::readCentralEntry(ByteReader& reader) const
{
    const uint64_t at = reader.fileOffset();
    const auto fixed = *reader.take(centralNbytes);
    if (number32(fixed, 0) != centralSignature)
        return failure(corrupt(fmt::format("The central directory is damaged: no entry begins at byte {}.", at), at).finding(fmt::format("{:08x}", number32(fixed, 0))));
    ZipEntry entry;
    entry.flags = number16(fixed, 8);
    entry.method = number16(fixed, 10);
    entry.crc = number32(fixed, 16);
    entry.packedNbytes = number32(fixed, 20);
    entry.nbytes = number32(fixed, 24);
    entry.headerOffset = number32(fixed, 42);
    const auto name = reader.takeText(number16(fixed, 28));
    const auto extra = name ? reader.take(number16(fixed, 30)) : tl::unexpected(name.error());
    if (!extra || !reader.skip(number16(fixed, 32)))
        return failure(corrupt(fmt::format("The central directory's entry at byte {} reaches past the directory's end.", at), at));
    entry.name = *name;
    if (!applyZip64(*extra, {&entry.nbytes, &entry.packedNbytes, &entry.headerOffset}))
        return failure(corrupt(fmt::format("The entry {} lacks the zip64 sizes that it announces.", shown(entry.name)), at));
    if (number16(fixed, 34) != 0)
        return failure(corrupt(fmt::format("The entry {} lies on another disk of a multi-disk archive.", shown(entry.name)), at));
    return checkEntry(entry).map([&] { return std::move(entry); });
}

Result<void> ZipDirectory::checkEntry(const ZipEntry& entry) const
{
    if ((entry.flags & (flagEncrypted | flagStrong | flagMasked)) != 0 || entry.method == methodAes)
        return failure(error("encrypted", fmt::format("The entry {} is encrypted: it needs a password.", shown(entry.name)))
                           .atByte(entry.headerOffset).fixedBy("Unpack the archive with its password and open what is inside."));
    if (entry.isStored() && entry.packedNbytes != entry.nbytes)
        return failure(corrupt(fmt::format("The entry {} is stored as it is, but its two sizes differ: {} and {} bytes.", shown(entry.name), entry.packedNbytes, entry.nbytes),
                               entry.headerOffset));
    return {};
}

Result<void> ZipDirectory::indexNames()
{
    m_archive.m_byName.reserve(m_archive.m_entries.size());
    for (size_t i = 0; i < m_archive.m_entries.size(); ++i) {
        const ZipEntry& entry = m_archive.m_entries[i];
        if (!m_archive.m_byName.emplace(entry.name, i).second)
            return failure(error("duplicate-key", fmt::format("The archive holds two entries named {} (duplicate): readers would disagree on which one counts.", shown(entry.name)))
                               .atByte(entry.headerOffset).fixedBy("Do not use this file; save the checkpoint again."));
    }
    // An empty entry has CRC 0 in every archive: it says nothing.
    const auto& entries = m_archive.m_entries;
    m_archive.m_hasChecksums = checksumsCount && std::any_of(entries.begin(), entries.end(), [](const ZipEntry& entry) { return entry.crc != 0; });
    return {};
}

std::vector<const ZipEntry*> ZipDirectory::byOffset() const
{
    std::vector<const ZipEntry*> order;
    order.reserve(m_archive.m_entries.size());
    for (const ZipEntry& entry : m_archive.m_entries)
        order.push_back(&entry);
    std::sort(order.begin(), order.end(), [](const ZipEntry* a, const ZipEntry* b) { return a->headerOffset < b->headerOffset; });
    return order;
}

/// Entries that begin at the same byte, or inside each other by the directory alone (Fifield's overlapping bomb), before any local header is read.
Result<void> ZipDirectory::checkOffsets(const EndRecord& end) const
{
    const auto least = [](const ZipEntry& entry) { return checkedAdd<uint64_t>(localNbytes + entry.name.size(), entry.packedNbytes); };
    const auto order = byOffset();
    for (size_t i = 0; i + 1 < order.size() && order[i + 1]->headerOffset < end.directoryOffset; ++i) {
        const auto nbytes = least(*order[i]);
        if (!nbytes || *nbytes > order[i + 1]->headerOffset - order[i]->headerOffset)
            return failure(overlap(*order[i], *order[i + 1]));
    }
    for (const ZipEntry* entry : order) {
        const auto nbytes = least(*entry);
        if (!nbytes || !fits(entry->headerOffset, *nbytes, end.directoryOffset))
            return failure(corrupt(fmt::format("The entry {} should be {} bytes at byte {}, but the central directory begins at byte {}.", shown(entry->name),
                                               entry->packedNbytes, entry->headerOffset, end.directoryOffset),
                                   end.directoryOffset));
    }
    return {};
}

Error ZipDirectory::overlap(const ZipEntry& first, const ZipEntry& second) const
{
    uint64_t declared = 0;
    for (const ZipEntry& entry : m_archive.m_entries)
        declared = checkedAdd(declared, entry.nbytes).value_or(UINT64_MAX);
    const bool bomb = declared >= limits::bombNbytes && declared / std::max<uint64_t>(1, m_source.nbytes()) >= limits::bombRatio;
    std::string message = fmt::format("The entries {} and {} overlap: both claim the bytes from {} on.", shown(first.name, 80), shown(second.name, 80), second.headerOffset);
    if (bomb)
        message += fmt::format(" Together the entries declare {} in a file of {}: a decompression bomb, beyond the limit of {} to 1.", formatNbytes(declared),
                               formatNbytes(m_source.nbytes()), limits::bombRatio);
    return error(bomb ? "resource-bomb" : "overlapping-tensors", std::move(message)).atByte(second.headerOffset).fixedBy("Do not use this file; save the checkpoint again.");
}

Result<void> ZipDirectory::readLocal(ZipEntry& entry, uint64_t limit)
{
    const auto header = m_source.read(entry.headerOffset, localNbytes); // fits: checkOffsets()
    if (!header)
        return tl::unexpected(header.error());
    if (number32(*header, 0) != localSignature)
        return failure(corrupt(fmt::format("No local header begins at byte {}, where the directory places {}.", entry.headerOffset, shown(entry.name)), entry.headerOffset)
                           .finding(fmt::format("{:08x}", number32(*header, 0))));
    const uint64_t variable = uint64_t{number16(*header, 26)} + number16(*header, 28);
    entry.dataOffset = entry.headerOffset + localNbytes + variable;
    if (!fits(entry.dataOffset, entry.packedNbytes, limit))
        return failure(corrupt(fmt::format("The data of {} should be {} bytes at byte {}, but the central directory begins at byte {}.", shown(entry.name),
                                           entry.packedNbytes, entry.dataOffset, limit),
                               entry.headerOffset));
    const auto nameAndExtra = m_source.read(entry.headerOffset + localNbytes, variable);
    if (!nameAndExtra)
        return tl::unexpected(nameAndExtra.error());
    return compareLocal(entry, *header, *nameAndExtra);
}

/// Readers differ in which header they believe, so a file whose headers differ shows each of them something else.
Result<void> ZipDirectory::compareLocal(const ZipEntry& entry, std::span<const std::byte> header, std::span<const std::byte> nameAndExtra) const
{
    const auto differs = [&](std::string_view what, const std::string& local, const std::string& central) {
        return failure(corrupt(fmt::format("The two headers of {} disagree about its {}: {} before the data, {} in the directory.", shown(entry.name), what, local, central),
                               entry.headerOffset));
    };
    const size_t nameNbytes = number16(header, 26);
    const std::string_view name(reinterpret_cast<const char*>(nameAndExtra.data()), nameNbytes);
    if (name != entry.name)
        return differs("name", shown(name), shown(entry.name));
    if (number16(header, 8) != entry.method)
        return differs("compression", std::to_string(number16(header, 8)), std::to_string(entry.method));
    const uint16_t flags = number16(header, 6);
    if (((flags ^ entry.flags) & (flagEncrypted | flagStrong | flagDescriptor)) != 0)
        return differs("flags", fmt::format("{:04x}", flags), fmt::format("{:04x}", entry.flags));
    uint64_t packed = number32(header, 18);
    uint64_t nbytes = number32(header, 22);
    const bool open = (flags & flagDescriptor) != 0; // then the sizes may be zero here, or zero in the zip64 field
    if (!applyZip64(nameAndExtra.subspan(nameNbytes), {&nbytes, &packed}) && !open)
        return differs("size", "no zip64 sizes", std::to_string(entry.nbytes));
    const auto agrees = [open](uint64_t local, uint64_t central) { return local == central || (open && (local == 0 || local == all32)); };
    if (!agrees(packed, entry.packedNbytes) || !agrees(nbytes, entry.nbytes))
        return differs("size", std::to_string(nbytes), std::to_string(entry.nbytes));
    const uint32_t crc = number32(header, 14);
    if (crc != entry.crc && crc != 0 && m_archive.m_hasChecksums)
        return failure(error("checksum", fmt::format("The entry {} has two different checksums: CRC-32 {:08x} before the data, {:08x} in the directory.", shown(entry.name), crc, entry.crc))
                           .atByte(entry.headerOffset).fixedBy("Download or copy the file again."));
    return {};
}

Result<void> ZipDirectory::checkSpans(const EndRecord& end) const
{
    const auto order = byOffset();
    for (size_t i = 0; i + 1 < order.size(); ++i)
        if (order[i]->dataOffset + order[i]->packedNbytes > order[i + 1]->headerOffset)
            return failure(overlap(*order[i], *order[i + 1]));
    if (!order.empty() && order.back()->dataOffset + order.back()->packedNbytes > end.directoryOffset)
        return failure(corrupt(fmt::format("The data of {} reach into the central directory.", shown(order.back()->name)), order.back()->dataOffset));
    return {};
}

void ZipDirectory::note(const EndRecord& end)
{
    auto& findings = m_archive.m_findings;
    std::vector<ZipEntry> escaping;
    for (const ZipEntry& entry : m_archive.m_entries) {
        if (leavesFolder(entry.name))
            escaping.push_back(entry);
        if (isBomb(entry))
            findings.push_back(warning("resource-bomb", fmt::format("The entry {} is a decompression bomb", shown(entry.name, 80)),
                                       fmt::format("It unpacks {} to {}, a ratio beyond the limit of {}. It is not unpacked.", formatNbytes(entry.packedNbytes),
                                                   formatNbytes(entry.nbytes), limits::bombRatio),
                                       "Do not unpack this file with other programs, unless you know who wrote it and why."));
    }
    if (!escaping.empty())
        findings.push_back(warning("path-traversal", fmt::format("{} of the archive's names lead outside the folder that it would be unpacked to", escaping.size()),
                                   fmt::format("The names with .. or an absolute path are not allowed: {}. Nothing is unpacked here, but other programs would write there.", listed(escaping)),
                                   "Do not unpack this file with other programs; it was made to harm."));
    const auto order = byOffset();
    const uint64_t first = order.empty() ? end.directoryOffset : order.front()->headerOffset;
    if (first > 0)
        findings.push_back(warning("corrupt", fmt::format("{} bytes stand before the archive's first entry", groupDigits(first)),
                                   "The file may be two formats at once: other programs may see something else in it.", "Save the checkpoint again."));
    if (m_trailing > 0)
        findings.push_back(warning("corrupt", fmt::format("{} bytes follow the archive's end", groupDigits(m_trailing)),
                                   "They belong to nothing that the archive lists. PyTorch may refuse the file for that.", "Download it again, or save the checkpoint again."));
}

std::vector<ZipEntry> scanLocalHeaders(const ByteSource& source, JobContext& job)
{
    constexpr uint64_t overlapNbytes = localNbytes + 512; // a header with the longest name that is looked at
    std::vector<ZipEntry> out;
    for (uint64_t at = 0; at < source.nbytes() && out.size() < limits::zipEntries && !job.cancelled();) {
        const auto block = source.readUpTo(at, limits::MiB + overlapNbytes);
        if (!block)
            break;
        const std::string_view text(reinterpret_cast<const char*>(block->data()), block->size());
        uint64_t next = at + limits::MiB;
        for (size_t found = text.find("PK\x03\x04"); found < limits::MiB; found = text.find("PK\x03\x04", found + 1)) {
            if (found + localNbytes > text.size())
                break;
            const auto header = std::span(*block).subspan(found, localNbytes);
            const size_t nameNbytes = number16(header, 26);
            if (nameNbytes == 0 || nameNbytes > 512 || found + localNbytes + nameNbytes > text.size() || !isValidUtf8(text.substr(found + localNbytes, nameNbytes)))
                continue;
            ZipEntry entry;
            entry.name = text.substr(found + localNbytes, nameNbytes);
            entry.flags = number16(header, 6);
            entry.method = number16(header, 8);
            entry.headerOffset = at + found;
            entry.dataOffset = entry.headerOffset + localNbytes + nameNbytes + number16(header, 28);
            entry.packedNbytes = number32(header, 18);
            entry.nbytes = number32(header, 22);
            out.push_back(std::move(entry));
        }
        at = next;
    }
    for (size_t i = 0; i < out.size(); ++i) {
        const uint64_t end = i + 1 < out.size() ? out[i + 1].headerOffset : source.nbytes();
        const uint64_t room = end > out[i].dataOffset ? end - out[i].dataOffset : 0;
        if ((out[i].flags & flagDescriptor) == 0 && out[i].packedNbytes != all32)
            continue;
        out[i].packedNbytes = room;
        out[i].nbytes = out[i].isStored() ? room : 0;
    }
    return out;
}

bool endsAsZip(const ByteSource& source)
{
    if (source.nbytes() < endNbytes)
        return false;
    const auto end = source.read(source.nbytes() - endNbytes, endNbytes);
    return end && number32(*end, 0) == endSignature && number16(*end, 20) == 0;
}

bool looksLikeZip(std::span<const std::byte> head)
{
    return head.size() >= 4 && (number32(head, 0) == localSignature || number32(head, 0) == endSignature);
}

} // namespace weighbridge
