// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/pair_sample.h"
#include "ui/plots/axis_plot.h"

namespace weighbridge {

/// One view of two tensors of the same shape: their histograms over each other, the histogram of B - A, or A's values against B's.
class PairPlot : public AxisPlot {
    Q_OBJECT
public:
    enum class Kind { Overlaid, Difference, Scatter };

    explicit PairPlot(Kind kind, QWidget* parent = nullptr);

    /// `labels` stand above the plot, A's and B's in their colours: "A std 0.0761". `note`: what is not shown, what is sampled.
    void setHistograms(const QString& title, const PairHistograms& histograms, const QStringList& labels, const QString& note);
    void setDensity(const QString& title, const PairDensity& density, const QString& note);

protected:
    [[nodiscard]] PlotRange wholeRange() const override;
    [[nodiscard]] PlotRange heightRange(const QRectF& plot) const override;
    void paintData(QPainter& painter, const QRectF& plot) const override;
    [[nodiscard]] std::vector<PlotLabel> labels() const override;
    [[nodiscard]] QString textAtValue(double x, double y) const override;
    [[nodiscard]] QString xTitle() const override;
    [[nodiscard]] QString yTitle(const QRectF& plot) const override;
    [[nodiscard]] QString note() const override { return m_note; }

private:
    [[nodiscard]] const Histogram& first() const { return m_kind == Kind::Difference ? m_histograms.difference : m_histograms.a; }
    [[nodiscard]] QPolygonF steps(const Histogram& histogram, const QRectF& plot) const;
    void paintScatter(QPainter& painter, const QRectF& plot) const;

    Kind m_kind;
    PairHistograms m_histograms;
    PairDensity m_density;
    QStringList m_labels;
    QString m_note;
};

} // namespace weighbridge
