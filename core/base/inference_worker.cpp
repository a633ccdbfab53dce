// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/inference_worker.h"

#include "core/base/device.h"
#include "core/base/json.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/base/worker_process.h"

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

} // namespace

Result<Value> askInferenceWorker(const Value& request, JobContext& job)
{
    WorkerOptions options;
    options.program = siblingProgram("weighbridge-inference");
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

} // namespace weighbridge
