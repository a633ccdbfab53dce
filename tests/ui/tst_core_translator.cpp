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
#include <QLocale>
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

struct Literal {
    QString text;      ///< neighbours joined, as the compiler does
    QString statement; ///< that it stands in, about
};

/// The string literals of a source, in the order of the file.
QList<Literal> literalsOf(const QString& path)
{
    static const QRegularExpression token(
        QStringLiteral("R\"(\\w*)\\((?:.|\\n)*?\\)\\1\"|\"((?:[^\"\\\\\\n]|\\\\.)*)\"|'(?:[^'\\\\\\n]|\\\\.)+'|//[^\\n]*|\\s+|."));
    const QString source = QString::fromUtf8(contentOf(path));
    QList<Literal> out;
    bool isOpen = false;
    for (auto tokens = token.globalMatch(source); tokens.hasNext();) {
        const auto one = tokens.next();
        const QString whole = one.captured();
        if (whole.startsWith(u'"')) {
            const QString text =
                one.captured(2).replace(QLatin1String("\\\""), QLatin1String("\"")).replace(QLatin1String("\\n"), QLatin1String("\n"));
            const qsizetype begin = source.lastIndexOf(u';', one.capturedStart()) + 1;
            if (isOpen)
                out.last().text += text;
            else
                out << Literal{text, source.sliced(begin, source.indexOf(u';', one.capturedEnd()) - begin)};
            isOpen = true;
        } else if (!whole.trimmed().isEmpty() && !whole.startsWith(QLatin1String("//"))) {
            isOpen = false;
        }
    }
    return out;
}

QString textsOf(const QString& path)
{
    QString out;
    for (const Literal& literal : literalsOf(path))
        out += literal.text + u'\n';
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
    static const QRegularExpression place(QStringLiteral("\\{[^}]*\\}"));
    static const QRegularExpression twoWords(QStringLiteral("[A-Za-z]{2,}[^A-Za-z]+[A-Za-z]{2,}"));
    QStringList out;
    for (const QString& piece : sentence.split(place))
        if (twoWords.match(piece).hasMatch())
            out << piece.trimmed();
    return out;
}

/// What no person is told: what is looked for in files and in what other programs say, and notations.
bool isNotSaid(const QString& source, const Literal& literal)
{
    static const QRegularExpression code(QStringLiteral("\n|->|<class|\\{\\{|\\\\p|--stdio|-----BEGIN|git-lfs(?:\\.|$)"));
    static const QRegularExpression heard(
        QStringLiteral("^(?:Could not resolve|Host key verification|Too many authentication|No route to host|Network is unreachable|"
                       "Connection timed out|Warning: Permanently|bad version number)"));
    static const QStringList given{
        QStringLiteral("/inference/proof.cpp"), QStringLiteral("/inference/results.cpp"), // what models are given to read
        QStringLiteral("/core/statistics/initialisers.cpp"),                              // what initialisers are called
        QStringLiteral("/core/diagnosis/fix_script.cpp"),                                 // Python
    };
    const bool isError = literal.statement.contains(QLatin1String("Error(")) || literal.statement.contains(QLatin1String("failure("));
    return code.match(literal.text).hasMatch() || heard.match(literal.text).hasMatch() ||
           literal.statement.contains(QLatin1String("static_assert")) ||
           literal.statement.contains(QLatin1String(", order::")) ||        // what rules are called, in their list
           (source.contains(QLatin1String("/core/report/")) && !isError) || // reports are English
           std::any_of(given.begin(), given.end(), [&source](const QString& name) { return source.endsWith(name); });
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
    void initTestCase()
    {
        QLocale::setDefault(QLocale(QStringLiteral("de")));
        QVERIFY(m_german.loadSentences(bookPath));
    }

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
        row("Nothing of this is known. Download it again. Nor that.", "Nothing of this is known. Erneut herunterladen. Nor that.");
        row("Take my_tensors. off every name.", "my_tensors. von jedem Namen abtrennen.");
        row("conv1.weight: All values are 0.5.", "conv1.weight: Alle Werte sind 0,5.");
        row("26 tensors have another name, 2 only in B.", "26 Tensoren heißen anders, 2 nur in B.");
        row("12 of 70 shared tensors changed, most in layer 5 (4.1 %). The new head looks random.",
            "12 von 70 gemeinsamen Tensoren haben sich geändert, am meisten in Schicht 5 (4,1 %). Der neue Teil head sieht zufällig aus.");
        row("The index is empty: it has no header", "Der Index ist leer: Er hat keinen Kopf");
        row("Shard a.safetensors: The index is empty: it has no header.", "Shard a.safetensors: Der Index ist leer: Er hat keinen Kopf.");
        row("Nothing is known of layers or of what became of it.", "Nothing is known of layers or of what became of it.");
        row("B is A fine-tuned, with a new classifier on top, layers {0-2, 5} frozen",
            "B ist A, feinabgestimmt, mit einem neuen Teil classifier obenauf, Schichten {0-2, 5} eingefroren");
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
        QVERIFY(isTaken("{,} von {} Tensoren"));
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

    /// A sentence that core has changed is no key any more. core puts some together from words ("has", "are"), so a third of a piece must be found.
    void everySentenceIsOneOfCore()
    {
        QString all;
        for (const char* folder : {"core", "inference", "app", "ui/models"})
            for (const QString& source : sourcesBelow(QLatin1String(folder)))
                all += textsOf(source);
        all += QString(all).replace(u'_', u' '); // names of evidence
        all += QString::fromUtf8(contentOf(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/samples.json")));
        const auto isInCore = [&all](const QString& piece) {
            const QStringList words = piece.split(u' ');
            const qsizetype run = std::min(words.size(), std::max<qsizetype>(2, words.size() / 3));
            for (qsizetype first = 0; first + run <= words.size(); ++first)
                if (all.contains(words.mid(first, run).join(u' ')))
                    return true;
            return false;
        };
        QStringList gone;
        for (const QString& sentence : sentences())
            for (const QString& piece : piecesOf(QString(sentence).remove(QLatin1String("evidence: "))))
                if (piece.count(u' ') > 1 && !isInCore(piece))
                    gone << sentence;
        QVERIFY2(gone.isEmpty(), qPrintable(gone.join(u'\n')));
    }

    /// What core, inference and the workers can say: every literal of three words or more.
    void everySentenceIsTranslated()
    {
        static const QRegularExpression threeWords(QStringLiteral("(?:[A-Za-z]{2,}[^A-Za-z]+){2,}[A-Za-z]{2,}"));
        const QString all = sentences().join(u'\n');
        QStringList absent;
        for (const char* folder : {"core", "inference", "app/hdf5_worker", "app/fetch_worker", "app/inference_worker", "app/devices_worker"})
            for (const QString& source : sourcesBelow(QLatin1String(folder)))
                for (const Literal& literal : literalsOf(source))
                    if (literal.text.contains(u' ') && threeWords.match(literal.text).hasMatch() && !isNotSaid(source, literal))
                        for (const QString& piece : piecesOf(literal.text))
                            if (!all.contains(piece, Qt::CaseInsensitive))
                                absent << QStringLiteral("%1: %2").arg(source.section(u'/', -1), piece);
        for (const QString& sentence : absent)
            qWarning("%s", qPrintable(sentence));
        QVERIFY2(absent.isEmpty(), "translate these in resources/translations/core_de.json");
    }

    /// "How it is known": the names beside the numbers of a finding.
    void everyNameOfEvidenceIsTranslated()
    {
        static const QRegularExpression statement(QStringLiteral("[^;]*(?:evidence|newFinding\\(|warning\\(|note\\()[^;]*;"));
        static const QRegularExpression entry(QStringLiteral("(?:\\{|emplace_back\\()\"([a-z][a-z0-9_]*)\","));
        const QStringList known = sentences();
        QStringList absent;
        for (const char* folder : {"core/diagnosis", "core/format", "core/architecture", "core/checkpoint"})
            for (const QString& source : sourcesBelow(QLatin1String(folder)))
                for (auto statements = statement.globalMatch(QString::fromUtf8(contentOf(source))); statements.hasNext();)
                    for (auto entries = entry.globalMatch(statements.next().captured()); entries.hasNext();)
                        if (const QString name = QStringLiteral("evidence: ") + entries.next().captured(1).replace(u'_', u' '); !known.contains(name))
                            absent << QStringLiteral("%1: %2").arg(source.section(u'/', -1), name);
        QVERIFY2(absent.isEmpty(), qPrintable(absent.join(u'\n')));
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
