// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"
#include "app/cli/host_session.h"
#include "app/cli/sent_ahead.h"

#include "core/checkpoint/open_checkpoint.h"
#include "core/remote/host_protocol.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unistd.h>

/// The other end of core/remote/host_protocol.h: what Weighbridge on another machine starts here through ssh. It reads what the user who started it may read,
/// and writes nothing.
namespace weighbridge::cli {
namespace {

HostAnswer hello(const Value&, HostSession&)
{
    return Value::Map{{"protocol", host::protocol},
                      {"version", WEIGHBRIDGE_VERSION},
                      {"capabilities", Value::List{"open", "statistics", "sha256", "checksums", "file-sha256", "run", "difference"}}};
}

HostAnswer stat(const Value& request, HostSession& session)
{
    return pathIn(request).map([&session](const std::string& path) {
        session.outlet.send(host::toValue(path, entryAt(path)));
        return Value::Map{};
    });
}

HostAnswer list(const Value& request, HostSession& session)
{
    return pathIn(request).and_then(&namesIn).map([&session](const std::vector<host::Name>& names) {
        for (const Value& document : nameDocuments(names, {}, {{"begins", true}}))
            session.outlet.send(document);
        return Value::Map{};
    });
}

HostAnswer read(const Value& request, HostSession& session)
{
    const auto offset = host::numberIn(request, "offset");
    const auto count = host::numberIn(request, "count");
    const auto path = pathIn(request);
    if (!path || !offset || !count || *count > host::rangeNbytes)
        return failure(path ? Error("worker", "The request names no range.") : path.error());
    const host::Entry before = entryAt(*path);
    const auto file = openFile(*path);
    if (!file)
        return tl::unexpected(file.error());
    session.outlet.send(host::toValue(*path, before));
    const uint64_t end = std::min(*offset + *count, before.state.nbytes);
    for (uint64_t at = *offset; at < end; at += host::frameNbytes) {
        const auto bytes = (*file)->read(at, std::min(host::frameNbytes, end - at));
        if (!bytes)
            return tl::unexpected(bytes.error());
        session.outlet.send(*bytes);
    }
    return Value::Map{};
}

HostAnswer open(const Value& request, HostSession& session)
{
    return pathIn(request).map([&](const std::string& path) {
        session.outlet.send(Value::Map{{"begins", true}, {"path", host::encodedPath(path)}});
        SendingAhead ahead(session.outlet);
        if (auto opened = openCheckpoint(path, session.job)) // why it cannot be opened the client finds out, as here
            session.kept.keep(std::move(*opened));
        return Value::Map{};
    });
}

struct HostCommand {
    std::string_view name;
    HostAnswer (*run)(const Value&, HostSession&);
};
constexpr std::array hostCommands{HostCommand{"hello", &hello},
                                  HostCommand{"stat", &stat},
                                  HostCommand{"list", &list},
                                  HostCommand{"read", &read},
                                  HostCommand{"open", &open},
                                  HostCommand{"statistics", &hostStatistics},
                                  HostCommand{"sha256", &hostSha256},
                                  HostCommand{"checksums", &hostChecksums},
                                  HostCommand{"file-sha256", &hostFileSha256},
                                  HostCommand{"devices", &hostDevices},
                                  HostCommand{"run", &hostRun},
                                  HostCommand{"difference", &hostDifference},
                                  HostCommand{"low-rank", &hostLowRank}};

Value answer(const Value& request, HostSession session)
{
    const auto command = std::find_if(hostCommands.begin(), hostCommands.end(), [name = host::textIn(request, "command")](const HostCommand& one) { return one.name == name; });
    auto result = command == hostCommands.end() ? HostAnswer(failure("worker", "This version of weighbridge-cli does not know the request.")) : command->run(request, session);
    if (!result)
        return Value::Map{{"error", errorToValue(result.error())}};
    result->emplace_back("done", true);
    return std::move(*result);
}

int serve(const Arguments& arguments, JobContext& job)
{
    if (!arguments.has("stdio") || ::isatty(STDIN_FILENO) != 0)
        return fail(Error("usage", "`serve --stdio` speaks to Weighbridge on another machine, which starts it through ssh.").fixedBy("On that machine open ssh://HOST/PATH."), arguments);
    WorkerChannel channel(STDIN_FILENO, STDOUT_FILENO);
    KeptCheckpoint kept, other;
    for (;;) {
        const auto request = channel.receive(host::requestNbytes);
        if (!request || !*request)
            return request ? 0 : 2;
        Value last;
        {
            HostOutlet outlet(channel);
            JobContext ours{job.stop, outlet.progress()};
            last = answer(**request, {outlet, ours, kept, other});
        }
        if (!channel.sendJson(last))
            return 0;
    }
}

} // namespace

Command serveCommand()
{
    return {"serve", "serve --stdio", {"stdio"}, {}, 0, 0, &serve};
}

} // namespace weighbridge::cli
