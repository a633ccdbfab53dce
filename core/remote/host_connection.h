// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/value.h"
#include "core/remote/ssh_address.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace weighbridge {

/// What another machine answers before its last frame: a document, or bytes where `document` is null. An Error ends the connection.
struct HostFrame {
    const Value* document = nullptr;
    std::vector<std::byte> bytes;
};
using HostFrameSink = std::function<Result<void>(HostFrame frame)>;

/// Sends a request to `weighbridge-cli serve --stdio` on the machine of `address`, through the system's ssh, and gives the answer's last document.
/// `request` is called for each attempt. Connections are kept for the next request; there are at most two to a place, and who comes third waits. A connection that is cut is made again twice at most, and the
/// request sent again: `sink` may see the beginning of an answer twice. Any thread; ends early when the job is stopped.
/// Errors: those that the other machine answers; dependency-missing (ssh here, or weighbridge-cli there), unreachable (no such host, refused, silent),
/// no-access (ssh's own words in `found`), unsupported-version, connection-lost, worker (what comes makes no sense), cancelled.
Result<Value> askHost(const SshAddress& address, const std::function<Value()>& request, const JobContext& job, const HostFrameSink& sink);

/// As askHost(), of a request that names a checkpoint by its key; nothing if that machine has another one there by now.
std::optional<Result<Value>> askHostAbout(const SshAddress& address, const std::function<Value()>& request, const JobContext& job, const HostFrameSink& sink);

/// The sink of answers that are their last document alone: frames before it break the protocol.
Result<void> noFrames(const HostFrame& frame);

/// The version of Weighbridge on that machine, and what it can do besides reading files ("open", "statistics", ...). Connects if need be.
struct HostVersion {
    std::string version;
    std::vector<std::string> capabilities;
    [[nodiscard]] bool can(const std::string& capability) const;
};
Result<HostVersion> hostVersion(const SshAddress& address, const JobContext& job);

} // namespace weighbridge
