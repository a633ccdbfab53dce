// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Every action of the window: in a menu, explained, and reached by its key as by a user's hand.
#include "tests/support/patience.h"
#include "tests/support/window_test.h"
#include "ui/models/tensor_tree_model.h"
#include "ui/views/command_palette.h"
#include "ui/views/compare_page.h"
#include "ui/views/inspector.h"
#include "ui/views/manual_window.h"
#include "ui/views/settings_dialog.h"

#include <QAbstractButton>
#include <QAction>
#include <QClipboard>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QSignalSpy>
#include <QTabBar>
#include <QTextBrowser>
#include <QTimer>

#include <algorithm>

using namespace weighbridge;
using namespace weighbridge::test;

class TestActions : public WindowTest {
    Q_OBJECT

private:
    [[nodiscard]] QList<QAction*> allActions() const { return static_cast<QWidget*>(m_window)->actions(); }

    /// As a keyboard would: to the widget that has the focus.
    void press(const QKeySequence& keys)
    {
        QWidget* focused = QApplication::focusWidget() ? QApplication::focusWidget() : m_window;
        QTest::keySequence(focused, keys);
    }
    void press(const char* keys) { press(QKeySequence(QString::fromLatin1(keys))); }

    [[nodiscard]] int selectedFound() const
    {
        const int row = m_window->document().selectedRow();
        return row < 0 ? -1 : m_window->document().rows()->rows()[size_t(row)].found;
    }
    [[nodiscard]] static QString clipboard() { return QApplication::clipboard()->text(); }

    /// Closes the dialog that the next action opens.
    static void closeNextDialog()
    {
        QTimer::singleShot(0, qApp, [] {
            if (QWidget* dialog = QApplication::activeModalWidget())
                dialog->close();
        });
    }

private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    void everyActionIsInAMenuAndExplainsItself()
    {
        makeWindow();
        QSet<const QAction*> inMenus;
        QList<const QMenu*> menus;
        for (const QAction* action : m_window->menuBar()->actions())
            menus << action->menu();
        while (!menus.isEmpty()) {
            for (const QAction* action : menus.takeFirst()->actions()) {
                inMenus << action;
                if (action->menu())
                    menus << action->menu();
            }
        }
        QVERIFY(allActions().size() > 50);
        for (const QAction* action : allActions()) {
            QVERIFY2(inMenus.contains(action), qPrintable(action->text()));
            QVERIFY2(!action->shortcut().isEmpty(), qPrintable(action->text()));
            QVERIFY2(!action->statusTip().isEmpty(), qPrintable(action->text()));
            QVERIFY2(action->toolTip().contains(action->shortcut().toString(QKeySequence::NativeText)), qPrintable(action->toolTip()));
        }
    }

    void noKeyIsGivenTwice()
    {
        makeWindow();
        QHash<QString, QString> known;
        for (const QAction* action : allActions()) {
            for (const QKeySequence& key : action->shortcuts()) {
                const QString text = key.toString();
                QVERIFY2(!known.contains(text), qPrintable(QStringLiteral("%1: %2 and %3").arg(text, known.value(text), action->text())));
                known.insert(text, action->text());
            }
        }
    }

    void everyKeyTriggersItsAction()
    {
        // The actions themselves would open dialogs and quit: their work is cut off, their keys are pressed as they stand in the menus.
        makeWindow();
        openAndWait({checkpoint()});
        tensors().tree()->setFocus();
        for (QAction* action : allActions()) {
            QObject::disconnect(action, &QAction::triggered, nullptr, nullptr);
            action->setEnabled(true);
            action->setVisible(true);
            for (const QKeySequence& key : action->shortcuts()) {
                QSignalSpy triggered(action, &QAction::triggered);
                press(key);
                QVERIFY2(triggered.size() == 1, qPrintable(QStringLiteral("%1: %2, %3 times").arg(key.toString(), action->text()).arg(triggered.size())));
            }
        }
    }

    void theManualsKeysAreTheActions()
    {
        // ui keys that users are told of, with the action that has to answer
        makeWindow();
        const Actions& actions = m_window->actions();
        const std::pair<const char*, const QAction*> documented[] = {
            {"Ctrl+O", actions.open}, {"Ctrl+Shift+O", actions.openFolder}, {"Ctrl+F", actions.find}, {"Ctrl+K", actions.palette}, {"Ctrl+Shift+E", actions.exportReport},
            {"Ctrl+P", actions.print}, {"F5", actions.reload}, {"F1", actions.manual}, {"F11", actions.fullScreen}, {"F4", actions.inspector}, {"Backspace", actions.back},
            {"Alt+Right", actions.forward}, {"Ctrl+R", actions.run}, {"Esc", actions.stop}, {"Alt+1", actions.pages[0]}, {"Alt+4", actions.pages[3]}, {"F6", actions.nextPanel},
            {"Shift+F6", actions.previousPanel}, {"F8", actions.nextDeviation}, {"Shift+F8", actions.previousDeviation}, {"D", actions.onlyDifferences}, {"Ctrl+C", actions.copyNames},
            {"Ctrl+Shift+C", actions.copyRows}, {"Ctrl+1", actions.recent[0]}, {"Ctrl+9", actions.recent[8]}, {"Ctrl+Shift+S", actions.saveRepaired}, {"Ctrl+E", actions.exportTensors},
        };
        for (const auto& [key, action] : documented)
            QVERIFY2(action->shortcuts().contains(QKeySequence(QString::fromLatin1(key))), key);
    }

    void backAndForwardWalkTheSelections()
    {
        makeWindow();
        openAndWait({checkpoint()});
        tensors().tree()->setFocus();
        for (const int found : {0, 2, 3})
            select(found);
        press("Backspace");
        QCOMPARE(selectedFound(), 2);
        press("Backspace");
        QCOMPARE(selectedFound(), 0);
        press("Alt+Right");
        QCOMPARE(selectedFound(), 2);
        press("Alt+Left");
        QCOMPARE(selectedFound(), 0);
        QVERIFY(!m_window->actions().back->isEnabled());
    }

    void backspaceDeletesWhereTextIsTyped()
    {
        makeWindow();
        openAndWait({checkpoint()});
        select(0);
        select(3);
        press("Ctrl+F");
        QVERIFY(find().hasFocus());
        QTest::keyClicks(&find(), QStringLiteral("xy"));
        press("Backspace");
        QCOMPARE(find().text(), QStringLiteral("x"));
        QCOMPARE(selectedFound(), 3);
    }

    void recentFilesOpenByNumber()
    {
        makeWindow();
        const QString first = checkpoint(QStringLiteral("first.safetensors"));
        const QString second = checkpoint(QStringLiteral("second.safetensors"));
        openAndWait({first});
        openAndWait({second});
        press("Ctrl+2");
        QTRY_COMPARE(m_window->document().path(), first);
        QTRY_VERIFY(m_window->document().check());
        press("Ctrl+2"); // the list has turned
        QTRY_COMPARE(m_window->document().path(), second);
    }

    void aChangedFileIsReloadedByF5()
    {
        makeWindow();
        const QString path = checkpoint();
        openAndWait({path});
        QCOMPARE(m_window->document().rows()->rows().size(), size_t(4));
        write(QStringLiteral("model.safetensors"), safetensors({{"only", "2", 2}}));
        QTRY_VERIFY(m_window->document().fileHasChanged());
        QCOMPARE(m_window->document().rows()->rows().size(), size_t(4)); // offered, not done
        press("F5");
        QTRY_VERIFY(m_window->document().rows() && m_window->document().rows()->rows().size() == 1);
        QVERIFY(!m_window->document().fileHasChanged());
    }

    void keysOfTheViewChangeTheView()
    {
        makeWindow();
        openAndWait({checkpoint()});
        press("Alt+2");
        QCOMPARE(m_window->tabs()->currentIndex(), 1);
        press("Alt+1");
        const bool wasVisible = m_window->checkpointView().structure()->inspector()->isVisible();
        press("F4");
        QCOMPARE(m_window->checkpointView().structure()->inspector()->isVisible(), !wasVisible);
        press("F11");
        QVERIFY(m_window->isFullScreen());
        press("Esc");
        QTRY_VERIFY(!m_window->isFullScreen());
        press("Ctrl+F11");
        QCOMPARE(m_appearance->choice(), ThemeChoice::Dark);
        press("Ctrl+R");
        QCOMPARE(m_window->tabs()->currentIndex(), int(CheckpointView::RunPageIndex));
    }

    void dialogsOpenByTheirKeys()
    {
        makeWindow();
        openAndWait({checkpoint()});
        press("F1");
        QTRY_COMPARE(m_window->findChildren<ManualWindow*>().size(), 1);
        m_window->activateWindow();
        press("Ctrl+,");
        QTRY_COMPARE(m_window->findChildren<SettingsDialog*>().size(), 1);
        m_window->findChild<SettingsDialog*>()->close();
        m_window->activateWindow();
        closeNextDialog();
        m_window->actions().about->trigger();
        QVERIFY(!QApplication::activeModalWidget());
    }

    void copiesWhatIsSelected()
    {
        makeWindow();
        openAndWait({checkpoint()});
        select(0);
        tensors().tree()->setFocus();
        press("Ctrl+C");
        QCOMPARE(clipboard(), QStringLiteral("encoder.layer.0.query.weight"));
        press("Ctrl+Shift+C");
        QCOMPARE(clipboard(), QStringLiteral("encoder.layer.0.query.weight\tpresent\t4 x 4\tF32\t16\t64"));
        press("Ctrl+Shift+M");
        QCOMPARE(clipboard(), QStringLiteral("| Tensor | Status | Found | dtype | Parameters | Size |\n| --- | --- | ---: | --- | ---: | ---: |\n"
                                             "| encoder.layer.0.query.weight | present | 4 x 4 | F32 | 16 | 64 |"));
        press("Ctrl+Shift+H");
        QCOMPARE(clipboard(), QStringLiteral("[4, 4]"));
        press("Ctrl+Shift+P");
        QVERIFY2(clipboard().contains(QStringLiteral("f.get_tensor(\"encoder.layer.0.query.weight\")")), qPrintable(clipboard()));
    }

    void namesInMarkdownCannotBreakTheTable()
    {
        makeWindow();
        openAndWait({write(QStringLiteral("odd.safetensors"), safetensors({{"a|b", "2", 2}, {"c", "2", 2}}))});
        select(0);
        m_window->actions().copyMarkdown->trigger();
        QVERIFY2(clipboard().contains(QStringLiteral("| a\\|b |")), qPrintable(clipboard()));
    }

    void pythonIsForOneTensor()
    {
        makeWindow();
        openAndWait({checkpoint()});
        tensors().tree()->expandAll();
        tensors().tree()->selectAll();
        QVERIFY(!m_window->actions().copyPython->isEnabled());
        QVERIFY(m_window->actions().exportTensors->isEnabled());
        tensors().tree()->clearSelection();
        QVERIFY(!m_window->actions().copyNames->isEnabled());
        QVERIFY(!m_window->actions().exportTensors->isEnabled());
    }

    void thePaletteFindsEverythingThatHasAName()
    {
        makeWindow();
        openAndWait({QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/prefix")});
        const auto open = [this] {
            m_window->activateWindow(); // without a window manager nobody does when the palette has closed
            [[maybe_unused]] const bool isActive = QTest::qWaitForWindowActive(m_window);
            Q_ASSERT(isActive);
            press("Ctrl+K");
            auto* palette = m_window->findChild<CommandPalette*>();
            Q_ASSERT(palette);
            return QPointer<CommandPalette>(palette);
        };
        const auto holds = [](const CommandPalette& palette, const QString& text) { return !palette.list()->findItems(text, Qt::MatchContains).isEmpty(); };

        QPointer<CommandPalette> palette = open();
        QVERIFY(holds(*palette, QStringLiteral("Full screen")));
        QTest::keyClicks(palette->findChild<QLineEdit*>(), QStringLiteral("query weight"));
        QTRY_VERIFY(holds(*palette, QStringLiteral("query.weight")));
        QVERIFY(!holds(*palette, QStringLiteral("Full screen")));
        const QString wanted = palette->list()->item(0)->text();
        QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Return);
        QTRY_VERIFY(!palette);
        QVERIFY(m_window->document().selection().tensor.isValid());
        QCOMPARE(tensors().tree()->currentIndex().siblingAtColumn(0).data(TensorTreeModel::FullNameRole).toString(), wanted);

        palette = open();
        QTest::keyClicks(palette->findChild<QLineEdit*>(), QStringLiteral("key-prefix")); // a rule's word
        QTRY_VERIFY(palette->list()->count() > 0);
        QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Return);
        QTRY_VERIFY(!palette);
        QCOMPARE(m_window->document().findings()[size_t(m_window->document().selectedFinding())].rule, std::string("key-prefix"));

        palette = open();
        QTest::keyClicks(palette->findChild<QLineEdit*>(), QStringLiteral("weights statistics")); // words of the explanation
        QVERIFY(palette->list()->count() >= 1);
        QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Return);
        QTRY_COMPARE(m_window->tabs()->currentIndex(), 1);
    }

    void whatTheSearchHidesIsShownWhenChosen()
    {
        makeWindow();
        openAndWait({checkpoint()});
        find().setText(QStringLiteral("layer.0"));
        QTRY_COMPARE(tensors().model()->shownTensors(), 2);
        press("Ctrl+K");
        auto* palette = m_window->findChild<CommandPalette*>();
        QTest::keyClicks(palette->findChild<QLineEdit*>(), QStringLiteral("layer.1.query.bias"));
        QTRY_COMPARE(palette->list()->count(), 1);
        QTest::keyClick(palette->findChild<QLineEdit*>(), Qt::Key_Return);
        QTRY_COMPARE(tensors().model()->shownTensors(), 4);
        QCOMPARE(selectedFound(), 3);
        QTRY_COMPARE(tensors().model()->idOf(tensors().tree()->currentIndex()), m_window->document().selection().tensor);
    }

    void anEmptySearchSaysHowToGoOn()
    {
        makeWindow();
        openAndWait({checkpoint()});
        find().setText(QStringLiteral("query nowhere"));
        QTRY_COMPARE(tensors().model()->shownTensors(), 0);
        QAbstractButton* clear = nullptr;
        for (QAbstractButton* button : tensors().findChildren<QAbstractButton*>())
            if (button->isVisible() && button->text() == QLatin1String("Clear the search"))
                clear = button;
        QVERIFY(clear);
        QTest::mouseClick(clear, Qt::LeftButton);
        QTRY_COMPARE(tensors().model()->shownTensors(), 4);
        QVERIFY(find().text().isEmpty());
    }

    void whatWasOpenIsOpenAgainAfterASearch()
    {
        makeWindow();
        QList<Entry> many;
        for (int i = 0; i < 60; ++i)
            many << Entry{QByteArray("part.") + (i < 30 ? "a" : "b") + ".x" + QByteArray::number(i), "2", 2};
        openAndWait({write(QStringLiteral("many.safetensors"), safetensors(many))});
        const QModelIndex module = tensors().model()->indexOfModule(QStringLiteral("part.b"));
        QVERIFY(module.isValid());
        tensors().tree()->expand(module);
        find().setText(QStringLiteral("x5"));
        QTRY_VERIFY(tensors().model()->shownTensors() < 60);
        find().setText(QStringLiteral("part.a"));
        QTRY_COMPARE(tensors().model()->shownTensors(), 30);
        find().clear();
        QTRY_COMPARE(tensors().model()->shownTensors(), 60);
        QVERIFY(tensors().tree()->isExpanded(tensors().model()->indexOfModule(QStringLiteral("part.b"))));
    }

    void settingsAreKept()
    {
        makeWindow();
        Preferences preferences(*m_settings);
        QCOMPARE(preferences.checkedUnaskedNbytes(), Preferences::defaultCheckedUnaskedNbytes);
        QVERIFY(preferences.language().isEmpty());
        preferences.setCheckedUnaskedNbytes(UINT64_MAX);
        QCOMPARE(Preferences(*m_settings).checkedUnaskedNbytes(), UINT64_MAX);
        preferences.setRemembersFiles(false);
        openAndWait({checkpoint()});
        QVERIFY(m_recent->files().isEmpty());
    }

    void valuesWaitToBeAskedForIfTheSettingsSaySo()
    {
        Preferences(*m_settings).setCheckedUnaskedNbytes(0);
        makeWindow();
        openAndWait({checkpoint()});
        QTest::qWait(100);
        QVERIFY(!m_window->document().valuesAreChecked());
    }
};

WATCHED_TEST_MAIN(TestActions)
#include "tst_actions.moc"
