// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/value.h"

namespace weighbridge {

/// Starts weighbridge-inference for one request, {"command": "devices"}, and gives its answer.
/// Error `dependency-missing` if the program is not installed; else what WorkerProcess and the worker itself report.
Result<Value> askInferenceWorker(const Value& request, JobContext& job);

} // namespace weighbridge
