// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/byte_source.h"

#include "core/base/checked.h"
#include "core/base/file_observer.h"
#include "core/remote/address.h"
#include "core/remote/remote_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weighbridge {
namespace {

Error truncatedAt(const ByteSource& source, uint64_t offset, uint64_t wanted, uint64_t available)
{
    return Error("truncated", fmt::format("The file stops at byte {} of {} that are needed.", available, offset + wanted))
        .at(source.path())
        .atByte(available)
        .expecting(fmt::format("{} bytes", offset + wanted))
        .finding(fmt::format("{} bytes", available))
        .fixedBy("Download or copy the file again.");
}

FileIdentity identityOf(const struct stat& info)
{
    return {static_cast<uint64_t>(info.st_dev), static_cast<uint64_t>(info.st_ino), static_cast<uint64_t>(info.st_size),
            static_cast<int64_t>(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec};
}

class FileSource final : public ByteSource {
public:
    FileSource(std::string path, int fd, FileIdentity identity) : m_path(std::move(path)), m_fd(fd), m_identity(identity) {}
    ~FileSource() override { ::close(m_fd); }
    FileSource(const FileSource&) = delete;
    FileSource& operator=(const FileSource&) = delete;

    uint64_t nbytes() const override { return m_identity.nbytes; }
    const std::string& path() const override { return m_path; }
    FileIdentity identity() const override { return m_identity; }
    std::optional<DescriptorRange> descriptorRange() const override { return DescriptorRange{m_fd, 0}; }

    Result<void> readAt(uint64_t offset, std::span<std::byte> out) const override
    {
        if (!fits(offset, out.size(), m_identity.nbytes))
            return failure(truncatedAt(*this, offset, out.size(), m_identity.nbytes));
        if (FileObserver* observer = FileObserver::ofThisThread())
            observer->read(*this, offset, out.size());
        size_t done = 0;
        while (done < out.size()) {
            const ssize_t got = ::pread(m_fd, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR)
                continue;
            if (got < 0)
                return failure(Error("unreadable", fmt::format("Reading at byte {} was refused by the system: {}.", offset + done,
                                                               std::strerror(errno)))
                                   .at(m_path)
                                   .atByte(offset + done));
            if (got == 0)
                return failure(Error("truncated", fmt::format("The file became shorter while it was open: it now stops at byte {} of {}.",
                                                              offset + done, m_identity.nbytes))
                                   .at(m_path)
                                   .atByte(offset + done)
                                   .fixedBy("Wait until the file is written completely, then reload it."));
            done += static_cast<size_t>(got);
        }
        return {};
    }

private:
    std::string m_path;
    int m_fd;
    FileIdentity m_identity;
};

class SubSource final : public ByteSource {
public:
    SubSource(SourcePtr whole, uint64_t offset, uint64_t nbytes, std::string path)
        : m_whole(std::move(whole)), m_offset(offset), m_nbytes(nbytes), m_path(std::move(path))
    {
    }
    uint64_t nbytes() const override { return m_nbytes; }
    const std::string& path() const override { return m_path; }
    FileIdentity identity() const override { return m_whole->identity(); }
    std::optional<DescriptorRange> descriptorRange() const override
    {
        auto range = m_whole->descriptorRange();
        if (range)
            range->offset += m_offset;
        return range;
    }
    Result<void> readAt(uint64_t offset, std::span<std::byte> out) const override
    {
        if (!fits(offset, out.size(), m_nbytes))
            return failure(truncatedAt(*this, offset, out.size(), m_nbytes));
        return m_whole->readAt(m_offset + offset, out);
    }

private:
    SourcePtr m_whole;
    uint64_t m_offset;
    uint64_t m_nbytes;
    std::string m_path;
};

class MemorySource final : public ByteSource {
public:
    MemorySource(std::vector<std::byte> bytes, std::string path) : m_bytes(std::move(bytes)), m_path(std::move(path)) {}
    uint64_t nbytes() const override { return m_bytes.size(); }
    const std::string& path() const override { return m_path; }
    FileIdentity identity() const override { return {0, 0, m_bytes.size(), 0}; }
    Result<void> readAt(uint64_t offset, std::span<std::byte> out) const override
    {
        if (!fits(offset, out.size(), m_bytes.size()))
            return failure(truncatedAt(*this, offset, out.size(), m_bytes.size()));
        std::copy_n(m_bytes.begin() + static_cast<ptrdiff_t>(offset), out.size(), out.begin());
        return {};
    }

private:
    std::vector<std::byte> m_bytes;
    std::string m_path;
};

Error notOpened(const std::string& path, int code)
{
    const bool absent = code == ENOENT || code == ENOTDIR;
    return Error(absent ? "not-found" : "unreadable",
                 absent ? "There is no such file." : fmt::format("The system does not let this file be read: {}.", std::strerror(code)))
        .at(path)
        .fixedBy(absent ? "Check the path." : "Check the file's permissions.");
}

} // namespace

Result<std::vector<std::byte>> ByteSource::read(uint64_t offset, uint64_t count) const
{
    if (!fits(offset, count, nbytes()))
        return failure(truncatedAt(*this, offset, count, nbytes()));
    std::vector<std::byte> out(static_cast<size_t>(count));
    return readAt(offset, out).map([&out] { return std::move(out); });
}

Result<std::vector<std::byte>> ByteSource::readUpTo(uint64_t offset, uint64_t count) const
{
    if (offset >= nbytes())
        return std::vector<std::byte>{};
    return read(offset, std::min(count, nbytes() - offset));
}

Result<SourcePtr> openFile(const std::string& path)
{
    if (isAddress(path))
        return openRemoteFile(path);
    if (FileObserver* observer = FileObserver::ofThisThread())
        observer->asked(path);
    const int fd = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return failure(notOpened(path, errno));
    struct stat info {};
    if (::fstat(fd, &info) != 0) {
        const int code = errno;
        ::close(fd);
        return failure(notOpened(path, code));
    }
    if (!S_ISREG(info.st_mode)) {
        ::close(fd);
        return failure(Error("not-a-checkpoint", S_ISDIR(info.st_mode) ? "This is a folder, not a file."
                                                                       : "This is a pipe or a device, not a file.")
                           .at(path));
    }
    return std::make_shared<FileSource>(path, fd, identityOf(info));
}

SourcePtr subSource(SourcePtr whole, uint64_t offset, uint64_t nbytes, std::string path)
{
    return std::make_shared<SubSource>(std::move(whole), offset, nbytes, std::move(path));
}

SourcePtr memorySource(std::vector<std::byte> bytes, std::string path)
{
    return std::make_shared<MemorySource>(std::move(bytes), std::move(path));
}

} // namespace weighbridge
