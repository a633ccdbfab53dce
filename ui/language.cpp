// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/language.h"

#include "ui/core_translator.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QLocale>
#include <QTranslator>

namespace weighbridge {
namespace {

bool install(const QString& name, const QString& folder)
{
    auto* translator = new QTranslator(QCoreApplication::instance());
    if (translator->load(name, folder))
        return QCoreApplication::installTranslator(translator);
    delete translator;
    return false;
}

void installCoreSentences(const QString& language)
{
    auto* translator = new CoreTranslator(QCoreApplication::instance());
    if (translator->loadSentences(QStringLiteral(":/i18n/core_%1.json").arg(language)))
        QCoreApplication::installTranslator(translator);
    else
        delete translator;
}

/// "de-AT" gives "de".
QString known(const QString& language)
{
    const QString two = language.left(2);
    return languages().contains(two) ? two : QString();
}

QString ofDesktop()
{
    for (const QString& language : QLocale::system().uiLanguages())
        if (const QString found = known(language); !found.isEmpty())
            return found;
    return QStringLiteral("en");
}

} // namespace

QStringList languages()
{
    return {QStringLiteral("en"), QStringLiteral("de")};
}

QString installLanguage(const QString& language)
{
    const QString asked = known(language);
    const QString taken = asked.isEmpty() ? ofDesktop() : asked;
    if (taken != QLatin1String("en"))
        install(QStringLiteral("qtbase_%1").arg(taken), QLibraryInfo::path(QLibraryInfo::TranslationsPath));
    install(QStringLiteral("weighbridge_%1").arg(taken), QStringLiteral(":/i18n"));
    installCoreSentences(taken);
    const QLocale desktop(QLocale::system().name()); // "de_AT"
    QLocale::setDefault(desktop.name().left(2) == taken ? desktop : QLocale(taken));
    return taken;
}

} // namespace weighbridge
