// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/device.h"
#include "core/base/result.h"

#include <vector>

namespace weighbridge {

/// What NVIDIA's driver says about its devices, in its order (CUDA_VISIBLE_DEVICES holds).
/// The driver is looked up at run time, so that a build without CUDA can name the device that it cannot use.
/// It can take a second for each device and can end the process: only programs of which nothing else depends call this; the others ask cudaDevices().
/// Error `dependency-missing` if there is no driver or no device.
Result<std::vector<Device>> driverDevices();

} // namespace weighbridge
