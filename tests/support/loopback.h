// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <arpa/inet.h>
#include <cstdint>
#include <cstdlib>
#include <sys/socket.h>
#include <unistd.h>

/// Sockets of the loopback interface.
namespace weighbridge::test {

inline sockaddr_in loopback(uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    address.sin_port = ::htons(port);
    return address;
}

/// On a free port. Ends the program where there is none.
inline int listenOnLoopback()
{
    const int out = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(0);
    if (::bind(out, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || ::listen(out, 16) != 0)
        std::abort();
    return out;
}

inline uint16_t portOf(int socket)
{
    sockaddr_in address{};
    socklen_t length = sizeof address;
    return ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) == 0 ? ::ntohs(address.sin_port) : uint16_t(0);
}

/// -1: nobody listens.
inline int connectToLoopback(uint16_t port)
{
    const int out = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (::connect(out, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
        return out;
    ::close(out);
    return -1;
}

/// One that nobody listens on now.
inline uint16_t freePort()
{
    const int listener = listenOnLoopback();
    const uint16_t out = portOf(listener);
    ::close(listener);
    return out;
}

} // namespace weighbridge::test
