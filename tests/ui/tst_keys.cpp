// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the manual says of keys, and what is done by the keyboard alone: finding, going through the tree, copying, exporting, recent files.
#include "core/checkpoint/open_checkpoint.h"
#include "tests/support/patience.h"
#include "tests/support/window_test.h"
#include "ui/models/tensor_tree_model.h"
#include "ui/models/host_folder_model.h"
#include "ui/plots/histogram_plot.h"
#include "ui/views/compare_page.h"
#include "ui/views/finding_delegate.h"
#include "ui/views/host_browser.h"
#include "ui/views/inspector.h"
#include "ui/views/load_strip.h"
#include "ui/views/manual_window.h"
#include "ui/views/run_page.h"
#include "ui/views/start_row.h"
#include "ui/views/verdict_band.h"
#include "ui/views/weights_page.h"

#include <QAction>
#include <QDir>
#include <QDirIterator>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSet>
#include <QSignalSpy>
#include <QTextBrowser>
#include <QThreadPool>
#include <QToolButton>

#include <functional>
#include <vector>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

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

    /// Whether a widget is drawn in another way when it has the keyboard.
    static bool looksFocused(QWidget& dialog, QWidget& widget)
    {
        const QRect place = QRect(widget.mapTo(&dialog, QPoint(0, 0)), widget.size()).adjusted(-3, -3, 3, 3);
        widget.setFocus(Qt::TabFocusReason);
        const QImage with = dialog.grab(place).toImage();
        widget.clearFocus();
        const QImage without = dialog.grab(place).toImage();
        widget.setFocus(Qt::TabFocusReason);
        return with != without;
    }

    /// A key that is no action of the window, and what presses it in its view and looks what came of it.
    struct ViewKey {
        const char* key;
        void (TestKeys::*press)();
    };
    static std::vector<ViewKey> viewKeys()
    {
        return {{"Down", &TestKeys::downLeavesTheField},
                {"Esc", &TestKeys::escClearsTheField},
                {"Left", &TestKeys::leftAndRightCloseAndOpen},
                {"Right", &TestKeys::leftAndRightCloseAndOpen},
                {"*", &TestKeys::asteriskOpensAll},
                {"Space", &TestKeys::spaceFitsThePlot},
                {"+", &TestKeys::plusAndMinusZoom},
                {"-", &TestKeys::plusAndMinusZoom},
                {"Enter", &TestKeys::enterGoesIntoAFolder},
                {"Alt+Up", &TestKeys::altUpGoesUp},
                {"Backspace", &TestKeys::backspaceGoesUp},
                {"Alt+Home", &TestKeys::altHomeGoesHome}};
    }

    void typeIntoTheField()
    {
        makeWindow();
        openAndWait({checkpoint()});
        find().setFocus();
        QTest::keyClicks(&find(), QStringLiteral("layer"));
    }
    void downLeavesTheField()
    {
        typeIntoTheField();
        QTest::keyClick(&find(), Qt::Key_Down);
        QVERIFY(tensors().tree()->hasFocus());
        QVERIFY(!find().text().isEmpty());
    }
    void escClearsTheField()
    {
        typeIntoTheField();
        QTest::keyClick(&find(), Qt::Key_Escape);
        QVERIFY(find().text().isEmpty() && find().hasFocus());
        QTest::keyClick(&find(), Qt::Key_Escape);
        QVERIFY(tensors().tree()->hasFocus());
    }

    /// The tree with a closed module that has the keyboard.
    QModelIndex closedModule()
    {
        makeWindow();
        openAndWait({checkpoint()});
        QTreeView& tree = *tensors().tree();
        tree.setFocus();
        const QModelIndex module = tensors().model()->index(0, 0);
        tree.setCurrentIndex(module);
        tree.collapseAll();
        return module;
    }
    void leftAndRightCloseAndOpen()
    {
        const QModelIndex module = closedModule();
        QTest::keyClick(tensors().tree(), Qt::Key_Right);
        QVERIFY(tensors().tree()->isExpanded(module));
        QTest::keyClick(tensors().tree(), Qt::Key_Left);
        QVERIFY(!tensors().tree()->isExpanded(module));
    }
    void asteriskOpensAll()
    {
        const QModelIndex module = closedModule();
        QTest::keyClick(tensors().tree(), Qt::Key_Asterisk);
        QVERIFY(tensors().tree()->isExpanded(module));
        for (int row = 0; row < tensors().model()->rowCount(module); ++row)
            if (const QModelIndex child = tensors().model()->index(row, 0, module); tensors().model()->hasChildren(child))
                QVERIFY(tensors().tree()->isExpanded(child));
    }

    /// The plot of a tensor with different values, which has the keyboard.
    HistogramPlot* focusedPlot()
    {
        makeWindow();
        m_window->open({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained")});
        [[maybe_unused]] const bool isThere = QTest::qWaitFor([this] { return m_window->document().statistics(0) != nullptr; });
        select(0);
        HistogramPlot* plot = m_window->checkpointView().structure()->inspector()->tensorSection()->plot();
        plot->setFocus();
        return plot;
    }
    static double span(const HistogramPlot& plot) { return plot.visibleRange().second - plot.visibleRange().first; }
    void plusAndMinusZoom()
    {
        HistogramPlot* plot = focusedPlot();
        const double whole = span(*plot);
        QTest::keyClick(plot, Qt::Key_Plus);
        const double closer = span(*plot);
        QVERIFY(closer < whole);
        QTest::keyClick(plot, Qt::Key_Minus);
        QVERIFY(span(*plot) > closer);
    }
    void spaceFitsThePlot()
    {
        HistogramPlot* plot = focusedPlot();
        const auto whole = plot->visibleRange();
        QTest::keyClick(plot, Qt::Key_Plus);
        QVERIFY(plot->visibleRange() != whole);
        QTest::keyClick(plot, Qt::Key_Space);
        QCOMPARE(plot->visibleRange(), whole);
    }

    /// Does something in the list of another machine's folder /home/me/runs, and looks where it led.
    void onAnotherMachine(const std::function<void(QTreeView&)>& act, const QString& leadsTo)
    {
        HostBrowser browser(nullptr, *m_recent, HostPurpose::Open, [](const SshAddress& address, JobContext&) -> Result<HostFolder> {
            return HostFolder{address.path == "/~" ? "/home/me" : address.path, {}, {{"inner", host::EntryKind::Folder, 0, 0, false}}};
        });
        browser.show();
        QVERIFY(QTest::qWaitForWindowExposed(&browser));
        browser.activateWindow();
        browser.connectTo(QStringLiteral("ssh://box/home/me/runs"));
        QTRY_COMPARE(browser.model()->rowCount(), 1);
        browser.names()->setFocus();
        browser.names()->setCurrentIndex(browser.model()->index(0, 0));
        act(*browser.names());
        QTRY_COMPARE(browser.folder()->text(), leadsTo);
        QTRY_VERIFY(!browser.isListing());
        jobPool()->waitForDone();
    }
    void enterGoesIntoAFolder()
    {
        onAnotherMachine([](QTreeView& names) { QTest::keyClick(&names, Qt::Key_Enter); }, QStringLiteral("/home/me/runs/inner"));
    }
    void altUpGoesUp()
    {
        onAnotherMachine([](QTreeView& names) { QTest::keyClick(&names, Qt::Key_Up, Qt::AltModifier); }, QStringLiteral("/home/me"));
    }
    void backspaceGoesUp()
    {
        onAnotherMachine([](QTreeView& names) { QTest::keyClick(&names, Qt::Key_Backspace); }, QStringLiteral("/home/me"));
    }
    void altHomeGoesHome()
    {
        onAnotherMachine(
            [](QTreeView& names) {
                QTest::keyClick(&names, Qt::Key_Enter);
                QTest::qWait(50);
                QTest::keyClick(&names, Qt::Key_Home, Qt::AltModifier);
            },
            QStringLiteral("/home/me"));
    }

    /// Answers the file dialog that the next key opens; its name field gets `path`.
    void saveAs(const QString& path)
    {
        onFileDialog([path](QFileDialog& dialog) {
            auto* name = dialog.findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
            name->setText(path);
            QTest::keyClick(name, Qt::Key_Return);
        });
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
        QStringList known; // the actions' are pressed by tst_actions, the views' below
        for (const ViewKey& key : viewKeys())
            known << QString::fromLatin1(key.key);
        for (const QAction* action : static_cast<QWidget*>(m_window)->actions())
            for (const QKeySequence& key : action->shortcuts())
                known << key.toString(QKeySequence::PortableText);
        const QStringList named = keysOfTheManual();
        QVERIFY(named.size() > 15);
        for (const QString& key : named)
            QVERIFY2(known.contains(key), qPrintable(key));
    }

    void everyListedKeyOfAViewIsPressedHere()
    {
        QStringList pressed;
        for (const ViewKey& key : viewKeys())
            pressed << QString::fromLatin1(key.key);
        for (const auto& [keys, does] : ManualWindow::keysOfViews()) {
            QVERIFY(!does.isEmpty());
            for (const QString& key : keys)
                QVERIFY2(pressed.contains(key), qPrintable(key));
        }
    }

    void viewsAnswerTheirKeys_data()
    {
        QTest::addColumn<int>("index");
        const auto keys = viewKeys();
        for (int i = 0; i < int(keys.size()); ++i)
            QTest::addRow("%s", keys[size_t(i)].key) << i;
    }
    void viewsAnswerTheirKeys()
    {
        QFETCH(int, index);
        (this->*viewKeys()[size_t(index)].press)();
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

    void theFocusIsSeenInEveryDialog_data()
    {
        QTest::addColumn<QString>("key");
        QTest::addColumn<int>("stops");
        QTest::newRow("open files") << QStringLiteral("Ctrl+O") << 6;
        QTest::newRow("open a folder") << QStringLiteral("Ctrl+Shift+O") << 6;
        QTest::newRow("open an address") << QStringLiteral("Ctrl+Alt+O") << 2;
        QTest::newRow("another machine") << QStringLiteral("Ctrl+Alt+M") << 4;
        QTest::newRow("compare with") << QStringLiteral("Ctrl+D") << 7;
        QTest::newRow("export tensors") << QStringLiteral("Ctrl+E") << 6;
        QTest::newRow("settings") << QStringLiteral("Ctrl+,") << 4;
        QTest::newRow("about") << QStringLiteral("Shift+F1") << 1;
    }
    void theFocusIsSeenInEveryDialog()
    {
        QFETCH(QString, key);
        QFETCH(int, stops);
        makeWindow();
        openAndWait({checkpoint()});
        select(0);
        QSet<const QWidget*> reached;
        QStringList unseen;
        bool isDone = false;
        onNextWindow([&](QWidget& dialog) {
            QApplication::setActiveWindow(&dialog); // without a window manager nobody does
            constexpr int mostSteps = 40;
            for (int i = 0; i < mostSteps && dialog.focusWidget(); ++i) {
                QWidget* focused = dialog.focusWidget();
                if (!reached.contains(focused) && !looksFocused(dialog, *focused))
                    unseen << QStringLiteral("%1 %2").arg(QLatin1String(focused->metaObject()->className()), focused->objectName());
                reached << focused;
                QTest::keyClick(focused, Qt::Key_Tab);
            }
            isDone = true;
            dialog.close();
        });
        press(key.toLatin1().constData());
        QTRY_VERIFY(isDone);
        QVERIFY2(unseen.isEmpty(), qPrintable(unseen.join(QStringLiteral(", "))));
        QVERIFY2(reached.size() >= stops, qPrintable(QString::number(reached.size())));
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
