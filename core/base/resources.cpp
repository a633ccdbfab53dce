// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/resources.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace weighbridge {
namespace {

std::filesystem::path programFolder()
{
    std::error_code ignored;
    const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
    return program.parent_path();
}

} // namespace

std::string resourceFolder()
{
    if (const char* given = std::getenv("WEIGHBRIDGE_RESOURCES"); given && *given)
        return given;
    return (programFolder().parent_path() / "share" / "weighbridge").string();
}

std::string siblingProgram(const std::string& name)
{
    const auto folder = programFolder();
    std::error_code ignored;
    const auto installed = folder.parent_path() / "libexec" / "weighbridge" / name; // in a build folder all programs lie together
    return (std::filesystem::exists(installed, ignored) ? installed : folder / name).string();
}

std::string settingsFolder()
{
    if (const char* given = std::getenv("XDG_CONFIG_HOME"); given && *given)
        return std::string(given) + "/weighbridge";
    const char* home = std::getenv("HOME");
    return std::string(home ? home : "") + "/.config/weighbridge";
}

} // namespace weighbridge
