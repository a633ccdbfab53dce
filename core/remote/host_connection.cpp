// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/host_connection.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/worker_process.h"
#include "core/remote/host_protocol.h"
#include "core/remote/silence.h"
#include "core/remote/ssh_trouble.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

namespace weighbridge {
namespace {

using namespace std::chrono_literals;

constexpr size_t mostConnections = 2; ///< to one place: one for long work, one for what is looked at
constexpr int mostAttempts = 3;
constexpr auto patience = 120s; ///< until the other machine answers: a password may have to be typed
constexpr size_t mostCapabilities = 100;

/// One that ssh holds, and what the program at its end has said of itself.
struct Connection {
    std::unique_ptr<WorkerProcess> ssh;
    HostVersion version;
    bool isKept = false; ///< it has answered before
};

/// The system's ssh, or what WEIGHBRIDGE_SSH names.
std::string sshProgram()
{
    if (const char* given = std::getenv("WEIGHBRIDGE_SSH"); given && *given)
        return given;
    const char* path = std::getenv("PATH");
    for (const std::string_view folder : split(path ? path : "/usr/bin:/bin", ':')) {
        std::error_code ignored;
        const auto candidate = std::filesystem::path(folder) / "ssh";
        if (candidate.is_absolute() && std::filesystem::is_regular_file(candidate, ignored))
            return candidate.string();
    }
    return "/usr/bin/ssh";
}

/// No terminal, no forwarded agent, display or port, and the command given here whatever the config says. Keys, jump hosts and known hosts are ssh's business.
std::vector<std::string> sshArguments(const SshAddress& address)
{
    std::vector<std::string> out{"-T", "-a", "-x", "-o", "ClearAllForwardings=yes", "-o", "RemoteCommand=none", "-o", "PermitLocalCommand=no", "-o", "ServerAliveInterval=15"};
    if (!address.user.empty())
        out.insert(out.end(), {"-l", address.user});
    if (address.port)
        out.insert(out.end(), {"-p", std::to_string(address.port)});
    out.insert(out.end(), {"--", address.host, "weighbridge-cli serve --stdio"});
    return out;
}

/// One request and all of its answer; `isWhole` afterwards if the connection is of use.
class Exchange {
public:
    Exchange(WorkerProcess& ssh, const JobContext& job) : m_ssh(ssh), m_job(job), m_ours{job.stop, {}} {}

    Result<Value> run(const Value& request, const HostFrameSink& sink)
    {
        if (auto sent = m_ssh.sendJson(request, m_ours); !sent)
            return tl::unexpected(sent.error());
        for (;;) {
            auto frame = m_ssh.receive(m_ours);
            if (!frame)
                return tl::unexpected(frame.error());
            if (frame->kind == FrameKind::Bytes) {
                if (auto taken = sink({nullptr, std::move(frame->payload)}); !taken)
                    return tl::unexpected(taken.error());
                continue;
            }
            auto document = parseJson(frame->text());
            if (!document)
                return failure("worker", "");
            if (document->value.find("done") || document->value.find("error"))
                return finish(std::move(document->value));
            if (auto taken = take(document->value, sink); !taken)
                return tl::unexpected(taken.error());
        }
    }
    [[nodiscard]] bool isWhole() const { return m_isWhole; }

private:
    Result<Value> finish(Value last)
    {
        m_isWhole = true;
        if (const Value* error = last.find("error"))
            return failure(errorFromValue(*error));
        return last;
    }

    Result<void> take(const Value& document, const HostFrameSink& sink)
    {
        const Value* progress = document.find("progress");
        if (!progress)
            return sink({&document, {}});
        m_job.report({shown(host::textIn(document, "what")), host::numberIn(*progress, "done").value_or(0), host::numberIn(*progress, "total").value_or(0)});
        return {};
    }

    WorkerProcess& m_ssh;
    const JobContext& m_job;
    JobContext m_ours;
    bool m_isWhole = false;
};

Result<void> nothing(const HostFrame&)
{
    return failure("worker", "");
}

Result<HostVersion> versionFrom(const Value& answer, const SshAddress& address)
{
    HostVersion out{shown(host::textIn(answer, "version"), 40), {}};
    if (host::numberIn(answer, "protocol") != static_cast<uint64_t>(host::protocol))
        return failure(Error("unsupported-version", fmt::format("weighbridge-cli on {} is version {}, which speaks another protocol than this one.", shown(address.host), out.version)).fixedBy(howToInstallThere(address)));
    const Value* list = answer.find("capabilities");
    for (const Value& entry : list && list->list() ? *list->list() : Value::List{})
        if (out.capabilities.size() < mostCapabilities)
            out.capabilities.push_back(entry.stringOr(""));
    return out;
}

Result<Connection> connect(const SshAddress& address, const JobContext& job)
{
    WorkerOptions options;
    options.program = sshProgram();
    options.arguments = sshArguments(address);
    options.silence = std::getenv("WEIGHBRIDGE_TIMEOUT") ? longestSilence() : patience;
    job.report({fmt::format("connecting to {}", shown(address.host)), 0, 0});
    auto ssh = WorkerProcess::start(std::move(options));
    if (!ssh)
        return failure(Error("dependency-missing", "The program ssh is needed for this and is not installed.").fixedBy("Install it: sudo apt install openssh-client"));
    Exchange exchange(**ssh, job);
    const auto answer = exchange.run(Value::Map{{"command", "hello"}, {"protocol", host::protocol}}, &nothing);
    if (!answer)
        return failure(answer.error().rule == "cancelled" || exchange.isWhole() ? answer.error() : sshTrouble(answer.error(), **ssh, address, false));
    auto version = versionFrom(*answer, address);
    if (!version)
        return tl::unexpected(version.error());
    (*ssh)->allowSilence(longestSilence());
    return Connection{std::move(*ssh), std::move(*version), false};
}

/// The connections to all places.
class Connections {
public:
    /// One that is free, or a new one when fewer than mostConnections are in use; waits for one otherwise.
    Result<Connection> take(const SshAddress& address, const JobContext& job)
    {
        const std::string place = address.place();
        {
            std::unique_lock lock(m_mutex);
            Place& at = m_places[place];
            if (!m_changed.wait(lock, job.stop, [&at] { return at.used < mostConnections; }))
                return failure(cancelledError());
            ++at.used;
            if (!at.free.empty()) {
                Connection out = std::move(at.free.back());
                at.free.pop_back();
                out.isKept = true;
                return out;
            }
        }
        auto made = connect(address, job);
        if (!made)
            giveBack(address, std::nullopt);
        return made;
    }

    void giveBack(const SshAddress& address, std::optional<Connection> connection)
    {
        const std::scoped_lock lock(m_mutex);
        Place& at = m_places[address.place()];
        --at.used;
        if (connection)
            at.free.push_back(std::move(*connection));
        m_changed.notify_all();
    }

private:
    struct Place {
        std::vector<Connection> free;
        size_t used = 0;
    };
    std::mutex m_mutex; ///< guards what follows
    std::condition_variable_any m_changed;
    std::map<std::string, Place> m_places;
};

Connections& connections()
{
    static Connections out;
    return out;
}

Result<Value> askOnce(const SshAddress& address, const Value& request, const JobContext& job, const HostFrameSink& sink)
{
    auto connection = connections().take(address, job);
    if (!connection)
        return tl::unexpected(connection.error());
    Exchange exchange(*connection->ssh, job);
    auto answer = exchange.run(request, sink);
    if (exchange.isWhole()) {
        connections().giveBack(address, std::move(*connection));
        return answer;
    }
    // Ctrl+C in a terminal ends ssh too
    Error error = job.cancelled() ? cancelledError() : answer.error().rule == "cancelled" ? answer.error() : sshTrouble(answer.error(), *connection->ssh, address, true);
    connection->ssh.reset();
    connections().giveBack(address, std::nullopt);
    return failure(std::move(error));
}

} // namespace

bool HostVersion::can(const std::string& capability) const
{
    return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

Result<Value> askHost(const SshAddress& address, const std::function<Value()>& request, const JobContext& job, const HostFrameSink& sink)
{
    auto answer = askOnce(address, request(), job, sink);
    for (int attempt = 1; attempt < mostAttempts && !answer && answer.error().rule == "connection-lost" && !job.cancelled(); ++attempt) {
        job.report({fmt::format("the connection to {} was cut; connecting again", shown(address.host)), 0, 0});
        answer = askOnce(address, request(), job, sink);
    }
    return std::move(answer).map_error([&address](Error error) { return error.rule == "cancelled" || !error.path.empty() ? std::move(error) : std::move(error).at(address.text()); });
}

std::optional<Result<Value>> askHostAbout(const SshAddress& address, const std::function<Value()>& request, const JobContext& job, const HostFrameSink& sink)
{
    auto asked = askHost(address, request, job, sink);
    return !asked && asked.error().rule == host::otherCheckpoint ? std::nullopt : std::optional(std::move(asked));
}

Result<void> noFrames(const HostFrame&)
{
    return failure("worker", "");
}

Result<HostVersion> hostVersion(const SshAddress& address, const JobContext& job)
{
    auto connection = connections().take(address, job);
    if (!connection)
        return failure(connection.error().rule == "cancelled" ? connection.error() : Error(connection.error()).at(address.text()));
    HostVersion version = connection->version;
    connections().giveBack(address, std::move(*connection));
    return version;
}

} // namespace weighbridge
