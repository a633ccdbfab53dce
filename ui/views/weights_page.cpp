// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/weights_page.h"

#include "core/base/text.h"
#include "ui/models/statistics_table.h"
#include "ui/plots/axis.h"
#include "ui/plots/histogram_plot.h"
#include "ui/views/segments.h"
#include "ui/views/text_label.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace weighbridge {

WeightsPage::WeightsPage(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_table(new StatisticsTable(document, this)), m_view(new QTableView), m_count(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)),
      m_name(new TextLabel), m_facts(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_plot(new HistogramPlot), m_scale(new Segments({tr("linear"), tr("log")})), m_columns(new QSplitter)
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_view->setModel(m_table);
    m_view->setFrameShape(QFrame::NoFrame);
    m_view->setShowGrid(false);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setWordWrap(false);
    m_view->setTextElideMode(Qt::ElideMiddle);
    m_view->setTabKeyNavigation(false);
    m_view->verticalHeader()->hide();
    m_view->horizontalHeader()->setHighlightSections(false);
    m_view->setAccessibleName(tr("Statistics of all tensors"));
    m_name->setFixed(true);
    m_name->setElided(Qt::ElideMiddle);
    m_facts->setElided(Qt::ElideRight);
    m_scale->setAccessibleName(tr("Scale of the counts"));

    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 8, 12, 6);
    head->setSpacing(12);
    head->addWidget(new TextLabel(tr("Whole model"), type::caption, QFont::DemiBold, Role::SecondText));
    head->addStretch();
    head->addWidget(m_count);
    auto* left = new QWidget;
    auto* leftColumn = new QVBoxLayout(left);
    leftColumn->setContentsMargins(0, 0, 0, 0);
    leftColumn->setSpacing(0);
    leftColumn->addLayout(head);
    leftColumn->addWidget(m_view, 1);

    auto* plotHead = new QHBoxLayout;
    plotHead->addWidget(new TextLabel(tr("Histogram"), type::caption, QFont::DemiBold, Role::SecondText));
    plotHead->addStretch();
    plotHead->addWidget(m_scale);
    auto* right = new QWidget;
    right->setMinimumWidth(420);
    right->setMaximumWidth(900);
    auto* rightColumn = new QVBoxLayout(right);
    rightColumn->setContentsMargins(14, 12, 14, 12);
    rightColumn->setSpacing(6);
    rightColumn->addWidget(m_name);
    rightColumn->addWidget(m_facts);
    rightColumn->addWidget(new HairLine);
    rightColumn->addLayout(plotHead);
    rightColumn->addWidget(m_plot, 3);
    rightColumn->addStretch(1);

    m_columns->addWidget(left);
    m_columns->addWidget(right);
    m_columns->setHandleWidth(1);
    m_columns->setChildrenCollapsible(false);
    m_columns->setStretchFactor(0, 6);
    m_columns->setStretchFactor(1, 4);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_columns);
    setColumnWidths();

    connect(m_scale, &Segments::chosen, this, [this](int index) { m_plot->setLogarithmic(index == 1); });
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &WeightsPage::takeCurrent);
    connect(&m_document, &Document::selectionChanged, this, &WeightsPage::showSelection);
    connect(&m_document, &Document::headerLoaded, this, &WeightsPage::showSelection);
    connect(&m_document, &Document::statisticsReady, this, &WeightsPage::showSelection);
}

void WeightsPage::setColumnWidths()
{
    const QFont base = QApplication::font();
    const QFontMetrics metrics(base);
    m_view->horizontalHeader()->setFont(scaledFont(base, type::caption));
    m_view->verticalHeader()->setDefaultSectionSize(int(QFontInfo(base).pixelSize() * 1.77));
    m_view->horizontalHeader()->setSectionResizeMode(StatisticsTable::NameColumn, QHeaderView::Stretch);
    for (int column = StatisticsTable::DTypeColumn; column < StatisticsTable::ColumnCount; ++column) {
        const bool isCount = column >= StatisticsTable::ZerosColumn && column <= StatisticsTable::InfColumn;
        const QString widest = column == StatisticsTable::ShapeColumn ? QStringLiteral("30522 x 384") : isCount || column == StatisticsTable::DTypeColumn ? QStringLiteral("BF16") : QStringLiteral("−0.000142");
        m_view->setColumnWidth(column, metrics.horizontalAdvance(widest) + 12);
    }
    m_view->horizontalHeader()->setMinimumSectionSize(44);
}

void WeightsPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (!m_laidOut) {
        m_laidOut = true;
        const int right = window()->width() >= 1360 ? 546 : 460;
        m_columns->setSizes({width() - right - 1, right});
    }
    if (m_document.selectedRow() < 0 && m_table->rowCount() > 0)
        m_view->setCurrentIndex(m_table->index(0, 0)); // a plot, not an invitation to select
    showSelection();
}

void WeightsPage::takeCurrent(const QModelIndex& current)
{
    const TensorRowsPtr rows = m_document.rows();
    if (m_following || !current.isValid() || !rows)
        return;
    const int row = rows->rowOf(TensorId{TensorId::Side::Found, current.row()});
    if (row >= 0)
        m_document.select(rows->rows()[size_t(row)].id());
}

void WeightsPage::showSelection()
{
    m_count->setFullText(tr("%1 of %2 tensors").arg(m_document.statisticsDone()).arg(m_document.statisticsTotal()));
    const TensorRowsPtr rows = m_document.rows();
    const int selected = m_document.selectedRow();
    if (!isVisible() || !rows || selected < 0)
        return;
    const TensorRow& row = rows->rows()[size_t(selected)];
    const TensorInfo* found = rows->foundOf(row);
    m_name->setFullText(QString::fromStdString(shown(found ? std::string_view(found->name) : row.name)));
    m_following = true;
    const QModelIndex index = m_table->indexOf(row.found);
    if (index.row() != m_view->currentIndex().row())
        m_view->setCurrentIndex(index);
    m_following = false;
    const TensorStatistics* statistics = found ? m_document.statistics(row.found) : nullptr;
    if (!statistics) {
        const Error* error = found ? m_document.statisticsError(row.found) : nullptr;
        m_facts->setFullText({});
        m_plot->clear(!found ? tr("The file does not hold this tensor") : error ? QString::fromStdString(shown(error->message, 500)) : tr("Reading the values"));
        return;
    }
    m_facts->setFullText(tr("%1   %2   %3 parameters   mean %4   std %5   min %6   max %7")
                             .arg(QString::fromStdString(shown(found->dtypeName())), QString::fromStdString(formatShape(found->shape)), QString::fromStdString(groupDigits(found->elements())), numberText(statistics->mean),
                                  numberText(statistics->std), numberText(statistics->min), numberText(statistics->max)));
    m_plot->setHistogram(m_name->fullText(), statistics->histogram);
}

void WeightsPage::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        setColumnWidths();
}

} // namespace weighbridge
