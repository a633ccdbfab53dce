// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// core's sentences in German: the list follows the sources, whatever a rule can say is in it, and what stands in the places is kept.
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/check.h"
#include "tests/support/event_watch.h"
#include "ui/core_translator.h"
#include "ui/models/tensor_texts.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>

using namespace weighbridge;

namespace {

const QString bookPath = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/translations/core_de.json");

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// The string literals of a source, neighbours joined as the compiler does, in the order of the file.
QStringList literalsOf(const QString& path)
{
    static const QRegularExpression token(QStringLiteral("\"((?:[^\"\\\\\\n]|\\\\.)*)\"|//[^\\n]*|\\s+|."));
    QStringList out;
    bool isOpen = false;
    for (auto tokens = token.globalMatch(QString::fromUtf8(contentOf(path))); tokens.hasNext();) {
        const auto one = tokens.next();
        const QString whole = one.captured();
        if (whole.startsWith(u'"')) {
            const QString text =
                one.captured(1).replace(QLatin1String("\\\""), QLatin1String("\"")).replace(QLatin1String("\\n"), QLatin1String("\n"));
            if (isOpen)
                out.last() += text;
            else
                out << text;
            isOpen = true;
        } else if (!whole.trimmed().isEmpty() && !whole.startsWith(QLatin1String("//"))) {
            isOpen = false;
        }
    }
    return out;
}

QStringList sourcesBelow(const QString& folder)
{
    QStringList out;
    for (QDirIterator files(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/") + folder, {QStringLiteral("*.cpp"), QStringLiteral("*.h")}, QDir::Files,
                            QDirIterator::Subdirectories);
         files.hasNext();)
        out << files.next();
    return out;
}

/// What stands between the places, where it is long enough to be told from others.
QStringList piecesOf(const QString& sentence)
{
    constexpr int telling = 14;
    static const QRegularExpression place(QStringLiteral("\\{[^}]*\\}"));
    QStringList out;
    for (const QString& piece : sentence.split(place))
        if (piece.trimmed().size() >= telling)
            out << piece.trimmed();
    return out;
}

QStringList sentences()
{
    return QJsonDocument::fromJson(contentOf(bookPath)).object().keys();
}

} // namespace

class TestCoreTranslator : public QObject {
    Q_OBJECT

private:
    CoreTranslator m_german;

    [[nodiscard]] QString german(const QString& english) const { return m_german.translate(coreContext, english.toUtf8().constData()); }

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_german.loadSentences(bookPath)); }

    void saysWhatItKnows_data()
    {
        QTest::addColumn<QString>("english");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* english, const char* expected) {
            QTest::newRow(english) << QString::fromUtf8(english) << QString::fromUtf8(expected);
        };
        row("Every tensor name starts with module.", "Jeder Tensorname beginnt mit module.");
        row("Not usable: every tensor name starts with module.", "Nicht nutzbar: Jeder Tensorname beginnt mit module.");
        row("The hidden size in the config is 768, in the file 384", "Die Breite (hidden size) ist in der Config 768, in der Datei 384");
        row("The intermediate size in the config is 768, in the file 384", "Innere Breite (intermediate size): in der Config 768, in der Datei 384");
        row("12 tensors of the file have 384 where the config asks for 768. A loader stops with \"size mismatch\".",
            "12 Tensoren der Datei haben 384, wo die Config 768 verlangt. Ein Lader hört mit „size mismatch“ auf.");
        row("103 unexpected, 1 ignored", "103 unerwartet, 1 ohne Belang");
        row("Nothing of this is known. Download it again. Nor is this.", "Nothing of this is known. Erneut herunterladen. Nor is this.");
        row("Take my tensors. off every name.", "my tensors. von jedem Namen abtrennen.");
        row("A sentence that nobody has written", "A sentence that nobody has written");
        row("", "");
    }
    void saysWhatItKnows()
    {
        QFETCH(QString, english);
        QFETCH(QString, expected);
        QCOMPARE(german(english), expected);
    }

    void otherContextsAreNotItsBusiness() { QVERIFY(m_german.translate("weighbridge", "Download it again.").isNull()); }

    void placesThatDoNotFitAreRefused()
    {
        QTemporaryDir folder;
        const auto isTaken = [&folder](const QByteArray& translation) {
            const QString path = folder.filePath(QStringLiteral("book.json"));
            QFile file(path);
            [[maybe_unused]] const bool isOpen = file.open(QIODevice::WriteOnly);
            file.write("{\"{} of {} tensors\": \"" + translation + "\"}");
            file.close();
            return CoreTranslator().loadSentences(path);
        };
        QVERIFY(isTaken("{} von {} Tensoren"));
        QVERIFY(isTaken("von {1} Tensoren {0}"));
        QVERIFY(!isTaken("{} Tensoren"));
        QVERIFY(!isTaken("{0} von {0} Tensoren"));
        QVERIFY(!isTaken("{0} von {2} Tensoren"));
        QVERIFY(!CoreTranslator().loadSentences(folder.filePath(QStringLiteral("absent.json"))));
    }

    void longAndOddTextsStayAsTheyAre()
    {
        const QString endless = QStringLiteral("Take ").repeated(100'000);
        QCOMPARE(german(endless), endless);
        QCOMPARE(translated(std::string("\xff\xfe", 2)), std::string("\xff\xfe", 2));
    }

    /// A sentence that core has changed is no key any more. core puts some together from words ("has", "are"), so half of a piece must be found.
    void everySentenceIsOneOfCore()
    {
        QString all;
        for (const QString& source : sourcesBelow(QStringLiteral("core")) + sourcesBelow(QStringLiteral("ui/models")))
            all += literalsOf(source).join(u'\n') + u'\n';
        const auto isInCore = [&all](const QString& piece) {
            const QStringList words = piece.split(u' ');
            const qsizetype run = std::min(words.size(), std::max<qsizetype>(2, words.size() / 2));
            for (qsizetype first = 0; first + run <= words.size(); ++first)
                if (all.contains(words.mid(first, run).join(u' ')))
                    return true;
            return false;
        };
        QStringList gone;
        for (const QString& sentence : sentences())
            for (const QString& piece : piecesOf(sentence))
                if (!isInCore(piece))
                    gone << sentence;
        QVERIFY2(gone.isEmpty(), qPrintable(gone.join(u'\n')));
    }

    /// What a rule can say: every literal of more than a few words, but for Python and for what the rules are called.
    void everySentenceOfTheRulesIsTranslated()
    {
        const QString all = sentences().join(u'\n');
        static const QRegularExpression ruleName(QStringLiteral("return \\{\"[^\"]*\", \"([^\"]*)\", order::"));
        static const QRegularExpression words(QStringLiteral("(?:\\S+ ){3,}\\S+"));
        QStringList absent;
        for (const QString& source : sourcesBelow(QStringLiteral("core/diagnosis"))) {
            const auto name = ruleName.match(QString::fromUtf8(contentOf(source)));
            if (source.endsWith(QLatin1String("/environment.cpp"))) // errors of an option that only the command line has
                continue;
            for (const QString& literal : literalsOf(source)) {
                if (literal == name.captured(1) || literal.contains(u'\n') || !words.match(literal).hasMatch())
                    continue;
                for (const QString& piece : piecesOf(literal))
                    if (!all.contains(piece, Qt::CaseInsensitive))
                        absent << QStringLiteral("%1: %2").arg(source.section(u'/', -1), piece);
            }
        }
        QVERIFY2(absent.isEmpty(), qPrintable(QStringLiteral("translate these in resources/translations/core_de.json:\n") + absent.join(u'\n')));
    }

    void findingsOfTheSamplesAreGerman_data()
    {
        QTest::addColumn<QString>("sample");
        for (const QFileInfo& sample :
             QDir(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples")).entryInfoList(QDir::Dirs | QDir::NoDotAndDotDot))
            QTest::newRow(qPrintable(sample.fileName())) << sample.filePath();
    }
    void findingsOfTheSamplesAreGerman()
    {
        QFETCH(QString, sample);
        JobContext job;
        const auto checkpoint = openCheckpoint(sample.toStdString(), job);
        QVERIFY(checkpoint.has_value());
        CheckOptions options;
        options.values = true;
        const auto check = checkCheckpoint(*checkpoint, options, job);
        QVERIFY(check.has_value());
        const auto expectGerman = [this](const std::string& text) {
            const QString english = QString::fromStdString(text);
            QVERIFY2(english.isEmpty() || german(english) != english, text.c_str());
        };
        expectGerman((*check)->sentence);
        expectGerman((*check)->subSentence);
        for (const Finding& finding : (*check)->findings) {
            expectGerman(finding.title);
            expectGerman(finding.explanation);
            expectGerman(finding.fix.text);
        }
    }
};

WATCHED_GUILESS_MAIN(TestCoreTranslator)
#include "tst_core_translator.moc"
