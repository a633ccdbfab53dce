// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/quantiles_plot.h"

#include "core/base/text.h"
#include "ui/plots/axis.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

QString safe(const std::string& text)
{
    return QString::fromStdString(shown(text));
}

} // namespace

QuantilesPlot::QuantilesPlot(QWidget* parent) : AxisPlot(parent)
{
    setAccessibleName(tr("Quantiles"));
}

void QuantilesPlot::setQuantiles(const QString& title, QuantilePlot quantiles, bool isNeverTrained)
{
    m_quantiles = std::move(quantiles);
    m_isNeverTrained = isNeverTrained;
    setTitle(title);
    const auto outside = std::count_if(m_quantiles.points.begin(), m_quantiles.points.end(), [](const QuantilePlot::Point& point) { return point.empirical < point.low || point.empirical > point.high; });
    showData(tr("Quantiles of %1 values against %2: %3 of %4 points lie outside of the 95 % band")
                 .arg(QString::fromStdString(groupDigits(m_quantiles.values)), safe(m_quantiles.distribution.text())).arg(outside).arg(m_quantiles.points.size()));
    fit();
}

PlotRange QuantilesPlot::wholeRange() const
{
    return m_quantiles.points.empty() ? PlotRange() : PlotRange{m_quantiles.points.front().theoretical, m_quantiles.points.back().theoretical};
}

PlotRange QuantilesPlot::heightRange(const QRectF&) const
{
    const auto [low, high] = visibleRange();
    PlotRange range{low, high};
    for (const QuantilePlot::Point& point : m_quantiles.points)
        if (point.theoretical >= low && point.theoretical <= high)
            range = range.united({point.empirical, point.empirical});
    const double margin = range.span() * 0.04;
    return {range.low - margin, range.high + margin};
}

void QuantilesPlot::paintData(QPainter& painter, const QRectF& plot) const
{
    // The ends of the band can lie at infinity: a lap outside of the plot stands for it.
    const auto inside = [&](double x, double y) { return QPointF(xOf(x, plot), std::clamp(yOf(y, plot), plot.top() - plot.height(), plot.bottom() + plot.height())); };
    QPolygonF found, band;
    for (const QuantilePlot::Point& point : m_quantiles.points) {
        found << inside(point.theoretical, point.empirical);
        band << inside(point.theoretical, point.low);
    }
    for (auto point = m_quantiles.points.rbegin(); point != m_quantiles.points.rend(); ++point)
        band << inside(point->theoretical, point->high);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour(Role::Grid, palette()));
    painter.drawPolygon(band);
    const auto [low, high] = visibleRange();
    paintLine(painter, QPolygonF({inside(low, low), inside(high, high)}), Role::Accent, 1.2, Qt::DashLine);
    const Role role = m_isNeverTrained ? Role::Random : Role::Trained;
    painter.setPen(Qt::NoPen);
    painter.setBrush(colour(role, palette()));
    for (const QPointF& point : found)
        painter.drawEllipse(point, 1.8, 1.8);
}

std::vector<PlotLabel> QuantilesPlot::labels() const
{
    return {{tr("dots: found"), m_isNeverTrained ? Role::Random : Role::Text, QFont::DemiBold},
            {tr("dashed: %1").arg(safe(m_quantiles.distribution.text())), Role::Accent},
            {tr("band: where 95 % of true samples stay"), Role::SecondText}};
}

QString QuantilesPlot::textAtValue(double x, double) const
{
    const auto& points = m_quantiles.points;
    if (points.empty())
        return {};
    const auto nearest = std::min_element(points.begin(), points.end(), [x](const auto& a, const auto& b) { return std::abs(a.theoretical - x) < std::abs(b.theoretical - x); });
    return tr("expected %1   found %2   band %3 to %4").arg(numberText(nearest->theoretical), numberText(nearest->empirical), numberText(nearest->low), numberText(nearest->high));
}

QString QuantilesPlot::xTitle() const
{
    return tr("value expected of %1").arg(safe(m_quantiles.distribution.text()));
}

QString QuantilesPlot::yTitle(const QRectF&) const
{
    return tr("value found");
}

QString QuantilesPlot::note() const
{
    if (m_quantiles.isWhole())
        return {};
    return tr("sampled %1 of %2 values").arg(QString::fromStdString(groupDigits(m_quantiles.values)), QString::fromStdString(groupDigits(m_quantiles.count)));
}

} // namespace weighbridge
