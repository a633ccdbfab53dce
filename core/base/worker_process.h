// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/base/worker_channel.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace weighbridge {

/// How a worker program is started, and what it may cost. Zero means no limit.
struct WorkerOptions {
    std::string program;                    ///< full path
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment; ///< added to ours, or in place of ours
    int descriptor = -1;                    ///< an open file that the worker finds as workerFileDescriptor; -1: none
    std::chrono::milliseconds silence{20'000}; ///< longest time without a frame
    std::chrono::milliseconds silentCpu{0}; ///< the same in processor time of the worker: finds endless loops early, on a busy machine too
    uint64_t residentNbytes = 0;            ///< memory that it may hold
    uint64_t jsonNbytes = 64 * 1024 * 1024; ///< longest JSON frame that is taken from it
    uint64_t bytesNbytes = 16 * 1024 * 1024; ///< longest frame of raw bytes that is taken from it
};

inline constexpr int workerFileDescriptor = 3;

/// A worker program that runs, from the client's side. It is ended when this object goes. One thread at a time.
///
/// Errors, besides those that the worker itself answers: `dependency-missing` (the program is not there), `worker-died` (a signal or
/// an exit code, and the place it was at), `worker-hung`, `memory`, `cancelled`, `worker` (its answer breaks the protocol).
/// After an Error the worker has ended.
class WorkerProcess {
public:
    static Result<std::unique_ptr<WorkerProcess>> start(WorkerOptions options);
    ~WorkerProcess();
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;

    Result<void> sendJson(const Value& request, JobContext& job);
    Result<void> sendBytes(std::span<const std::byte> bytes, JobContext& job);
    /// The next frame of kind Json or Bytes. Cancelling the job ends the worker.
    Result<Frame> receive(JobContext& job);

    /// Where the worker said that it is; empty if it never did.
    [[nodiscard]] const std::string& place() const { return m_place; }
    /// The exit status with which it ended by itself; nothing while it runs, and for a signal.
    [[nodiscard]] std::optional<int> exitStatus() const { return m_exitStatus; }
    /// From now on WorkerOptions::silence is this.
    void allowSilence(std::chrono::milliseconds silence) { m_options.silence = silence; }
    /// The first bytes that it wrote to its standard error.
    [[nodiscard]] const std::string& complaint() const { return m_complaint; }

private:
    WorkerProcess(WorkerOptions options, pid_t process, int channel, int complaints);

    Result<void> send(FrameKind kind, std::span<const std::byte> payload, JobContext& job);
    Result<void> sendAll(std::span<const std::byte> bytes, JobContext& job);
    Result<void> receiveAll(std::span<std::byte> out, JobContext& job);
    Result<void> wait(short events, JobContext& job);
    Result<void> checkLimits();
    void signOfLife();
    [[nodiscard]] bool isSilentTooLong() const;
    Error hung() const;
    void drainComplaints();
    [[nodiscard]] std::chrono::nanoseconds usedCpu() const;
    [[nodiscard]] uint64_t residentNbytes() const;
    [[nodiscard]] std::string where() const;
    Error died();
    Error broken(const std::string& what);
    int end(); ///< kills and reaps; the status that waitpid() gave

    WorkerOptions m_options;
    pid_t m_process;
    int m_channel;
    int m_complaints;
    std::string m_place;
    std::string m_complaint;
    std::optional<int> m_exitStatus;
    std::vector<std::byte> m_input;   ///< received, not taken yet: from m_taken on
    size_t m_taken = 0;
    bool m_isHung = false;            ///< it was asked to end; what it still sends is taken
    std::chrono::steady_clock::time_point m_lastFrame;
    std::chrono::nanoseconds m_lastCpu{0};
};

} // namespace weighbridge
