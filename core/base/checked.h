// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <concepts>
#include <cstdint>
#include <optional>

namespace weighbridge {

/// a + b, or nothing if it does not fit. Every size that comes from a file goes through these.
template <std::integral T>
[[nodiscard]] constexpr std::optional<T> checkedAdd(T a, T b)
{
    T out{};
    if (__builtin_add_overflow(a, b, &out))
        return std::nullopt;
    return out;
}

/// a * b, or nothing if it does not fit.
template <std::integral T>
[[nodiscard]] constexpr std::optional<T> checkedMul(T a, T b)
{
    T out{};
    if (__builtin_mul_overflow(a, b, &out))
        return std::nullopt;
    return out;
}

/// Whether [offset, offset + nbytes) lies inside [0, size), without overflow.
[[nodiscard]] constexpr bool fits(uint64_t offset, uint64_t nbytes, uint64_t size)
{
    return offset <= size && nbytes <= size - offset;
}

} // namespace weighbridge
