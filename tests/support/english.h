// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QRegularExpression>
#include <QString>
#include <QStringList>

namespace weighbridge::test {

/// The English words of a text that should be German: words that no German sentence has, outside of what is quoted. Names of tensors and files,
/// code and options have other letters in them, and are no words.
inline QStringList englishWordsOf(const QString& text)
{
    static const QRegularExpression quoted(QStringLiteral("(?<=\\()'[^']*'|„[^“]*“|\"[^\"]*\"|`[^`]*`|“[^”]*”"));
    static const QRegularExpression blank(QStringLiteral("[\\s,;()·→]+"));
    static const QRegularExpression end(QStringLiteral("[.:!?…]+$"));
    static const QStringList english = QStringLiteral("the is are of and or not has have had with without this that these cannot to from for by it its than more but "
                                                      "which where there no bytes tensors files missing unexpected at only never again into other")
                                           .split(u' ');
    static const QStringList germanToo{QStringLiteral("Bytes"), QStringLiteral("Tensors")};
    QString rest = text;
    rest.replace(QLatin1String("&quot;"), QLatin1String("\"")).remove(quoted);
    QStringList out;
    for (QString word : rest.split(blank, Qt::SkipEmptyParts))
        if (english.contains(word.remove(end).toLower()) && !germanToo.contains(word))
            out << word;
    return out;
}

} // namespace weighbridge::test
