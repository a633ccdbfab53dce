// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// weighbridge-devices: the memory of each CUDA device, on behalf of another program.

#include "core/base/cuda_driver.h"
#include "core/base/worker_channel.h"
#include "core/report/answers.h"

#include <unistd.h>

using namespace weighbridge;

int main()
{
    // What the driver prints must not end up between the frames.
    const int output = dup(STDOUT_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    WorkerChannel channel(STDIN_FILENO, output);
    constexpr uint64_t requestNbytes = 4096;
    const auto request = channel.receive(requestNbytes);
    if (!request || !*request)
        return request ? 0 : 1;
    Value::List devices;
    if (const auto found = driverDevices())
        for (const Device& device : *found)
            devices.push_back(deviceAnswer(device));
    return channel.sendJson(Value::Map{{"done", true}, {"devices", std::move(devices)}}) ? 0 : 1;
}
