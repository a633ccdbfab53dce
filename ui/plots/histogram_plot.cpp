// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/histogram_plot.h"

#include "core/base/text.h"
#include "ui/plots/axis.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr int barPixels = 3;
constexpr double highestShown = 1.6; ///< of the tensor's own height: a sibling that is a spike does not flatten it further
constexpr double widestShown = 4; ///< of the tensor's own range: siblings do not shrink it further

QString countText(double count)
{
    return QString::fromStdString(groupDigits(uint64_t(std::llround(count))));
}

double totalOf(const Histogram& histogram)
{
    double total = 0;
    for (const uint64_t count : histogram.counts)
        total += double(count);
    return total;
}

/// A step line from bar to bar.
template <typename Bars, typename Point>
QPolygonF outlineOf(const Bars& bars, const Point& point)
{
    QPolygonF outline;
    for (const auto& bar : bars)
        outline << point(bar.low, bar.count) << point(bar.high, bar.count);
    return outline;
}

} // namespace

HistogramPlot::HistogramPlot(QWidget* parent) : AxisPlot(parent)
{
    setAccessibleName(tr("Histogram"));
}

void HistogramPlot::setHistogram(const QString& title, const Histogram& histogram, HistogramCompanions companions)
{
    const bool isNew = title != m_name || !message().isEmpty();
    m_name = title;
    setTitle(title);
    const PlotRange before = wholeRange();
    m_histogram = histogram;
    m_companions = std::move(companions);
    showData(sentence());
    if (isNew || before != wholeRange())
        fit();
}

double HistogramPlot::total() const
{
    return totalOf(m_histogram);
}

QString HistogramPlot::sentence() const
{
    QString text = tr("Histogram of %1 values from %2 to %3, %4 outside")
                       .arg(countText(total()), numberText(m_histogram.low), numberText(m_histogram.high), countText(double(m_histogram.below + m_histogram.above)));
    if (m_companions.fitted)
        text += tr(", with %1").arg(m_companions.fitted->label);
    if (m_companions.initialiser)
        text += tr(" and %1").arg(m_companions.initialiser->label);
    return text;
}

PlotRange HistogramPlot::wholeRange() const
{
    const PlotRange own{m_histogram.low, m_histogram.high};
    PlotRange range = own;
    for (const Histogram& sibling : m_companions.siblings)
        if (!sibling.counts.empty())
            range = range.united({sibling.low, sibling.high});
    const double room = own.span() * (widestShown - 1) / 2;
    return {std::max(range.low, own.low - room), std::min(range.high, own.high + room)};
}

double HistogramPlot::barWidth(const QRectF& plot) const
{
    const double width = m_histogram.binWidth();
    const double pixels = width * plot.width() / (visibleRange().second - visibleRange().first);
    return width * std::max(1.0, std::ceil(barPixels / std::max(pixels, 1e-9)));
}

std::vector<HistogramPlot::Bar> HistogramPlot::bars(const Histogram& histogram, const QRectF& plot) const
{
    std::vector<Bar> result;
    if (histogram.counts.empty())
        return result;
    const auto [low, high] = visibleRange();
    const double width = histogram.binWidth();
    const size_t bins = histogram.counts.size();
    if (width <= 0) {
        result.push_back({low + (high - low) * 0.48, low + (high - low) * 0.52, double(histogram.counts[0])});
        return result;
    }
    const double pixels = width / (high - low) * plot.width();
    const size_t together = std::max<size_t>(1, size_t(std::min(double(bins), std::ceil(barPixels / std::max(pixels, 1e-9)))));
    for (size_t first = 0; first < bins; first += together) {
        const size_t end = std::min(bins, first + together);
        Bar bar{histogram.edge(first), histogram.edge(end), 0};
        for (size_t i = first; i < end; ++i)
            bar.count += double(histogram.counts[i]);
        if (bar.high >= low && bar.low <= high)
            result.push_back(bar);
    }
    return result;
}

/// As many values as the tensor has, in bars as wide as its own.
std::vector<HistogramPlot::Bar> HistogramPlot::siblingBars(const Histogram& sibling, const QRectF& plot) const
{
    std::vector<Bar> all = bars(sibling, plot);
    const double count = totalOf(sibling);
    if (all.empty() || count <= 0 || !(all[0].high > all[0].low))
        return {};
    const double scale = total() / count * barWidth(plot) / (all[0].high - all[0].low);
    for (Bar& bar : all)
        bar.count *= scale;
    return all;
}

PlotRange HistogramPlot::heightRange(const QRectF& plot) const
{
    double top = 1;
    for (const Bar& bar : bars(m_histogram, plot))
        top = std::max(top, bar.count);
    const double own = top;
    for (const Histogram& sibling : m_companions.siblings)
        for (const Bar& bar : siblingBars(sibling, plot))
            top = std::max(top, std::min(bar.count, own * highestShown));
    // Half an element is the floor, so that a bar of one element is seen.
    return isLogarithmic() ? PlotRange{0.5, std::max(top * 1.5, 5.0)} : PlotRange{0, top * 1.06};
}

void HistogramPlot::paintSiblings(QPainter& painter, const QRectF& plot) const
{
    for (const Histogram& sibling : m_companions.siblings)
        if (const std::vector<Bar> all = siblingBars(sibling, plot); !all.empty())
            paintLine(painter, outlineOf(all, [&](double x, double y) { return pointOf(x, y, plot); }), Role::SecondText, 0.6);
}

void HistogramPlot::paintBars(QPainter& painter, const QRectF& plot) const
{
    const std::vector<Bar> all = bars(m_histogram, plot);
    if (all.empty())
        return;
    QPolygonF outline = outlineOf(all, [&](double x, double y) { return pointOf(x, y, plot); });
    outline.prepend(QPointF(outline.front().x(), plot.bottom()));
    outline.append(QPointF(outline.back().x(), plot.bottom()));
    const Role role = m_companions.isNeverTrained ? Role::Random : Role::Trained;
    QColor fill = colour(role, palette());
    fill.setAlphaF(0.25F);
    QPainterPath path;
    path.addPolygon(outline);
    painter.fillPath(path, fill);
    paintLine(painter, outline, role);
}

QPolygonF HistogramPlot::curve(const HistogramCompanions::Curve& curve, const QRectF& plot) const
{
    QPolygonF line;
    const double scale = total() * barWidth(plot);
    for (double x = plot.left(); x <= plot.right(); x += 1)
        line << QPointF(x, yOf(scale * curve.density(valueAt(x, plot)), plot));
    return line;
}

void HistogramPlot::paintData(QPainter& painter, const QRectF& plot) const
{
    paintSiblings(painter, plot);
    paintBars(painter, plot);
    if (m_companions.fitted)
        paintLine(painter, curve(*m_companions.fitted, plot), Role::Text, 1.2);
    if (m_companions.initialiser)
        paintLine(painter, curve(*m_companions.initialiser, plot), Role::Accent, 1.4, Qt::DashLine);
}

std::vector<PlotLabel> HistogramPlot::labels() const
{
    std::vector<PlotLabel> out;
    if (!m_companions.label.isEmpty())
        out.push_back({m_companions.label, m_companions.isNeverTrained ? Role::Random : Role::Text, QFont::DemiBold});
    if (m_companions.fitted)
        out.push_back({m_companions.fitted->label});
    if (m_companions.initialiser)
        out.push_back({tr("dashed: %1").arg(m_companions.initialiser->label), Role::Accent});
    if (!m_companions.siblings.empty())
        out.push_back({tr("grey: the same tensor in other layers, %1").arg(m_companions.siblings.size()), Role::SecondText});
    return out;
}

QString HistogramPlot::textAtValue(double x, double) const
{
    for (const Bar& bar : bars(m_histogram, plotArea()))
        if (x >= bar.low && x <= bar.high)
            return tr("value %1   %2 elements from %3 to %4").arg(numberText(x), countText(bar.count), numberText(bar.low), numberText(bar.high));
    return tr("value %1   no elements").arg(numberText(x));
}

QString HistogramPlot::xTitle() const
{
    return tr("value");
}

QString HistogramPlot::yTitle(const QRectF& plot) const
{
    return m_histogram.binWidth() > 0 ? tr("elements per %1").arg(numberText(barWidth(plot))) : tr("elements");
}

} // namespace weighbridge
