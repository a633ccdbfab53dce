// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <cstdint>
#include <string>

namespace weighbridge {

/// What a server says of a file, by which a change of it is noticed.
struct RemoteState {
    uint64_t nbytes = 0;
    std::string etag;         ///< empty if there is none
    std::string modified;     ///< Last-Modified, as it is written
    bool hasRanges = true;    ///< false: the server gives the whole file only
    /// Whether both can be of the same content: what one of them does not say does not count.
    [[nodiscard]] bool agreesWith(const RemoteState& other) const;
};

} // namespace weighbridge
