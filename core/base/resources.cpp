// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/resources.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <unistd.h>

namespace weighbridge {
namespace {

std::filesystem::path programFolder()
{
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    return program.parent_path();
}

/// The folder above bin/, or, of a worker that is installed, above libexec/weighbridge.
std::filesystem::path prefix()
{
    const auto folder = programFolder();
    const bool isInstalledWorker = folder.filename() == "weighbridge" && folder.parent_path().filename() == "libexec";
    return isInstalledWorker ? folder.parent_path().parent_path() : folder.parent_path();
}

/// libexec/weighbridge of an installation; in a build folder all programs lie together.
std::filesystem::path workerFolder()
{
    std::error_code ignored;
    const auto installed = prefix() / "libexec" / "weighbridge";
    return std::filesystem::is_directory(installed, ignored) ? installed : programFolder();
}

} // namespace

std::string resourceFolder()
{
    if (const char* given = std::getenv("WEIGHBRIDGE_RESOURCES"); given && *given)
        return given;
    return (prefix() / "share" / "weighbridge").string();
}

std::string siblingProgram(const std::string& name)
{
    return (workerFolder() / name).string();
}

std::vector<std::string> siblingPrograms(const std::string& prefix)
{
    std::vector<std::string> out;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(workerFolder(), ignored))
        if (const std::string name = entry.path().filename().string(); name.starts_with(prefix) && ::access(entry.path().c_str(), X_OK) == 0)
            out.push_back(name);
    std::sort(out.begin(), out.end());
    return out;
}

std::string settingsFolder()
{
    if (const char* given = std::getenv("XDG_CONFIG_HOME"); given && *given)
        return std::string(given) + "/weighbridge";
    const char* home = std::getenv("HOME");
    return std::string(home ? home : "") + "/.config/weighbridge";
}

} // namespace weighbridge
