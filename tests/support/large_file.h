// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/json.h"
#include "tests/support/files.h"

namespace weighbridge::test {

/// Writes a large file of which tests/data holds what is not zero (tools/make_format_data.py); what lies between takes no room on the disk.
inline std::string writeLarge(const TemporaryFolder& folder, const QString& name)
{
    const QByteArray text = readFile(dataPath(QStringLiteral("hdf5/%1.extents").arg(name)));
    const auto document = parseJson({text.constData(), static_cast<size_t>(text.size())});
    const std::string path = folder.write(name, {});
    QFile file(QString::fromStdString(path));
    if (!document || !file.open(QIODevice::WriteOnly) || !file.resize(*document->value.find("nbytes")->integer()))
        qFatal("cannot write %s", path.c_str());
    for (const Value& extent : *document->value.find("extents")->list()) {
        file.seek(*extent.list()->at(0).integer());
        file.write(qUncompress(QByteArray::fromBase64(QByteArray::fromStdString(*extent.list()->at(1).string()))));
    }
    return path;
}

} // namespace weighbridge::test
