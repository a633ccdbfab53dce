// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "handle.h"

#include <cstdint>

namespace weighbridge {

/// Opens a range of an open descriptor as an HDF5 file, for reading, through a file driver of our own. The driver knows no names, so
/// that nothing in the file can make libhdf5 open another one; and the range may lie anywhere in the descriptor's file (in a zip archive).
Handle openRange(int descriptor, uint64_t offset, uint64_t nbytes);

} // namespace weighbridge
