// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/remote/remote_state.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What this program asks of weighbridge-fetch, the only program that opens connections. None is started before an address is given.
namespace weighbridge {

struct FetchedRange {
    RemoteState state;
    std::vector<std::byte> bytes; ///< of a server without ranges the whole file
};

inline constexpr uint64_t wholeNbytes = 16 * 1024 * 1024; ///< larger files are not fetched as a whole from servers without ranges

/// `count` bytes from `offset` on, or those up to the end. Ends early when the job is stopped. Any thread; several at once have a
/// connection each. Errors: not-found, no-access, unreachable (no such host, refused, time-out, TLS), http-status, no-ranges (with
/// the size of the whole), truncated (fewer bytes than announced), corrupt (another range than asked for), dependency-missing.
Result<FetchedRange> fetchRange(const std::string& address, uint64_t offset, uint64_t count, const JobContext& job);

/// A document of at most wholeNbytes.
Result<std::string> fetchDocument(const std::string& url, const JobContext& job);

} // namespace weighbridge
