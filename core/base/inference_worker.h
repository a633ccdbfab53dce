// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/value.h"

namespace weighbridge {

/// Starts an inference worker for one request, as {"command": "run"}, and gives its answer. A "device" of "torch-2.13.0/cuda:0" is that of the worker
/// weighbridge-inference-torch-2.13.0, which ./run --torch builds; one without a slash is that of weighbridge-inference.
/// Error `dependency-missing` if the program is not installed; else what WorkerProcess and the worker itself report.
Result<Value> askInferenceWorker(const Value& request, JobContext& job);

/// The devices of all workers that are installed, those of the second ones with their worker before the id:
/// {"libtorch": version of the first or null, "devices": [...], "notes": [why a worker has none]}. Any thread.
Value listInferenceDevices(JobContext& job);

} // namespace weighbridge
