// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <new>
#include <stdexcept>

namespace weighbridge {

/// The Result of `call`; Error `memory` in place of the exception with which an allocation fails.
template <typename Call>
auto withinMemory(const Call& call) -> decltype(call())
{
    try {
        return call();
    } catch (const std::bad_alloc&) {
        return failure(Error("memory", "There is not enough memory for this.").fixedBy("Close other programs, or use a machine with more memory."));
    } catch (const std::length_error&) {
        return failure(Error("memory", "This needs more memory than a program can have."));
    }
}

} // namespace weighbridge
