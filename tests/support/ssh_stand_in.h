// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/worker_channel.h"
#include "tests/support/files.h"

#include <string>

/// Programs that are taken in place of ssh, and what they answer.
namespace weighbridge::test {

inline QByteArray frame(const QByteArray& payload, char kind = 'J')
{
    const auto header = encodeFrameHeader({static_cast<uint32_t>(payload.size()), static_cast<FrameKind>(kind)});
    return QByteArray(reinterpret_cast<const char*>(header.data()), header.size()) + payload;
}

/// What a server that can do `capabilities` ("\"open\",\"run\"") says first.
inline QByteArray greetingOf(const QByteArray& capabilities)
{
    return frame("{\"protocol\":1,\"version\":\"9.9\",\"capabilities\":[" + capabilities + "],\"done\":true}");
}

/// For printf of a shell.
inline QByteArray octal(const QByteArray& bytes)
{
    QByteArray out;
    for (const char byte : bytes)
        out += QStringLiteral("\\%1").arg(static_cast<uint8_t>(byte), 3, 8, QLatin1Char('0')).toLatin1();
    return out;
}

/// A folder of such programs. What use() makes is what the next connections are made by.
class SshStandIn {
public:
    /// A shell's script.
    [[nodiscard]] QByteArray make(const char* name, const QByteArray& script) const
    {
        const std::string path = m_folder.write(QString::fromLatin1(name), "#!/bin/sh\n" + script + "\n");
        QFile::setPermissions(QString::fromStdString(path), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        return QByteArray::fromStdString(path);
    }
    void use(const char* name, const QByteArray& script) const { qputenv("WEIGHBRIDGE_SSH", make(name, script)); }
    /// A server of this machine, without a network between. `pipe` stands behind it: "| tee '/x'".
    void useServer(const char* name, const QByteArray& pipe = {}) const { use(name, (pipe.isEmpty() ? "exec " : "") + serve + " " + pipe); }
    /// One whose first connection is cut after so many bytes of its answers.
    void useServerThatIsCutAfter(int nbytes) const
    {
        const QByteArray mark = QByteArray::fromStdString(m_folder.path(QStringLiteral("cut"))) + QByteArray::number(nbytes);
        QFile::remove(QString::fromLocal8Bit(mark));
        const QByteArray pipe = "'" + mark + ".pipe'";
        // dd keeps nothing back; the server is ended with its output, since it may have written all of it already and would wait for the next request
        use("cut", "if [ -e '" + mark + "' ]; then exec " + serve + "; fi; : > '" + mark + "'; rm -f " + pipe + "; mkfifo " + pipe + "; exec 3<&0; " +
                       serve + " <&3 > " + pipe + " & dd bs=1 count=" + QByteArray::number(nbytes) + " if=" + pipe + " status=none; kill $!");
    }
    /// An address that there is no connection to yet, without a path.
    [[nodiscard]] std::string nextHost() { return "ssh://host" + std::to_string(++m_hosts); }
    [[nodiscard]] const TemporaryFolder& folder() const { return m_folder; }

    static inline const QByteArray serve = WEIGHBRIDGE_BIN_DIR "/weighbridge-cli serve --stdio";

private:
    TemporaryFolder m_folder;
    int m_hosts = 0;
};

} // namespace weighbridge::test
