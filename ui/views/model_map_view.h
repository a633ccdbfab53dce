// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/map_cells.h"
#include "core/report/model_map.h"

#include <QAbstractScrollArea>
#include <QTimer>

#include <functional>

namespace weighbridge {

/// The whole model at a glance: a line per layer, a column per kind of tensor. Changing the mode recolours without moving a cell. Only what
/// is visible is painted. Arrow keys go from tensor to tensor and select; a screen reader gets a table (model_map_accessible.cpp).
class ModelMapView : public QAbstractScrollArea {
    Q_OBJECT
public:
    /// Above this many layers lines are 12 px high, without numbers; the one under the pointer is enlarged.
    static constexpr int mostHighLines = 40;
    using Facts = std::function<CellFacts(int row)>; ///< of a row of the map's TensorRows

    explicit ModelMapView(Facts facts, QWidget* parent = nullptr);

    void setMap(ModelMapPtr map);          ///< null: none
    void setMode(MapMode mode);
    void setScale(const ShadeScale& scale); ///< of the mode
    void setSelectedRow(int row);
    void refresh() { viewport()->update(); } ///< the facts have changed

    [[nodiscard]] const ModelMapPtr& map() const { return m_map; }
    [[nodiscard]] MapMode mode() const { return m_mode; }
    [[nodiscard]] MapPlace current() const { return m_current; }
    [[nodiscard]] CellLook look(const MapPlace& place) const;
    /// In the viewport's coordinates; may lie outside of it.
    [[nodiscard]] QRect cellRect(const MapPlace& place) const;
    [[nodiscard]] MapPlace placeAt(const QPoint& point) const;
    /// "layer 3, attention.self.query weight, never trained, std 0.020".
    [[nodiscard]] QString describe(const MapPlace& place) const;
    /// Rows of the TensorRows whose cells are visible, from top to bottom.
    [[nodiscard]] std::vector<int> visibleRows() const;
    void activate(const MapPlace& place);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void activated(int row);
    void moduleActivated(const QString& module); ///< the label of a line was clicked
    void readOut(const QString& text);
    void visibleRowsChanged();                   ///< at most every 80 ms

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent*) override { refresh(); }
    void focusOutEvent(QFocusEvent*) override { refresh(); }
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    void arrange();
    [[nodiscard]] int lineHeightFor(int available) const;
    [[nodiscard]] QRectF rectIn(const MapPlace& place, double top, double height) const;
    void paintLine(QPainter& painter, int line, double top, double height) const;
    void paintLabel(QPainter& painter, const MapLine& line, bool isNeverTrained, double top, double height) const;
    [[nodiscard]] bool isNeverTrained(const MapLine& line) const;
    [[nodiscard]] CellLook look(int row, bool lineIsNeverTrained) const;
    void paintHead(QPainter& painter, const MapBlock& block, int top) const;
    void paintEnlarged(QPainter& painter) const;
    void paintMark(QPainter& painter, const MapPlace& place, const QPen& pen) const;
    [[nodiscard]] int lineAt(int y) const; ///< -1 if there is none
    [[nodiscard]] MapPlace nextInLine(const MapPlace& place, int step) const;
    [[nodiscard]] MapPlace nearestIn(int line, const MapPlace& place) const;
    [[nodiscard]] MapPlace placeInOtherLine(const MapPlace& place, int step) const;
    [[nodiscard]] std::pair<size_t, size_t> visibleCells(const MapLine& line) const;
    void hover(const QPoint& point);
    void reveal(const MapPlace& place);
    [[nodiscard]] bool hasHead(const MapBlock& block) const;

    Facts m_facts;
    ModelMapPtr m_map;
    MapMode m_mode = MapMode::Std;
    ShadeScale m_scale;
    MapPlace m_current;
    int m_hoveredLine = -1;
    QTimer m_moved;

    // The arrangement, in contents' coordinates.
    std::vector<int> m_tops;      ///< by line
    std::vector<int> m_headTops;  ///< by block
    std::vector<double> m_pitches; ///< of a column, by block
    int m_labelWidth = 0;
    int m_lineHeight = 0;
    int m_contentWidth = 0;
    int m_contentHeight = 0;
};

/// Makes ModelMapView a table for screen readers; called once, by its constructor.
void installModelMapAccessible();

} // namespace weighbridge
