// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A German window says nothing in English: whatever the samples make core say, whole, cut and damaged, and whatever a screen reader finds on the
// pages.
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/check.h"
#include "tests/support/english.h"
#include "tests/support/format_samples.h"
#include "tests/support/patience.h"
#include "tests/support/window_test.h"
#include "ui/language.h"
#include "ui/models/properties.h"
#include "ui/models/tensor_texts.h"
#include "ui/views/compare_page.h"

#include <QAbstractItemView>
#include <QAccessible>
#include <QComboBox>
#include <QDirIterator>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QRegularExpression>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

constexpr qint64 largestNbytes = 4 << 20; ///< of a file whose values are read too
constexpr int mostShown = 60;
constexpr int corpusStep = 4; ///< of a corpus, which has many files of one kind, each so many-th is opened

/// What loaders print stands in their own language.
bool isQuoted(const QObject* object)
{
    return object && object->objectName() == QLatin1String("loaderMessages");
}

/// A tensor of one of the samples has a name of words.
QString withoutName(QString text)
{
    static const QRegularExpression name(QStringLiteral("four &(?:amp;)? more"));
    return text.remove(name);
}

/// Texts with English words in them, each once, with the first file that made it.
class Listener {
public:
    void hear(const QString& text, const QString& where)
    {
        if (text.isEmpty() || m_heard.contains(text))
            return;
        m_heard.insert(text);
        if (const QStringList words = englishWordsOf(withoutName(text)); !words.isEmpty())
            m_english.insert(text, QStringLiteral("%1\n    [%2, %3]").arg(text, words.join(u' '), where));
    }
    void hear(const std::string& english, const QString& where) { hear(fromCore(english, 4000), where); }

    void hear(const Error& error, const QString& where)
    {
        for (const std::string* text : {&error.message, &error.expected, &error.found, &error.readable, &error.fix})
            hear(*text, where);
    }
    void hear(const Finding& finding, const QString& where)
    {
        for (const std::string* text : {&finding.title, &finding.explanation, &finding.fix.text, &finding.fix.assumption})
            hear(*text, where);
        for (const Trial& trial : finding.tried)
            hear(trial.text, where);
        hear(evidenceProperties(finding.evidence), where);
    }
    void hear(const QList<Property>& properties, const QString& where)
    {
        for (const Property& property : properties)
            hear(property.name + u' ' + property.value, where);
    }

    [[nodiscard]] int heard() const { return int(m_heard.size()); }
    [[nodiscard]] QString english() const
    {
        return QStringLiteral("%1 texts with English words:\n").arg(m_english.size()) + QStringList(m_english.values().mid(0, mostShown)).join(u'\n');
    }
    [[nodiscard]] bool heardEnglish() const { return !m_english.isEmpty(); }

private:
    QMap<QString, QString> m_english;
    QSet<QString> m_heard;
};

/// What the window would say of a checkpoint: the error, or the verdict, the findings and where each tensor comes from.
void listenTo(const QString& path, const QString& where, bool withValues, Listener& listener)
{
    JobContext job;
    const auto opened = openCheckpoint(path.toStdString(), job);
    if (!opened)
        listener.hear(opened.error(), where);
    const CheckpointPtr checkpoint = opened ? *opened : opened.error().partial;
    if (!checkpoint)
        return;
    CheckOptions options;
    options.values = withValues && checkpoint->nbytes() <= uint64_t(largestNbytes);
    const auto check = checkCheckpoint(checkpoint, options, job);
    if (!check)
        return listener.hear(check.error(), where);
    if (!QString::fromStdString((*check)->sentence).endsWith(u'…')) // the window has the whole
        listener.hear((*check)->sentence, where);
    listener.hear((*check)->subSentence, where);
    for (const Finding& finding : (*check)->findings)
        listener.hear(finding, where);
    listener.hear(memoryProperties((*check)->memory, (*check)->availableMemory, (*check)->cudaDevices), where);
    if ((*check)->values)
        for (const Origin& origin : (*check)->values->origin.tensors)
            listener.hear(origin.sentence, where);
}

QStringList entriesBelow(const QString& folder)
{
    QStringList out;
    for (QDirIterator entries(folder, QDir::Files | QDir::Dirs | QDir::NoDotAndDotDot, QDirIterator::Subdirectories); entries.hasNext();)
        out << entries.next();
    out.sort();
    return out;
}

void listenToRows(const QAbstractItemModel& model, const QModelIndex& parent, int& left, const QString& where, Listener& listener)
{
    for (int row = 0; row < model.rowCount(parent) && left > 0; ++row, --left) {
        for (int column = 0; column < model.columnCount(parent); ++column)
            for (const int role : {int(Qt::DisplayRole), int(Qt::ToolTipRole), int(Qt::AccessibleTextRole), int(Qt::AccessibleDescriptionRole)})
                listener.hear(model.index(row, column, parent).data(role).toString(), where);
        listenToRows(model, model.index(row, 0, parent), left, where, listener);
    }
}

/// What a screen reader finds, children within children; the tables of values are numbers.
void listenTo(QAccessibleInterface* interface, int& left, const QString& where, Listener& listener)
{
    if (!interface || --left < 0 || qobject_cast<QPlainTextEdit*>(interface->object()) || isQuoted(interface->object()) || interface->state().invisible)
        return;
    for (const QAccessible::Text text : {QAccessible::Name, QAccessible::Description, QAccessible::Value, QAccessible::Help})
        listener.hear(interface->text(text), where);
    for (int i = 0; i < interface->childCount(); ++i)
        listenTo(interface->child(i), left, where, listener);
}

void listenTo(QWidget& window, const QString& where, Listener& listener)
{
    int left = 5'000;
    listenTo(QAccessible::queryAccessibleInterface(&window), left, where, listener);
    for (const QWidget* widget : window.findChildren<QWidget*>()) {
        listener.hear(widget->toolTip(), where);
        if (const auto* label = qobject_cast<const QLabel*>(widget); label && !isQuoted(label))
            listener.hear(label->text(), where);
        if (const auto* line = qobject_cast<const QLineEdit*>(widget))
            listener.hear(line->placeholderText(), where);
        if (const auto* view = qobject_cast<const QAbstractItemView*>(widget); view && view->model()) {
            int rows = 500;
            listenToRows(*view->model(), {}, rows, where, listener);
            for (int column = 0; column < view->model()->columnCount(); ++column)
                listener.hear(view->model()->headerData(column, Qt::Horizontal).toString(), where);
        }
    }
    for (const QAction* action : window.findChildren<QAction*>())
        for (const QString& text : {action->text(), action->toolTip(), action->statusTip()})
            listener.hear(text, where);
}

} // namespace

class TestGerman : public WindowTest {
    Q_OBJECT

private:
    Listener m_listener;

    void expectNoEnglish(int atLeast)
    {
        QVERIFY(m_listener.heard() >= atLeast);
        QVERIFY2(!m_listener.heardEnglish(), qPrintable(m_listener.english()));
    }

private Q_SLOTS:
    void initTestCase() { QCOMPARE(installLanguage(QStringLiteral("de")), QStringLiteral("de")); }
    void init()
    {
        setUp();
        m_listener = {};
    }
    void cleanup() { tearDown(); }

    void englishIsNoticed()
    {
        QCOMPARE(englishWordsOf(QStringLiteral("Der Tensor encoder.layer.0 of the file")),
                 (QStringList{QStringLiteral("of"), QStringLiteral("the")}));
        QVERIFY(englishWordsOf(QStringLiteral("Der Grund ist: „the end of file“ (bag_of_words, a.is.b)")).isEmpty());
    }

    void ofTheSamples()
    {
        for (const QString& folder : {dataPath(QString()), QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples")})
            for (const QString& path : entriesBelow(folder))
                if (!path.contains(QLatin1String("/arch/"))) // configs alone
                    listenTo(path, path, true, m_listener);
        expectNoEnglish(1'000);
    }

    /// Every sample cut at some places and with some bytes changed: each refusal of a reader is a sentence too.
    void ofDamagedSamples()
    {
        constexpr int cuts = 5;
        constexpr int changes = 12;
        uint32_t random = 1;
        for (const FormatSample& sample : formatSamples()) {
            const QFileInfo info(sample.path);
            if (!info.isFile() || info.size() > 1 << 16)
                continue;
            const QByteArray bytes = readFile(sample.path);
            for (int i = 0; i < cuts; ++i)
                listenTo(write(info.fileName(), bytes.left(bytes.size() * i / cuts)), QStringLiteral("%1, cut %2").arg(sample.path).arg(i), false,
                         m_listener);
            for (int i = 0; i < changes; ++i) {
                random = random * 1664525 + 1013904223;
                QByteArray changed = bytes;
                changed[qsizetype(random >> 8) % std::min<qsizetype>(bytes.size(), 2'000)] = char(random >> 3);
                listenTo(write(info.fileName(), changed), QStringLiteral("%1, change %2").arg(sample.path).arg(i), false, m_listener);
            }
        }
        expectNoEnglish(500);
    }

    /// ./test --corpus DIR: the pairs and files of corpora that are not part of the repository.
    void ofTheCorpus()
    {
        const QString corpus = qEnvironmentVariable("WEIGHBRIDGE_TEXT_CORPUS");
        if (corpus.isEmpty())
            QSKIP("no corpus is configured");
        int opened = 0;
        for (const char* part : {"/fixtures/formats", "/fixtures/scenarios", "/badinputs"})
            for (const QString& path : entriesBelow(corpus + QLatin1String(part)))
                if ((QFileInfo(path).isDir() || QFileInfo(path).size() < 16 << 20) && opened++ % corpusStep == 0)
                    listenTo(path, path, false, m_listener);
        expectNoEnglish(300);
    }

    void ofThePages_data()
    {
        QTest::addColumn<QString>("path");
        const QDir samples(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples"));
        for (const QString& name : samples.entryList(QDir::Dirs | QDir::NoDotAndDotDot))
            QTest::newRow(qPrintable(name)) << samples.filePath(name);
        for (const FormatSample& sample : formatSamples())
            QTest::newRow(qPrintable(sample.golden)) << sample.path;
    }
    void ofThePages()
    {
        QFETCH(QString, path);
        makeWindow();
        m_window->open({path});
        QTRY_VERIFY(m_window->document().state() != Document::State::Loading && !m_window->document().isChecking());
        if (m_window->document().state() == Document::State::Loaded)
            select(0);
        for (QAction* page : m_window->actions().pages) {
            page->trigger();
            QTest::qWait(20);
            for (int finding = 0; finding < int(m_window->document().findings().size()); ++finding) {
                m_window->document().selectFinding(finding);
                listenTo(*m_window, path, m_listener);
            }
            listenTo(*m_window, path, m_listener);
        }
        expectNoEnglish(200);
    }

    void ofAComparison()
    {
        const QString samples = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/");
        makeWindow();
        openAndWait({samples + QStringLiteral("trained"), samples + QStringLiteral("never-loaded")});
        QTRY_COMPARE(m_window->checkpointView().compare()->document().state(), ComparisonDocument::State::Compared);
        m_window->actions().pages[2]->trigger();
        listenTo(*m_window, QStringLiteral("compared"), m_listener);
        m_window->checkpointView().compare()->document().select(0);
        QTest::qWait(100);
        listenTo(*m_window, QStringLiteral("compared"), m_listener);
        expectNoEnglish(200);
    }
};

WATCHED_TEST_MAIN(TestGerman)
#include "tst_german.moc"
