// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// weighbridge-hdf5 OFFSET NBYTES: reads the HDF5 file in that range of descriptor 3, on behalf of another program.
// weighbridge-hdf5 - NBYTES: asks that program for the bytes that it needs: {"wanted": offset, "nbytes"}, to be answered by one frame of bytes.
// Requests: {"command": "list", "verified": most bytes to unpack}; {"command": "read", "address": object}. Frames: core/base/worker_channel.h.

#include "core/base/worker_channel.h"
#include "core/base/worker_process.h"
#include "core/format/detail/hdf5_client.h"
#include "handle.h"
#include "lzf_filter.h"
#include "range_driver.h"
#include "read_dataset.h"
#include "sandbox.h"
#include "walk.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
#include <optional>
#include <unistd.h>

namespace weighbridge {

std::string lastHdf5Error()
{
    std::string out;
    const auto keepFirst = [](unsigned, const H5E_error2_t* error, void* text) -> herr_t {
        auto& kept = *static_cast<std::string*>(text);
        if (kept.empty() && error->desc)
            kept = error->desc;
        return 0;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keepFirst, &out);
    H5Eclear2(H5E_DEFAULT);
    return out.empty() ? "the HDF5 library gives no reason" : out;
}

namespace {

constexpr uint64_t requestNbytes = 65536;

Result<void> answer(const Value& request, hid_t file, WorkerChannel& channel)
{
    const Value* command = request.find("command");
    if (const Value* verified = request.find("verified"); command && command->stringOr("") == "list")
        return Walk(file, channel, verified && verified->integer() ? static_cast<uint64_t>(*verified->integer()) : 0).run();
    const Value* address = request.find("address");
    if (!command || command->stringOr("") != "read" || !address || !address->integer())
        return failure("worker", "The request is not known.");
    const Handle dataset(H5Oopen_by_addr(file, static_cast<haddr_t>(*address->integer())));
    if (!dataset || H5Iget_type(dataset.id()) != H5I_DATASET)
        return failure("corrupt", fmt::format("The dataset cannot be opened: {}.", lastHdf5Error()));
    return readValues(dataset.id(), [&channel](std::span<const std::byte> values) { return channel.sendBytes(values); });
}

/// Allocations that the file asks for end here when they pass the sandbox's limit.
Result<void> answerWithinMemory(const Value& request, hid_t file, WorkerChannel& channel)
try {
    return answer(request, file, channel);
} catch (const std::bad_alloc&) {
    return failure("resource-bomb", "The file needs more memory than the limit of the reading process.");
}

/// Asked for in pieces, of the client's file.
ReadRange rangeOfClient(WorkerChannel& channel)
{
    return [&channel](uint64_t offset, std::span<std::byte> out) {
        try {
            while (!out.empty()) {
                const auto piece = out.first(std::min(out.size(), hdf5WantedNbytes));
                if (!channel.sendJson(Value::Map{{"wanted", offset}, {"nbytes", piece.size()}}) || !channel.receiveBytes(piece))
                    return false;
                offset += piece.size();
                out = out.subspan(piece.size());
            }
            return true;
        } catch (const std::bad_alloc&) {
            return false;
        }
    };
}

/// The file is opened when the first request has come: before, nobody gives the bytes.
int serve(WorkerChannel& channel, const ReadRange& read, uint64_t nbytes)
{
    std::optional<Handle> file;
    std::string notOpened;
    for (;;) {
        const auto request = channel.receive(requestNbytes);
        if (!request || !*request)
            return request ? 0 : 2;
        if (!file) {
            file = openRange(read, nbytes);
            notOpened = *file ? "" : fmt::format("The HDF5 file cannot be opened: {}.", lastHdf5Error());
        }
        const Result<void> answered = *file ? answerWithinMemory(**request, file->id(), channel)
                                            : failure(Error("corrupt", notOpened).fixedBy("Download or copy the file again."));
        const Value last = answered ? Value(Value::Map{{"done", true}}) : Value(Value::Map{{"error", errorToValue(answered.error())}});
        if (!channel.sendJson(last))
            return 0;
    }
}

/// No offset: the client has the bytes.
int run(std::optional<uint64_t> offset, uint64_t nbytes)
{
    // no plugins, no environment that could name any, nothing on the standard error
    ::unsetenv("HDF5_PLUGIN_PATH");
    H5open();
    H5PLset_loading_state(0);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    registerLzfFilter();
    enterSandbox();
    WorkerChannel channel(STDIN_FILENO, STDOUT_FILENO);
    return serve(channel, offset ? rangeOfDescriptor(workerFileDescriptor, *offset) : rangeOfClient(channel), nbytes);
}

bool parseNumber(const char* text, uint64_t& out)
{
    const char* const end = text + std::strlen(text);
    return std::from_chars(text, end, out).ptr == end;
}

} // namespace
} // namespace weighbridge

int main(int count, char** words)
{
    std::optional<uint64_t> offset(0);
    uint64_t nbytes = 0;
    if (count == 3 && std::strcmp(words[1], "-") == 0)
        offset.reset();
    if (count != 3 || (offset && !weighbridge::parseNumber(words[1], *offset)) || !weighbridge::parseNumber(words[2], nbytes)) {
        fmt::print(stderr, "weighbridge-hdf5 is started by Weighbridge itself: it reads HDF5 files in a process of its own.\n");
        return 2;
    }
    // without the library's clean-up at exit, which has crashed on malformed files too
    ::_exit(weighbridge::run(offset, nbytes));
}
