// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace weighbridge {

/// "ssh://[user@]host[:port]/path": a file or folder of a machine that the system's ssh reaches.
struct SshAddress {
    std::string user;  ///< empty: whom ssh takes
    std::string host;  ///< as ssh understands it: a name of its config, a DNS name, an address (IPv6 without brackets)
    uint16_t port = 0; ///< 0: the one that ssh takes
    std::string path;  ///< from the root, bytes as the file system there has them; "/~/x" is in the user's home

    /// The one form that is used everywhere; the path is percent-encoded.
    [[nodiscard]] std::string text() const;
    /// The same without a path: whom a connection is to.
    [[nodiscard]] std::string place() const;
};

/// Looks at the scheme alone.
[[nodiscard]] bool isSshAddress(std::string_view address);

/// Error `bad-address`: no host, a password, a NUL, or a user or host that is no plain word (letters, digits, ._-, and + in a user; a leading dash is refused,
/// since ssh would take it for an option).
Result<SshAddress> parseSshAddress(std::string_view address);

} // namespace weighbridge
