// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A worker that does what a request says: answers as it should, or in one of the ways in which workers fail.
#include "core/base/worker_channel.h"
#include "core/base/worker_process.h"

#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <unistd.h>
#include <vector>

using namespace weighbridge;

namespace {

std::string fileText()
{
    std::array<char, 64> buffer{};
    const ssize_t got = ::pread(workerFileDescriptor, buffer.data(), buffer.size(), 0);
    return got > 0 ? std::string(buffer.data(), static_cast<size_t>(got)) : "";
}

std::string environmentText(const char* name)
{
    const char* text = std::getenv(name);
    return text ? text : "";
}

[[noreturn]] void spin()
{
    for (std::atomic<unsigned> turns = 0;;)
        ++turns;
}

/// Memory that is really held.
void allocate(size_t nbytes)
{
    static std::vector<char> held;
    held.assign(nbytes, 'x');
}

bool obey(const std::string& what, const Value& request, WorkerChannel& channel)
{
    if (what == "echo")
        return channel.sendJson(Value::Map{{"done", true}, {"request", request}, {"file", fileText()}, {"environment", environmentText("WORKER_TEST")}});
    if (what == "bytes")
        return channel.sendBytes(std::vector<std::byte>(100'000, std::byte{7})) && channel.sendJson(Value::Map{{"done", true}});
    if (what == "complain")
        std::fprintf(stderr, "%s\n", std::string(100'000, '!').c_str());
    if (what == "exit" || what == "complain")
        ::_exit(3);
    if (what == "garbage")
        return ::write(STDOUT_FILENO, "no frame at all", 15) > 0;
    if (what == "long")
        return channel.sendBytes(std::vector<std::byte>(40'000'000));
    if (!channel.queuePlace("layer/7"))
        return false;
    // the place is still waiting: a signal must send it
    if (what == "crash")
        std::raise(SIGSEGV);
    if (what == "spin")
        spin();
    if (!channel.flush())
        return false;
    if (what == "memory")
        allocate(600'000'000);
    for (;;)
        ::pause();
}

} // namespace

int main()
{
    WorkerChannel channel(STDIN_FILENO, STDOUT_FILENO);
    for (;;) {
        const auto request = channel.receive(1'000'000);
        if (!request || !*request)
            return 0;
        if (!obey((*request)->find("do")->stringOr(""), **request, channel))
            return 1;
    }
}
