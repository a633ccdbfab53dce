// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/error.h"

#include <tl/expected.hpp>

namespace weighbridge {

/// A value or the reason why there is none. Nothing that a file contains leaves a function in another way.
template <typename T>
using Result = tl::expected<T, Error>;

/// `return failure(Error(...));` or `return failure("truncated", "...");`
inline tl::unexpected<Error> failure(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}
inline tl::unexpected<Error> failure(std::string rule, std::string message)
{
    return tl::unexpected<Error>(Error(std::move(rule), std::move(message)));
}

} // namespace weighbridge
