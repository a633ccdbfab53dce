// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <chrono>
#include <cstdlib>

namespace weighbridge {

/// Longest time without a byte from another machine: WEIGHBRIDGE_TIMEOUT, in seconds, or half a minute.
inline std::chrono::seconds longestSilence()
{
    const char* given = std::getenv("WEIGHBRIDGE_TIMEOUT");
    const long seconds = given ? std::strtol(given, nullptr, 10) : 0;
    return std::chrono::seconds(seconds > 0 && seconds < 86400 ? seconds : 30);
}

} // namespace weighbridge
