// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/host_session.h"

#include "core/base/base64.h"
#include "core/base/inference_worker.h"
#include "core/remote/host_protocol.h"

#include <fmt/format.h>

#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace weighbridge::cli {
namespace {

/// A file that the client sent, in memory alone, under a path that a worker of ours can open.
class SentFile {
public:
    explicit SentFile(const std::string& bytes)
        : m_descriptor(::memfd_create("weighbridge", MFD_CLOEXEC))
    {
        for (size_t done = 0; m_descriptor >= 0 && done < bytes.size();) {
            const ssize_t count = ::write(m_descriptor, bytes.data() + done, bytes.size() - done);
            if (count <= 0)
                return;
            done += static_cast<size_t>(count);
        }
        m_isWhole = m_descriptor >= 0;
    }
    ~SentFile()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }
    SentFile(SentFile&& other) noexcept
        : m_descriptor(std::exchange(other.m_descriptor, -1))
        , m_isWhole(other.m_isWhole)
    {
    }
    SentFile& operator=(SentFile&&) = delete;

    [[nodiscard]] bool isWhole() const { return m_isWhole; }
    [[nodiscard]] std::string path() const { return fmt::format("/proc/{}/fd/{}", ::getpid(), m_descriptor); }

private:
    int m_descriptor;
    bool m_isWhole = false;
};

} // namespace

HostAnswer hostDevices(const Value&, HostSession& session)
{
    Value list = listInferenceDevices(session.job);
    return Value::Map{{"answer", std::move(list)}};
}

HostAnswer hostRun(const Value& request, HostSession& session)
{
    const auto path = pathIn(request);
    const Value* given = request.find("request");
    if (!path || !given || !given->isMap())
        return failure(path ? Error("worker", "The request names nothing to run.") : path.error());
    Value own = *given;
    own.set("command", "run").set("path", *path);
    std::vector<SentFile> sent; // as long as the worker runs
    const Value* files = request.find("files");
    for (const char* key : {"image", "config"})
        if (const Value* bytes = files ? files->find(key) : nullptr) {
            const auto decoded = decodeBase64(bytes->stringOr(""));
            if (!decoded)
                return tl::unexpected(decoded.error());
            sent.emplace_back(*decoded);
            if (!sent.back().isWhole())
                return failure("memory", "There is no room for the file that was sent.");
            own.set(key, sent.back().path());
        }
    return askInferenceWorker(own, session.job).map([](Value answer) { return Value::Map{{"answer", std::move(answer)}}; });
}

} // namespace weighbridge::cli
