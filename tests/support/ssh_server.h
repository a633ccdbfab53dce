// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "tests/support/files.h"
#include "tests/support/slow_relay.h"

#include <QProcess>
#include <QString>

#include <memory>

namespace weighbridge::test {

/// sshd on a free port of the loopback interface, as the user who runs the test, with keys and configuration of its own, and an `ssh` that knows it as the
/// host "box". Programs are looked for in WEIGHBRIDGE_BIN_DIR first there.
class SshServer {
public:
    /// Why there can be none here; empty if it can.
    static QString absence();
    /// Fails the test program where sshd does not start.
    SshServer();
    ~SshServer();
    SshServer(const SshServer&) = delete;
    SshServer& operator=(const SshServer&) = delete;

    /// A program to take in place of ssh; hosts: "box"; "stranger", whose key is another than is known; "locked", to which the user has no key;
    /// "slow", the same server behind relay(); "closed", a port without a server.
    [[nodiscard]] QString client() const { return QString::fromStdString(m_folder.path(QStringLiteral("ssh"))); }

    [[nodiscard]] SlowRelay& relay() { return *m_relay; }

private:
    void makeKeys() const;
    void writeFiles(quint16 port, quint16 slowPort, quint16 closedPort) const;

    TemporaryFolder m_folder;
    QProcess m_server;
    std::unique_ptr<SlowRelay> m_relay;
};

} // namespace weighbridge::test
