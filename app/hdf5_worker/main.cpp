// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// weighbridge-hdf5 OFFSET NBYTES: reads the HDF5 file in that range of descriptor 3, on behalf of another program.
// Requests: {"command": "list"}; {"command": "read", "address": object}. Frames: core/base/worker_channel.h.

#include "core/base/worker_channel.h"
#include "core/base/worker_process.h"
#include "handle.h"
#include "lzf_filter.h"
#include "range_driver.h"
#include "read_dataset.h"
#include "sandbox.h"
#include "walk.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <cstring>
#include <new>
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
    if (command && command->stringOr("") == "list")
        return Walk(file, channel).run();
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

int serve(WorkerChannel& channel, const Handle& file, const std::string& notOpened)
{
    for (;;) {
        const auto request = channel.receive(requestNbytes);
        if (!request || !*request)
            return request ? 0 : 2;
        const Result<void> answered = file ? answerWithinMemory(**request, file.id(), channel)
                                           : failure(Error("corrupt", notOpened).fixedBy("Download or copy the file again."));
        const Value last = answered ? Value(Value::Map{{"done", true}}) : Value(Value::Map{{"error", errorToValue(answered.error())}});
        if (!channel.sendJson(last))
            return 0;
    }
}

int run(uint64_t offset, uint64_t nbytes)
{
    // no plugins, no environment that could name any, nothing on the standard error
    ::unsetenv("HDF5_PLUGIN_PATH");
    H5open();
    H5PLset_loading_state(0);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    registerLzfFilter();
    enterSandbox();
    WorkerChannel channel(STDIN_FILENO, STDOUT_FILENO);
    const Handle file = openRange(workerFileDescriptor, offset, nbytes);
    const std::string notOpened = file ? "" : fmt::format("The HDF5 file cannot be opened: {}.", lastHdf5Error());
    return serve(channel, file, notOpened);
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
    uint64_t offset = 0;
    uint64_t nbytes = 0;
    if (count != 3 || !weighbridge::parseNumber(words[1], offset) || !weighbridge::parseNumber(words[2], nbytes)) {
        fmt::print(stderr, "weighbridge-hdf5 is started by Weighbridge itself: it reads HDF5 files in a process of its own.\n");
        return 2;
    }
    // without the library's clean-up at exit, which has crashed on malformed files too
    ::_exit(weighbridge::run(offset, nbytes));
}
