// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace weighbridge::test {

/// Passes on what goes to a port of this machine, as slowly as a bad line does, and can be cut. A thread for each connection.
class SlowRelay {
public:
    /// Listens on a free port.
    explicit SlowRelay(uint16_t to);
    ~SlowRelay();
    SlowRelay(const SlowRelay&) = delete;
    SlowRelay& operator=(const SlowRelay&) = delete;

    [[nodiscard]] uint16_t port() const { return m_port; }
    /// Of what comes from the port; 0: as fast as it goes.
    void setBytesPerSecond(uint64_t rate) { m_bytesPerSecond = rate; }
    /// All connections end once so many more bytes have come; later ones are not cut.
    void cutAfter(int64_t nbytes) { m_left = nbytes; }
    [[nodiscard]] uint64_t passed() const { return m_passed; }
    [[nodiscard]] int connections() const { return m_connections; }

private:
    void accept();
    void pass(int client);

    int m_listener = -1;
    uint16_t m_to;
    uint16_t m_port = 0;
    std::atomic<uint64_t> m_bytesPerSecond{0};
    std::atomic<int64_t> m_left{INT64_MAX};
    std::atomic<uint64_t> m_passed{0};
    std::atomic<int> m_connections{0};
    std::atomic<bool> m_ends{false};
    std::vector<std::jthread> m_passing; ///< of m_accepting
    std::jthread m_accepting;
};

} // namespace weighbridge::test
