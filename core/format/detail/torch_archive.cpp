// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Layout: caffe2/serialize/inline_container.h of PyTorch.
#include "core/format/detail/torch_archive.h"

#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace weighbridge {
namespace {

constexpr int newestVersion = 10; ///< kMaxSupportedFileFormatVersion

/// The folder of data.pkl that is nearest to the top; else that of the first entry.
std::string rootOf(const ZipArchive& zip)
{
    const auto depth = [](std::string_view name) { return std::count(name.begin(), name.end(), '/'); };
    const ZipEntry* best = nullptr;
    for (const ZipEntry& entry : zip.entries())
        if ((entry.name == "data.pkl" || entry.name.ends_with("/data.pkl")) && (!best || depth(entry.name) < depth(best->name)))
            best = &entry;
    if (best)
        return best->name.substr(0, best->name.size() - std::min(best->name.size(), std::string_view("/data.pkl").size()));
    const std::string& first = zip.entries().front().name;
    return first.substr(0, first.find('/') == std::string::npos ? 0 : first.find('/'));
}

} // namespace

Result<TorchArchive> TorchArchive::open(const SourcePtr& source, JobContext& job)
{
    auto zip = ZipArchive::open(source, job);
    if (!zip)
        return tl::unexpected(zip.error());
    if (zip->entries().empty())
        return failure(Error("not-a-checkpoint", "This is a ZIP archive without any entry, not a checkpoint.").at(source->path()).fixedBy("Download or save it again."));
    TorchArchive archive(std::move(*zip));
    archive.m_root = rootOf(archive.m_zip);
    return archive.readVersion(job).and_then([&] { return archive.readByteOrder(job); }).map([&] { return std::move(archive); });
}

Result<TorchArchive> TorchArchive::salvage(const SourcePtr& source, JobContext& job)
{
    TorchArchive archive(ZipArchive::salvage(source, job));
    if (archive.m_zip.entries().empty())
        return failure(Error("truncated", "No entry of the archive can be read.").at(source->path()));
    archive.m_root = rootOf(archive.m_zip);
    if (const ZipEntry* entry = archive.find("byteorder")) {
        const auto word = source->readUpTo(entry->dataOffset, 3);
        archive.m_isBigEndian = word && word->size() == 3 && std::memcmp(word->data(), "big", 3) == 0;
    }
    return archive;
}

std::string TorchArchive::fullName(std::string_view name) const
{
    return m_root.empty() ? std::string(name) : fmt::format("{}/{}", m_root, name);
}

const ZipEntry* TorchArchive::find(std::string_view name) const
{
    return m_zip.find(fullName(name));
}

Result<std::string> TorchArchive::smallText(const ZipEntry& entry, JobContext& job) const
{
    return m_zip.read(entry, job, limits::MiB).map([](std::vector<std::byte>&& bytes) {
        std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
        while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
            text.pop_back();
        return text;
    });
}

Result<void> TorchArchive::readVersion(JobContext& job)
{
    const ZipEntry* entry = find("version") ? find("version") : find(".data/version");
    if (!entry)
        return {};
    auto text = smallText(*entry, job);
    if (!text)
        return tl::unexpected(text.error());
    int number = 0;
    const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
    if (parsed.ec == std::errc::result_out_of_range || (parsed.ec == std::errc() && (number > newestVersion || number < 1)))
        return failure(Error("unsupported-version", fmt::format("The archive says format version {}; versions 1 to {} are known.", shown(*text, 40), newestVersion))
                           .at(m_zip.source()->path()).atByte(entry->dataOffset).finding(shown(*text, 40)));
    if (parsed.ec != std::errc() || parsed.ptr != text->data() + text->size())
        return failure(Error("corrupt", fmt::format("The archive's version is not a number: {}.", shown(*text, 40))).at(m_zip.source()->path()).atByte(entry->dataOffset));
    m_version = *text;
    return {};
}

Result<void> TorchArchive::readByteOrder(JobContext& job)
{
    const ZipEntry* entry = find("byteorder");
    if (!entry)
        return {}; // written since PyTorch 2.1; before, little-endian
    auto text = smallText(*entry, job);
    if (!text)
        return tl::unexpected(text.error());
    m_isBigEndian = *text == "big";
    if (*text != "big" && *text != "little")
        return failure(Error("corrupt", fmt::format("The archive's byte order is neither little nor big: {}.", shown(*text, 40))).at(m_zip.source()->path()).atByte(entry->dataOffset));
    return {};
}

std::optional<Finding> TorchArchive::verifyIfSmall(JobContext& job) const
{
    return damageIfSmall(m_zip, job);
}

std::optional<Finding> damageIfSmall(const ZipArchive& zip, JobContext& job)
{
    if (zip.source()->nbytes() > limits::verifiedAtOnceNbytes)
        return std::nullopt;
    const auto verified = zip.verifyAll(job);
    if (verified)
        return std::nullopt;
    std::string title = verified.error().message;
    title.pop_back();
    return newFinding(Severity::Error, verified.error().rule, std::move(title),
                      "torch.load does not compare checksums and would load the changed values without a word.", verified.error().fix,
                      {{"expected", verified.error().expected}, {"found", verified.error().found}});
}

Result<PickleRange> TorchArchive::pickleRange(std::string_view name, JobContext& job) const
{
    const std::string& path = m_zip.source()->path();
    const ZipEntry* entry = find(name);
    if (!entry)
        return failure(Error("corrupt", fmt::format("The archive lacks {}, which says what its tensors are.", name)).at(path).fixedBy("Download or save the file again."));
    if (entry->nbytes == 0)
        return failure(Error("empty", fmt::format("The entry {} is empty: it has 0 bytes.", shown(entry->name))).at(path).atByte(entry->dataOffset));
    if (entry->isStored())
        return m_zip.verify(*entry, job).map([&] { return PickleRange{subSource(m_zip.source(), 0, entry->dataOffset + entry->nbytes, path), entry->dataOffset}; });
    return m_zip.read(*entry, job).map([&](std::vector<std::byte>&& bytes) { return PickleRange{memorySource(std::move(bytes), path), 0}; });
}

Result<TorchStorage> ArchiveStorages::storage(const Pickle& pickle, PickleId persistent) const
{
    const auto id = storageIdOf(pickle, persistent);
    if (!id)
        return tl::unexpected(id.error());
    const std::string& path = m_archive.zip().source()->path();
    if (id->key.find("..") != std::string::npos || id->key.starts_with('/'))
        return failure(Error("path-traversal", fmt::format("The storage's key {} leads outside the archive; nothing outside is opened.", shown(id->key, 120))).at(path));
    const std::string name = m_folder + "/" + id->key;
    const ZipEntry* entry = m_archive.find(name) ? m_archive.find(name) : m_archive.find(id->key);
    if (m_isCut && (!entry || !entry->isStored() || !fits(entry->dataOffset, id->nbytes, m_archive.zip().source()->nbytes())))
        return TorchStorage{id->type, {StorageKind::Raw, 0, m_archive.zip().source()->nbytes(), id->nbytes, 0, m_archive.isBigEndian(), name}};
    if (!entry)
        return failure(Error("corrupt", fmt::format("The archive's entry {}, which holds its values, is missing.", shown(name, 120))).at(path).fixedBy("Download or save the file again."));
    if (entry->nbytes < id->nbytes)
        return failure(Error("bad-shape", fmt::format("The storage {} should have a size of {} bytes, but its entry has {}.", shown(name, 120), id->nbytes, entry->nbytes))
                           .at(path).atByte(entry->dataOffset).expecting(fmt::format("{} bytes", id->nbytes)).finding(fmt::format("{} bytes", entry->nbytes)));
    return m_archive.zip().storage(*entry, 0).map([&](Storage&& where) {
        where.bigEndian = m_archive.isBigEndian();
        return TorchStorage{id->type, std::move(where)};
    });
}

std::optional<Storage> ArchiveStorages::pickleBytes(uint64_t offset, uint64_t nbytes) const
{
    if (!m_pickleEntry || !m_pickleEntry->isStored())
        return std::nullopt;
    Storage out;
    out.offset = offset;
    out.nbytes = nbytes;
    out.key = m_pickleEntry->name;
    return out;
}

} // namespace weighbridge
