// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/weights_overview.h"

#include "core/base/text.h"
#include "ui/models/depth_series.h"
#include "ui/models/statistics_table.h"
#include "ui/plots/depth_plot.h"
#include "ui/views/map_legend.h"
#include "ui/views/model_map_view.h"
#include "ui/views/segments.h"
#include "ui/views/text_label.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <utility>

namespace weighbridge {
namespace {

constexpr int tableSegment = 4; ///< behind the modes of the map
constexpr int numbersIntervalMs = 60;

} // namespace

WeightsOverview::WeightsOverview(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_map(new ModelMapView([this](int row) { return factsOf(row); })), m_legend(new MapLegend), m_table(new StatisticsTable(document, this)), m_view(new QTableView),
      m_stack(new QStackedWidget), m_mapPage(new QWidget), m_modes(new Segments({tr("Origin"), tr("std"), tr("Kurtosis"), tr("NaN, Inf"), tr("Table")})),
      m_count(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_depthBlock(new QWidget), m_depthTitle(new TextLabel(tr("Over depth"), type::caption, QFont::DemiBold, Role::SecondText)),
      m_quantity(new Segments({tr("std"), tr("mean")})), m_depth(new DepthPlot)
{
    m_modes->setAccessibleName(tr("What the map shows"));
    m_modes->setCurrent(int(MapMode::Std));
    m_quantity->setAccessibleName(tr("What is shown over depth"));
    m_view->setModel(m_table);
    m_view->setLayoutDirection(Qt::LeftToRight); // names and numbers, which no language mirrors
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
    m_numbers.setSingleShot(true);
    m_numbers.setInterval(numbersIntervalMs);
    setFocusProxy(m_map);
    layOut();
    setColumnWidths();
    connectAll();
}

void WeightsOverview::layOut()
{
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 8, 12, 6);
    head->setSpacing(12);
    head->addWidget(new TextLabel(tr("Whole model"), type::caption, QFont::DemiBold, Role::SecondText));
    head->addWidget(m_modes);
    head->addStretch();
    head->addWidget(m_count);
    auto* mapColumn = new QVBoxLayout(m_mapPage);
    mapColumn->setContentsMargins(0, 0, 0, 4);
    mapColumn->setSpacing(0);
    mapColumn->addWidget(m_map, 1);
    mapColumn->addWidget(m_legend);
    m_stack->addWidget(m_mapPage);
    m_stack->addWidget(m_view);
    auto* depthHead = new QHBoxLayout;
    depthHead->setContentsMargins(12, 6, 12, 2);
    depthHead->setSpacing(12);
    depthHead->addWidget(m_depthTitle);
    depthHead->addWidget(m_quantity);
    depthHead->addStretch();
    auto* depthColumn = new QVBoxLayout(m_depthBlock);
    depthColumn->setContentsMargins(0, 0, 0, 0);
    depthColumn->setSpacing(0);
    depthColumn->addWidget(new HairLine);
    depthColumn->addLayout(depthHead);
    depthColumn->addWidget(m_depth);
    m_depth->setMaximumHeight(m_depth->sizeHint().height());
    m_depth->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred); // gives way in a low window
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addWidget(m_stack, 1);
    column->addWidget(m_depthBlock);
}

void WeightsOverview::connectAll()
{
    connect(m_modes, &Segments::chosen, this, &WeightsOverview::setMode);
    connect(m_quantity, &Segments::chosen, this, &WeightsOverview::showDepth);
    connect(m_map, &ModelMapView::activated, this, &WeightsOverview::selectRow);
    connect(m_map, &ModelMapView::moduleActivated, this, [this](const QString& module) { m_document.select(Selection{{}, module}); });
    connect(m_map, &ModelMapView::readOut, this, &WeightsOverview::readOut);
    connect(m_map, &ModelMapView::visibleRowsChanged, this, &WeightsOverview::requestVisible);
    connect(m_depth, &DepthPlot::activated, this, &WeightsOverview::selectRow);
    connect(m_depth, &Plot::readOut, this, &WeightsOverview::readOut);
    connect(m_view->selectionModel(), &QItemSelectionModel::currentChanged, this, &WeightsOverview::takeCurrent);
    connect(&m_numbers, &QTimer::timeout, this, &WeightsOverview::showNumbers);
    connect(&m_document, &Document::stateChanged, this, &WeightsOverview::forget);
    connect(&m_document, &Document::headerLoaded, this, [this] {
        forget();
        arrangeMap();
    });
    connect(&m_document, &Document::checked, this, &WeightsOverview::arrangeMap);
    connect(&m_document, &Document::statisticsReady, this, &WeightsOverview::takeStatistics);
    connect(&m_document, &Document::selectionChanged, this, &WeightsOverview::showSelection);
    connect(&m_document, &Document::activityChanged, this, &WeightsOverview::showCount);
}

/// Another checkpoint: the indices of what was shown mean something else now.
void WeightsOverview::forget()
{
    if (m_mapped && m_document.checkpoint().get() == m_mapped->checkpoint())
        return;
    m_runner.drop();
    letGo(std::exchange(m_mapped, nullptr));
    m_values = {};
    takeMap(nullptr);
}

void WeightsOverview::arrangeMap()
{
    const TensorRowsPtr rows = m_document.rows();
    if (!isVisible() || !rows || !rows->checkpoint() || rows == m_mapped)
        return;
    letGo(std::exchange(m_mapped, rows));
    m_runner.start<ModelMapPtr>([rows](JobContext&) -> Result<ModelMapPtr> { return ModelMap::of(rows); },
                                [this](Result<ModelMapPtr> map) {
                                    if (map)
                                        takeMap(*map);
                                });
}

void WeightsOverview::takeMap(const ModelMapPtr& map)
{
    m_map->setMap(map);
    Q_EMIT mapChanged(map);
    m_depthBlock->setVisible(map && map->layers());
    showSelection();
    showNumbers();
}

CellFacts WeightsOverview::factsOf(int row) const
{
    const TensorRow& tensor = m_map->map()->rows->rows()[size_t(row)];
    return {m_document.statistics(tensor.found), m_document.statisticsError(tensor.found) != nullptr, tensor.state, m_document.originWord(tensor.found)};
}

void WeightsOverview::takeStatistics(const QList<int>& tensors)
{
    for (const int tensor : tensors) {
        const TensorStatistics* statistics = m_document.statistics(tensor);
        for (const MapMode mode : {MapMode::Std, MapMode::Kurtosis})
            if (const auto value = statistics ? shadedValue(mode, *statistics) : std::nullopt)
                m_values[mode == MapMode::Std ? 0 : 1].push_back(*value);
    }
    if (!m_numbers.isActive())
        m_numbers.start();
}

void WeightsOverview::showNumbers()
{
    showCount();
    if (!isVisible())
        return;
    const MapMode mode = m_map->mode();
    const ShadeScale scale = mode == MapMode::Std || mode == MapMode::Kurtosis ? ShadeScale::of(m_values[mode == MapMode::Std ? 0 : 1]) : ShadeScale();
    m_map->setScale(scale);
    m_legend->setScale(mode, scale);
    showDepth();
}

void WeightsOverview::showDepth()
{
    const ModelMapPtr& map = m_map->map();
    if (!map || !map->layers())
        return;
    const bool isStd = m_quantity->current() == 0;
    const auto valueOf = [this, isStd](int found) -> std::optional<double> {
        const TensorStatistics* statistics = m_document.statistics(found);
        if (!statistics || statistics->finite == 0)
            return std::nullopt;
        return isStd ? statistics->std : statistics->mean;
    };
    std::vector<DepthSeries> series = depthSeries(*map, valueOf);
    if (series.empty()) {
        m_depth->clear(tr("Reading the values"));
        return;
    }
    std::optional<double> range;
    if (const auto check = m_document.check(); isStd && check && check->config)
        if (const ConfigHints hints = hintsOf(check->config->root); !hints.ranges.empty())
            range = hints.ranges.front();
    m_depth->setSeries(isStd ? tr("std") : tr("mean"), std::move(series), range, QStringLiteral("initializer_range"));
}

void WeightsOverview::showCount()
{
    const qsizetype done = m_document.statisticsDone();
    const qsizetype total = m_document.statisticsTotal();
    if (done == total)
        m_count->setFullText(tr("%1 tensors").arg(total));
    else
        m_count->setFullText((m_document.wasStopped() ? tr("stopped at %1 of %2 tensors") : tr("%1 of %2 tensors")).arg(done).arg(total));
}

void WeightsOverview::requestVisible()
{
    const ModelMapPtr& map = m_map->map();
    if (!isVisible() || !map || m_document.statisticsDone() == qsizetype(map->rows->rows().size()))
        return;
    QList<int> wanted;
    for (const int row : m_map->visibleRows()) {
        const int found = map->rows->rows()[size_t(row)].found;
        if (!m_document.statistics(found))
            wanted << found;
    }
    if (!wanted.isEmpty())
        m_document.requestStatistics(wanted);
}

void WeightsOverview::setMode(int index)
{
    m_stack->setCurrentIndex(index == tableSegment ? 1 : 0);
    setFocusProxy(index == tableSegment ? static_cast<QWidget*>(m_view) : m_map);
    if (index == tableSegment)
        return;
    m_map->setMode(MapMode(index));
    showNumbers();
}

void WeightsOverview::selectRow(int row)
{
    m_document.select(m_map->map()->rows->rows()[size_t(row)].id);
}

void WeightsOverview::showSelection()
{
    const TensorId tensor = m_document.selection().tensor;
    const int row = m_map->map() && tensor.isValid() ? m_map->map()->rows->rowOf(tensor) : -1;
    m_map->setSelectedRow(row);
    m_depth->setSelectedRow(row);
    const QModelIndex index = m_table->indexOf(row < 0 ? -1 : m_map->map()->rows->rows()[size_t(row)].found);
    m_following = true;
    if (index.row() != m_view->currentIndex().row())
        m_view->setCurrentIndex(index);
    m_following = false;
}

void WeightsOverview::takeCurrent(const QModelIndex& current)
{
    const TensorRowsPtr rows = m_document.rows();
    const int row = m_following || !current.isValid() || !rows ? -1 : rows->rowOf(TensorId{TensorId::Side::Found, current.row()});
    if (row >= 0)
        m_document.select(rows->rows()[size_t(row)].id);
}

int WeightsOverview::widthOf(int column)
{
    const bool isCount = column >= StatisticsTable::ZerosColumn && column <= StatisticsTable::InfColumn;
    const QString widest = column == StatisticsTable::ShapeColumn              ? QStringLiteral("30522 x 384")
                           : isCount || column == StatisticsTable::DTypeColumn ? QStringLiteral("BF16")
                                                                               : QStringLiteral("−0.000142");
    return QFontMetrics(QApplication::font()).horizontalAdvance(widest) + 12;
}

void WeightsOverview::setColumnWidths()
{
    const QFont base = QApplication::font();
    m_view->horizontalHeader()->setFont(scaledFont(base, type::caption));
    m_view->verticalHeader()->setDefaultSectionSize(int(QFontInfo(base).pixelSize() * 1.77));
    m_view->horizontalHeader()->setSectionResizeMode(StatisticsTable::NameColumn, QHeaderView::Stretch);
    for (int column = StatisticsTable::DTypeColumn; column < StatisticsTable::ColumnCount; ++column)
        m_view->setColumnWidth(column, widthOf(column));
    m_view->horizontalHeader()->setMinimumSectionSize(44);
}

/// Names that cannot be told apart are worth less than counts that are nearly always 0.
void WeightsOverview::fitColumns()
{
    const int room = m_view->viewport()->width();
    int needed = fontMetrics().horizontalAdvance(QStringLiteral("encoder.layer.10.attention.query.weight"));
    for (int column = StatisticsTable::DTypeColumn; column < StatisticsTable::ColumnCount; ++column)
        needed += widthOf(column);
    for (const int column : {StatisticsTable::ZerosColumn, StatisticsTable::DTypeColumn, StatisticsTable::InfColumn, StatisticsTable::NanColumn}) {
        m_view->setColumnHidden(column, needed > room);
        needed -= needed > room ? widthOf(column) : 0;
    }
}

void WeightsOverview::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitColumns();
}

void WeightsOverview::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    arrangeMap();
    showNumbers();
}

void WeightsOverview::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        setColumnWidths();
}

} // namespace weighbridge
