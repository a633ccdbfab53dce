// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// weighbridge-fetch: fetches from http(s) addresses and from the hub, on behalf of another program.
// Requests: {"command": "range", "address", "offset", "count"}; {"command": "document", "address"}. The answer's bytes come as they arrive;
// the last frame holds "nbytes" of the whole file, "etag", "modified" and "ranges". Frames: core/base/worker_channel.h.

#include "core/base/worker_channel.h"
#include "transfer.h"

#include <fmt/format.h>

#include <limits>
#include <unistd.h>

namespace weighbridge {
namespace {

constexpr uint64_t requestNbytes = 65536;

Result<RemoteState> answer(const Value& request, Transfer& transfer, WorkerChannel& channel)
{
    const TransferSink sink{[&channel](std::span<const std::byte> bytes) { return channel.sendBytes(bytes); },
                            [&channel] { return channel.queuePlace("waiting for the server") && channel.flush(); }};
    const auto text = [&request](const char* key) { return request.find(key) ? request.find(key)->stringOr("") : std::string(); };
    const auto number = [&request](const char* key) { return request.find(key) && request.find(key)->integer() ? *request.find(key)->integer() : -1; };
    const int64_t offset = number("offset");
    const int64_t count = number("count");
    if (text("command") == "document")
        return transfer.document(text("address"), sink);
    if (text("command") == "range" && offset >= 0 && count > 0 && count <= std::numeric_limits<int64_t>::max() - offset)
        return transfer.range(text("address"), static_cast<uint64_t>(offset), static_cast<uint64_t>(count), sink);
    return failure("worker", "The request is not known.");
}

int serve()
{
    WorkerChannel channel(STDIN_FILENO, STDOUT_FILENO);
    Transfer transfer;
    for (;;) {
        const auto request = channel.receive(requestNbytes);
        if (!request || !*request)
            return request ? 0 : 2;
        const auto state = answer(**request, transfer, channel);
        const Value last = state ? Value(Value::Map{{"done", true}, {"nbytes", state->nbytes}, {"etag", state->etag}, {"modified", state->modified}, {"ranges", state->hasRanges}})
                                 : Value(Value::Map{{"error", errorToValue(state.error())}});
        if (!channel.sendJson(last))
            return 0;
    }
}

} // namespace
} // namespace weighbridge

int main(int count, char**)
{
    if (count != 1) {
        fmt::print(stderr, "weighbridge-fetch is started by Weighbridge itself, when an address is opened.\n");
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    return weighbridge::serve();
}
