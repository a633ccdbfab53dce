// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/plots/plot.h"
#include "ui/theme.h"

#include <QPolygonF>

#include <vector>

namespace weighbridge {

struct PlotRange {
    double low = 0;
    double high = 1;
    [[nodiscard]] double span() const { return high - low; }
    [[nodiscard]] PlotRange united(const PlotRange& other) const { return {std::min(low, other.low), std::max(high, other.high)}; }
    bool operator==(const PlotRange&) const = default;
};

/// What a line or a colour of a plot stands for.
struct PlotLabel {
    QString text;
    Role role = Role::Text;
    QFont::Weight weight = QFont::Normal;
};

/// A plot of y over x. Wheel zooms x around the pointer, drag or the arrow keys pan, double click or Space fits. A concrete plot says what the
/// whole range is and paints its data between the axes.
class AxisPlot : public Plot {
    Q_OBJECT
public:
    explicit AxisPlot(QWidget* parent = nullptr) : Plot(parent) {}

    void setLogarithmic(bool on);   ///< the y axis
    /// Room for axis titles; the small plot of the inspector goes without.
    void setTitlesVisible(bool on);

    [[nodiscard]] bool isLogarithmic() const { return m_logarithmic; }
    [[nodiscard]] std::pair<double, double> visibleRange() const { return {m_x.low, m_x.high}; }

public Q_SLOTS:
    void fit() override;

protected:
    [[nodiscard]] virtual PlotRange wholeRange() const = 0;               ///< of x
    /// Of y over the visible x; with a logarithmic axis low must be positive.
    [[nodiscard]] virtual PlotRange heightRange(const QRectF& plot) const = 0;
    virtual void paintData(QPainter& painter, const QRectF& plot) const = 0; ///< clipped to the plot area
    virtual void paintLabels(QPainter&, const QRectF&) const {}              ///< over the data, not clipped: at the ends of lines
    /// Above the plot area, in as many lines as they need, where no data can lie under them.
    [[nodiscard]] virtual std::vector<PlotLabel> labels() const { return {}; }
    /// Value on x, count or value on y: what the status bar says.
    [[nodiscard]] virtual QString textAtValue(double x, double y) const = 0;
    [[nodiscard]] virtual QString xTitle() const = 0;
    [[nodiscard]] virtual QString yTitle(const QRectF& plot) const = 0;
    [[nodiscard]] virtual QString note() const { return {}; }                ///< at the top right: what is not shown, what is sampled

    [[nodiscard]] double xOf(double value, const QRectF& plot) const { return plot.left() + (value - m_x.low) / m_x.span() * plot.width(); }
    [[nodiscard]] double valueAt(double x, const QRectF& plot) const { return m_x.low + (x - plot.left()) / plot.width() * m_x.span(); }
    [[nodiscard]] double yOf(double value, const QRectF& plot) const;
    [[nodiscard]] QPointF pointOf(double x, double y, const QRectF& plot) const { return {xOf(x, plot), yOf(y, plot)}; }
    [[nodiscard]] QRectF plotArea(const QRectF& area) const;
    [[nodiscard]] QRectF plotArea() const { return plotArea(rect()); }
    [[nodiscard]] std::vector<QRectF> labelBoxes(const QRectF& area) const; ///< of labels(), in their order
    void paintLine(QPainter& painter, const QPolygonF& line, Role role, double width = 1.3, Qt::PenStyle style = Qt::SolidLine) const;
    /// Text whose right (or left) end stands at `point`, in the series' colour, on the surface so that lines do not cross it.
    void paintLabel(QPainter& painter, const QPointF& point, const QString& text, Role role, Qt::Alignment alignment, QFont::Weight weight = QFont::Normal) const;

    void paintPicture(QPainter& painter, const QRectF& area) const override;
    void paintPointer(QPainter& painter) const override;
    [[nodiscard]] QString textAt(const QPointF& point) const override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void paintAxes(QPainter& painter, const QRectF& plot) const;
    void paintTitles(QPainter& painter, const QRectF& area, const QRectF& plot) const;
    void paintLabelLines(QPainter& painter, const QRectF& area) const;
    void setRange(PlotRange range);
    void zoom(double factor, double around);

    bool m_logarithmic = false;
    bool m_titlesVisible = true;
    PlotRange m_x;
    mutable PlotRange m_y;  ///< of what is painted last
    std::optional<QPointF> m_dragFrom;
};

} // namespace weighbridge
