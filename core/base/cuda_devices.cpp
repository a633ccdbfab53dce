// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/cuda_devices.h"

#include "core/base/json.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/base/worker_process.h"

namespace weighbridge {
namespace {

/// A driver whose device has fallen off the bus can wait for ever.
constexpr std::chrono::seconds silence{10};

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
