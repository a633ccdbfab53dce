// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/watched_application.h"
#include "tests/support/check_text.h"
#include "ui/theme.h"
#include "ui/views/model_map_view.h"

#include <QAccessible>
#include <QSignalSpy>
#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

class TstModelMapView : public QObject {
    Q_OBJECT

private:
    TensorStatistics m_statistics;
    std::unique_ptr<ModelMapView> m_view;

    void show(std::string_view names)
    {
        const auto rows = TensorRows::fromCheckpoint(checkpointOf(names));
        m_view = std::make_unique<ModelMapView>([this, rows](int row) {
            const bool isRandom = rows->rows()[size_t(row)].name.starts_with("h.1.");
            return CellFacts{&m_statistics, false, isRandom ? RowState::NeverTrained : RowState::Matched, isRandom ? "random" : "trained"};
        });
        m_view->resize(640, 480);
        m_view->setMap(ModelMap::of(rows));
        m_view->show();
        QVERIFY(QTest::qWaitForWindowExposed(m_view.get()));
    }
    void press(int key) { QTest::keyClick(m_view.get(), Qt::Key(key)); }

private Q_SLOTS:
    void init()
    {
        m_statistics.count = m_statistics.finite = 16;
        m_statistics.min = -0.1;
        m_statistics.max = 0.1;
        m_statistics.std = 0.02;
        m_statistics.kurtosis = 3;
        show("wte.weight\nh.0.q.weight\nh.0.q.bias\nh.0.k.weight\nh.1.q.weight\nh.1.q.bias\nh.1.k.weight\nh.2.q.weight\nh.2.k.weight\n");
    }
    void cleanup() { m_view.reset(); }

    void arrowsGoFromTensorToTensor_data()
    {
        QTest::addColumn<QList<int>>("keys");
        QTest::addColumn<int>("row");
        QTest::addRow("first") << QList<int>{Qt::Key_Right} << 0;
        QTest::addRow("down into the layers") << QList<int>{Qt::Key_Down, Qt::Key_Down} << 1;
        QTest::addRow("to the bias") << QList<int>{Qt::Key_Down, Qt::Key_Down, Qt::Key_Right} << 2;
        QTest::addRow("over the bias") << QList<int>{Qt::Key_Down, Qt::Key_Down, Qt::Key_Right, Qt::Key_Right} << 3;
        QTest::addRow("end of the line") << QList<int>{Qt::Key_Down, Qt::Key_Down, Qt::Key_End, Qt::Key_Right} << 3;
        QTest::addRow("straight down") << QList<int>{Qt::Key_Down, Qt::Key_Down, Qt::Key_End, Qt::Key_Down, Qt::Key_Down} << 8;
        QTest::addRow("a line without a bias") << QList<int>{Qt::Key_Down, Qt::Key_Down, Qt::Key_Right, Qt::Key_Down, Qt::Key_Down} << 7;
        QTest::addRow("home") << QList<int>{Qt::Key_Down, Qt::Key_Down, Qt::Key_End, Qt::Key_Home} << 1;
        QTest::addRow("last line") << QList<int>{Qt::Key_Down, Qt::Key_PageDown, Qt::Key_Down} << 7;
        QTest::addRow("back to the top") << QList<int>{Qt::Key_Down, Qt::Key_PageDown, Qt::Key_PageUp} << 0;
    }
    void arrowsGoFromTensorToTensor()
    {
        QFETCH(QList<int>, keys);
        QFETCH(int, row);
        QSignalSpy activated(m_view.get(), &ModelMapView::activated);
        for (const int key : keys)
            press(key);
        QCOMPARE(m_view->map()->rowAt(m_view->current()), row);
        QCOMPARE(activated.last().first().toInt(), row);
    }
    void aClickSelectsTheTensorUnderIt()
    {
        QSignalSpy activated(m_view.get(), &ModelMapView::activated);
        for (int row = 0; row < 9; ++row) {
            const QPoint point = m_view->cellRect(m_view->map()->placeOf(row)).center();
            QCOMPARE(m_view->placeAt(point), m_view->map()->placeOf(row));
            QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, point);
            QCOMPARE(activated.last().first().toInt(), row);
        }
    }
    void aClickOnALabelSelectsTheModule()
    {
        QSignalSpy modules(m_view.get(), &ModelMapView::moduleActivated);
        const int y = m_view->cellRect(m_view->map()->placeOf(4)).center().y();
        QTest::mouseClick(m_view->viewport(), Qt::LeftButton, {}, QPoint(16, y));
        QCOMPARE(modules.size(), 1);
        QCOMPARE(modules.first().first().toString(), QStringLiteral("h.1"));
    }
    void cellsDoNotMoveWithTheMode()
    {
        const QRect before = m_view->cellRect(m_view->map()->placeOf(4));
        m_view->setMode(MapMode::Kurtosis);
        QCOMPARE(m_view->cellRect(m_view->map()->placeOf(4)), before);
    }
    void thePointerReadsNameStateAndNumbers()
    {
        QCOMPARE(m_view->describe(m_view->map()->placeOf(4)), QStringLiteral("layer 1, q.weight, never trained, std 0.0200, mean 0, kurtosis 3.00"));
        QCOMPARE(m_view->describe(m_view->map()->placeOf(2)), QStringLiteral("layer 0, q.bias, trained, std 0.0200, mean 0, kurtosis 3.00"));
    }
    void constantsOfAnUntrainedLayerAreHatchedWithIt()
    {
        m_statistics.min = m_statistics.max = 1;
        m_statistics.std = 0;
        QCOMPARE(m_view->look(m_view->map()->placeOf(5)), (CellLook{CellForm::NeverTrained, 0, QStringLiteral("= 1")}));
        QCOMPARE(m_view->look(m_view->map()->placeOf(2)).form, CellForm::Constant);
    }
    void aScreenReaderGetsATable()
    {
        QAccessibleInterface* interface = QAccessible::queryAccessibleInterface(m_view.get());
        QVERIFY(interface && interface->tableInterface());
        QAccessibleTableInterface* table = interface->tableInterface();
        QCOMPARE(table->rowCount(), 4);
        QCOMPARE(table->columnCount(), 4);
        QCOMPARE(table->rowDescription(2), QStringLiteral("layer 1"));
        QAccessibleInterface* cell = table->cellAt(2, 1);
        QVERIFY(cell);
        QVERIFY(cell->text(QAccessible::Name).startsWith(QStringLiteral("layer 1, q.bias, never trained")));
        QVERIFY(!table->cellAt(3, 1));
        QVERIFY(!table->cellAt(99, 0));
        QCOMPARE(cell->tableCellInterface()->rowIndex(), 2);
        QCOMPARE(cell->tableCellInterface()->columnIndex(), 1);
        QVERIFY(!cell->tableCellInterface()->isSelected());
        m_view->activate(m_view->map()->placeOf(5));
        QVERIFY(cell->tableCellInterface()->isSelected());
    }
    void manyLayersShrinkAndStaySelectable()
    {
        std::string names;
        for (int layer = 0; layer < 5000; ++layer)
            for (const char* kind : {"q.weight", "q.bias", "k.weight"})
                names += "h." + std::to_string(layer) + "." + kind + "\n";
        show(names);
        QVERIFY(m_view->cellRect(m_view->map()->placeOf(0)).height() < 16);
        QVERIFY(m_view->visibleRows().size() < 300);
        m_view->activate(m_view->map()->placeOf(14999));
        QVERIFY(m_view->viewport()->rect().contains(m_view->cellRect(m_view->current())));
        QElapsedTimer timer;
        timer.start();
        m_view->grab();
        QVERIFY2(timer.elapsed() < 500, QByteArray::number(timer.elapsed()).constData());
    }
};

WATCHED_TEST_MAIN(TstModelMapView)
#include "tst_model_map_view.moc"
