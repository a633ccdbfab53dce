// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a screen reader is told, asked through QAccessible as its bridge does.
#include "tests/support/patience.h"
#include "tests/support/window_test.h"
#include "ui/views/compare_page.h"
#include "ui/views/load_strip.h"
#include "ui/views/verdict_band.h"

#include <QAbstractButton>
#include <QAccessible>
#include <QAction>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

QAccessibleInterface* interfaceOf(QWidget* widget)
{
    return QAccessible::queryAccessibleInterface(widget);
}

QString nameOf(QWidget* widget)
{
    return interfaceOf(widget)->text(QAccessible::Name);
}

} // namespace

class TestAccessible : public WindowTest {
    Q_OBJECT

private Q_SLOTS:
    void init() { setUp(); }
    void cleanup() { tearDown(); }

    void whatTakesTheKeyboardHasANameAndARole_data()
    {
        QTest::addColumn<int>("page");
        for (int page = 0; page < 4; ++page)
            QTest::addRow("page %d", page) << page;
    }
    void whatTakesTheKeyboardHasANameAndARole()
    {
        makeWindow();
        openAndWait({checkpoint()});
        QFETCH(int, page);
        m_window->actions().pages[page]->trigger();
        int asked = 0;
        for (QWidget* widget : m_window->findChildren<QWidget*>()) {
            if (!(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisible())
                continue;
            ++asked;
            QVERIFY2(!nameOf(widget).isEmpty(), widget->metaObject()->className());
            QVERIFY2(interfaceOf(widget)->role() != QAccessible::NoRole, widget->metaObject()->className());
        }
        QVERIFY(asked >= 5);
    }

    void pagesAndDialogsBesidesAreSpokenToo_data()
    {
        QTest::addColumn<QString>("shown");
        for (const char* shown : {"start", "error", "compared", "settings", "palette", "manual", "shortcuts"})
            QTest::newRow(shown) << QString::fromLatin1(shown);
    }
    void pagesAndDialogsBesidesAreSpokenToo()
    {
        QFETCH(QString, shown);
        makeWindow();
        const Actions& actions = m_window->actions();
        if (shown == QLatin1String("error")) {
            m_window->open({write(QStringLiteral("page.bin"), "<!DOCTYPE html><html></html>")});
            QTRY_COMPARE(m_window->document().state(), Document::State::Failed);
        } else if (shown == QLatin1String("compared")) {
            openAndWait({checkpoint(), checkpoint(QStringLiteral("other.safetensors"))});
            QTRY_COMPARE(m_window->checkpointView().compare()->document().state(), ComparisonDocument::State::Compared);
            actions.pages[2]->trigger();
        } else if (shown != QLatin1String("start")) {
            (shown == QLatin1String("settings")  ? actions.settings
             : shown == QLatin1String("palette") ? actions.palette
             : shown == QLatin1String("manual")  ? actions.manual
                                                 : actions.shortcuts)
                ->trigger();
        }
        int asked = 0;
        for (QWidget* top : QApplication::topLevelWidgets()) {
            for (QWidget* widget : top->findChildren<QWidget*>()) {
                if (!(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisible())
                    continue;
                ++asked;
                QVERIFY2(!nameOf(widget).isEmpty(), widget->metaObject()->className());
                QVERIFY2(interfaceOf(widget)->role() != QAccessible::NoRole, widget->metaObject()->className());
            }
        }
        QVERIFY(asked >= 2);
    }

    void iconsAloneHaveNames()
    {
        makeWindow();
        openAndWait({checkpoint()});
        for (QAbstractButton* button : m_window->findChildren<QAbstractButton*>())
            QVERIFY2(!button->isVisible() || !nameOf(button).isEmpty(), qPrintable(button->toolTip()));
    }

    void theVerdictIsSaid()
    {
        makeWindow();
        openAndWait({checkpoint()});
        QCOMPARE(nameOf(m_window->checkpointView().verdict()), m_window->checkpointView().verdict()->sentence());
    }

    void theTreeSaysNameAndState()
    {
        makeWindow();
        openAndWait({checkpoint()});
        tensors().tree()->expandAll();
        QAccessibleInterface* tree = interfaceOf(tensors().tree());
        QCOMPARE(tree->role(), QAccessible::Tree);
        select(0);
        const QModelIndex current = tensors().tree()->currentIndex();
        QCOMPARE(current.siblingAtColumn(0).data(Qt::AccessibleTextRole).toString(), QStringLiteral("encoder.layer.0.query.weight, present"));
    }

    void theStripIsATable()
    {
        makeWindow();
        openAndWait({checkpoint()});
        LoadStrip* strip = m_window->checkpointView().strip();
        QAccessibleInterface* accessible = interfaceOf(strip);
        QCOMPARE(accessible->role(), QAccessible::Table);
        QAccessibleTableInterface* table = accessible->tableInterface();
        QVERIFY(table);
        QCOMPARE(table->rowCount(), int(strip->strip().rows.size()));
        QCOMPARE(table->columnCount(), 4);
        QVERIFY2(table->rowDescription(0).contains(QStringLiteral("model.safetensors")), qPrintable(table->rowDescription(0)));
        QVERIFY(!table->columnDescription(0).isEmpty());
        QAccessibleInterface* cell = table->cellAt(0, 2);
        QVERIFY(cell);
        QCOMPARE(cell->role(), QAccessible::Cell);
        QCOMPARE(cell->text(QAccessible::Name), QStringLiteral("encoder.layer.1.query.weight, 4 x 4, present"));
        QCOMPARE(cell->tableCellInterface()->columnIndex(), 2);
        QVERIFY(cell->rect().isValid());
        QCOMPARE(accessible->childAt(cell->rect().center().x(), cell->rect().center().y()), cell);
        QVERIFY(!table->cellAt(0, 4));
        QVERIFY(!table->cellAt(-1, 0));
        QVERIFY(!table->cellAt(7, 0));
    }

    void theStripsCellsFollowTheKeyboardAndCanBePressed()
    {
        makeWindow();
        openAndWait({checkpoint()});
        LoadStrip* strip = m_window->checkpointView().strip();
        strip->setFocus();
        QTest::keyClick(strip, Qt::Key_Home);
        QTest::keyClick(strip, Qt::Key_Right);
        QAccessibleInterface* accessible = interfaceOf(strip);
        QVERIFY(accessible->focusChild());
        QCOMPARE(accessible->focusChild()->tableCellInterface()->columnIndex(), 1);
        QVERIFY(accessible->focusChild()->state().focused);
        QCOMPARE(accessible->tableInterface()->selectedCellCount(), 1);
        accessible->tableInterface()->cellAt(0, 3)->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
        QCOMPARE(m_window->document().selectedRow(), 3);
    }

    void theFocusCanBeSeen_data()
    {
        QTest::addColumn<int>("theme");
        QTest::newRow("light") << int(ThemeChoice::Light);
        QTest::newRow("dark") << int(ThemeChoice::Dark);
    }
    void theFocusCanBeSeen()
    {
        QFETCH(int, theme);
        m_appearance->setChoice(ThemeChoice(theme));
        makeWindow();
        openAndWait({checkpoint()});
        int asked = 0;
        const auto children = m_window->findChildren<QWidget*>();
        for (const QPointer<QWidget>& widget : QList<QPointer<QWidget>>(children.begin(), children.end())) { // some go while the window works
            if (!widget || !(widget->focusPolicy() & Qt::TabFocus) || !widget->isVisible() || !widget->isEnabled())
                continue;
            m_window->setFocus();
            QTest::qWait(1);
            if (!widget)
                continue;
            const QImage without = widget->grab().toImage();
            widget->setFocus(Qt::TabFocusReason);
            QTest::qWait(1);
            if (!widget || QApplication::focusWidget() != widget)
                continue;
            ++asked;
            QVERIFY2(widget->grab().toImage() != without, qPrintable(QLatin1String(widget->metaObject()->className()) + QLatin1Char(' ') + nameOf(widget)));
        }
        QVERIFY(asked >= 5);
    }
};

WATCHED_TEST_MAIN(TestAccessible)
#include "tst_accessible.moc"
