// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/weights_detail.h"

#include "core/base/text.h"
#include "ui/plots/axis.h"
#include "ui/plots/histogram_plot.h"
#include "ui/views/segments.h"
#include "ui/views/text_label.h"

#include <QHBoxLayout>
#include <QStackedWidget>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

constexpr int lateIntervalMs = 60; ///< statistics come in bursts
constexpr size_t mostSiblings = 48; ///< curves of a histogram

QString digits(uint64_t number)
{
    return QString::fromStdString(groupDigits(number));
}

/// What a histogram does not show, never dropped silently.
QString noteOf(const TensorStatistics& statistics)
{
    QStringList parts;
    if (statistics.nan > 0)
        parts << WeightsDetail::tr("%1 NaN").arg(digits(statistics.nan));
    if (statistics.inf > 0)
        parts << WeightsDetail::tr("%1 Inf").arg(digits(statistics.inf));
    if (statistics.zeros > 0)
        parts << WeightsDetail::tr("%1 zeros").arg(digits(statistics.zeros));
    if (const uint64_t outside = statistics.histogram.below + statistics.histogram.above; outside > 0)
        parts << WeightsDetail::tr("%1 outside").arg(digits(outside));
    return parts.join(QStringLiteral(", "));
}

} // namespace

WeightsDetail::WeightsDetail(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_name(new TextLabel), m_facts(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_views(new Segments({tr("Histogram")})),
      m_scale(new Segments({tr("linear"), tr("log")})), m_stack(new QStackedWidget), m_histogram(new HistogramPlot), m_origin(new TextLabel({}, type::caption))
{
    setMinimumWidth(420);
    setMaximumWidth(900);
    m_name->setFixed(true);
    m_name->setElided(Qt::ElideMiddle);
    m_facts->setElided(Qt::ElideRight);
    m_origin->setWordWrap(true);
    m_origin->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_scale->setAccessibleName(tr("Scale of the counts"));
    m_views->setAccessibleName(tr("What is shown of the values"));
    setFocusProxy(m_stack);
    m_stack->setFocusProxy(m_histogram);
    m_late.setSingleShot(true);
    m_late.setInterval(lateIntervalMs);
    layOut();
    connect(&m_late, &QTimer::timeout, this, &WeightsDetail::showSelection);
    connect(m_scale, &Segments::chosen, this, [this](int index) { m_histogram->setLogarithmic(index == 1); });
    connect(m_histogram, &Plot::readOut, this, &WeightsDetail::readOut);
    connect(&m_document, &Document::selectionChanged, this, &WeightsDetail::showSelection);
    connect(&m_document, &Document::checked, this, &WeightsDetail::showSelection);
    connect(&m_document, &Document::statisticsReady, this, [this] {
        if (!m_late.isActive())
            m_late.start();
    });
}

void WeightsDetail::layOut()
{
    auto* head = new QHBoxLayout;
    head->addWidget(m_views);
    head->addStretch();
    head->addWidget(m_scale);
    m_stack->addWidget(m_histogram);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(14, 12, 14, 12);
    column->setSpacing(6);
    column->addWidget(m_name);
    column->addWidget(m_facts);
    column->addWidget(new HairLine);
    column->addLayout(head);
    column->addWidget(m_stack, 3);
    column->addWidget(new HairLine);
    column->addWidget(new TextLabel(tr("Where the values come from"), type::caption, QFont::DemiBold, Role::SecondText));
    column->addWidget(m_origin);
}

void WeightsDetail::setMap(const ModelMapPtr& map)
{
    m_map = map;
    showSelection();
}

void WeightsDetail::showSelection()
{
    const TensorRowsPtr rows = m_document.rows();
    const int selected = m_document.selectedRow();
    if (!isVisible() || !rows || selected < 0)
        return;
    const TensorRow& row = rows->rows()[size_t(selected)];
    const TensorInfo* found = rows->foundOf(row);
    m_name->setFullText(QString::fromStdString(shown(found ? std::string_view(found->name) : row.name)));
    const TensorStatistics* statistics = found ? m_document.statistics(row.found) : nullptr;
    showOrigin(row.found);
    if (!statistics) {
        const Error* error = found ? m_document.statisticsError(row.found) : nullptr;
        m_facts->setFullText({});
        m_histogram->clear(!found ? tr("The file does not hold this tensor") : error ? QString::fromStdString(shown(error->message, 500)) : tr("Reading the values"));
        return;
    }
    m_facts->setFullText(tr("%1   %2   %3 parameters   mean %4   std %5   min %6   max %7")
                             .arg(QString::fromStdString(shown(found->dtypeName())), QString::fromStdString(formatShape(found->shape)), digits(found->elements()), numberText(statistics->mean),
                                  numberText(statistics->std), numberText(statistics->min), numberText(statistics->max)));
    showHistogram(selected);
}

void WeightsDetail::showHistogram(int row)
{
    const TensorRow& tensor = m_document.rows()->rows()[size_t(row)];
    const TensorStatistics& statistics = *m_document.statistics(tensor.found);
    HistogramCompanions companions;
    companions.note = noteOf(statistics);
    companions.isNeverTrained = tensor.state == RowState::NeverTrained;
    const bool isMapped = m_map && m_map->rows->checkpoint() == m_document.checkpoint().get();
    const int mapped = isMapped ? m_map->rows->rowOf(tensor.id()) : -1;
    if (const MapPlace place = mapped < 0 ? MapPlace() : m_map->placeOf(mapped); place.isValid())
        companions.label = QString::fromStdString(shown(m_map->lines[size_t(place.line)].label));
    for (const int sibling : mapped < 0 ? std::vector<int>() : m_map->siblings(mapped))
        if (const TensorStatistics* other = m_document.statistics(m_map->rows->rows()[size_t(sibling)].found); other && companions.siblings.size() < mostSiblings)
            companions.siblings.push_back(other->histogram);
    m_histogram->setHistogram(m_name->fullText(), statistics.histogram, std::move(companions));
}

void WeightsDetail::showOrigin(int found)
{
    const Origin* origin = found >= 0 ? m_document.origin(found) : nullptr;
    m_origin->setFullText(origin ? QString::fromStdString(shown(origin->sentence, 600)) : tr("Not judged before the values of all tensors are read."));
}

void WeightsDetail::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    showSelection();
}

} // namespace weighbridge
