// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/limits.h"
#include "core/base/result.h"
#include "element_type.h"

#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace weighbridge {

inline constexpr uint64_t chunkLimitNbytes = 128 * limits::MiB; ///< libhdf5 holds a chunk twice while it is unpacked

/// How a dataset is stored, as far as this decides whether and how its values may be read.
struct StorageLayout {
    H5D_layout_t layout = H5D_CONTIGUOUS;
    std::string outside;       ///< another file that holds the values: external storage or the source of a virtual dataset
    std::string missingFilter; ///< a filter that this program does not have
    bool hasFilters = false;
    uint64_t chunkNbytes = 0;  ///< of one unpacked chunk; 0 if there are none
    std::vector<hsize_t> chunk;
};

StorageLayout storageLayoutOf(hid_t dataset, size_t elementNbytes);

/// Takes the next elements; false stops the reading.
using TakeValues = std::function<bool(std::span<const std::byte>)>;

/// Streams the values as contiguous, row-major, little-endian elements in blocks of at most limits::blockNbytes.
/// Refuses values that lie outside of the file, unknown filters and chunks that would not fit in memory.
Result<void> readValues(hid_t dataset, const TakeValues& take);

} // namespace weighbridge
