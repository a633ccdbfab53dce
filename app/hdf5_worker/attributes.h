// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"

#include <hdf5.h>

#include <cstdint>

namespace weighbridge {

/// What all attributes of a file together may still take, so that many small ones do not add up.
struct AttributeBudget {
    uint64_t nbytes = 64 * 1024 * 1024;
};

/// The attributes of an open object: strings, numbers and lists of them; what is something else or too long is described in words.
/// An attribute that cannot be read is left out.
Value::Map readAttributes(hid_t object, AttributeBudget& budget);

} // namespace weighbridge
