// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QByteArray>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>

#include <string>

/// Files for tests: those of tests/data, and those that a test writes into a folder of its own.
namespace weighbridge::test {

inline QString dataPath(const QString& relative)
{
    return QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/") + relative;
}

inline QByteArray readFile(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// A folder that is deleted with the object.
class TemporaryFolder {
public:
    std::string write(const QString& name, const QByteArray& bytes) const
    {
        const QString path = m_folder.filePath(name);
        QDir().mkpath(QFileInfo(path).path());
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write %s", qPrintable(path));
        return path.toStdString();
    }
    std::string path(const QString& name = {}) const { return name.isEmpty() ? m_folder.path().toStdString() : m_folder.filePath(name).toStdString(); }

private:
    QTemporaryDir m_folder;
};

/// A safetensors file of a header text and data.
inline QByteArray safetensors(const QByteArray& header, const QByteArray& data)
{
    QByteArray out(8, '\0');
    for (int i = 0; i < 8; ++i)
        out[i] = static_cast<char>(static_cast<quint64>(header.size()) >> (8 * i));
    return out + header + data;
}

} // namespace weighbridge::test
