// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "handle.h"

#include <string>
#include <vector>

namespace weighbridge {

/// What the elements of a dataset are, in our words.
struct ElementType {
    std::string dtype;            ///< short name ("F32"); empty if it is none that we know
    std::string writer;           ///< the writer's own description: "compound {a: I32, b: F64}"
    bool bigEndian = false;
    std::vector<hsize_t> arrayShape; ///< of array elements: further dimensions of the dataset
    Handle memory;                ///< the same elements, little-endian, without padding; invalid for everything without a dtype
};

ElementType elementTypeOf(hid_t type);

} // namespace weighbridge
