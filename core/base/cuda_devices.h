// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/device.h"
#include "core/base/job_context.h"

#include <vector>

namespace weighbridge {

/// NVIDIA's devices in the driver's order, asked in a process of their own (weighbridge-devices), which needs no libtorch and no CUDA to be built.
/// Empty if there is none, or if the driver does not answer in seconds. Any thread.
[[nodiscard]] std::vector<Device> cudaDevices(JobContext& job);

} // namespace weighbridge
