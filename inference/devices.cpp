// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "inference/devices.h"

#include "core/base/cuda_driver.h"

// Not torch/torch.h, which takes half a minute to parse.
#include <ATen/Context.h>
#include <torch/cuda.h>
#include <torch/version.h>

#include <exception>

namespace weighbridge::inference {
namespace {

/// How many CUDA devices libtorch itself can use, or why none.
Result<size_t> usableCudaDevices()
{
    if (!at::hasCUDA())
        return failure("dependency-missing", "libtorch " + torchVersion() + " was built without CUDA.");
    try {
        return torch::cuda::device_count();
    } catch (const std::exception& error) {
        return failure("dependency-missing", "libtorch cannot use CUDA: " + std::string(error.what()));
    }
}

std::vector<Device> cudaDevices()
{
    const auto usable = usableCudaDevices();
    auto devices = driverDevices();
    if (!devices)
        return {Device{"cuda", "cuda", "CUDA", {}, {}, {}, devices.error().message}};
    for (size_t i = 0; i < devices->size(); ++i) {
        Device& device = (*devices)[i];
        if (!usable)
            device.reason = usable.error().message;
        else if (i >= *usable)
            device.reason = "libtorch " + torchVersion() + " does not support it.";
    }
    return *devices;
}

Device mpsDevice()
{
    Device device{"mps", "mps", "Apple GPU", {}, {}, {}, {}};
    if (!at::hasMPS())
        device.reason = "MPS needs macOS on Apple silicon.";
    return device;
}

} // namespace

std::string torchVersion()
{
    return TORCH_VERSION;
}

std::vector<Device> allDevices()
{
    std::vector<Device> devices{cpuDevice()};
    for (Device& device : cudaDevices())
        devices.push_back(std::move(device));
    devices.push_back(mpsDevice());
    return devices;
}

} // namespace weighbridge::inference
