// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/value.h"

#include <algorithm>
#include <string>

/// Fields of a request, each with what counts where it is absent.
namespace weighbridge::inference {

inline std::string text(const Value& request, std::string_view key)
{
    return request.find(key) ? request.find(key)->stringOr("") : std::string();
}

inline bool flag(const Value& request, std::string_view key, bool fallback = false)
{
    const Value* value = request.find(key);
    return value && value->boolean() ? *value->boolean() : fallback;
}

inline int64_t number(const Value& request, std::string_view key, int64_t fallback, int64_t maximum)
{
    const Value* value = request.find(key);
    return value && value->integer() ? std::clamp<int64_t>(*value->integer(), 0, maximum) : fallback;
}

} // namespace weighbridge::inference
