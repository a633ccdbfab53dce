// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/value.h"
#include "core/remote/ssh_address.h"

#include <string>

/// Running a checkpoint where it lies: on this machine or, at an ssh address, on that one, through the worker that is installed there. Values stay
/// there.
namespace weighbridge {

/// As askInferenceWorker(), on the machine of the request's "path". A request with "here" set runs on this machine whatever the path is, and fetches
/// the values. The answer of another machine has "host". "config" and "beside" must lie on the machine that runs, or be a JSON config of this one; an
/// "image" of this machine is sent. Errors: those of askHost() and of the worker there; unsupported-version where the version there cannot run
/// models; usage for a file that lies elsewhere.
Result<Value> runWhereItLies(const Value& request, JobContext& job);

/// As listInferenceDevices(), of another machine; each device has "host".
Result<Value> listHostDevices(const SshAddress& address, JobContext& job);

/// That list from what another machine answers: at most 1000 devices, each of them a map. It is a stranger's.
[[nodiscard]] Value hostDevicesFrom(const Value& answer, const std::string& host);

/// What a checkpoint at `path` can run on. At an ssh address the devices of its machine come first, or one that says in its "reason" why there are
/// none; then those of this machine, with "here".
Value listDevicesFor(const std::string& path, JobContext& job);

} // namespace weighbridge
