// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/value.h"

#include <algorithm>
#include <limits>

namespace weighbridge {

Value::Value(uint64_t value)
{
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        m_data = static_cast<int64_t>(value);
    else
        m_data = static_cast<double>(value);
}

double Value::number(double fallback) const
{
    if (const auto* whole = std::get_if<int64_t>(&m_data))
        return static_cast<double>(*whole);
    if (const auto* real = std::get_if<double>(&m_data))
        return *real;
    return fallback;
}

std::string Value::stringOr(std::string_view fallback) const
{
    const std::string* text = string();
    return text ? *text : std::string(fallback);
}

const Value* Value::find(std::string_view key) const
{
    const Map* entries = map();
    if (!entries)
        return nullptr;
    const auto found = std::find_if(entries->rbegin(), entries->rend(), [key](const auto& entry) { return entry.first == key; });
    return found == entries->rend() ? nullptr : &found->second;
}

Value& Value::set(std::string key, Value value)
{
    if (!isMap())
        m_data = Map{};
    Map& entries = std::get<Map>(m_data);
    const auto found = std::find_if(entries.begin(), entries.end(), [&key](const auto& entry) { return entry.first == key; });
    if (found != entries.end())
        found->second = std::move(value);
    else
        entries.emplace_back(std::move(key), std::move(value));
    return *this;
}

} // namespace weighbridge
