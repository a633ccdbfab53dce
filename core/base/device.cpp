// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/device.h"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace weighbridge {
namespace {

/// What stands behind the colon of the first line that begins with `key`: the form of /proc/cpuinfo and /proc/meminfo.
std::string procField(const char* path, const std::string& key)
{
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);) {
        const size_t colon = line.find(':');
        if (line.starts_with(key) && colon != std::string::npos)
            return line.substr(std::min(line.size(), line.find_first_not_of(" \t", colon + 1)));
    }
    return {};
}

std::optional<uint64_t> memory(const char* key)
{
    std::istringstream field(procField("/proc/meminfo", key));
    uint64_t kibibytes = 0;
    if (!(field >> kibibytes))
        return std::nullopt;
    return kibibytes * 1024;
}

} // namespace

Device cpuDevice()
{
    Device device;
    device.id = device.kind = "cpu";
    device.name = procField("/proc/cpuinfo", "model name");
    if (device.name.empty())
        device.name = "CPU";
    device.memoryTotal = memory("MemTotal");
    device.memoryFree = memory("MemAvailable");
    return device;
}

} // namespace weighbridge
