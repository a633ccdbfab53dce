// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/properties.h"

#include <QScrollArea>

class QGridLayout;

namespace weighbridge {

class TextLabel;
struct CheckResult;

/// Name at the left in the second text colour, value at the right; both can be selected. Also the inspector's tables.
class PropertyGrid : public QWidget {
    Q_OBJECT
public:
    explicit PropertyGrid(QWidget* parent = nullptr);
    /// `columns` pairs beside each other; values at the right, or beside their names where the grid is wide.
    void setProperties(const QList<Property>& properties, int columns = 1, Qt::Alignment values = Qt::AlignRight);

private:
    QGridLayout* m_grid = nullptr;
    QWidget* m_content = nullptr;
};

/// The "Checkpoint" panel below the findings.
class PropertiesPanel : public QWidget {
    Q_OBJECT
public:
    explicit PropertiesPanel(QWidget* parent = nullptr);
    /// check: null before there is one
    void setCheckpoint(const Checkpoint* checkpoint, const CheckpointTotals& totals, const CheckResult* check, const TensorRows* rows);

private:
    PropertyGrid* m_grid;
    TextLabel* m_memoryTitle;
    PropertyGrid* m_memory;
};

} // namespace weighbridge
