// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// German is complete: every text of the sources has a translation with the same places, and the window shows them.
#include "tests/support/window_test.h"
#include "ui/language.h"

#include <QAction>
#include <QLabel>
#include <QMenu>
#include <QMenuBar>
#include <QProcess>
#include <QPushButton>
#include <QRegularExpression>
#include <QTranslator>
#include <QXmlStreamReader>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

struct Message {
    QString context, source;
    QStringList translations;
    bool isFinished = true;
};

QList<Message> messagesOf(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    QXmlStreamReader xml(&file);
    QList<Message> out;
    QString context;
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement)
            continue;
        if (xml.name() == QLatin1String("name")) {
            context = xml.readElementText();
        } else if (xml.name() == QLatin1String("message")) {
            out << Message{context, {}, {}, true};
        } else if (xml.name() == QLatin1String("source")) {
            out.last().source = xml.readElementText();
        } else if (xml.name() == QLatin1String("translation")) {
            out.last().isFinished = xml.attributes().value(QLatin1String("type")) != QLatin1String("unfinished");
            const QString text = xml.readElementText(QXmlStreamReader::IncludeChildElements);
            out.last().translations << text;
        }
    }
    return out;
}

/// %1, %n, in any order.
QStringList placesOf(const QString& text)
{
    static const QRegularExpression place(QStringLiteral("%(?:\\d|n)"));
    QSet<QString> out;
    for (auto matches = place.globalMatch(text); matches.hasNext();)
        out << matches.next().captured();
    QStringList sorted = out.values();
    sorted.sort();
    return sorted;
}

} // namespace

class TestTranslations : public WindowTest {
    Q_OBJECT

private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    void germanIsComplete()
    {
        const QString lupdate = QStringLiteral(WEIGHBRIDGE_LUPDATE);
        if (!QFile::exists(lupdate))
            QSKIP("lupdate is not installed");
        const QString copy = m_folder->filePath(QStringLiteral("de.ts"));
        QVERIFY(QFile::copy(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/translations/weighbridge_de.ts"), copy));
        QProcess process;
        process.setWorkingDirectory(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR));
        process.start(lupdate, {QStringLiteral("-I"), QStringLiteral("."), QStringLiteral("ui"), QStringLiteral("app/desktop"), QStringLiteral("-no-obsolete"), QStringLiteral("-ts"), copy});
        QVERIFY(process.waitForFinished(120'000));
        QCOMPARE(process.exitCode(), 0);
        const QList<Message> messages = messagesOf(copy);
        QVERIFY(messages.size() > 500);
        QStringList unfinished;
        for (const Message& message : messages) {
            if (!message.isFinished || message.translations.value(0).trimmed().isEmpty())
                unfinished << QStringLiteral("%1: %2").arg(message.context, message.source);
            else if (placesOf(message.source) != placesOf(message.translations.value(0)))
                unfinished << QStringLiteral("%1: %2 has other places than %3").arg(message.context, message.translations.value(0), message.source);
        }
        QVERIFY2(unfinished.isEmpty(), qPrintable(QStringLiteral("run tools/update_translations.sh and translate:\n") + unfinished.join(u'\n')));
    }

    void theWindowIsGerman()
    {
        // A text that lupdate files under another class than the program asks for would be complete and yet never be shown.
        QHash<QString, QString> german;
        for (const Message& message : messagesOf(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/translations/weighbridge_de.ts")))
            if (message.source != message.translations.value(0))
                german.insert(message.source, message.translations.value(0));
        QVERIFY(german.size() > 400);
        QTranslator translator;
        QVERIFY(translator.load(QStringLiteral("weighbridge_de"), QStringLiteral(":/i18n")));
        QVERIFY(QCoreApplication::installTranslator(&translator));
        makeWindow();
        const auto expectGerman = [&german](const QString& text, const char* what) { QVERIFY2(!german.contains(text), qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(what), text))); };
        for (const QAction* action : static_cast<QWidget*>(m_window)->actions()) {
            expectGerman(action->text(), "action");
            expectGerman(action->statusTip(), "status tip");
        }
        for (const QAction* menu : m_window->menuBar()->actions())
            expectGerman(menu->text(), "menu");
        openAndWait({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix")});
        select(0);
        for (QAction* page : m_window->actions().pages) {
            page->trigger();
            QTest::qWait(100);
            for (const QLabel* label : m_window->findChildren<QLabel*>())
                expectGerman(label->text(), "label");
            for (const QAbstractButton* button : m_window->findChildren<QAbstractButton*>())
                expectGerman(button->text(), "button");
            for (const QWidget* widget : m_window->findChildren<QWidget*>())
                expectGerman(widget->accessibleName(), "accessible name");
        }
        const QAbstractItemModel& tree = *tensors().tree()->model();
        for (int column = 0; column < tree.columnCount(); ++column)
            expectGerman(tree.headerData(column, Qt::Horizontal).toString(), "column");
        QCOMPARE(tree.headerData(0, Qt::Horizontal).toString(), QStringLiteral("Tensor"));
        QCOMPARE(tree.headerData(1, Qt::Horizontal).toString(), QStringLiteral("Status"));
        QCoreApplication::removeTranslator(&translator);
    }

    void unknownLanguagesAreEnglish()
    {
        QCOMPARE(languages(), (QStringList{QStringLiteral("en"), QStringLiteral("de")}));
        QCOMPARE(installLanguage(QStringLiteral("en")), QStringLiteral("en"));
        QVERIFY(languages().contains(installLanguage(QStringLiteral("xx")))); // the desktop's, or English
    }
};

WATCHED_TEST_MAIN(TestTranslations)
#include "tst_translations.moc"
