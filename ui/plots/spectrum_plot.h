// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/spectrum.h"
#include "ui/plots/axis_plot.h"

#include <memory>

namespace weighbridge {

using SpectrumPtr = std::shared_ptr<const Spectrum>;

/// Singular values by rank, with the Marchenko-Pastur edge below which all of them lie if the values are independent draws.
class SpectrumPlot : public AxisPlot {
    Q_OBJECT
public:
    explicit SpectrumPlot(QWidget* parent = nullptr);
    /// `label` names the tensor's layer; the siblings are the same tensor in the other layers.
    void setSpectrum(const QString& title, const QString& label, SpectrumPtr spectrum, std::vector<SpectrumPtr> siblings, bool isNeverTrained);

protected:
    [[nodiscard]] PlotRange wholeRange() const override;
    [[nodiscard]] PlotRange heightRange(const QRectF& plot) const override;
    void paintData(QPainter& painter, const QRectF& plot) const override;
    [[nodiscard]] std::vector<PlotLabel> labels() const override;
    [[nodiscard]] QString textAtValue(double x, double y) const override;
    [[nodiscard]] QString xTitle() const override;
    [[nodiscard]] QString yTitle(const QRectF& plot) const override;
    [[nodiscard]] QString note() const override;

private:
    [[nodiscard]] QPolygonF line(const Spectrum& spectrum, const QRectF& plot) const;
    [[nodiscard]] QString edgeWords() const;

    QString m_name;
    QString m_label;
    SpectrumPtr m_spectrum;
    std::vector<SpectrumPtr> m_siblings;
    bool m_isNeverTrained = false;
};

} // namespace weighbridge
