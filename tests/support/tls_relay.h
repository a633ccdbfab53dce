// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QByteArray>
#include <QObject>
#include <QThread>

#include <cstdint>

namespace weighbridge::test {

/// What a server without encryption says, in TLS, on a free port of this machine. A thread of its own.
class TlsRelay {
public:
    /// `certificate` and `key` (of an elliptic curve) as PEM. Fails the test program where they are none.
    TlsRelay(uint16_t to, const QByteArray& certificate, const QByteArray& key);
    ~TlsRelay();
    TlsRelay(const TlsRelay&) = delete;
    TlsRelay& operator=(const TlsRelay&) = delete;

    [[nodiscard]] uint16_t port() const { return m_port; }

private:
    QThread m_thread;
    QObject* m_place; ///< of the thread: what belongs to it goes with it
    uint16_t m_port = 0;
};

} // namespace weighbridge::test
