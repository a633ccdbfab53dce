// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/tensor_statistics.h"
#include "ui/plots/axis_plot.h"

#include <functional>
#include <vector>

namespace weighbridge {

/// What stands beside a histogram, to be compared with it at a glance.
struct HistogramCompanions {
    struct Curve {
        std::function<double(double)> density;
        QString label;                    ///< "normal(0, 0.02)"
    };
    std::optional<Curve> fitted;          ///< solid, text-coloured
    std::optional<Curve> initialiser;     ///< dashed, accent
    std::vector<Histogram> siblings;      ///< the same tensor in the other layers; thin, grey
    QString label;                        ///< of the tensor itself; empty: none
    bool isNeverTrained = false;
    QString note;                         ///< what is not shown: "3 NaN, 12 outside"
};

/// The histogram of one tensor's values.
class HistogramPlot : public AxisPlot {
    Q_OBJECT
public:
    explicit HistogramPlot(QWidget* parent = nullptr);

    /// The visible range is kept if the histogram is that of `title` already.
    void setHistogram(const QString& title, const Histogram& histogram, HistogramCompanions companions = {});

protected:
    [[nodiscard]] PlotRange wholeRange() const override;
    [[nodiscard]] PlotRange heightRange(const QRectF& plot) const override;
    void paintData(QPainter& painter, const QRectF& plot) const override;
    [[nodiscard]] std::vector<PlotLabel> labels() const override;
    [[nodiscard]] QString textAtValue(double x, double y) const override;
    [[nodiscard]] QString xTitle() const override;
    [[nodiscard]] QString yTitle(const QRectF& plot) const override;
    [[nodiscard]] QString note() const override { return m_companions.note; }

private:
    /// One bar of several bins: as many as keep it at 3 px or more.
    struct Bar {
        double low;
        double high;
        double count;
    };

    [[nodiscard]] std::vector<Bar> bars(const Histogram& histogram, const QRectF& plot) const;
    [[nodiscard]] std::vector<Bar> siblingBars(const Histogram& sibling, const QRectF& plot) const;
    [[nodiscard]] double barWidth(const QRectF& plot) const;
    [[nodiscard]] double total() const;
    void paintSiblings(QPainter& painter, const QRectF& plot) const;
    void paintBars(QPainter& painter, const QRectF& plot) const;
    [[nodiscard]] QPolygonF curve(const HistogramCompanions::Curve& curve, const QRectF& plot) const;
    [[nodiscard]] QString sentence() const;

    QString m_name;
    Histogram m_histogram;
    HistogramCompanions m_companions;
};

} // namespace weighbridge
