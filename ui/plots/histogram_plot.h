// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/tensor_statistics.h"

#include <QWidget>

#include <optional>

namespace weighbridge {

/// The histogram of one tensor's values. Painted by QPainter alone: docs/plots.md says why.
/// Wheel zooms x around the pointer, drag or the arrow keys pan, double click or Space fits; the context menu copies and saves.
class HistogramPlot : public QWidget {
    Q_OBJECT
public:
    explicit HistogramPlot(QWidget* parent = nullptr);

    void setHistogram(const QString& title, const Histogram& histogram);
    /// Axes stand, the plot area says why there is nothing ("reading values", an error's sentence).
    void clear(const QString& why);
    void setLogarithmic(bool on);
    /// Room for axis titles; the small plot of the inspector goes without.
    void setTitlesVisible(bool on);

    [[nodiscard]] bool isLogarithmic() const { return m_logarithmic; }
    [[nodiscard]] std::pair<double, double> visibleRange() const { return {m_low, m_high}; }
    /// By the name's ending: .svg, .pdf, else a PNG at twice the size. False if the file cannot be written.
    bool save(const QString& path);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    /// Value, count and bin under the pointer, for the status bar; empty when the pointer leaves.
    void readOut(const QString& text);

public Q_SLOTS:
    void fit();
    void copyImage();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    /// One bar of several bins: as many as keep it at 3 px or more.
    struct Bar {
        double low;
        double high;
        uint64_t count;
    };

    void paint(QPainter& painter, const QRectF& area) const;
    void paintAxes(QPainter& painter, const QRectF& plot, double top) const;
    void paintBars(QPainter& painter, const QRectF& plot, double top) const;
    void paintCursor(QPainter& painter, const QRectF& plot) const;
    [[nodiscard]] QRectF plotArea(const QRectF& area) const;
    [[nodiscard]] std::vector<Bar> bars(const QRectF& plot) const;
    [[nodiscard]] double xOf(double value, const QRectF& plot) const;
    [[nodiscard]] double valueAt(double x, const QRectF& plot) const;
    [[nodiscard]] double yOf(double count, const QRectF& plot, double top) const;
    void setRange(double low, double high);
    void zoom(double factor, double around);
    void showReadOut();
    void saveAs();

    QString m_title;
    QString m_why;
    std::optional<Histogram> m_histogram;
    bool m_logarithmic = false;
    bool m_titlesVisible = true;
    double m_low = 0;
    double m_high = 1;
    std::optional<QPointF> m_cursor;
    std::optional<QPointF> m_dragFrom;
};

} // namespace weighbridge
