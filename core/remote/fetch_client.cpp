// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/fetch_client.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/base/worker_process.h"
#include "core/remote/address.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>
#include <mutex>

namespace weighbridge {
namespace {

using WorkerPtr = std::unique_ptr<WorkerProcess>;

constexpr size_t mostIdle = 4; ///< workers that are kept, with their connections, for the next request
constexpr uint64_t workerNbytes = 512 * limits::MiB;

/// Workers that have nothing to do.
class IdleWorkers {
public:
    Result<WorkerPtr> take()
    {
        {
            const std::scoped_lock lock(m_mutex);
            if (!m_workers.empty()) {
                WorkerPtr worker = std::move(m_workers.back());
                m_workers.pop_back();
                return worker;
            }
        }
        WorkerOptions options;
        const char* given = std::getenv("WEIGHBRIDGE_FETCH_WORKER");
        options.program = given && *given ? given : siblingProgram("weighbridge-fetch");
        options.residentNbytes = workerNbytes;
        return WorkerProcess::start(std::move(options));
    }
    void giveBack(WorkerPtr worker)
    {
        const std::scoped_lock lock(m_mutex);
        if (m_workers.size() < mostIdle)
            m_workers.push_back(std::move(worker));
    }

private:
    std::mutex m_mutex; ///< guards m_workers
    std::vector<WorkerPtr> m_workers;
};

IdleWorkers& idleWorkers()
{
    static IdleWorkers workers;
    return workers;
}

std::string textOf(const Value& value, std::string_view key)
{
    const Value* found = value.find(key);
    return found ? shown(found->stringOr("")) : "";
}

RemoteState stateFrom(const Value& value)
{
    RemoteState state;
    const Value* nbytes = value.find("nbytes");
    if (nbytes && nbytes->integer() && *nbytes->integer() >= 0)
        state.nbytes = static_cast<uint64_t>(*nbytes->integer());
    state.etag = textOf(value, "etag");
    state.modified = textOf(value, "modified");
    const Value* ranges = value.find("ranges");
    state.hasRanges = ranges && ranges->boolean() && *ranges->boolean();
    return state;
}

Error noSense()
{
    return Error("worker", "The program that fetches from addresses answered something that it should not.");
}

/// One request and all of its answer. The worker is of use afterwards only if this returns no Error, or one that the worker sent itself.
class Exchange {
public:
    Exchange(WorkerProcess& worker, JobContext& job, uint64_t maximum) : m_worker(worker), m_job(job), m_maximum(maximum) {}

    Result<FetchedRange> run(const Value& request)
    {
        if (auto sent = m_worker.sendJson(request, m_job); !sent)
            return tl::unexpected(sent.error());
        FetchedRange out;
        for (;;) {
            const auto frame = m_worker.receive(m_job);
            if (!frame)
                return tl::unexpected(frame.error());
            if (frame->kind == FrameKind::Bytes) {
                if (frame->payload.size() > m_maximum - out.bytes.size())
                    return failure(noSense());
                out.bytes.insert(out.bytes.end(), frame->payload.begin(), frame->payload.end());
                continue;
            }
            const auto document = parseJson(frame->text());
            if (!document)
                return failure(noSense());
            if (const Value* error = document->value.find("error")) {
                m_isWhole = true;
                return failure(errorFromValue(*error));
            }
            if (document->value.find("done")) {
                m_isWhole = true;
                out.state = stateFrom(document->value);
                return out;
            }
        }
    }
    [[nodiscard]] bool isWhole() const { return m_isWhole; }

private:
    WorkerProcess& m_worker;
    JobContext& m_job;
    uint64_t m_maximum;
    bool m_isWhole = false;
};

Result<FetchedRange> ask(const Value& request, uint64_t maximum, const std::string& address, const JobContext& job)
{
    auto worker = idleWorkers().take();
    if (!worker)
        return tl::unexpected(worker.error());
    JobContext ours{job.stop, {}};
    Exchange exchange(**worker, ours, maximum);
    auto fetched = exchange.run(request);
    if (exchange.isWhole())
        idleWorkers().giveBack(std::move(*worker));
    return std::move(fetched).map_error([&address](Error error) { return error.rule == "cancelled" ? std::move(error) : std::move(error).at(address); });
}

} // namespace

bool RemoteState::agreesWith(const RemoteState& other) const
{
    const auto differ = [](const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; };
    const bool bothHaveTags = !etag.empty() && !other.etag.empty();
    return nbytes == other.nbytes && !differ(etag, other.etag) && (bothHaveTags || !differ(modified, other.modified));
}

Result<FetchedRange> fetchRange(const std::string& address, uint64_t offset, uint64_t count, const JobContext& job)
{
    const Value request(Value::Map{{"command", "range"}, {"address", address}, {"offset", offset}, {"count", count}});
    auto fetched = ask(request, std::max(count, wholeNbytes), address, job);
    if (!fetched)
        return fetched;
    const uint64_t left = offset < fetched->state.nbytes ? fetched->state.nbytes - offset : 0;
    if (fetched->bytes.size() != (fetched->state.hasRanges ? std::min(count, left) : fetched->state.nbytes))
        return failure(noSense().at(address));
    return fetched;
}

Result<std::string> fetchDocument(const std::string& url, const JobContext& job)
{
    return ask(Value::Map{{"command", "document"}, {"address", url}}, wholeNbytes, url, job).map([](const FetchedRange& fetched) {
        return std::string(reinterpret_cast<const char*>(fetched.bytes.data()), fetched.bytes.size());
    });
}

} // namespace weighbridge
