// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/preferences.h"

#include <QSettings>
#include <QVariant>

namespace weighbridge {
namespace {

const auto languageKey = QStringLiteral("window/language");
const auto checkedKey = QStringLiteral("check/unasked_nbytes");
const auto remembersKey = QStringLiteral("recent/remembers");

} // namespace

QString Preferences::language() const
{
    return m_settings.value(languageKey).toString();
}

void Preferences::setLanguage(const QString& language)
{
    m_settings.setValue(languageKey, language);
}

uint64_t Preferences::checkedUnaskedNbytes() const
{
    bool isNumber = false;
    const qulonglong nbytes = m_settings.value(checkedKey).toULongLong(&isNumber);
    return isNumber ? nbytes : defaultCheckedUnaskedNbytes;
}

void Preferences::setCheckedUnaskedNbytes(uint64_t nbytes)
{
    m_settings.setValue(checkedKey, QString::number(nbytes));
}

bool Preferences::remembersFiles() const
{
    return m_settings.value(remembersKey, true).toBool();
}

void Preferences::setRemembersFiles(bool remembers)
{
    m_settings.setValue(remembersKey, remembers);
}

} // namespace weighbridge
