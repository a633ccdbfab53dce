// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "core/base/device.h"
#include "core/base/inference_worker.h"
#include "core/base/text.h"
#include "core/remote/host_inference.h"
#include "core/report/answers.h"

#include <fmt/format.h>

namespace weighbridge::cli {
namespace {

/// Of another machine, or what the workers here list; without a worker the CPU alone, and a note that says why.
Result<Value> listDevices(const Arguments& arguments, JobContext& job)
{
    if (!arguments.paths.empty())
        return parseSshAddress(arguments.paths[0]).and_then([&job](const SshAddress& address) { return listHostDevices(address, job); });
    Value list = listInferenceDevices(job);
    if (list.find("devices")->list()->empty())
        list.set("devices", Value::List{deviceAnswer(cpuDevice())});
    return list;
}

std::string memoryText(const Value& device)
{
    const auto nbytes = [&device](const char* key) {
        const Value* value = device.find(key);
        return value && value->integer() ? formatNbytes(static_cast<uint64_t>(*value->integer())) : std::string("?");
    };
    return nbytes("memory_free") + " free of " + nbytes("memory_total");
}

void printText(const Value& answer)
{
    for (const Value& device : *answer.find("devices")->list()) {
        const auto field = [&device](const char* key) { return device.find(key) ? shown(device.find(key)->stringOr("")) : std::string(); };
        const std::string reason = field("reason");
        const std::string capability = field("capability").empty() ? "" : ", compute capability " + field("capability");
        fmt::print("{:<8} {}{}  {}\n", field("id"), field("name"), capability, reason.empty() ? memoryText(device) : "not available: " + reason);
    }
    for (const Value& note : *answer.find("notes")->list())
        fmt::print("\n{}\n", shown(note.stringOr(""), 1000));
}

int runDevices(const Arguments& arguments, JobContext& job)
{
    if (!arguments.paths.empty() && !isSshAddress(arguments.paths[0]))
        return fail(Error("usage", "The devices of another machine are listed for an ssh address.").fixedBy("weighbridge-cli devices ssh://HOST"),
                    arguments);
    const auto answer = listDevices(arguments, job);
    if (!answer || job.cancelled())
        return fail(answer ? cancelledError() : answer.error(), arguments);
    if (arguments.has("json"))
        printJson(*answer);
    else
        printText(*answer);
    return 0;
}

} // namespace

Command devicesCommand()
{
    return {"devices", "devices [ssh://HOST] [--json]", {"json"}, {}, 0, 1, &runDevices};
}

} // namespace weighbridge::cli
