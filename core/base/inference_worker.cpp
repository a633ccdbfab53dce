// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/inference_worker.h"

#include "core/base/json.h"
#include "core/base/resources.h"
#include "core/base/worker_process.h"

namespace weighbridge {

Result<Value> askInferenceWorker(const Value& request, JobContext& job)
{
    WorkerOptions options;
    options.program = siblingProgram("weighbridge-inference");
    // Threads of OpenMP that spin while they wait take the cores from OpenBLAS's own.
    options.environment = {{"OMP_WAIT_POLICY", "passive"}};
    auto worker = WorkerProcess::start(options);
    if (!worker)
        return tl::unexpected(worker.error());
    if (const auto sent = (*worker)->sendJson(request, job); !sent)
        return tl::unexpected(sent.error());
    const auto frame = (*worker)->receive(job);
    if (!frame)
        return tl::unexpected(frame.error());
    auto answer = parseJson(frame->text());
    if (!answer)
        return tl::unexpected(answer.error());
    if (const Value* error = answer->value.find("error"))
        return failure(errorFromValue(*error));
    return std::move(answer->value);
}

} // namespace weighbridge
