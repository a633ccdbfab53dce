// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/map_cells.h"

#include <QWidget>

namespace weighbridge {

/// What the cells of the model map mean in its mode: the sequential scale with its ends, and the forms.
class MapLegend : public QWidget {
    Q_OBJECT
public:
    explicit MapLegend(QWidget* parent = nullptr);
    void setScale(MapMode mode, const ShadeScale& scale);

    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    double paintScale(QPainter& painter, double left) const;
    double paintForm(QPainter& painter, double left, CellForm form, const QString& text) const;

    MapMode m_mode = MapMode::Std;
    ShadeScale m_scale;
};

} // namespace weighbridge
