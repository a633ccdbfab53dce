// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/ssh_server.h"

#include "tests/support/loopback.h"

#include <QFileInfo>
#include <QStandardPaths>

#include <cerrno>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

namespace weighbridge::test {
namespace {

QString sshd()
{
    return QStandardPaths::findExecutable(QStringLiteral("sshd"), {QStringLiteral("/usr/sbin"), QStringLiteral("/usr/bin")});
}

bool isListening(quint16 port)
{
    const int descriptor = connectToLoopback(port);
    if (descriptor >= 0)
        ::close(descriptor);
    return descriptor >= 0;
}

} // namespace

QString SshServer::absence()
{
    if (sshd().isEmpty() || QStandardPaths::findExecutable(QStringLiteral("ssh")).isEmpty())
        return QStringLiteral("OpenSSH's server or client is not installed (openssh-server, openssh-client)");
    // root's sshd drops its rights into this folder, which the system's start script makes; other users' need none
    if (::geteuid() == 0 && ::mkdir("/run/sshd", 0755) != 0 && errno != EEXIST)
        return QStringLiteral("/run/sshd cannot be made");
    return {};
}

void SshServer::makeKeys() const
{
    for (const char* name : {"host", "stranger", "user", "other"})
        if (QProcess::execute(QStringLiteral("ssh-keygen"), {"-q", "-t", "ed25519", "-N", "", "-f", QString::fromStdString(m_folder.path(QString::fromLatin1(name)))}) != 0)
            qFatal("ssh-keygen failed");
    m_folder.write(QStringLiteral("authorized_keys"), readFile(QString::fromStdString(m_folder.path(QStringLiteral("user.pub")))));
}

void SshServer::writeFiles(quint16 port, quint16 slowPort, quint16 closedPort) const
{
    const QByteArray folder = QByteArray::fromStdString(m_folder.path());
    const QByteArray at = QByteArray::number(port);
    m_folder.write(QStringLiteral("sshd_config"), "Port " + at + "\nListenAddress 127.0.0.1\nHostKey " + folder + "/host\nPidFile none\nAuthorizedKeysFile " + folder
                                                      + "/authorized_keys\nUsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
                                                        "SetEnv PATH=" WEIGHBRIDGE_BIN_DIR ":/usr/bin:/bin\n");
    const QByteArray hostKey = readFile(QString::fromStdString(m_folder.path(QStringLiteral("host.pub"))));
    const QByteArray strangerKey = readFile(QString::fromStdString(m_folder.path(QStringLiteral("stranger.pub"))));
    m_folder.write(QStringLiteral("known_hosts"), "box " + hostKey + "stranger " + strangerKey);
    const passwd* const user = ::getpwuid(::geteuid());
    const auto place = [&](const char* name, const QByteArray& itsPort, const char* key, const char* alias) {
        return QByteArray("Host ") + name + "\n HostName 127.0.0.1\n Port " + itsPort + "\n IdentityFile " + folder + "/" + key + "\n HostKeyAlias " + alias + "\n";
    };
    m_folder.write(
        QStringLiteral("config"),
        place("box", at, "user", "box") + place("stranger", at, "user", "stranger") + place("locked", at, "other", "box") +
            place("slow", QByteArray::number(slowPort), "user", "box") + place("closed", QByteArray::number(closedPort), "user", "box") +
            "Host *\n User " + QByteArray(user ? user->pw_name : "nobody") +
            "\n IdentitiesOnly yes\n IdentityAgent none\n StrictHostKeyChecking yes\n GlobalKnownHostsFile /dev/null\n UserKnownHostsFile " + folder +
            "/known_hosts\n BatchMode yes\n");
    m_folder.write(QStringLiteral("ssh"), "#!/bin/sh\nexec ssh -F '" + folder + "/config' \"$@\"\n");
    QFile::setPermissions(client(), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
}

SshServer::SshServer()
{
    makeKeys();
    const quint16 port = freePort();
    m_relay = std::make_unique<SlowRelay>(port);
    writeFiles(port, m_relay->port(), freePort());
    m_server.setProcessChannelMode(QProcess::MergedChannels);
    m_server.start(sshd(), {"-D", "-e", "-f", QString::fromStdString(m_folder.path(QStringLiteral("sshd_config")))});
    for (int i = 0; i < 200 && m_server.state() != QProcess::NotRunning && !isListening(port); ++i)
        m_server.waitForFinished(50);
    if (m_server.state() == QProcess::NotRunning)
        qFatal("sshd does not start: %s", m_server.readAll().constData());
}

SshServer::~SshServer()
{
    m_server.terminate();
    if (!m_server.waitForFinished(5000))
        m_server.kill();
    m_server.waitForFinished();
}

} // namespace weighbridge::test
