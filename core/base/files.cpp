// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/files.h"

#include "core/base/file_observer.h"
#include "core/remote/address.h"
#include "core/remote/remote_files.h"

#include <algorithm>
#include <dirent.h>
#include <filesystem>
#include <memory>
#include <new>
#include <system_error>

namespace weighbridge {

namespace fs = std::filesystem;

namespace {

void noteAsked(const std::string& path)
{
    if (FileObserver* observer = FileObserver::ofThisThread())
        observer->asked(path);
}

void noteListed(const std::string& folder)
{
    if (FileObserver* observer = FileObserver::ofThisThread())
        observer->listed(folder);
}

/// libstdc++ makes an error code of an allocation that fails; it is no answer to what lies at a path.
void throwIfOutOfMemory(const std::error_code& code)
{
    if (code == std::errc::not_enough_memory)
        throw std::bad_alloc();
}

constexpr size_t maximumFiles = 100'000; ///< of one folder, and of folders below one

/// Of files and folders, in no order. By readdir(), since libstdc++'s iterator ends the program where memory runs out.
std::vector<std::string> namesIn(const std::string& folder)
{
    std::vector<std::string> out;
    const std::unique_ptr<DIR, int (*)(DIR*)> opened(::opendir(folder.c_str()), &::closedir);
    while (const dirent* entry = opened && out.size() < maximumFiles ? ::readdir(opened.get()) : nullptr)
        if (const std::string_view name = entry->d_name; name != "." && name != "..")
            out.emplace_back(name);
    return out;
}

} // namespace

std::string absolutePath(const std::string& path)
{
    std::error_code ignored;
    return isAddress(path) ? path : fs::absolute(path, ignored).string();
}

bool movesOverNetwork(const std::string& path)
{
    return isAddress(path) || FileObserver::ofThisThread();
}

bool isFile(const std::string& path)
{
    if (isAddress(path))
        return isRemoteFile(path);
    noteAsked(path);
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

std::vector<std::string> filesAmong(std::vector<std::string> paths)
{
    if (std::any_of(paths.begin(), paths.end(), [](const std::string& path) { return isAddress(path); }))
        askAtOnce(paths);
    std::erase_if(paths, [](const std::string& path) { return !isFile(path); });
    return paths;
}

bool isFolder(const std::string& path)
{
    if (isAddress(path))
        return isRemoteFolder(path);
    noteAsked(path);
    std::error_code ignored;
    return fs::is_directory(path, ignored);
}

std::string targetOf(const std::string& path)
{
    if (isAddress(path))
        return remoteTargetOf(path);
    noteAsked(path);
    std::error_code failed;
    const std::string target = fs::canonical(path, failed).string();
    throwIfOutOfMemory(failed);
    return failed ? std::string() : target;
}

std::vector<FoundFile> filesIn(const std::string& folder, std::span<const std::string_view> usualNames)
{
    if (isAddress(folder))
        return remoteFilesIn(folder, usualNames);
    noteListed(folder);
    std::vector<FoundFile> out;
    for (const std::string& name : namesIn(folder)) {
        const fs::path path = fs::path(folder) / name;
        std::error_code ignored;
        if (fs::is_regular_file(path, ignored))
            out.push_back({path.string(), fs::file_size(path, ignored)});
    }
    return out;
}

std::vector<std::string> foldersIn(const std::string& folder)
{
    if (isAddress(folder))
        return remoteFoldersIn(folder);
    noteListed(folder);
    std::vector<std::string> out;
    for (const std::string& name : namesIn(folder)) {
        std::error_code ignored;
        if (fs::symlink_status(fs::path(folder) / name, ignored).type() == fs::file_type::directory)
            out.push_back(name);
    }
    return out;
}

void eachFileBelow(const std::string& folder, int deepest, const std::function<bool(const FoundFile& file)>& take)
{
    std::vector<std::pair<std::string, int>> open{{folder, 0}};
    for (size_t count = 0; !open.empty() && count < maximumFiles; ++count) {
        const auto [path, depth] = std::move(open.back());
        open.pop_back();
        for (const FoundFile& file : filesIn(path, {}))
            if (!take(file))
                return;
        for (const std::string& name : depth < deepest ? foldersIn(path) : std::vector<std::string>{})
            open.emplace_back(isAddress(path) ? addressBeside(path, name) : (fs::path(path) / name).string(), depth + 1);
    }
}

} // namespace weighbridge
