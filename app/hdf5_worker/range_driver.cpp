// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "range_driver.h"

#include "core/base/checked.h"
#include "core/base/limits.h"

#include <cerrno>
#include <cstring>
#include <new>
#include <unistd.h>

namespace weighbridge {
namespace {

constexpr const char* onlyName = "the given range";
constexpr haddr_t largestAddress = INT64_MAX;
constexpr size_t chunkCacheNbytes = 64 * limits::MiB;
constexpr size_t chunkSlots = 12421; ///< a prime, as H5Pset_cache asks for

/// libhdf5 copies it byte by byte.
struct Range {
    const ReadRange* read;
    uint64_t nbytes;
};

/// libhdf5 casts between this and its first member.
struct RangeFile {
    H5FD_t base;
    Range range;
    haddr_t allocated;
};

RangeFile* fileOf(H5FD_t* file)
{
    return reinterpret_cast<RangeFile*>(file);
}

const RangeFile* fileOf(const H5FD_t* file)
{
    return reinterpret_cast<const RangeFile*>(file);
}

H5FD_t* openFile(const char* name, unsigned flags, hid_t accessList, haddr_t)
{
    const auto* range = static_cast<const Range*>(H5Pget_driver_info(accessList));
    if (std::strcmp(name, onlyName) != 0 || flags != H5F_ACC_RDONLY || !range)
        return nullptr;
    auto* file = new (std::nothrow) RangeFile{};
    if (!file)
        return nullptr;
    file->range = *range;
    return &file->base;
}

herr_t closeFile(H5FD_t* file)
{
    delete fileOf(file);
    return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags)
{
    *flags = H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE | H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

haddr_t allocated(const H5FD_t* file, H5FD_mem_t)
{
    return fileOf(file)->allocated;
}

herr_t setAllocated(H5FD_t* file, H5FD_mem_t, haddr_t address)
{
    fileOf(file)->allocated = address;
    return 0;
}

haddr_t endOfFile(const H5FD_t* file, H5FD_mem_t)
{
    return fileOf(file)->range.nbytes;
}

herr_t readBytes(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, size_t size, void* buffer)
{
    const Range& range = fileOf(file)->range;
    if (!fits(address, size, range.nbytes))
        return -1;
    return (*range.read)(address, {static_cast<std::byte*>(buffer), size}) ? 0 : -1;
}

herr_t refuseToWrite(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, size_t, const void*)
{
    return -1;
}

H5FD_class_t driver()
{
    H5FD_class_t out{};
#if H5_VERSION_GE(1, 13, 0)
    out.version = H5FD_CLASS_VERSION;
    out.value = static_cast<H5FD_class_value_t>(H5_VFD_RESERVED + 87);
#endif
    out.name = "weighbridge_range";
    out.maxaddr = largestAddress;
    out.fc_degree = H5F_CLOSE_STRONG;
    out.fapl_size = sizeof(Range);
    out.open = openFile;
    out.close = closeFile;
    out.query = query;
    out.get_eoa = allocated;
    out.set_eoa = setAllocated;
    out.get_eof = endOfFile;
    out.read = readBytes;
    out.write = refuseToWrite;
    constexpr H5FD_mem_t oneList[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
    std::memcpy(out.fl_map, oneList, sizeof(oneList));
    return out;
}

} // namespace

ReadRange rangeOfDescriptor(int descriptor, uint64_t offset)
{
    return [descriptor, offset](uint64_t address, std::span<std::byte> out) {
        size_t done = 0;
        while (done < out.size()) {
            const ssize_t got = ::pread(descriptor, out.data() + done, out.size() - done, static_cast<off_t>(offset + address + done));
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                return false;
            done += static_cast<size_t>(got);
        }
        return true;
    };
}

Handle openRange(const ReadRange& read, uint64_t nbytes)
{
    static const H5FD_class_t rangeDriver = driver();
    const Handle registered(H5FDregister(&rangeDriver));
    const Handle accessList(H5Pcreate(H5P_FILE_ACCESS));
    const Range range{&read, nbytes};
    if (!registered || !accessList || H5Pset_driver(accessList.id(), registered.id(), &range) < 0)
        return Handle();
    // room for a row of chunks, so that none is unpacked twice; what was read whole goes first (1.0)
    H5Pset_cache(accessList.id(), 0, chunkSlots, chunkCacheNbytes, 1.0);
    return Handle(H5Fopen(onlyName, H5F_ACC_RDONLY, accessList.id()));
}

} // namespace weighbridge
