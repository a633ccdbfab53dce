// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/results_table.h"

#include "ui/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>

namespace weighbridge {
namespace {

constexpr qsizetype mostRows = 1000;

} // namespace

ResultsTable::ResultsTable(QWidget* parent) : QTableWidget(0, ColumnCount, parent)
{
    setLayoutDirection(Qt::LeftToRight); // what it draws is names and numbers, which no language mirrors
    setHorizontalHeaderLabels({tr("rank"), tr("result"), tr("id"), tr("value")});
    setEditTriggers(NoEditTriggers);
    setSelectionBehavior(SelectRows);
    setShowGrid(false);
    setTabKeyNavigation(false);
    setFrameShape(QFrame::NoFrame);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff); // the page scrolls
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    verticalHeader()->hide();
    verticalHeader()->setDefaultSectionSize(qRound(fontMetrics().height() * 1.38));
    horizontalHeader()->setHighlightSections(false);
    horizontalHeader()->setFont(scaledFont(font(), type::caption));
    horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    horizontalHeader()->setSectionResizeMode(NameColumn, QHeaderView::Stretch);
    for (const int column : {RankColumn, IdColumn, ValueColumn})
        horizontalHeaderItem(column)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    horizontalHeaderItem(NameColumn)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    setAccessibleName(tr("Results as a table"));
}

void ResultsTable::addRow(int row, const QStringList& texts, bool isHeading)
{
    for (int column = 0; column < ColumnCount; ++column) {
        auto* item = new QTableWidgetItem(texts[column]);
        item->setTextAlignment((column == NameColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
        item->setFont(isHeading ? scaledFont(font(), type::caption, QFont::DemiBold) : column == NameColumn ? font() : numberFont(font()));
        item->setToolTip(texts[column]);
        setItem(row, column, item);
    }
}

void ResultsTable::setRows(const QList<RunAnswer::Row>& rows)
{
    const QList<RunAnswer::Row> shown = rows.first(std::min(rows.size(), mostRows));
    const auto headings = std::count_if(shown.begin(), shown.end(), [](const RunAnswer::Row& row) { return !row.heading.isEmpty(); });
    clearContents();
    setRowCount(int(shown.size() + headings));
    int line = 0;
    for (const RunAnswer::Row& row : shown) {
        if (!row.heading.isEmpty())
            addRow(line++, {{}, row.heading, {}, {}}, true);
        addRow(line++, {row.rank > 0 ? QString::number(row.rank) : QString(), row.label, row.id >= 0 ? QString::number(row.id) : QString(), row.value}, false);
    }
    updateGeometry();
}

QSize ResultsTable::sizeHint() const
{
    return {360, horizontalHeader()->sizeHint().height() + rowCount() * verticalHeader()->defaultSectionSize() + 2};
}

QString ResultsTable::copied() const
{
    const bool isAll = selectionModel()->selectedRows().isEmpty();
    QStringList lines;
    const auto lineOf = [](const auto& textOf) {
        QStringList texts;
        for (int column = 0; column < ColumnCount; ++column)
            texts << QString(textOf(column)).replace(u'\t', u' ').replace(u'\n', u' ');
        return texts.join(u'\t');
    };
    lines << lineOf([this](int column) { return horizontalHeaderItem(column)->text(); });
    for (int row = 0; row < rowCount(); ++row)
        if (isAll || selectionModel()->isRowSelected(row))
            lines << lineOf([this, row](int column) { return item(row, column)->text(); });
    return lines.join(u'\n') + u'\n';
}

void ResultsTable::keyPressEvent(QKeyEvent* event)
{
    if (event->matches(QKeySequence::Copy))
        QGuiApplication::clipboard()->setText(copied());
    else
        QTableWidget::keyPressEvent(event);
}

} // namespace weighbridge
