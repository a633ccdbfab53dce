// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A driver with two devices, the second of which is in exclusive use by somebody else: libcuda.so.1 for tst_devices.

#include <cstddef>
#include <cstring>

extern "C" {

int cuInit(unsigned) { return 0; }
int cuDeviceGetCount(int* count) { return *count = 2, 0; }
int cuDeviceGet(int* device, int ordinal) { return *device = ordinal, 0; }
int cuDeviceGetName(char* name, int length, int device)
{
    std::strncpy(name, device == 0 ? "Large device" : "Busy device", static_cast<std::size_t>(length));
    return 0;
}
int cuDeviceTotalMem_v2(std::size_t* nbytes, int device) { return *nbytes = std::size_t(device == 0 ? 24 : 8) << 30, 0; }
int cuDeviceGetAttribute(int* value, int attribute, int) { return *value = attribute == 75 ? 8 : 6, 0; }
int cuDevicePrimaryCtxRetain(void**, int device) { return device == 0 ? 0 : 101; }
int cuDevicePrimaryCtxRelease_v2(int) { return 0; }
int cuCtxPushCurrent_v2(void*) { return 0; }
int cuCtxPopCurrent_v2(void**) { return 0; }
int cuMemGetInfo_v2(std::size_t* free, std::size_t* total) { return *free = std::size_t(20) << 30, *total = std::size_t(24) << 30, 0; }
}
