// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "app/cli/host_outlet.h"
#include "core/checkpoint/checkpoint.h"

#include <chrono>
#include <string>
#include <vector>

namespace weighbridge::cli {

/// The checkpoint that a client asks about, kept open between its requests.
class KeptCheckpoint {
public:
    /// The checkpoint at a path if it is the one of `key`; opened anew if its files have changed. Error host::otherCheckpoint.
    Result<CheckpointPtr> get(const std::string& path, const std::string& key, JobContext& job);
    void keep(CheckpointPtr checkpoint);

private:
    [[nodiscard]] bool isAsItWas() const;

    CheckpointPtr m_checkpoint;
    std::string m_key; ///< empty: not computed yet
};

/// What a request is answered with.
struct HostSession {
    HostOutlet& outlet;
    JobContext& job;
    KeptCheckpoint& kept;
    KeptCheckpoint& other; ///< what that is compared with
};

/// When results that wait are worth a frame: small ones go together.
class SendingPace {
public:
    [[nodiscard]] bool isDue(size_t waiting)
    {
        const auto now = std::chrono::steady_clock::now();
        if (waiting < mostWaiting && now - m_sent < longestWait)
            return false;
        m_sent = now;
        return true;
    }

private:
    static constexpr size_t mostWaiting = 64;
    static constexpr auto longestWait = std::chrono::milliseconds(500);
    std::chrono::steady_clock::time_point m_sent = std::chrono::steady_clock::now();
};

/// What the last document of an answer says besides "done".
using HostAnswer = Result<Value::Map>;

/// The path of a request: from the root; "/~/" is the user's home. Error `not-found` for none.
Result<std::string> pathIn(const Value& request);

// The requests for values, each answered here beside the data: core/remote/host_protocol.h.
HostAnswer hostStatistics(const Value& request, HostSession& session);
HostAnswer hostSha256(const Value& request, HostSession& session);
HostAnswer hostChecksums(const Value& request, HostSession& session);
HostAnswer hostFileSha256(const Value& request, HostSession& session);
HostAnswer hostDifference(const Value& request, HostSession& session);
HostAnswer hostLowRank(const Value& request, HostSession& session);
// Those for this machine's inference workers.
HostAnswer hostDevices(const Value& request, HostSession& session);
HostAnswer hostRun(const Value& request, HostSession& session);

} // namespace weighbridge::cli
