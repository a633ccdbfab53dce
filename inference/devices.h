// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/device.h"

#include <vector>

namespace weighbridge::inference {

/// "2.6.0": the libtorch that this was built with.
std::string torchVersion();

/// The CPU, each CUDA device and MPS; what cannot be used is listed with the reason.
std::vector<Device> allDevices();

} // namespace weighbridge::inference
