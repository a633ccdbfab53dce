// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "handle.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace weighbridge {

/// Fills `out` with the file's bytes from `offset` on; false if they cannot be had. Throws nothing: libhdf5 stands between.
using ReadRange = std::function<bool(uint64_t offset, std::span<std::byte> out)>;

/// A range of an open descriptor, anywhere in its file (in a zip archive).
ReadRange rangeOfDescriptor(int descriptor, uint64_t offset);

/// Opens `nbytes` bytes as an HDF5 file, for reading, through a file driver of our own. The driver knows no names, so that nothing in the
/// file can make libhdf5 open another one. `read` must live as long as what is opened.
Handle openRange(const ReadRange& read, uint64_t nbytes);

} // namespace weighbridge
