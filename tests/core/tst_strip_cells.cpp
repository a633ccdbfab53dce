// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/strip_cells.h"
#include "tests/support/check_text.h"

#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// A letter per cell: first of the state's word; '.' for nothing; groups separated by blanks; then the summary.
QByteArray printed(const Strip& strip)
{
    QByteArray out;
    for (const StripGroup& group : strip.groups)
        out += (out.isEmpty() ? "" : " | ") + QByteArray::fromStdString(group.label);
    for (const StripRow& row : strip.rows) {
        out += "\n";
        for (const StripGroup& group : strip.groups) {
            for (int i = group.begin; i < group.end; ++i)
                out += row.cells[size_t(i)].tensors == 0 ? '.' : word(row.cells[size_t(i)].state)[0];
            out += ' ';
        }
        out += "| " + QByteArray::fromStdString(row.summary);
    }
    return out;
}

} // namespace

class TstStripCells : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void expectedStandsOverFound()
    {
        const auto check = checkOf("embeddings.word.weight\nencoder.layer.0.q\nencoder.layer.0.k\nencoder.layer.1.q\nencoder.layer.1.k\npooler.dense.weight\n",
            "embeddings.word.weight\nencoder.layer.0.q\nencoder.layer.0.k\nencoder.layer.1.q\nencoder.layer.1.k 4x5\nextra\n");
        QCOMPARE(printed(buildStrip(*TensorRows::fromCheck(check), nullptr)),
            "emb. | layer 0 | layer 1 | pooler | in the file only\n"
            "p pp pp m . | 1 missing\n"
            "m mm ms . u | 1 shape, 1 unexpected");
    }
    void tensorsStandWhereTheyLoadAfterTheFix()
    {
        const auto check = checkOf("emb.weight\nlayer.0.q\nlayer.1.q\n", "module.emb.weight\nmodule.layer.0.q\nmodule.layer.1.q\nmodule.more\n", "module.");
        const auto after = TensorRows::fromCheck(check, View::AfterFix);
        QCOMPARE(printed(buildStrip(*TensorRows::fromCheck(check), after.get())),
            "emb | layer 0 | layer 1 | in the file only\n"
            "m m m . | 3 missing\n"
            "u u u u | 4 unexpected\n"
            "m m m u | 1 unexpected");
    }
    void layersOfASortedFileStandInTheirOrder()
    {
        const auto rows = TensorRows::fromCheckpoint(checkpointOf("h.0.a\nh.1.a\nh.10.a\nh.2.a\nln_f.weight\nwte.weight\n"));
        QCOMPARE(printed(buildStrip(*rows, nullptr)), "layer 0 | layer 1 | layer 2 | layer 10 | ln_f | wte\np p p p p p | 6 tensors");
    }
    void aConfigAloneIsOnlyExpected()
    {
        QCOMPARE(printed(buildStrip(*TensorRows::fromExpected(expectedOf("a.w\nb.w\n")), nullptr)), "a | b\np p | 2 tensors");
    }
    void positionsAndRowsNameEachOther()
    {
        const auto rows = TensorRows::fromCheck(checkOf("a.w\nb.w\n", "b.w\nc.w\n"));
        const Strip strip = buildStrip(*rows, nullptr);
        for (const StripRow& row : strip.rows)
            for (size_t position = 0; position < row.cells.size(); ++position)
                if (row.cells[position].tensors > 0)
                    QCOMPARE(row.positionOfRow[size_t(row.cells[position].tensorRow)], int(position));
        QCOMPARE(strip.rows[1].positionOfRow[0], -1);
    }
    void mergedCellsShowTheWorst()
    {
        std::string expected, found;
        for (int layer = 0; layer < 4; ++layer) {
            for (int i = 0; i < 10; ++i) {
                const std::string name = "layer." + std::to_string(layer) + ".t" + std::to_string(i) + "\n";
                expected += name;
                found += layer == 2 && i == 7 ? "" : name;
            }
        }
        const auto rows = TensorRows::fromCheck(checkOf(expected, found));
        const Strip whole = buildStrip(*rows, nullptr);
        const Strip strip = whole.reduced(8);
        QCOMPARE(printed(strip), "layer 0 | layer 1 | layer 2 | layer 3\npp pp pm pp | 1 missing\nmm mm mm mm | 39 match");
        QCOMPARE(strip.rows[0].cells[5].tensorRow, 27);
        QCOMPARE(strip.rows[0].cells[5].tensors, 5);
        QCOMPARE(strip.rows[1].cells[5].tensors, 4);
        QCOMPARE(strip.rows[0].positionOfRow[29], 5);
        QCOMPARE(whole.reduced(1000).positions, 40);
    }
    void reducingTwiceLosesNothing()
    {
        std::string text;
        for (int layer = 0; layer < 50; ++layer)
            for (int i = 0; i < 40; ++i)
                text += "layer." + std::to_string(layer) + ".t" + std::to_string(i) + "\n";
        const Strip whole = buildStrip(*TensorRows::fromCheckpoint(checkpointOf(text)), nullptr);
        const Strip fine = whole.reduced(700);
        const StripReduction reduction = fine.reduction(90);
        const Strip coarse = fine.merged(reduction);
        QVERIFY(coarse.positions <= 90);
        QCOMPARE(coarse.groups.size(), size_t(50));
        QVERIFY(coarse.rows[0].positionOfRow.empty());
        std::vector<int> tensors(size_t(coarse.positions), 0);
        for (size_t row = 0; row < fine.rows[0].positionOfRow.size(); ++row)
            ++tensors[size_t(reduction.positionOf[size_t(fine.rows[0].positionOfRow[row])])];
        for (size_t position = 0; position < tensors.size(); ++position)
            QCOMPARE(coarse.rows[0].cells[position].tensors, tensors[position]);
    }
    void moreGroupsThanPlacesAreMergedToo()
    {
        std::string text;
        for (int layer = 0; layer < 1000; ++layer)
            text += "layer." + std::to_string(layer) + ".w\n";
        const Strip whole = buildStrip(*TensorRows::fromCheckpoint(checkpointOf(text)), nullptr);
        for (const int maximum : {1, 2, 3, 7, 999}) {
            const Strip strip = whole.reduced(maximum);
            QCOMPARE(strip.positions, maximum);
            int tensors = 0;
            for (const StripCell& cell : strip.rows[0].cells)
                tensors += cell.tensors;
            QCOMPARE(tensors, 1000);
            QCOMPARE(strip.groups.back().end, maximum);
        }
    }
    void nothingIsNoCell()
    {
        const Strip strip = buildStrip(*TensorRows::fromCheckpoint(checkpointOf("")), nullptr);
        QCOMPARE(strip.positions, 0);
        QCOMPARE(strip.reduced(10).positions, 0);
    }
};

QTEST_APPLESS_MAIN(TstStripCells)
#include "tst_strip_cells.moc"
