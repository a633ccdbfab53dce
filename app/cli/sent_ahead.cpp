// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/sent_ahead.h"

#include "core/base/byte_source.h"
#include "core/remote/block_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <sys/stat.h>

namespace weighbridge::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t blockNbytes = BlockCache::blockNbytes;

host::EntryKind kindOf(mode_t mode)
{
    return S_ISREG(mode) ? host::EntryKind::File : S_ISDIR(mode) ? host::EntryKind::Folder : host::EntryKind::Other;
}

RemoteState stateOf(const struct stat& info)
{
    RemoteState out;
    out.nbytes = static_cast<uint64_t>(info.st_size);
    out.etag = fmt::format("{:x}-{:x}-{:x}-{:x}", info.st_dev, info.st_ino, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
    return out;
}

} // namespace

host::Entry entryAt(const std::string& path)
{
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0)
        return {};
    std::error_code failed;
    const std::string target = fs::canonical(path, failed).string();
    return {kindOf(info.st_mode), stateOf(info), failed ? std::string() : target};
}

Result<std::vector<host::Name>> namesIn(const std::string& folder)
{
    std::vector<host::Name> out;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end && out.size() < host::namesMaximum; entry.increment(failed)) {
        struct stat info {};
        std::error_code ignored;
        const bool isThere = ::stat(entry->path().c_str(), &info) == 0;
        const bool isLinkedFolder = isThere && S_ISDIR(info.st_mode) && entry->is_symlink(ignored);
        host::Name name{entry->path().filename().string(), isThere && !isLinkedFolder ? kindOf(info.st_mode) : host::EntryKind::Other, 0, 0,
                        isLinkedFolder};
        if (isThere)
            name.changed = info.st_mtim.tv_sec;
        if (isThere && S_ISREG(info.st_mode))
            name.nbytes = static_cast<uint64_t>(info.st_size);
        out.push_back(std::move(name));
    }
    if (failed)
        return failure(failed == std::errc::no_such_file_or_directory || failed == std::errc::not_a_directory ? Error("not-found", "There is no such folder.")
                                                                                                                : Error("unreadable", fmt::format("The system does not let this folder be read: {}.", failed.message())));
    return out;
}

std::vector<Value> nameDocuments(const std::vector<host::Name>& names, const Value::Map& always, const Value::Map& first)
{
    std::vector<Value> out;
    for (size_t from = 0; from == 0 || from < names.size(); from += host::namesAtOnce) {
        Value::Map document = always;
        if (from == 0)
            document.insert(document.end(), first.begin(), first.end());
        Value::List list;
        for (size_t i = from; i < std::min(names.size(), from + host::namesAtOnce); ++i)
            list.push_back(host::toValue(names[i]));
        document.emplace_back("names", std::move(list));
        out.emplace_back(std::move(document));
    }
    return out;
}

void SendingAhead::asked(const std::string& path)
{
    if (path.starts_with('/') && m_asked.insert(path).second)
        m_outlet.send(host::toValue(path, entryAt(path)));
}

void SendingAhead::listed(const std::string& folder)
{
    if (!folder.starts_with('/') || !m_listed.insert(folder).second)
        return;
    for (const Value& document : nameDocuments(namesIn(folder).value_or(std::vector<host::Name>{}), {{"path", host::encodedPath(folder)}}, {}))
        m_outlet.send(document);
}

/// Whole blocks, as the client keeps them; each once.
void SendingAhead::read(const ByteSource& file, uint64_t offset, uint64_t nbytes)
{
    if (m_isReading || nbytes == 0 || !m_asked.contains(file.path()))
        return;
    m_isReading = true;
    auto& sent = m_sentBlocks[file.path()];
    const uint64_t last = (offset + nbytes - 1) / blockNbytes;
    for (uint64_t block = offset / blockNbytes; block <= last;) {
        const uint64_t first = block;
        while (block <= last && (block - first) * blockNbytes < host::frameNbytes && sent.insert(block).second)
            ++block;
        const uint64_t count = (block - first) * blockNbytes;
        if (count == 0) {
            ++block;
            continue;
        }
        const auto bytes = file.readUpTo(first * blockNbytes, count);
        if (!bytes || m_nbytes + bytes->size() > host::sentAheadNbytes)
            break;
        m_nbytes += bytes->size();
        m_outlet.send(Value::Map{{"path", host::encodedPath(file.path())}, {"bytes", first * blockNbytes}}, *bytes);
    }
    m_isReading = false;
}

} // namespace weighbridge::cli
