// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "lzf_filter.h"

#include "read_dataset.h"

#include <hdf5.h>
#include <liblzf/lzf.h>

#include <algorithm>
#include <cerrno>

namespace weighbridge {
namespace {

constexpr H5Z_filter_t lzfNumber = 32000;
constexpr size_t unpackedNbytesAt = 2; ///< of the filter's own values: its version, that of liblzf, the bytes of a chunk

/// Of one chunk; 0 where it is damaged. The writer may have left out how large a chunk is: the buffer then grows.
size_t unpack(unsigned flags, size_t valueCount, const unsigned* values, size_t nbytes, size_t* bufferNbytes, void** buffer)
{
    if (!(flags & H5Z_FLAG_REVERSE) || nbytes > *bufferNbytes || nbytes > chunkLimitNbytes)
        return 0;
    size_t room = valueCount > unpackedNbytesAt && values[unpackedNbytesAt] > 0 ? values[unpackedNbytesAt] : 4 * nbytes;
    for (; room <= chunkLimitNbytes; room *= 2) {
        void* unpacked = H5allocate_memory(room, false);
        if (!unpacked)
            return 0;
        errno = 0;
        const size_t got = ::lzf_decompress(*buffer, static_cast<unsigned>(nbytes), unpacked, static_cast<unsigned>(room));
        if (got > 0) {
            H5free_memory(*buffer);
            *buffer = unpacked;
            *bufferNbytes = room;
            return got;
        }
        const bool isTooSmall = errno == E2BIG;
        H5free_memory(unpacked);
        if (!isTooSmall || room == 0)
            return 0;
    }
    return 0;
}

} // namespace

void registerLzfFilter()
{
    const H5Z_class2_t filter{H5Z_CLASS_T_VERS, lzfNumber, 0, 1, "lzf", nullptr, nullptr, unpack};
    H5Zregister(&filter);
}

} // namespace weighbridge
