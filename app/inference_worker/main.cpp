// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/inference_worker/image_reader.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/base/worker_channel.h"
#include "core/report/answers.h"
#include "inference/devices.h"
#include "inference/run.h"

#include <cstdlib>

#include <unistd.h>

using namespace weighbridge;

namespace {

Value listDevices()
{
    Value::List list;
    for (const Device& device : inference::allDevices())
        list.push_back(deviceAnswer(device));
    return Value::Map{{"done", true}, {"libtorch", inference::torchVersion()}, {"devices", std::move(list)}};
}

/// Progress goes to the client between the answers: it is also the sign of life.
Value run(const Value& request, WorkerChannel& channel)
{
    JobContext job;
    job.progress = [&channel](const Progress& progress) {
        if (!channel.sendJson(Value::Map{{"progress", Value::Map{{"what", progress.what}, {"done", progress.done}, {"total", progress.total}}}}))
            std::_Exit(0); // nobody waits for the result
    };
    auto answer = inference::runModel(request, job, readImage);
    if (!answer)
        return Value::Map{{"error", errorToValue(answer.error())}};
    return answer->set("done", true);
}

Value answer(const Value& request, WorkerChannel& channel)
{
    const Value* command = request.find("command");
    const std::string name = command ? command->stringOr("") : "";
    if (name == "devices")
        return listDevices();
    if (name == "run")
        return run(request, channel);
    return Value::Map{{"error", errorToValue(Error("worker", "weighbridge-inference has no command `" + shown(name) + "`."))}};
}

} // namespace

int main()
{
    // What a library prints must not end up between the frames.
    const int output = dup(STDOUT_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    WorkerChannel channel(STDIN_FILENO, output);
    for (;;) {
        const auto request = channel.receive(limits::jsonNbytes);
        if (!request)
            return 1;
        if (!*request || !channel.sendJson(answer(**request, channel)))
            return 0;
    }
}
