// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/cuda_devices.h"

#include "core/base/json.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/base/worker_process.h"

#include <algorithm>
#include <cstddef>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace weighbridge {
namespace {

/// A driver whose device has fallen off the bus can wait for ever.
constexpr std::chrono::seconds silence{10};

constexpr const char* driverLibrary = "libcuda.so.1";

/// The folders that dlopen() looks into before and after the loader's cache; empty where the C library does not say.
std::vector<std::filesystem::path> libraryFolders()
{
    void* self = dlopen(nullptr, RTLD_LAZY);
    Dl_serinfo size{};
    if (!self || dlinfo(self, RTLD_DI_SERINFOSIZE, &size) != 0)
        return {};
    std::vector<std::max_align_t> memory(size.dls_size / sizeof(std::max_align_t) + 1);
    auto* folders = new (memory.data()) Dl_serinfo(size);
    if (dlinfo(self, RTLD_DI_SERINFO, folders) != 0)
        return {};
    std::vector<std::filesystem::path> out;
    for (unsigned i = 0; i < size.dls_cnt; ++i)
        out.emplace_back(folders->dls_serpath[i].dls_name);
    return out;
}

/// Whether dlopen() would find NVIDIA's driver: loading it here could end the program, and on a machine without one nothing needs to be started.
/// Device files would not do: some come into being only with the driver's first use.
bool hasDriver()
{
    std::ifstream cache("/etc/ld.so.cache", std::ios::binary);
    const std::string known{std::istreambuf_iterator<char>(cache), {}};
    const auto folders = libraryFolders();
    std::error_code ignored;
    return folders.empty() || known.find(driverLibrary) != std::string::npos
        || std::any_of(folders.begin(), folders.end(), [&](const auto& folder) { return std::filesystem::exists(folder / driverLibrary, ignored); });
}

std::optional<uint64_t> nbytesIn(const Value& device, const char* key)
{
    const Value* value = device.find(key);
    return value && value->integer() && *value->integer() >= 0 ? std::optional(static_cast<uint64_t>(*value->integer())) : std::nullopt;
}

Device deviceFrom(const Value& answer)
{
    const auto text = [&answer](const char* key) { return answer.find(key) ? shown(answer.find(key)->stringOr("")) : std::string(); };
    return {text("id"), text("kind"), text("name"), text("capability"), nbytesIn(answer, "memory_total"), nbytesIn(answer, "memory_free"), {}};
}

} // namespace

std::vector<Device> cudaDevices(JobContext& job)
{
    if (!hasDriver())
        return {};
    WorkerOptions options;
    options.program = siblingProgram("weighbridge-devices");
    options.silence = silence;
    auto worker = WorkerProcess::start(options);
    if (!worker || !(*worker)->sendJson(Value::Map{{"command", "devices"}}, job))
        return {};
    const auto frame = (*worker)->receive(job);
    if (!frame)
        return {};
    const auto answer = parseJson(frame->text());
    const Value* list = answer ? answer->value.find("devices") : nullptr;
    std::vector<Device> devices;
    if (list && list->isList())
        for (const Value& device : *list->list())
            devices.push_back(deviceFrom(device));
    return devices;
}

} // namespace weighbridge
