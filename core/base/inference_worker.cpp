// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/inference_worker.h"

#include "core/base/device.h"
#include "core/base/json.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/base/worker_process.h"

#include <algorithm>

namespace weighbridge {
namespace {

/// Longest time between two signs of life: a layer of a large model takes a while.
constexpr std::chrono::minutes silence{3};

Progress progressFrom(const Value& value)
{
    const auto count = [&value](const char* key) {
        const Value* number = value.find(key);
        return number && number->integer() && *number->integer() > 0 ? static_cast<uint64_t>(*number->integer()) : 0;
    };
    return {value.find("what") ? shown(value.find("what")->stringOr("")) : std::string(), count("done"), count("total")};
}

const std::string defaultWorker = "weighbridge-inference";

Result<Value> ask(const std::string& program, const Value& request, JobContext& job)
{
    WorkerOptions options;
    options.program = siblingProgram(program);
    // Threads of OpenMP that spin while they wait take the cores from OpenBLAS's own.
    options.environment = {{"OMP_WAIT_POLICY", "passive"}};
    options.silence = silence;
    options.residentNbytes = cpuDevice().memoryFree.value_or(0); // beyond it the system would begin to end programs
    auto worker = WorkerProcess::start(options);
    if (!worker)
        return tl::unexpected(worker.error());
    if (const auto sent = (*worker)->sendJson(request, job); !sent)
        return tl::unexpected(sent.error());
    for (;;) {
        const auto frame = (*worker)->receive(job);
        if (!frame)
            return tl::unexpected(frame.error());
        auto answer = parseJson(frame->text());
        if (!answer)
            return tl::unexpected(answer.error());
        if (const Value* error = answer->value.find("error"))
            return failure(errorFromValue(*error));
        const Value* progress = answer->value.find("progress");
        if (!progress)
            return std::move(answer->value);
        job.report(progressFrom(*progress));
    }
}

/// What the workers say together.
struct DeviceList {
    Value version; ///< of the first worker's libtorch
    Value::List devices;
    Value::List notes;
};

/// Adds a worker's devices. Those of the second ones have their worker's name before their id.
void addDevices(const std::string& program, DeviceList& out, JobContext& job)
{
    const std::string name = program.substr(std::min(program.size(), defaultWorker.size() + 1));
    const auto answer = ask(program, Value::Map{{"command", "devices"}}, job);
    const Value* devices = answer ? answer->find("devices") : nullptr;
    if (!devices || !devices->isList()) {
        const std::string reason = answer ? program + " gave no list of devices." : answer.error().message;
        out.notes.push_back((name.empty() ? "Models cannot be run on the first worker: " : "A second worker has no devices: ") + reason);
        return;
    }
    const Value version = answer->find("libtorch") ? *answer->find("libtorch") : Value();
    if (name.empty())
        out.version = version;
    for (Value device : *devices->list()) {
        const std::string id = device.find("id") ? device.find("id")->stringOr("") : "";
        device.set("id", name.empty() ? id : name + "/" + id).set("worker", program).set("libtorch", version);
        out.devices.push_back(std::move(device));
    }
}

} // namespace

Result<Value> askInferenceWorker(const Value& request, JobContext& job)
{
    const std::string device = request.find("device") ? request.find("device")->stringOr("") : "";
    const size_t slash = device.find('/');
    if (slash == std::string::npos)
        return ask(defaultWorker, request, job);
    const std::string program = defaultWorker + "-" + device.substr(0, slash);
    const auto programs = siblingPrograms(defaultWorker + "-");
    if (std::find(programs.begin(), programs.end(), program) == programs.end())
        return failure(Error("dependency-missing", "There is no worker " + shown(program) + " beside this program.").fixedBy("weighbridge-cli devices lists what there is; ./run --torch builds one."));
    Value own = request;
    return ask(program, own.set("device", device.substr(slash + 1)), job);
}

Value listInferenceDevices(JobContext& job)
{
    DeviceList out;
    addDevices(defaultWorker, out, job);
    for (const std::string& program : siblingPrograms(defaultWorker + "-"))
        addDevices(program, out, job);
    return Value::Map{{"libtorch", out.version}, {"devices", std::move(out.devices)}, {"notes", std::move(out.notes)}};
}

} // namespace weighbridge
