// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/check_text.h"
#include "tests/support/event_watch.h"
#include "tests/support/patience.h"
#include "ui/models/value_table.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QtTest>

#include <atomic>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// value = row * 1000 + column; counts the reads.
Result<ValueBlock> blockOf(const MatrixView& view, uint64_t firstRow, uint64_t firstColumn, size_t rows, size_t columns)
{
    ValueBlock block{firstRow, firstColumn, size_t(std::min<uint64_t>(rows, view.rows - firstRow)), size_t(std::min<uint64_t>(columns, view.columns - firstColumn)), {}};
    for (size_t row = 0; row < block.rows; ++row)
        for (size_t column = 0; column < block.columns; ++column)
            block.values.push_back(double(firstRow + row) * 1000 + double(firstColumn + column));
    return block;
}

/// As a view does that paints the cell.
QString ask(const ValueTable& table, int row, int column)
{
    return table.data(table.index(row, column)).toString();
}

} // namespace

class TstValueTable : public QObject {
    Q_OBJECT

private:
    std::atomic<int> m_reads = 0;
    std::atomic<uint64_t> m_lastRow = 0;

    ValueTable::Read reader()
    {
        m_reads = 0;
        return [this](const Checkpoint&, const TensorInfo& tensor, uint64_t firstRow, uint64_t firstColumn, size_t rows, size_t columns, JobContext&) {
            ++m_reads;
            m_lastRow = firstRow;
            return blockOf(matrixViewOf(tensor), firstRow, firstColumn, rows, columns);
        };
    }

private Q_SLOTS:
    void cellsAreDotsUntilTheirBlockHasCome()
    {
        ValueTable table(reader());
        QAbstractItemModelTester tester(&table, QAbstractItemModelTester::FailureReportingMode::QtTest);
        table.setTensor(checkpointOf("a 100x300\n"), 0);
        QCOMPARE(table.rowCount(), 100);
        QCOMPARE(table.columnCount(), 300);
        QCOMPARE(ask(table, 70, 299), QStringLiteral("…"));
        QTRY_COMPARE(ask(table, 70, 299), QStringLiteral("70\u202f299"));
        QCOMPARE(ask(table, 99, 256), QStringLiteral("99\u202f256"));
    }
    void aBlockIsReadOnce()
    {
        ValueTable table(reader());
        table.setTensor(checkpointOf("a 64x64\n"), 0);
        QSignalSpy changed(&table, &QAbstractItemModel::dataChanged);
        for (int row = 0; row < 64; ++row)
            ask(table, row, row);
        QVERIFY(changed.wait());
        for (int row = 0; row < 64; ++row)
            QCOMPARE(ask(table, row, 0), row == 0 ? QStringLiteral("0") : numberOf(row));
        QCOMPARE(m_reads.load(), 1);
    }
    void scrollingReadsWhatIsSeenAndNotWhatWasPassed()
    {
        ValueTable table(reader());
        table.setTensor(checkpointOf("a 30522x768\n"), 0);
        for (int row = 0; row < 30522; row += ValueTable::blockRows)
            ask(table, row, 0);
        QTRY_COMPARE(ask(table, 30521, 0), QStringLiteral("3.05e+07"));
        QTest::qWait(100);
        QVERIFY2(m_reads <= int(ValueTable::mostWanted) + 1, QByteArray::number(m_reads.load()).constData());
        QVERIFY(m_lastRow > 20000);
    }
    void askingTakesNoTime()
    {
        ValueTable table([](const Checkpoint&, const TensorInfo&, uint64_t, uint64_t, size_t, size_t, JobContext& job) -> Result<ValueBlock> {
            while (!job.cancelled())
                QThread::msleep(1);
            return failure(cancelledError());
        });
        table.setTensor(checkpointOf("a 30522x768\n"), 0);
        QElapsedTimer timer;
        timer.start();
        for (int row = 0; row < 1000; ++row)
            QCOMPARE(ask(table, row * 30, 5), QStringLiteral("…"));
        QVERIFY2(timer.elapsed() < 200, QByteArray::number(timer.elapsed()).constData());
    }
    void whatCannotBeReadIsSaidOnce()
    {
        ValueTable table([](const Checkpoint&, const TensorInfo&, uint64_t, uint64_t, size_t, size_t, JobContext&) -> Result<ValueBlock> { return failure("truncated", "The file stops at byte 12."); });
        table.setTensor(checkpointOf("a 10x10\n"), 0);
        QSignalSpy errors(&table, &ValueTable::errorChanged);
        ask(table, 0, 0);
        QVERIFY(errors.wait());
        QCOMPARE(table.error(), QStringLiteral("The file stops at byte 12."));
        ask(table, 1, 1);
        QTest::qWait(50);
        QCOMPARE(errors.size(), 1);
    }
    void anotherTensorForgetsTheFirst()
    {
        ValueTable table(reader());
        const auto checkpoint = checkpointOf("a 10x10\nb 20\n");
        table.setTensor(checkpoint, 0);
        QTRY_COMPARE(ask(table, 1, 1), QStringLiteral("1\u202f001"));
        table.setTensor(checkpoint, 1);
        QCOMPARE(table.rowCount(), 20);
        QCOMPARE(table.columnCount(), 1);
        QCOMPARE(ask(table, 1, 0), QStringLiteral("…"));
        table.setTensor(nullptr, 0);
        QCOMPARE(table.rowCount(), 0);
    }
    void aHugeTensorIsCutAndSaysSo()
    {
        ValueTable table(reader());
        table.setTensor(checkpointOf("a 4000000000x2\n"), 0);
        QCOMPARE(table.rowCount(), ValueTable::mostRows);
        QVERIFY(table.isCut());
    }

private:
    static QString numberOf(int row) { return QString::number(row) + QStringLiteral("\u202f000"); }
};

WATCHED_GUILESS_MAIN(TstValueTable)
#include "tst_value_table.moc"
