// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/unfinished_folder.h"

#include "core/base/new_file.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <utility>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

/// rename(2) that refuses to replace a file. Where the file system cannot do that in one step, it looks first.
int renameToVacant(const char* from, const char* to)
{
    if (::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (::access(to, F_OK) == 0) {
        errno = EEXIST;
        return -1;
    }
    return ::rename(from, to);
}

} // namespace

Result<UnfinishedFolder> UnfinishedFolder::besides(const std::string& target)
{
    if (auto vacant = expectVacant(target); !vacant)
        return tl::unexpected(vacant.error());
    std::string path = fs::path(target).lexically_normal().string();
    while (path.size() > 1 && path.ends_with('/'))
        path.pop_back();
    const std::string final = path;
    path += ".unfinished-XXXXXX";
    if (::mkdtemp(path.data()) == nullptr)
        return failure(writeError(target, errno));
    std::error_code ignored;
    fs::permissions(path, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec, ignored);
    return UnfinishedFolder(std::move(path), final);
}

UnfinishedFolder::UnfinishedFolder(UnfinishedFolder&& other) noexcept : m_path(std::exchange(other.m_path, {})), m_target(std::move(other.m_target)) {}

UnfinishedFolder::~UnfinishedFolder()
{
    std::error_code ignored;
    if (!m_path.empty())
        fs::remove_all(m_path, ignored);
}

Result<void> UnfinishedFolder::publish()
{
    // rename(2) replaces an empty folder and nothing else by a folder.
    if (::rename(m_path.c_str(), m_target.c_str()) != 0)
        return failure(writeError(m_target, errno == ENOTDIR ? EEXIST : errno));
    m_path.clear();
    return {};
}

Result<void> UnfinishedFolder::publishFile(const std::string& file)
{
    if (renameToVacant((fs::path(m_path) / file).c_str(), m_target.c_str()) != 0)
        return failure(writeError(m_target, errno));
    return {};
}

Result<void> expectVacant(const std::string& path)
{
    std::error_code failed;
    const fs::file_status status = fs::symlink_status(path, failed);
    const bool isVacant = status.type() == fs::file_type::not_found || (status.type() == fs::file_type::directory && fs::is_empty(path, failed) && !failed);
    return isVacant ? Result<void>() : failure(writeError(path, EEXIST));
}

} // namespace weighbridge
