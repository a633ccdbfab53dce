// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/pair_plot.h"

#include "core/base/text.h"
#include "ui/plots/axis.h"

#include <QPainter>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

double highest(const Histogram& histogram)
{
    return histogram.counts.empty() ? 1 : double(*std::max_element(histogram.counts.begin(), histogram.counts.end()));
}

QString countText(uint64_t count)
{
    return QString::fromStdString(groupDigits(count));
}

} // namespace

PairPlot::PairPlot(Kind kind, QWidget* parent) : AxisPlot(parent), m_kind(kind)
{
    setAccessibleName(kind == Kind::Overlaid ? tr("Histograms of A and B") : kind == Kind::Difference ? tr("Histogram of B − A") : tr("Values of A against those of B"));
}

void PairPlot::setHistograms(const QString& title, const PairHistograms& histograms, const QStringList& labels, const QString& note)
{
    m_histograms = histograms;
    m_labels = labels;
    m_note = note;
    setTitle(title);
    showData(tr("%1, from %2 to %3, %4").arg(accessibleName(), numberText(first().low), numberText(first().high), labels.join(QStringLiteral(", "))));
    fit();
}

void PairPlot::setDensity(const QString& title, const PairDensity& density, const QString& note)
{
    m_density = density;
    m_note = note;
    setTitle(title);
    showData(tr("%1, from %2 to %3").arg(accessibleName(), numberText(density.low), numberText(density.high)));
    fit();
}

PlotRange PairPlot::wholeRange() const
{
    return m_kind == Kind::Scatter ? PlotRange{m_density.low, m_density.high} : PlotRange{first().low, first().high};
}

PlotRange PairPlot::heightRange(const QRectF&) const
{
    if (m_kind == Kind::Scatter)
        return m_density.high > m_density.low ? wholeRange() : PlotRange{m_density.low - 1, m_density.low + 1};
    return {0, 1.06 * std::max(highest(first()), m_kind == Kind::Difference ? 1 : highest(m_histograms.b))};
}

QPolygonF PairPlot::steps(const Histogram& histogram, const QRectF& plot) const
{
    QPolygonF line;
    if (histogram.binWidth() <= 0) { // one value: a bar of two pixels
        const double x = xOf(histogram.low, plot);
        const double y = yOf(highest(histogram), plot);
        return line << QPointF(x - 1, plot.bottom()) << QPointF(x - 1, y) << QPointF(x + 1, y) << QPointF(x + 1, plot.bottom());
    }
    line << QPointF(xOf(histogram.low, plot), plot.bottom());
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
        const double y = yOf(double(histogram.counts[i]), plot);
        line << QPointF(xOf(histogram.edge(i), plot), y) << QPointF(xOf(histogram.edge(i + 1), plot), y);
    }
    return line << QPointF(xOf(histogram.high, plot), plot.bottom());
}

void PairPlot::paintData(QPainter& painter, const QRectF& plot) const
{
    if (m_kind == Kind::Scatter)
        return paintScatter(painter, plot);
    const Role role = m_kind == Kind::Difference ? Role::Accent : Role::SecondText;
    const QPolygonF outline = steps(first(), plot);
    QColor fill = colour(role, palette());
    fill.setAlphaF(0.22F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(fill);
    painter.drawPolygon(outline);
    paintLine(painter, outline, role, 1.2);
    if (m_kind == Kind::Overlaid)
        paintLine(painter, steps(m_histograms.b, plot), Role::Accent, 1.4);
}

void PairPlot::paintScatter(QPainter& painter, const QRectF& plot) const
{
    if (m_density.counts.empty())
        return;
    const double cell = (m_density.high - m_density.low) / double(m_density.bins);
    const double most = std::log1p(double(*std::max_element(m_density.counts.begin(), m_density.counts.end())));
    QColor ink = colour(Role::Accent, palette());
    for (size_t i = 0; i < m_density.counts.size(); ++i) {
        if (m_density.counts[i] == 0)
            continue;
        ink.setAlphaF(float(0.2 + 0.8 * std::log1p(double(m_density.counts[i])) / most));
        const QPointF corner = pointOf(m_density.low + cell * double(i % m_density.bins), m_density.low + cell * double(i / m_density.bins + 1), plot);
        const QPointF opposite = pointOf(m_density.low + cell * double(i % m_density.bins + 1), m_density.low + cell * double(i / m_density.bins), plot);
        painter.fillRect(QRectF(corner, opposite), ink);
    }
    paintLine(painter, QPolygonF() << pointOf(m_density.low, m_density.low, plot) << pointOf(m_density.high, m_density.high, plot), Role::SecondText, 1, Qt::DashLine);
}

std::vector<PlotLabel> PairPlot::labels() const
{
    std::vector<PlotLabel> out;
    for (qsizetype i = 0; i < m_labels.size(); ++i)
        out.push_back({m_labels[i], m_kind == Kind::Difference ? Role::Text : i == 0 ? Role::SecondText : Role::Accent});
    return out;
}

QString PairPlot::textAtValue(double x, double y) const
{
    if (m_kind == Kind::Scatter)
        return tr("A %1   B %2").arg(numberText(x), numberText(y));
    const Histogram& histogram = first();
    if (x < histogram.low || x > histogram.high || histogram.counts.empty())
        return tr("value %1   no elements").arg(numberText(x));
    const size_t bin = histogram.binWidth() > 0 ? std::min(histogram.counts.size() - 1, size_t((x - histogram.low) / histogram.binWidth())) : 0;
    return m_kind == Kind::Difference ? tr("B − A %1   %2 elements").arg(numberText(x), countText(histogram.counts[bin]))
                                      : tr("value %1   %2 elements of A, %3 of B").arg(numberText(x), countText(histogram.counts[bin]), countText(m_histograms.b.counts[bin]));
}

QString PairPlot::xTitle() const
{
    return m_kind == Kind::Overlaid ? tr("value") : m_kind == Kind::Difference ? tr("B − A") : tr("value in A");
}

QString PairPlot::yTitle(const QRectF&) const
{
    if (m_kind == Kind::Scatter)
        return tr("value in B");
    return first().binWidth() > 0 ? tr("elements per %1").arg(numberText(first().binWidth())) : tr("elements");
}

} // namespace weighbridge
