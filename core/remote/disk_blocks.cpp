// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/disk_blocks.h"

#include "core/base/crc32c.h"
#include "core/base/sha256.h"
#include "core/remote/block_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t mark = 0x314b4c4248474957; ///< "WIGHBLK1"

/// In front of each block's bytes.
struct Record {
    uint64_t mark = 0;
    uint64_t block = 0;
    uint32_t nbytes = 0;
    uint32_t crc = 0;
};
static_assert(sizeof(Record) == 24);

/// Keeps the folder under its limit, the files that were not touched for longest first.
void trim(const fs::path& folder)
{
    struct Entry {
        fs::file_time_type used;
        uint64_t nbytes = 0;
        fs::path path;
    };
    std::vector<Entry> entries;
    uint64_t total = 0;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed)) {
        std::error_code ignored;
        entries.push_back({entry->last_write_time(ignored), entry->is_regular_file(ignored) ? entry->file_size(ignored) : 0, entry->path()});
        total += entries.back().nbytes;
    }
    std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.used < b.used; });
    for (const Entry& entry : entries) {
        if (total <= DiskBlocks::folderMaximum)
            break;
        std::error_code ignored;
        fs::remove(entry.path, ignored);
        total -= entry.nbytes;
    }
}

bool readFully(int descriptor, uint64_t offset, std::span<std::byte> out)
{
    return ::pread(descriptor, out.data(), out.size(), static_cast<off_t>(offset)) == static_cast<ssize_t>(out.size());
}

} // namespace

DiskBlocks::DiskBlocks(const std::string& folder, const std::string& key)
{
    if (folder.empty())
        return;
    std::error_code failed;
    fs::create_directories(folder, failed);
    fs::permissions(folder, fs::perms::owner_all, failed);
    trim(folder);
    Sha256 hash;
    hash.update(std::as_bytes(std::span(key)));
    const std::string path = (fs::path(folder) / (hash.finish() + ".blocks")).string();
    m_descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (m_descriptor < 0)
        return;
    ::futimens(m_descriptor, nullptr);
    readPlaces();
}

DiskBlocks::~DiskBlocks()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

void DiskBlocks::readPlaces()
{
    struct stat info {};
    if (::fstat(m_descriptor, &info) != 0 || !S_ISREG(info.st_mode))
        return;
    const auto end = static_cast<uint64_t>(info.st_size);
    while (m_nbytes + sizeof(Record) <= end) {
        Record record;
        if (!readFully(m_descriptor, m_nbytes, std::as_writable_bytes(std::span(&record, 1))) || record.mark != mark || record.nbytes > BlockCache::blockNbytes)
            break;
        m_places[record.block] = {m_nbytes + sizeof(Record), record.nbytes, record.crc};
        m_nbytes += sizeof(Record) + record.nbytes;
    }
    if (m_nbytes == end)
        return;
    // cut or damaged from there on: begin anew
    m_places.clear();
    m_nbytes = 0;
    [[maybe_unused]] const int emptied = ::ftruncate(m_descriptor, 0);
}

std::vector<std::byte> DiskBlocks::find(uint64_t block) const
{
    const auto place = m_places.find(block);
    if (place == m_places.end())
        return {};
    std::vector<std::byte> out(place->second.nbytes);
    if (!readFully(m_descriptor, place->second.offset, out) || crc32c(out) != place->second.crc)
        return {};
    return out;
}

void DiskBlocks::add(uint64_t block, std::span<const std::byte> bytes)
{
    if (m_descriptor < 0 || m_nbytes + bytes.size() > fileMaximum || m_places.contains(block))
        return;
    const Record record{mark, block, static_cast<uint32_t>(bytes.size()), crc32c(bytes)};
    std::vector<std::byte> whole(sizeof(Record) + bytes.size());
    std::memcpy(whole.data(), &record, sizeof(Record));
    std::copy(bytes.begin(), bytes.end(), whole.begin() + sizeof(Record));
    // one write that appends: those of another process come before or after it
    if (::write(m_descriptor, whole.data(), whole.size()) != static_cast<ssize_t>(whole.size()))
        return;
    const auto end = static_cast<uint64_t>(std::max<off_t>(::lseek(m_descriptor, 0, SEEK_CUR), 0));
    m_places[block] = {end - bytes.size(), record.nbytes, record.crc};
    m_nbytes = end;
}

std::string addressCacheFolder()
{
    if (const char* given = std::getenv("XDG_CACHE_HOME"); given && *given == '/')
        return std::string(given) + "/weighbridge/addresses";
    const char* home = std::getenv("HOME");
    return home && *home ? std::string(home) + "/.cache/weighbridge/addresses" : "";
}

} // namespace weighbridge
