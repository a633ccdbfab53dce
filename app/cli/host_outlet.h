// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/worker_channel.h"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <thread>

namespace weighbridge::cli {

/// The sending end of `serve`: while a request is worked on, a sign of life every few seconds, so that a long computation can be told from a cut connection,
/// and a server whose client has gone finds that out (and ends, by SIGPIPE). Any thread.
class HostOutlet {
public:
    explicit HostOutlet(WorkerChannel& channel);
    ~HostOutlet();
    HostOutlet(const HostOutlet&) = delete;
    HostOutlet& operator=(const HostOutlet&) = delete;

    void send(const Value& document);
    /// The document and the bytes that belong to it, with nothing between them.
    void send(const Value& document, std::span<const std::byte> bytes);
    void send(std::span<const std::byte> bytes);
    /// Progress as frames, a few in a second.
    [[nodiscard]] std::function<void(const Progress&)> progress();

private:
    void beat(const std::stop_token& stop);

    WorkerChannel& m_channel;
    std::mutex m_mutex; ///< guards what follows, and the channel
    std::condition_variable_any m_ends;
    std::chrono::steady_clock::time_point m_lastProgress;
    std::jthread m_beat; ///< last: it uses the others
};

} // namespace weighbridge::cli
