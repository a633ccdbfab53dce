// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/files.h"

#include "core/remote/address.h"
#include "core/remote/remote_files.h"

#include <filesystem>

namespace weighbridge {

namespace fs = std::filesystem;

std::string absolutePath(const std::string& path)
{
    std::error_code ignored;
    return isAddress(path) ? path : fs::absolute(path, ignored).string();
}

bool isFile(const std::string& path)
{
    std::error_code ignored;
    return isAddress(path) ? isRemoteFile(path) : fs::is_regular_file(path, ignored);
}

bool isFolder(const std::string& path)
{
    std::error_code ignored;
    return isAddress(path) ? isRemoteFolder(path) : fs::is_directory(path, ignored);
}

std::vector<FoundFile> filesIn(const std::string& folder, std::span<const std::string_view> usualNames)
{
    if (isAddress(folder))
        return remoteFilesIn(folder, usualNames);
    constexpr size_t maximumFiles = 100'000;
    std::vector<FoundFile> out;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end && out.size() < maximumFiles; entry.increment(failed)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored))
            out.push_back({entry->path().string(), entry->file_size(ignored)});
    }
    return out;
}

} // namespace weighbridge
