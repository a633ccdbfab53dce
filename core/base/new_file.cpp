// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/new_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weighbridge {
namespace {

bool isSpecial(const std::string& path)
{
    struct stat status{};
    return stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

} // namespace

Error writeError(const std::string& path, int number)
{
    if (number == ENOSPC || number == EDQUOT)
        return Error("disk-full", "The disk is full; what had been written was removed.").at(path).fixedBy("Make room, or choose another folder.");
    if (number == EEXIST || number == ENOTEMPTY)
        return Error("exists", "There is something of that name already, and nothing is ever written over.").at(path).fixedBy("Choose a name that is free.");
    return Error("unwritable", fmt::format("It cannot be written: {}.", std::strerror(number))).at(path).fixedBy("Choose a folder that you may write to.");
}

Result<NewFile> NewFile::create(const std::string& path)
{
    if (isSpecial(path)) {
        const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
        return descriptor < 0 ? Result<NewFile>(failure(writeError(path, errno))) : NewFile(path, {}, descriptor);
    }
    struct stat status{};
    if (path.empty() || (stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)))
        return failure(writeError(path, path.empty() ? ENOENT : EISDIR));
    constexpr int attempts = 100;
    for (int i = 0; i < attempts; ++i) {
        std::string temporary = fmt::format("{}.{}-{}.part", path, getpid(), i);
        const int descriptor = open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (descriptor >= 0)
            return NewFile(path, std::move(temporary), descriptor);
        if (errno != EEXIST)
            return failure(writeError(path, errno));
    }
    return failure(writeError(path, EEXIST));
}

NewFile::NewFile(std::string path, std::string temporaryPath, int descriptor)
    : m_path(std::move(path)), m_temporaryPath(std::move(temporaryPath)), m_descriptor(descriptor)
{
}

NewFile::NewFile(NewFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_temporaryPath(std::exchange(other.m_temporaryPath, {})), m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

NewFile::~NewFile()
{
    if (m_descriptor >= 0)
        close(m_descriptor);
    if (!m_temporaryPath.empty())
        unlink(m_temporaryPath.c_str());
}

Result<void> NewFile::write(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return failure(writeError(m_path, written < 0 ? errno : ENOSPC));
        bytes = bytes.subspan(static_cast<size_t>(written));
    }
    return {};
}

Result<void> NewFile::finish()
{
    // some file systems say only now that the disk is full
    const bool isOnDisk = m_temporaryPath.empty() || fsync(m_descriptor) == 0;
    const int synced = isOnDisk ? 0 : errno;
    const int closed = close(std::exchange(m_descriptor, -1)) == 0 ? 0 : errno;
    if (synced != 0 || closed != 0)
        return failure(writeError(m_path, synced != 0 ? synced : closed));
    if (!m_temporaryPath.empty() && std::rename(m_temporaryPath.c_str(), m_path.c_str()) != 0)
        return failure(writeError(m_path, errno));
    m_temporaryPath.clear();
    return {};
}

} // namespace weighbridge
