// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/spectrum_plot.h"

#include "core/base/text.h"
#include "ui/plots/axis.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr double decadesShown = 4;

} // namespace

SpectrumPlot::SpectrumPlot(QWidget* parent) : AxisPlot(parent)
{
    setAccessibleName(tr("Singular values"));
    setLogarithmic(true);
}

void SpectrumPlot::setSpectrum(const QString& title, const QString& label, SpectrumPtr spectrum, std::vector<SpectrumPtr> siblings, bool isNeverTrained)
{
    const bool isNew = title != m_name || !message().isEmpty();
    m_name = title;
    m_label = label;
    m_spectrum = std::move(spectrum);
    m_siblings = std::move(siblings);
    m_isNeverTrained = isNeverTrained;
    setTitle(title);
    showData(tr("%1 singular values from %2 down to %3, %4")
                 .arg(m_spectrum->values.size()).arg(numberText(m_spectrum->values.front()), numberText(m_spectrum->values.back()), edgeWords()));
    if (isNew)
        fit();
}

QString SpectrumPlot::edgeWords() const
{
    if (m_spectrum->beyondEdge == 0)
        return tr("all below the Marchenko–Pastur edge %1").arg(numberText(m_spectrum->upperEdge));
    return tr("%1 above the Marchenko–Pastur edge %2").arg(m_spectrum->beyondEdge).arg(numberText(m_spectrum->upperEdge));
}

PlotRange SpectrumPlot::wholeRange() const
{
    return {1, std::max(2.0, double(m_spectrum->values.size()))};
}

PlotRange SpectrumPlot::heightRange(const QRectF&) const
{
    double high = std::max(m_spectrum->values.front(), m_spectrum->upperEdge);
    double low = high;
    const auto take = [&](const Spectrum& spectrum) {
        high = std::max(high, spectrum.values.front());
        for (const double value : spectrum.values)
            if (value > 0)
                low = std::min(low, value);
    };
    take(*m_spectrum);
    for (const SpectrumPtr& sibling : m_siblings)
        take(*sibling);
    if (!(high > 0))
        return {0.1, 1};
    return {std::max(low * 0.8, high * std::pow(10, -decadesShown)), high * 1.4};
}

QPolygonF SpectrumPlot::line(const Spectrum& spectrum, const QRectF& plot) const
{
    QPolygonF out;
    for (size_t rank = 0; rank < spectrum.values.size(); ++rank)
        out << pointOf(double(rank + 1), spectrum.values[rank], plot);
    return out;
}

void SpectrumPlot::paintData(QPainter& painter, const QRectF& plot) const
{
    for (const SpectrumPtr& sibling : m_siblings)
        paintLine(painter, line(*sibling, plot), Role::SecondText, 0.6);
    const double edge = yOf(m_spectrum->upperEdge, plot);
    paintLine(painter, QPolygonF({QPointF(plot.left(), edge), QPointF(plot.right(), edge)}), Role::Accent, 1.2, Qt::DashLine);
    paintLine(painter, line(*m_spectrum, plot), m_isNeverTrained ? Role::Random : Role::Trained, 1.8);
}

std::vector<PlotLabel> SpectrumPlot::labels() const
{
    if (!m_spectrum)
        return {};
    const QString count = m_spectrum->beyondEdge == 0 ? tr("all below the edge") : tr("%1 above the edge").arg(m_spectrum->beyondEdge);
    QString own = tr("largest %1, %2").arg(numberText(m_spectrum->values.front()), count);
    if (!m_label.isEmpty())
        own = tr("%1: %2").arg(m_label, own);
    std::vector<PlotLabel> out{{own, m_isNeverTrained ? Role::Random : Role::Text, QFont::DemiBold},
                               {tr("dashed: Marchenko–Pastur edge %1").arg(numberText(m_spectrum->upperEdge)), Role::Accent}};
    if (m_siblings.empty())
        return out;
    const auto less = [](const SpectrumPtr& a, const SpectrumPtr& b) { return a->values.front() < b->values.front(); };
    const auto [lowest, highest] = std::minmax_element(m_siblings.begin(), m_siblings.end(), less);
    out.push_back({tr("grey: other layers, largest %1 to %2").arg(numberText((*lowest)->values.front()), numberText((*highest)->values.front())),
                   Role::SecondText});
    return out;
}

QString SpectrumPlot::textAtValue(double x, double) const
{
    const size_t rank = size_t(std::clamp(std::lround(x), 1L, long(m_spectrum->values.size())));
    return tr("rank %1   singular value %2   edge %3").arg(rank).arg(numberText(m_spectrum->values[rank - 1]), numberText(m_spectrum->upperEdge));
}

QString SpectrumPlot::xTitle() const
{
    return tr("rank of singular value");
}

QString SpectrumPlot::yTitle(const QRectF&) const
{
    return tr("singular value");
}

QString SpectrumPlot::note() const
{
    if (m_spectrum->isWhole())
        return {};
    return tr("sampled %1 x %2 of %3 x %4").arg(m_spectrum->sampledRows).arg(m_spectrum->sampledColumns).arg(m_spectrum->rows).arg(m_spectrum->columns);
}

} // namespace weighbridge
