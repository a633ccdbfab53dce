// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/weights_page.h"

#include "ui/text_scale.h"
#include "ui/views/scrolled.h"
#include "ui/views/weights_detail.h"
#include "ui/views/weights_overview.h"

#include <QHBoxLayout>
#include <QSplitter>

#include <algorithm>

namespace weighbridge {

WeightsPage::WeightsPage(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_overview(new WeightsOverview(document)), m_detail(new WeightsDetail(document)), m_columns(new QSplitter)
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_columns->addWidget(m_overview);
    QScrollArea* detail = scrolled(m_detail, tr("Selected tensor"), QPalette::Base);
    detail->setFocusPolicy(Qt::NoFocus); // the plots on it can be reached
    m_columns->addWidget(detail);
    m_columns->setHandleWidth(1);
    m_columns->setChildrenCollapsible(false);
    m_columns->setStretchFactor(0, 6);
    m_columns->setStretchFactor(1, 4);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_columns);
    connect(m_overview, &WeightsOverview::readOut, this, &WeightsPage::readOut);
    connect(m_detail, &WeightsDetail::readOut, this, &WeightsPage::readOut);
    connect(m_overview, &WeightsOverview::mapChanged, m_detail, &WeightsDetail::setMap);
    connect(m_overview, &WeightsOverview::mapChanged, this, &WeightsPage::selectSomething);
}

QList<QWidget*> WeightsPage::panels() const
{
    return {m_overview, m_detail};
}

/// A plot, not an invitation to select: what deviates most, else the first tensor.
void WeightsPage::selectSomething()
{
    const TensorRowsPtr rows = m_document.rows();
    if (!isVisible() || !rows || !m_document.selection().isEmpty())
        return;
    // A buffer that the loader ignores deviates from nothing.
    const auto rank = [](const TensorRow& row) { return row.state == RowState::Ignored ? -1 : deviates(row.state) ? int(row.state) : 0; };
    const TensorRow* worst = nullptr;
    for (const TensorRow& row : rows->rows())
        if (row.found >= 0 && (!worst || rank(row) > rank(*worst)))
            worst = &row;
    if (worst)
        m_document.select(worst->id);
}

void WeightsPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (!m_laidOut) {
        m_laidOut = true;
        const int right = forText(window()->width() >= 1360 ? 546 : 460);
        m_columns->setSizes({width() - right - 1, right});
    }
    selectSomething();
}

} // namespace weighbridge
