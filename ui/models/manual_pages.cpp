// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/manual_pages.h"

#include "core/base/resources.h"

#include <QFile>
#include <QFileInfo>

#include <algorithm>

namespace weighbridge {

QString manualFolder()
{
    const QString resources = QString::fromStdString(resourceFolder());
    const QString installed = resources + QStringLiteral("/manual");
    return QFileInfo::exists(installed) ? installed : resources + QStringLiteral("/../docs/manual");
}

QStringList loaderMessages(const std::string& rule)
{
    constexpr qint64 longestPage = 16 * 1024;
    const bool isName = std::all_of(rule.begin(), rule.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
    QFile page(QStringLiteral("%1/rules/%2.md").arg(manualFolder(), QString::fromStdString(rule)));
    if (!isName || !page.open(QIODevice::ReadOnly))
        return {};
    const QString text = QString::fromUtf8(page.read(longestPage));
    const qsizetype begin = text.indexOf(QLatin1String("## What loaders print"));
    if (begin < 0)
        return {};
    QStringList out;
    const QString section = text.sliced(begin + 3).section(QLatin1String("\n## "), 0, 0);
    for (const QString& line : section.split(u'\n'))
        if (const qsizetype first = line.indexOf(u'`'), last = line.lastIndexOf(u'`'); line.startsWith(QLatin1String("- ")) && last > first)
            out << line.sliced(first + 1, last - first - 1).remove(u'`');
    return out;
}

} // namespace weighbridge
