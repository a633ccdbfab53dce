// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"
#include "app/cli/host_outlet.h"
#include "app/cli/sent_ahead.h"

#include "core/checkpoint/open_checkpoint.h"
#include "core/remote/host_protocol.h"
#include "core/remote/percent.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>
#include <unistd.h>

/// The other end of core/remote/host_protocol.h: what Weighbridge on another machine starts here through ssh. It reads what the user who started it may read,
/// and writes nothing.
namespace weighbridge::cli {
namespace {

/// The path of a request: from the root; "/~/" is the user's home. Error `not-found` for none.
Result<std::string> pathIn(const Value& request)
{
    std::string path = percentDecoded(host::textIn(request, "path"));
    if (path == "/~" || path.starts_with("/~/")) {
        const char* home = std::getenv("HOME");
        path = (home && *home ? home : "/") + path.substr(2);
    }
    if (!path.starts_with('/') || path.find('\0') != std::string::npos)
        return failure("not-found", "The request names no path from the root.");
    return path;
}

using Answer = Result<Value::Map>;

Answer hello(const Value&, HostOutlet&, JobContext&)
{
    return Value::Map{{"protocol", host::protocol}, {"version", WEIGHBRIDGE_VERSION}, {"capabilities", Value::List{"open"}}};
}

Answer stat(const Value& request, HostOutlet& outlet, JobContext&)
{
    return pathIn(request).map([&outlet](const std::string& path) {
        outlet.send(host::toValue(path, entryAt(path)));
        return Value::Map{};
    });
}

Answer list(const Value& request, HostOutlet& outlet, JobContext&)
{
    return pathIn(request).and_then(&namesIn).map([&outlet](const std::vector<host::Name>& names) {
        for (const Value& document : nameDocuments(names, {}, {{"begins", true}}))
            outlet.send(document);
        return Value::Map{};
    });
}

Answer read(const Value& request, HostOutlet& outlet, JobContext&)
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
    outlet.send(host::toValue(*path, before));
    const uint64_t end = std::min(*offset + *count, before.state.nbytes);
    for (uint64_t at = *offset; at < end; at += host::frameNbytes) {
        const auto bytes = (*file)->read(at, std::min(host::frameNbytes, end - at));
        if (!bytes)
            return tl::unexpected(bytes.error());
        outlet.send(*bytes);
    }
    return Value::Map{};
}

Answer open(const Value& request, HostOutlet& outlet, JobContext& job)
{
    return pathIn(request).map([&](const std::string& path) {
        outlet.send(Value::Map{{"begins", true}, {"path", host::encodedPath(path)}});
        SendingAhead ahead(outlet);
        (void)openCheckpoint(path, job); // why it cannot be opened the client finds out, as here
        return Value::Map{};
    });
}

struct HostCommand {
    std::string_view name;
    Answer (*run)(const Value&, HostOutlet&, JobContext&);
};
constexpr std::array hostCommands{HostCommand{"hello", &hello}, HostCommand{"stat", &stat}, HostCommand{"list", &list}, HostCommand{"read", &read}, HostCommand{"open", &open}};

Value answer(const Value& request, HostOutlet& outlet, JobContext& job)
{
    const auto command = std::find_if(hostCommands.begin(), hostCommands.end(), [name = host::textIn(request, "command")](const HostCommand& one) { return one.name == name; });
    auto result = command == hostCommands.end() ? Answer(failure("worker", "This version of weighbridge-cli does not know the request.")) : command->run(request, outlet, job);
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
    for (;;) {
        const auto request = channel.receive(host::requestNbytes);
        if (!request || !*request)
            return request ? 0 : 2;
        Value last;
        {
            HostOutlet outlet(channel);
            JobContext ours{job.stop, outlet.progress()};
            last = answer(**request, outlet, ours);
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
