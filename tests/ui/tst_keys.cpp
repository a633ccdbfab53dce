// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the manual says of keys, and what is done by the keyboard alone: finding, going through the tree, copying, exporting, recent files.
#include "core/checkpoint/open_checkpoint.h"
#include "tests/support/window_test.h"
#include "ui/models/tensor_tree_model.h"
#include "ui/views/compare_page.h"
#include "ui/views/finding_delegate.h"
#include "ui/views/load_strip.h"
#include "ui/views/manual_window.h"
#include "ui/views/run_page.h"
#include "ui/views/start_row.h"
#include "ui/views/verdict_band.h"
#include "ui/views/weights_page.h"

#include <QAction>
#include <QDir>
#include <QDirIterator>
#include <QFileDialog>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTextBrowser>
#include <QTimer>
#include <QToolButton>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// Keys of single views and dialogs, which are no actions: each is pressed in the test of its view.
const QStringList keysOfViews{QStringLiteral("Down"),   QStringLiteral("Esc"),      QStringLiteral("Enter"),
                              QStringLiteral("Alt+Up"), QStringLiteral("Alt+Home"), QStringLiteral("Space")};

/// The keys that the manual names, as `Ctrl+K`.
QStringList keysOfTheManual()
{
    static const QRegularExpression key(
        QStringLiteral("`((?:(?:Ctrl|Shift|Alt)\\+)+(?:[A-Z0-9,]|F\\d+|[A-Z][a-z]+)|F[1-9]|F1[0-2]|Backspace|Down|Esc|Enter|Space)`"));
    QStringList out;
    for (QDirIterator pages(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/docs/manual"), {QStringLiteral("*.md")}, QDir::Files,
                            QDirIterator::Subdirectories);
         pages.hasNext();) {
        QFile page(pages.next());
        if (!page.open(QIODevice::ReadOnly))
            return {};
        for (auto matches = key.globalMatch(QString::fromUtf8(page.readAll())); matches.hasNext();)
            out << matches.next().captured(1);
    }
    out.removeDuplicates();
    return out;
}

} // namespace

class TestKeys : public WindowTest {
    Q_OBJECT

private:
    void press(const char* keys)
    {
        QWidget* focused = QApplication::focusWidget() ? QApplication::focusWidget() : m_window;
        QTest::keySequence(focused, QKeySequence(QString::fromLatin1(keys)));
    }

    /// Answers the file dialog that the next key opens; its name field gets `path`.
    void saveAs(const QString& path)
    {
        auto* wait = new QTimer(m_window);
        connect(wait, &QTimer::timeout, m_window, [wait, path] {
            auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
            if (!dialog)
                return;
            wait->deleteLater();
            wait->stop();
            auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
            name->setText(path);
            QTest::keyClick(name, Qt::Key_Return);
        });
        wait->start(20);
    }

    static QByteArray contentOf(const QString& path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    void theManualNamesOnlyKeysThatAreThere()
    {
        makeWindow();
        QStringList known = keysOfViews;
        for (const QAction* action : static_cast<QWidget*>(m_window)->actions())
            for (const QKeySequence& key : action->shortcuts())
                known << key.toString(QKeySequence::PortableText);
        const QStringList named = keysOfTheManual();
        QVERIFY(named.size() > 15);
        for (const QString& key : named)
            QVERIFY2(known.contains(key), qPrintable(key));
    }

    void arrowsOpenAndCloseTheTree()
    {
        makeWindow();
        QList<Entry> many;
        for (int i = 0; i < 160; ++i) // more than there is room for: else they are open
            many << Entry{"part." + QByteArray(i < 80 ? "a" : "b") + ".x" + QByteArray::number(i), "2", 2};
        openAndWait({write(QStringLiteral("many.safetensors"), safetensors(many))});
        QTreeView& tree = *tensors().tree();
        QVERIFY(tree.hasFocus()); // as soon as something is open
        tree.setCurrentIndex(tensors().model()->indexOfModule(QStringLiteral("part.b")));
        const QModelIndex module = tree.currentIndex();
        QVERIFY(!tree.isExpanded(module));
        press("Right");
        QVERIFY(tree.isExpanded(module));
        press("Left");
        QVERIFY(!tree.isExpanded(module));
        tree.setCurrentIndex(tensors().model()->index(0, 0));
        press("Left");
        press("*");
        QVERIFY(tree.isExpanded(module));
    }

    void whatAWindowHasRoomForIsOpen()
    {
        makeWindow();
        openAndWait(
            {write(QStringLiteral("few.safetensors"), safetensors({{"a.b.x", "2", 2}, {"a.b.y", "2", 2}, {"a.c.x", "2", 2}, {"d.x", "2", 2}}))});
        Document& document = m_window->document();
        QTRY_VERIFY(document.valuesAreChecked() && document.modelOrigin());
        const auto module = [this] { return tensors().model()->indexOfModule(QStringLiteral("a")); };
        QTRY_VERIFY(tensors().tree()->isExpanded(module()));
        tensors().tree()->collapse(module());
        QSignalSpy checked(&document, &Document::checked);
        document.setClassName(QStringLiteral("BertModel")); // another check makes another tree
        QTRY_VERIFY(checked.size() > 0);
        QTRY_VERIFY(module().isValid());
        QVERIFY(!tensors().tree()->isExpanded(module())); // what was closed stays closed
    }

    void ofADamagedFileWhatIsWholeIsSaved()
    {
        makeWindow();
        const QByteArray whole = safetensors({{"a", "4,4", 16}, {"b", "4,4", 16}, {"c", "4,4", 16}});
        openAndWait({write(QStringLiteral("cut.safetensors"), whole.chopped(40))});
        QVERIFY(m_window->actions().saveReadable->isEnabled());
        const QString path = m_folder->filePath(QStringLiteral("rest.safetensors"));
        saveAs(path);
        press("Ctrl+Alt+S");
        QTRY_VERIFY(QFile::exists(path));
        JobContext job;
        const auto copy = openCheckpoint(path.toStdString(), job);
        QVERIFY(copy.has_value());
        QCOMPARE((*copy)->tensors.size(), size_t(2));
        openAndWait({checkpoint()});
        QVERIFY(!m_window->actions().saveReadable->isEnabled());
    }

    void downGoesFromTheFieldIntoTheTree()
    {
        makeWindow();
        openAndWait({checkpoint()});
        press("Ctrl+F");
        QTest::keyClicks(&find(), QStringLiteral("layer.1.query.bias"));
        QTRY_COMPARE(tensors().model()->shownTensors(), 1);
        press("Down");
        QVERIFY(tensors().tree()->hasFocus());
        constexpr int mostModules = 5; // above the tensor
        for (int i = 0; i < mostModules && m_window->document().selectedRow() < 0; ++i)
            press("Down");
        QCOMPARE(m_window->document().selectedRow(), 3);
    }

    void termsAreTypedIntoTheField_data()
    {
        QTest::addColumn<QString>("typed");
        QTest::addColumn<int>("kept");
        QTest::newRow("words") << QStringLiteral("layer weight") << 2;
        QTest::newRow("a whole number") << QStringLiteral("query 1") << 2;
        QTest::newRow("exact") << QStringLiteral("\"layer.1.query.b\"") << 1;
        QTest::newRow("dtype") << QStringLiteral("F32") << 4;
        QTest::newRow("shape") << QStringLiteral("4,4") << 2;
        QTest::newRow("wildcard") << QStringLiteral("*,4") << 2;
        QTest::newRow("state") << QStringLiteral("status:present") << 4;
        QTest::newRow("larger") << QStringLiteral("size>32") << 2;
        QTest::newRow("all of them") << QStringLiteral("layer.0 size>=64 *,4 status:present") << 1;
        QTest::newRow("not known") << QStringLiteral("size>wide") << 0;
    }
    void termsAreTypedIntoTheField()
    {
        QFETCH(QString, typed);
        QFETCH(int, kept);
        makeWindow();
        openAndWait({checkpoint()});
        press("Ctrl+F");
        QTest::keyClicks(&find(), typed);
        QTRY_COMPARE(tensors().model()->shownTensors(), kept);
    }

    void theOriginIsATermOnceItIsKnown()
    {
        makeWindow();
        openAndWait({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained")});
        QTRY_VERIFY(m_window->document().modelOrigin() != nullptr);
        press("Ctrl+F");
        QTest::keyClicks(&find(), QStringLiteral("origin:trained"));
        QTRY_VERIFY(tensors().model()->shownTensors() > 0 &&
                    tensors().model()->shownTensors() < qsizetype(m_window->document().rows()->rows().size()));
    }

    void f1OpensThePageAboutWhatIsShown()
    {
        makeWindow();
        const auto opened = [this](const char* keys) {
            m_window->activateWindow(); // without a window manager nobody does when the manual has closed
            [[maybe_unused]] const bool isActive = QTest::qWaitForWindowActive(m_window);
            if (*keys)
                press(keys);
            press("F1");
            const auto windows = m_window->findChildren<ManualWindow*>();
            const QString page = windows.isEmpty() ? QString() : windows.last()->browser()->source().fileName();
            qDeleteAll(windows);
            return page;
        };
        QCOMPARE(opened(""), QStringLiteral("index.md"));
        openAndWait({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix")});
        QTRY_VERIFY(m_window->document().selectedFinding() >= 0);
        QCOMPARE(opened(""), QStringLiteral("key-prefix.md"));
        QCOMPARE(opened("Alt+2"), QStringLiteral("weights.md"));
        QCOMPARE(opened("Alt+3"), QStringLiteral("compare.md"));
        QCOMPARE(opened("Alt+4"), QStringLiteral("run.md"));
        m_window->document().selectFinding(-1);
        QCOMPARE(opened("Alt+1"), QStringLiteral("model-folder.md"));
    }

    void enterOpensWhatHasTheFocus()
    {
        makeWindow();
        auto* row = m_window->findChild<StartRow*>(); // the first sample
        QVERIFY(row && row->isVisible());
        row->setFocus();
        press("Return");
        QTRY_COMPARE(m_window->document().state(), Document::State::Loaded);
        waitForCheck();
    }

    void menusKeepWhatTheToolBarHides()
    {
        makeWindow();
        for (const QAction* action : {m_window->actions().exportReport, m_window->actions().back, m_window->actions().forward}) {
            QVERIFY2(action->isVisible() && !action->isEnabled(), qPrintable(action->text()));
            for (const QToolButton* button : m_window->findChildren<QToolButton*>())
                QVERIFY(button->defaultAction() != action || !button->isVisible());
        }
    }

    void theFocusGoesToWhatAPageIsAbout()
    {
        makeWindow();
        openAndWait({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained"),
                     QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix")});
        const auto holdsFocus = [](const QWidget* panel) {
            return panel == QApplication::focusWidget() || panel->isAncestorOf(QApplication::focusWidget());
        };
        CheckpointView& view = m_window->checkpointView();
        QTRY_COMPARE(view.compare()->document().state(), ComparisonDocument::State::Compared);
        QTRY_VERIFY(view.compare()->tree()->hasFocus()); // both were opened together
        press("Alt+2");
        QVERIFY(holdsFocus(view.weights()->panels().front()));
        press("Alt+4");
        QVERIFY(holdsFocus(view.run()->panels().front()));
        press("Alt+1");
        QVERIFY(tensors().tree()->hasFocus());
    }

    void nineFilesHaveKeys()
    {
        makeWindow();
        QStringList paths;
        for (int i = 1; i <= 9; ++i) {
            paths << checkpoint(QStringLiteral("model-%1.safetensors").arg(i));
            openAndWait({paths.last()});
        }
        for (int key = 9; key > 1; --key) { // each time the list turns: the oldest is always the last
            const QString oldest = m_recent->files().last().path;
            press("Ctrl+9");
            QTRY_COMPARE(m_window->document().path(), oldest);
            waitForCheck();
        }
    }

    void exportsWhatIsSelected_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("all");
        QTest::newRow("npy") << QStringLiteral("one.npy") << false;
        QTest::newRow("csv") << QStringLiteral("one.csv") << false;
        QTest::newRow("safetensors") << QStringLiteral("one.safetensors") << false;
        QTest::newRow("a selection") << QStringLiteral("all.safetensors") << true;
    }
    void exportsWhatIsSelected()
    {
        QFETCH(QString, name);
        QFETCH(bool, all);
        makeWindow();
        openAndWait({checkpoint()});
        tensors().tree()->setFocus();
        if (all)
            press("Ctrl+A");
        else
            select(0);
        const QString path = m_folder->filePath(name);
        saveAs(path);
        press("Ctrl+E");
        QTRY_VERIFY(QFile::exists(path));
        const QByteArray written = contentOf(path);
        if (name.endsWith(QLatin1String(".npy"))) {
            QVERIFY(written.startsWith("\x93NUMPY"));
            QVERIFY(written.contains("'shape': (4, 4)"));
            QVERIFY(written.endsWith(QByteArray(64, '\0')));
        } else if (name.endsWith(QLatin1String(".csv"))) {
            QCOMPARE(written.trimmed().split('\n').size(), 4);
            QCOMPARE(written.trimmed().split('\n').first().split(',').size(), 4);
        } else {
            JobContext job;
            const auto copy = openCheckpoint(path.toStdString(), job);
            QVERIFY(copy.has_value());
            QCOMPARE((*copy)->tensors.size(), all ? size_t(4) : size_t(1));
            QCOMPARE((*copy)->tensors[0].name, std::string("encoder.layer.0.query.weight"));
        }
    }

    void aRightToLeftDesktopMirrorsTheWindowAndNotTheNames()
    {
        QApplication::setLayoutDirection(Qt::RightToLeft);
        makeWindow();
        openAndWait({checkpoint()});
        const StructurePage& page = *m_window->checkpointView().structure();
        const auto left = [this](const QWidget* widget) { return widget->mapTo(static_cast<QWidget*>(m_window), QPoint(0, 0)).x(); };
        const bool isMirrored = left(page.findings()) > left(tensors().tree());
        const Qt::LayoutDirection ofTree = tensors().tree()->layoutDirection();
        const Qt::LayoutDirection ofStrip = m_window->checkpointView().strip()->layoutDirection();
        QApplication::setLayoutDirection(Qt::LeftToRight); // before anything can fail: other tests share the application
        QVERIFY(isMirrored);
        QCOMPARE(ofTree, Qt::LeftToRight);
        QCOMPARE(ofStrip, Qt::LeftToRight);
    }
};

WATCHED_TEST_MAIN(TestKeys)
#include "tst_keys.moc"
