// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/properties_panel.h"

#include "core/diagnosis/check.h"
#include "ui/views/scrolled.h"
#include "ui/views/text_label.h"

#include <QGridLayout>
#include <QHBoxLayout>
#include <QVBoxLayout>

namespace weighbridge {

PropertyGrid::PropertyGrid(QWidget* parent) : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
}

void PropertyGrid::setProperties(const QList<Property>& properties, int columns, Qt::Alignment values)
{
    delete m_content;
    m_content = new QWidget;
    m_grid = new QGridLayout(m_content);
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setHorizontalSpacing(values == Qt::AlignRight ? 10 : 24);
    m_grid->setVerticalSpacing(3);
    for (qsizetype i = 0; i < properties.size(); ++i) {
        const int row = int(i) / columns;
        const int column = int(i) % columns * 2;
        auto* name = new TextLabel(properties[i].name, type::caption, QFont::Normal, Role::SecondText);
        auto* value = new TextLabel(properties[i].value, type::caption);
        value->setElided(Qt::ElideMiddle);
        value->setAlignment(values);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        if (!properties[i].toolTip.isEmpty())
            value->setToolTip(properties[i].toolTip.toHtmlEscaped());
        value->setAccessibleName(properties[i].name + QStringLiteral(": ") + properties[i].value);
        m_grid->setColumnStretch(column + 1, 1);
        if (values == Qt::AlignRight) { // they need no common left edge: each has what its own name leaves
            auto* line = new QHBoxLayout;
            line->setSpacing(m_grid->horizontalSpacing());
            line->addWidget(name);
            line->addWidget(value, 1);
            m_grid->addLayout(line, row, column, 1, 2);
        } else {
            m_grid->addWidget(name, row, column);
            m_grid->addWidget(value, row, column + 1);
        }
    }
    layout()->addWidget(m_content);
}

PropertiesPanel::PropertiesPanel(QWidget* parent) : QWidget(parent), m_grid(new PropertyGrid), m_memoryTitle(new TextLabel(tr("Memory"), type::caption, QFont::DemiBold, Role::SecondText)), m_memory(new PropertyGrid)
{
    auto* inner = new QWidget;
    auto* rows = new QVBoxLayout(inner);
    rows->setContentsMargins(12, 4, 12, 10);
    rows->addWidget(m_grid);
    rows->addSpacing(8);
    rows->addWidget(m_memoryTitle);
    rows->addWidget(m_memory);
    rows->addStretch();
    auto* area = scrolled(inner, tr("Checkpoint"), QPalette::Window);
    auto* title = new TextLabel(tr("Checkpoint"), type::caption, QFont::DemiBold, Role::SecondText);
    title->setContentsMargins(12, 8, 12, 0);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    column->addWidget(title);
    column->addWidget(area, 1);
    setAccessibleName(tr("Checkpoint"));
}

void PropertiesPanel::setCheckpoint(const Checkpoint* checkpoint, const CheckpointTotals& totals, const CheckResult* check, const TensorRows* rows)
{
    m_grid->setProperties(checkpoint ? properties(*checkpoint, totals, rows) : QList<Property>());
    const bool any = check && check->memory.parameters > 0;
    m_memory->setProperties(any ? memoryProperties(check->memory, check->availableMemory, check->cudaDevices) : QList<Property>());
    m_memoryTitle->setVisible(any);
}

} // namespace weighbridge
