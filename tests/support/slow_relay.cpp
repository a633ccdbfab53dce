// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/slow_relay.h"

#include "tests/support/loopback.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <poll.h>
#include <unistd.h>

namespace weighbridge::test {
namespace {

constexpr int waitMs = 20;

bool sendAll(int to, const char* bytes, ssize_t count)
{
    while (count > 0) {
        const ssize_t sent = ::send(to, bytes, static_cast<size_t>(count), MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        bytes += sent;
        count -= sent;
    }
    return true;
}

} // namespace

SlowRelay::SlowRelay(uint16_t to)
    : m_listener(listenOnLoopback())
    , m_to(to)
    , m_port(portOf(m_listener))
    , m_accepting([this] { accept(); })
{
}

SlowRelay::~SlowRelay()
{
    m_ends = true;
    m_accepting.join();
    m_passing.clear();
    ::close(m_listener);
}

void SlowRelay::accept()
{
    while (!m_ends) {
        pollfd waiting{m_listener, POLLIN, 0};
        if (::poll(&waiting, 1, waitMs) <= 0)
            continue;
        if (const int client = ::accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC); client >= 0)
            m_passing.emplace_back([this, client] { pass(client); });
    }
}

void SlowRelay::pass(int client)
{
    const int server = connectToLoopback(m_to);
    ++m_connections;
    std::array<char, 4096> buffer{};
    for (bool isOpen = server >= 0; isOpen && !m_ends;) {
        std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
        if (::poll(ends.data(), ends.size(), waitMs) <= 0)
            continue;
        if (ends[0].revents != 0) {
            const ssize_t count = ::read(client, buffer.data(), buffer.size());
            isOpen = count > 0 && sendAll(server, buffer.data(), count);
        }
        if (isOpen && ends[1].revents != 0) {
            const ssize_t count = ::read(server, buffer.data(), buffer.size());
            if (const uint64_t rate = m_bytesPerSecond; rate > 0 && count > 0)
                std::this_thread::sleep_for(std::chrono::microseconds(static_cast<uint64_t>(count) * 1'000'000 / rate));
            m_passed += static_cast<uint64_t>(std::max<ssize_t>(count, 0));
            const bool isCut = m_left != INT64_MAX && (m_left -= count) <= 0;
            isOpen = count > 0 && !isCut && sendAll(client, buffer.data(), count);
            if (isCut)
                m_left = INT64_MAX;
        }
    }
    ::close(client);
    ::close(server);
}

} // namespace weighbridge::test
