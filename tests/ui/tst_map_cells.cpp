// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/map_cells.h"

#include <QtTest>

#include <limits>

using namespace weighbridge;

namespace {

TensorStatistics statisticsOf(double min, double max, double std, double kurtosis = 3)
{
    TensorStatistics statistics;
    statistics.count = statistics.finite = 100;
    statistics.min = min;
    statistics.max = max;
    statistics.std = std;
    statistics.kurtosis = kurtosis;
    return statistics;
}

CellLook lookOf(MapMode mode, const TensorStatistics& statistics, std::string_view origin = {}, RowState state = RowState::Matched)
{
    return cellLook(mode, {&statistics, false, state, origin}, {0.01, 0.64});
}

} // namespace

class TstMapCells : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void numbersAreShort_data()
    {
        QTest::addColumn<double>("value");
        QTest::addColumn<QString>("text");
        const std::pair<double, QString> rows[] = {{0.0951, QStringLiteral("0.095")}, {0.01, QStringLiteral("0.010")}, {0.00712, QStringLiteral("0.0071")}, {0.00099, QStringLiteral("0.0010")}, {3.56e-5, QStringLiteral("4e−05")}, {2.346, QStringLiteral("2.35")}, {13.71, QStringLiteral("13.7")},
                                                   {137.2, QStringLiteral("137")}, {1, QStringLiteral("1")}, {-1, QStringLiteral("−1")}, {0, QStringLiteral("0")}, {2.4e7, QStringLiteral("2e+07")}, {-std::numeric_limits<double>::infinity(), QStringLiteral("−Inf")}};
        for (const auto& [value, text] : rows)
            QTest::addRow("%s", qPrintable(text)) << value << text;
    }
    void numbersAreShort()
    {
        QFETCH(double, value);
        QFETCH(QString, text);
        QCOMPARE(cellNumber(value), text);
    }
    void stepsHaveEqualRatios()
    {
        const ShadeScale scale{0.01, 0.64};
        QCOMPARE(scale.step(0.001), 0);
        QCOMPARE(scale.step(0.015), 0);
        QCOMPARE(scale.step(0.03), 1);
        QCOMPARE(scale.step(0.5), 5);
        QCOMPARE(scale.step(7), 5);
        QCOMPARE(scale.step(std::numeric_limits<double>::quiet_NaN()), 0);
    }
    void oneOddTensorDoesNotPaleTheOthers()
    {
        std::vector<double> values(100, 0.02);
        values[3] = 1e9;
        QCOMPARE(ShadeScale::of(values).high, 0.02);
        QVERIFY(ShadeScale::of({0, -1, std::numeric_limits<double>::infinity()}).isEmpty());
    }
    void neverTrainedIsHatchedInEveryMode()
    {
        const TensorStatistics statistics = statisticsOf(-0.1, 0.1, 0.02);
        for (const MapMode mode : {MapMode::Origin, MapMode::Std, MapMode::Kurtosis, MapMode::NonFinite}) {
            QCOMPARE(lookOf(mode, statistics, "random").form, CellForm::NeverTrained);
            QCOMPARE(lookOf(mode, statistics, "constant", RowState::NeverTrained).form, CellForm::NeverTrained);
        }
        QCOMPARE(lookOf(MapMode::Std, statistics, "random").text, QStringLiteral("0.020"));
    }
    void nonFiniteIsCrossedInEveryModeAndCounted()
    {
        TensorStatistics statistics = statisticsOf(-0.1, 0.1, 0.02);
        statistics.nan = 1200;
        statistics.inf = 34;
        QCOMPARE(lookOf(MapMode::NonFinite, statistics), (CellLook{CellForm::NonFinite, 0, QStringLiteral("1\u202f234")}));
        QCOMPARE(lookOf(MapMode::Std, statistics, "random"), (CellLook{CellForm::NonFinite, 0, QStringLiteral("NaN")}));
    }
    void aConstantSaysItsValueInsteadOfAShade()
    {
        const TensorStatistics ones = statisticsOf(1, 1, 0);
        QCOMPARE(lookOf(MapMode::Std, ones), (CellLook{CellForm::Constant, 0, QStringLiteral("= 1")}));
        QVERIFY(!shadedValue(MapMode::Kurtosis, ones));
    }
    void whatIsNotKnownYetIsGrey()
    {
        QCOMPARE(cellLook(MapMode::Std, {}, {}).form, CellForm::Pending);
        QCOMPARE(lookOf(MapMode::Origin, statisticsOf(0, 1, 0.3)).form, CellForm::Pending);
        QCOMPARE(cellLook(MapMode::Std, {nullptr, true, RowState::Lost, {}}, {}).form, CellForm::Unreadable);
    }
    void theModesShadeTheirOwnNumber()
    {
        const TensorStatistics statistics = statisticsOf(-1, 1, 0.2, 5.13);
        QCOMPARE(lookOf(MapMode::Std, statistics, "trained"), (CellLook{CellForm::Shade, 4, QStringLiteral("0.200")}));
        QCOMPARE(lookOf(MapMode::Kurtosis, statistics, "trained"), (CellLook{CellForm::Shade, 5, QStringLiteral("5.13")}));
        QCOMPARE(lookOf(MapMode::Origin, statistics, "trained"), (CellLook{CellForm::Trained, 0, {}}));
        QCOMPARE(lookOf(MapMode::Origin, statistics, "undecidable"), (CellLook{CellForm::Undecidable, 0, QStringLiteral("?")}));
    }
};

QTEST_APPLESS_MAIN(TstMapCells)
#include "tst_map_cells.moc"
