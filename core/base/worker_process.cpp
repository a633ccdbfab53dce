// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/worker_process.h"

#include "core/base/json.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

namespace weighbridge {
namespace {

using namespace std::chrono_literals;

constexpr auto tick = 50ms; ///< how often cancelling and the limits are looked at
constexpr auto grace = 500ms; ///< for a worker that was asked to end
constexpr size_t inputNbytes = 65536;
constexpr size_t placeNbytes = 4096;
constexpr size_t complaintNbytes = 4096;

/// Strings and the array of pointers that execve() wants; made before fork(), since nothing may be allocated after it.
class Words {
public:
    void add(std::string word) { m_words.push_back(std::move(word)); }
    char** pointers()
    {
        m_pointers.clear();
        for (std::string& word : m_words)
            m_pointers.push_back(word.data());
        m_pointers.push_back(nullptr);
        return m_pointers.data();
    }

private:
    std::vector<std::string> m_words;
    std::vector<char*> m_pointers;
};

Words environmentWith(const std::vector<std::pair<std::string, std::string>>& changes)
{
    Words out;
    for (char** entry = environ; *entry; ++entry) {
        const std::string_view text = *entry;
        const std::string_view name = text.substr(0, text.find('='));
        const bool replaced = std::any_of(changes.begin(), changes.end(), [name](const auto& change) { return change.first == name; });
        if (!replaced)
            out.add(std::string(text));
    }
    for (const auto& [name, value] : changes)
        out.add(name + "=" + value);
    return out;
}

/// In the child, between fork() and execve(): only calls that are safe there.
[[noreturn]] void becomeWorker(const char* program, char** arguments, char** environment, int channel, int complaints, int descriptor)
{
    // out of the way of 0-3 first: any of these may be one of them
    constexpr int high = 16;
    channel = ::fcntl(channel, F_DUPFD, high);
    complaints = ::fcntl(complaints, F_DUPFD, high);
    if (descriptor >= 0)
        descriptor = ::fcntl(descriptor, F_DUPFD, high);
    ::dup2(channel, STDIN_FILENO);
    ::dup2(channel, STDOUT_FILENO);
    ::dup2(complaints, STDERR_FILENO);
    if (descriptor >= 0)
        ::dup2(descriptor, workerFileDescriptor);
    ::close_range(descriptor >= 0 ? workerFileDescriptor + 1 : workerFileDescriptor, ~0U, 0);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::execve(program, arguments, environment);
    ::_exit(127);
}

std::string programName(const WorkerOptions& options)
{
    return std::filesystem::path(options.program).filename().string();
}

std::string signalText(int number)
{
    const char* text = ::strsignal(number);
    return fmt::format("signal {}, {}", number, text ? lowered(text) : "unknown");
}

} // namespace

Result<std::unique_ptr<WorkerProcess>> WorkerProcess::start(WorkerOptions options)
{
    const std::string name = programName(options);
    if (::access(options.program.c_str(), X_OK) != 0)
        return failure(Error("dependency-missing", fmt::format("The program {} is needed for this and is not installed beside this one.", name))
                           .at(options.program)
                           .fixedBy("Install Weighbridge completely, or build it with that part switched on."));
    Words arguments;
    arguments.add(options.program);
    for (const std::string& argument : options.arguments)
        arguments.add(argument);
    Words environment = environmentWith(options.environment);
    char** const argumentPointers = arguments.pointers();
    char** const environmentPointers = environment.pointers();

    int channel[2];
    int complaints[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel) != 0)
        return failure("memory", fmt::format("{} could not be started: {}.", name, std::strerror(errno)));
    if (::pipe2(complaints, O_CLOEXEC | O_NONBLOCK) != 0) {
        const int code = errno;
        ::close(channel[0]);
        ::close(channel[1]);
        return failure("memory", fmt::format("{} could not be started: {}.", name, std::strerror(code)));
    }
    const pid_t process = ::fork();
    if (process == 0)
        becomeWorker(options.program.c_str(), argumentPointers, environmentPointers, channel[1], complaints[1], options.descriptor);
    const int code = errno;
    ::close(channel[1]);
    ::close(complaints[1]);
    if (process < 0) {
        ::close(channel[0]);
        ::close(complaints[0]);
        return failure("memory", fmt::format("{} could not be started: {}.", name, std::strerror(code)));
    }
    return std::unique_ptr<WorkerProcess>(new WorkerProcess(std::move(options), process, channel[0], complaints[0]));
}

WorkerProcess::WorkerProcess(WorkerOptions options, pid_t process, int channel, int complaints)
    : m_options(std::move(options)), m_process(process), m_channel(channel), m_complaints(complaints)
{
    signOfLife();
}

WorkerProcess::~WorkerProcess()
{
    end();
    ::close(m_channel);
    if (m_complaints >= 0)
        ::close(m_complaints);
}

int WorkerProcess::end()
{
    if (m_process <= 0)
        return 0;
    ::kill(m_process, SIGKILL);
    int status = 0;
    while (::waitpid(m_process, &status, 0) < 0 && errno == EINTR)
        continue;
    m_process = -1;
    return status;
}

Result<void> WorkerProcess::sendJson(const Value& request, JobContext& job)
{
    const std::string text = toJson(request);
    return send(FrameKind::Json, std::as_bytes(std::span(text)), job);
}

Result<void> WorkerProcess::sendBytes(std::span<const std::byte> bytes, JobContext& job)
{
    return send(FrameKind::Bytes, bytes, job);
}

Result<void> WorkerProcess::send(FrameKind kind, std::span<const std::byte> payload, JobContext& job)
{
    if (m_process <= 0)
        return failure(broken("is not running any more"));
    if (payload.size() > std::numeric_limits<uint32_t>::max())
        return failure("resource-bomb", "The request is too long for a worker.");
    const auto header = encodeFrameHeader({static_cast<uint32_t>(payload.size()), kind});
    signOfLife();
    return sendAll(header, job).and_then([&] { return sendAll(payload, job); });
}

Result<void> WorkerProcess::sendAll(std::span<const std::byte> bytes, JobContext& job)
{
    while (!bytes.empty()) {
        if (auto ready = wait(POLLOUT, job); !ready)
            return ready;
        const ssize_t sent = ::send(m_channel, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (sent < 0)
            return failure(died());
        bytes = bytes.subspan(static_cast<size_t>(sent));
    }
    return {};
}

Result<Frame> WorkerProcess::receive(JobContext& job)
{
    if (m_process <= 0)
        return failure(broken("is not running any more"));
    for (;;) {
        std::array<std::byte, frameHeaderNbytes> raw{};
        if (auto got = receiveAll(raw, job); !got)
            return tl::unexpected(got.error());
        const auto header = decodeFrameHeader(raw);
        if (!header)
            return failure(broken("answered something that is no frame"));
        const uint64_t cap = header->kind == FrameKind::Json ? m_options.jsonNbytes : header->kind == FrameKind::Bytes ? m_options.bytesNbytes : placeNbytes;
        if (header->nbytes > cap)
            return failure(broken(fmt::format("answered a frame of {}, more than the limit of {}", formatNbytes(header->nbytes), formatNbytes(cap))));
        Frame frame{header->kind, std::vector<std::byte>(header->nbytes)};
        if (auto got = receiveAll(frame.payload, job); !got)
            return tl::unexpected(got.error());
        signOfLife();
        if (frame.kind != FrameKind::Place)
            return frame;
        m_place = shown(frame.text(), placeNbytes);
    }
}

Result<void> WorkerProcess::receiveAll(std::span<std::byte> out, JobContext& job)
{
    while (!out.empty()) {
        if (m_taken < m_input.size()) {
            const size_t count = std::min(out.size(), m_input.size() - m_taken);
            std::copy_n(m_input.begin() + static_cast<ptrdiff_t>(m_taken), count, out.begin());
            m_taken += count;
            out = out.subspan(count);
            continue;
        }
        // large payloads go straight to where they belong
        const bool isDirect = out.size() >= inputNbytes;
        if (!isDirect)
            m_input.resize(inputNbytes);
        const std::span<std::byte> room = isDirect ? out : std::span(m_input);
        const ssize_t got = ::recv(m_channel, room.data(), room.size(), MSG_DONTWAIT);
        const int code = errno;
        m_taken = 0;
        m_input.resize(isDirect || got < 0 ? 0 : static_cast<size_t>(got));
        if (got > 0 && isDirect)
            out = out.subspan(static_cast<size_t>(got));
        else if (got == 0 || (got < 0 && code != EINTR && code != EAGAIN))
            return failure(died());
        else if (got < 0)
            if (auto ready = wait(POLLIN, job); !ready)
                return ready;
    }
    return {};
}

/// Returns when the channel is ready (or closed); looks after cancelling, the limits and the standard error meanwhile.
Result<void> WorkerProcess::wait(short events, JobContext& job)
{
    for (;;) {
        if (job.cancelled()) {
            end();
            return failure(cancelledError());
        }
        std::array<pollfd, 2> ready{pollfd{m_channel, events, 0}, pollfd{m_complaints, POLLIN, 0}};
        // a closed standard error would make poll() return at once, again and again
        const nfds_t count = m_complaints >= 0 ? 2 : 1;
        const int found = ::poll(ready.data(), count, static_cast<int>(tick.count()));
        if (found < 0 && errno != EINTR)
            return failure(broken("cannot be waited for"));
        if (count == 2 && found > 0 && ready[1].revents != 0)
            drainComplaints();
        if (found > 0 && ready[0].revents != 0)
            return {};
        if (auto inside = checkLimits(); !inside)
            return inside;
    }
}

/// A worker that is silent too long is first asked to end, so that it still sends what waits in it, then made to.
Result<void> WorkerProcess::checkLimits()
{
    if (isSilentTooLong()) {
        if (m_isHung) {
            end();
            return failure(hung());
        }
        m_isHung = true;
        ::kill(m_process, SIGTERM);
        signOfLife();
    }
    if (m_options.residentNbytes > 0 && residentNbytes() > m_options.residentNbytes) {
        end();
        return failure("memory", fmt::format("{} needed more than {} of memory{} and was stopped.", programName(m_options), formatNbytes(m_options.residentNbytes), where()));
    }
    return {};
}

bool WorkerProcess::isSilentTooLong() const
{
    const auto silence = std::chrono::steady_clock::now() - m_lastFrame;
    if (m_isHung)
        return silence > grace;
    return (m_options.silence > 0ms && silence > m_options.silence) || (m_options.silentCpu > 0ms && usedCpu() - m_lastCpu > m_options.silentCpu);
}

Error WorkerProcess::hung() const
{
    return {"worker-hung", fmt::format("{} did not get any further{} and was stopped.", programName(m_options), where())};
}

void WorkerProcess::signOfLife()
{
    m_lastFrame = std::chrono::steady_clock::now();
    if (m_options.silentCpu > 0ms)
        m_lastCpu = usedCpu();
}

void WorkerProcess::drainComplaints()
{
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t got = m_complaints >= 0 ? ::read(m_complaints, buffer.data(), buffer.size()) : -1;
        if (got > 0) {
            const size_t room = complaintNbytes - std::min(complaintNbytes, m_complaint.size());
            m_complaint.append(buffer.data(), std::min(static_cast<size_t>(got), room));
            continue;
        }
        if (got == 0) {
            ::close(m_complaints);
            m_complaints = -1;
        }
        return;
    }
}

std::chrono::nanoseconds WorkerProcess::usedCpu() const
{
    clockid_t clock{};
    timespec used{};
    if (m_process <= 0 || ::clock_getcpuclockid(m_process, &clock) != 0 || ::clock_gettime(clock, &used) != 0)
        return m_lastCpu;
    return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

uint64_t WorkerProcess::residentNbytes() const
{
    // second number of statm: resident pages (proc(5))
    std::FILE* file = std::fopen(fmt::format("/proc/{}/statm", m_process).c_str(), "re");
    if (!file)
        return 0;
    unsigned long long total = 0;
    unsigned long long resident = 0;
    const int read = std::fscanf(file, "%llu %llu", &total, &resident);
    std::fclose(file);
    return read == 2 ? resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

std::string WorkerProcess::where() const
{
    return m_place.empty() ? "" : " at " + m_place;
}

Error WorkerProcess::died()
{
    drainComplaints();
    // it closed the channel: give it a moment to end by itself, so that the status is its own and not that of our kill
    int status = 0;
    pid_t reaped = 0;
    for (int i = 0; i < 100 && reaped == 0; ++i) {
        reaped = ::waitpid(m_process, &status, WNOHANG);
        if (reaped == 0)
            ::usleep(5000);
    }
    if (reaped == m_process)
        m_process = -1;
    else
        status = end();
    if (m_isHung)
        return hung();
    if (WIFEXITED(status))
        m_exitStatus = WEXITSTATUS(status);
    const std::string how = WIFSIGNALED(status) ? fmt::format("ended by {}", signalText(WTERMSIG(status)))
                                                : fmt::format("ended with exit status {}", WEXITSTATUS(status));
    Error error("worker-died", fmt::format("{} {}{}.", programName(m_options), how, where()));
    if (!m_complaint.empty())
        error.found = shown(m_complaint, 500);
    return error;
}

Error WorkerProcess::broken(const std::string& what)
{
    end();
    return {"worker", fmt::format("{} {}{}.", programName(m_options), what, where())};
}

} // namespace weighbridge
