// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/cuda_driver.h"

#include <array>
#include <dlfcn.h>

namespace weighbridge {
namespace {

// CUDA driver API: https://docs.nvidia.com/cuda/cuda-driver-api. CUresult 0 is success; CUdevice is an int, CUcontext a pointer.
struct Driver {
    int (*init)(unsigned flags) = nullptr;
    int (*count)(int* count) = nullptr;
    int (*get)(int* device, int ordinal) = nullptr;
    int (*name)(char* name, int length, int device) = nullptr;
    int (*totalMemory)(size_t* nbytes, int device) = nullptr;
    int (*attribute)(int* value, int attribute, int device) = nullptr;
    int (*retainContext)(void** context, int device) = nullptr;
    int (*releaseContext)(int device) = nullptr;
    int (*pushContext)(void* context) = nullptr;
    int (*popContext)(void** context) = nullptr;
    int (*memoryInfo)(size_t* free, size_t* total) = nullptr;
};
constexpr int capabilityMajor = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR
constexpr int capabilityMinor = 76;

template <typename Function>
bool find(void* library, const char* symbol, Function& function)
{
    function = reinterpret_cast<Function>(dlsym(library, symbol));
    return function != nullptr;
}

/// The driver's functions; an Error if it is not installed or lacks one. Stays loaded: it does not survive being unloaded.
Result<Driver> loadDriver()
{
    void* library = dlopen("libcuda.so.1", RTLD_NOW);
    if (!library)
        return failure("dependency-missing", "No NVIDIA driver is installed.");
    Driver driver;
    const bool complete = find(library, "cuInit", driver.init) && find(library, "cuDeviceGetCount", driver.count) && find(library, "cuDeviceGet", driver.get)
        && find(library, "cuDeviceGetName", driver.name) && find(library, "cuDeviceTotalMem_v2", driver.totalMemory)
        && find(library, "cuDeviceGetAttribute", driver.attribute) && find(library, "cuDevicePrimaryCtxRetain", driver.retainContext)
        && find(library, "cuDevicePrimaryCtxRelease_v2", driver.releaseContext) && find(library, "cuCtxPushCurrent_v2", driver.pushContext)
        && find(library, "cuCtxPopCurrent_v2", driver.popContext) && find(library, "cuMemGetInfo_v2", driver.memoryInfo);
    if (!complete)
        return failure("dependency-missing", "The NVIDIA driver is older than CUDA 11.");
    return driver;
}

/// Free memory is known only inside a context; a device that is full or exclusively used gives none.
std::optional<uint64_t> freeMemory(const Driver& driver, int device)
{
    void* context = nullptr;
    if (driver.retainContext(&context, device) != 0)
        return std::nullopt;
    std::optional<uint64_t> nbytes;
    if (driver.pushContext(context) == 0) {
        size_t free = 0;
        size_t total = 0;
        if (driver.memoryInfo(&free, &total) == 0)
            nbytes = free;
        driver.popContext(&context);
    }
    driver.releaseContext(device);
    return nbytes;
}

Device describe(const Driver& driver, int ordinal, int handle)
{
    Device device;
    device.id = "cuda:" + std::to_string(ordinal);
    device.kind = "cuda";
    std::array<char, 256> name{};
    driver.name(name.data(), static_cast<int>(name.size()) - 1, handle);
    device.name = name.data();
    int major = 0;
    int minor = 0;
    if (driver.attribute(&major, capabilityMajor, handle) == 0 && driver.attribute(&minor, capabilityMinor, handle) == 0)
        device.capability = std::to_string(major) + "." + std::to_string(minor);
    if (size_t total = 0; driver.totalMemory(&total, handle) == 0)
        device.memoryTotal = total;
    device.memoryFree = freeMemory(driver, handle);
    return device;
}

} // namespace

Result<std::vector<Device>> driverDevices()
{
    const auto driver = loadDriver();
    if (!driver)
        return tl::unexpected(driver.error());
    int count = 0;
    if (driver->init(0) != 0 || driver->count(&count) != 0 || count == 0)
        return failure("dependency-missing", "The NVIDIA driver finds no device.");
    std::vector<Device> devices;
    for (int ordinal = 0; ordinal < count; ++ordinal) {
        if (int handle = 0; driver->get(&handle, ordinal) == 0)
            devices.push_back(describe(*driver, ordinal, handle));
    }
    return devices;
}

} // namespace weighbridge
