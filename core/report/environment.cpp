// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/environment.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <cstdlib>
#include <ctime>
#include <fstream>
#include <thread>

#include <sys/utsname.h>
#include <unistd.h>

namespace weighbridge {
namespace {

/// The value behind `key` in a file of lines "key<separator>value", without quotes; empty if it is not there.
std::string lineOf(const char* path, std::string_view key, char separator)
{
    std::ifstream file(path);
    std::string line;
    constexpr int maximumLines = 200;
    for (int i = 0; i < maximumLines && std::getline(file, line); ++i) {
        const size_t at = line.find(separator);
        if (at == std::string::npos || !std::string_view(line).starts_with(key))
            continue;
        std::string value = line.substr(at + 1);
        value.erase(0, value.find_first_not_of(" \"\t"));
        value.erase(value.find_last_not_of(" \"\t") + 1);
        return shown(value, 120);
    }
    return {};
}

} // namespace

std::vector<std::pair<std::string, std::string>> environment()
{
    std::vector<std::pair<std::string, std::string>> out;
    const std::string system = lineOf("/etc/os-release", "PRETTY_NAME", '=');
    utsname kernel{};
    if (uname(&kernel) == 0)
        out.emplace_back("System", fmt::format("{}{}{} {} {}", system, system.empty() ? "" : ", ", kernel.sysname, kernel.release, kernel.machine));
    const std::string processor = lineOf("/proc/cpuinfo", "model name", ':');
    out.emplace_back("Processor", fmt::format("{}{}{} threads", processor, processor.empty() ? "" : ", ", std::thread::hardware_concurrency()));
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long pageNbytes = sysconf(_SC_PAGESIZE);
    if (pages > 0 && pageNbytes > 0)
        out.emplace_back("Memory", formatNbytes(static_cast<uint64_t>(pages) * static_cast<uint64_t>(pageNbytes)));
#ifdef __VERSION__
    out.emplace_back("Compiler", __VERSION__);
#endif
    return out;
}

std::string utcNow()
{
    // https://reproducible-builds.org/specs/source-date-epoch/
    const char* fixed = std::getenv("SOURCE_DATE_EPOCH");
    const std::time_t seconds = fixed ? static_cast<std::time_t>(std::strtoll(fixed, nullptr, 10)) : std::time(nullptr);
    std::tm parts{};
    if (!gmtime_r(&seconds, &parts))
        return {};
    char text[64];
    return std::string(text, std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts));
}

} // namespace weighbridge
