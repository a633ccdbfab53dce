// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/pair_plot.h"

#include "ui/plots/axis.h"
#include "ui/plots/plot_frame.h"
#include "ui/theme.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

double highest(const Histogram& histogram)
{
    return histogram.counts.empty() ? 1 : double(*std::max_element(histogram.counts.begin(), histogram.counts.end()));
}

QPainterPath steps(const Histogram& histogram, const PlotFrame& frame)
{
    QPainterPath path(QPointF(frame.xOf(histogram.low), frame.plot().bottom()));
    for (size_t i = 0; i < histogram.counts.size(); ++i) {
        const double y = frame.yOf(double(histogram.counts[i]));
        path.lineTo(frame.xOf(histogram.edge(i)), y);
        path.lineTo(frame.xOf(histogram.edge(i + 1)), y);
    }
    path.lineTo(frame.xOf(histogram.high), frame.plot().bottom());
    return path;
}

} // namespace

PairPlot::PairPlot(Kind kind, QWidget* parent) : QWidget(parent), m_kind(kind)
{
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(kind == Kind::Overlaid ? tr("Histograms of A and B") : kind == Kind::Difference ? tr("Histogram of B − A") : tr("Values of A against those of B"));
}

void PairPlot::setHistograms(const PairHistograms& histograms)
{
    m_histograms = histograms;
    m_why.clear();
    const Histogram& shown = m_kind == Kind::Difference ? histograms.difference : histograms.a;
    setAccessibleDescription(tr("From %1 to %2").arg(numberText(shown.low), numberText(shown.high)));
    update();
}

void PairPlot::setDensity(const PairDensity& density)
{
    m_density = density;
    m_why.clear();
    setAccessibleDescription(tr("From %1 to %2").arg(numberText(density.low), numberText(density.high)));
    update();
}

void PairPlot::setNotes(const QStringList& notes)
{
    m_notes = notes;
    update();
}

void PairPlot::clear(const QString& why)
{
    m_histograms.reset();
    m_density.reset();
    m_notes.clear();
    m_why = why;
    setAccessibleDescription(why);
    update();
}

QSize PairPlot::sizeHint() const
{
    const int line = fontMetrics().height();
    return {20 * line, (m_kind == Kind::Difference ? 8 : 11) * line};
}

QSize PairPlot::minimumSizeHint() const
{
    const int line = fontMetrics().height();
    return {10 * line, 6 * line};
}

void PairPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    if (m_kind == Kind::Scatter ? m_density.has_value() : m_histograms.has_value())
        m_kind == Kind::Scatter ? paintScatter(painter) : paintHistograms(painter);
    else
        paintReason(painter, *this, m_why);
}

void PairPlot::paintHistograms(QPainter& painter) const
{
    const bool isDifference = m_kind == Kind::Difference;
    const Histogram& first = isDifference ? m_histograms->difference : m_histograms->a;
    const double top = std::max(highest(first), isDifference ? 0 : highest(m_histograms->b)) * 1.06;
    const PlotFrame frame(*this, rect(), {first.low, first.high}, {0, top}, isDifference ? tr("B − A") : tr("value"), tr("elements per %1").arg(numberText(first.binWidth())));
    frame.paint(painter);
    const QColor accent = colour(Role::Accent, palette());
    QColor fill = isDifference ? accent : colour(Role::SecondText, palette());
    fill.setAlphaF(0.22F);
    painter.fillPath(steps(first, frame), fill);
    painter.setPen(QPen(isDifference ? accent : colour(Role::SecondText, palette()), 1.2));
    painter.drawPath(steps(first, frame));
    if (!isDifference) {
        painter.setPen(QPen(accent, 1.4));
        painter.drawPath(steps(m_histograms->b, frame));
    }
    paintNotes(painter, frame.plot());
}

void PairPlot::paintScatter(QPainter& painter) const
{
    const PairDensity& density = *m_density;
    const PlotFrame frame(*this, rect(), {density.low, density.high}, {density.low, density.high}, tr("value in A"), tr("value in B"));
    frame.paint(painter);
    const double cell = (density.high - density.low) / double(density.bins);
    const double most = density.counts.empty() ? 1 : std::log1p(double(*std::max_element(density.counts.begin(), density.counts.end())));
    QColor ink = colour(Role::Accent, palette());
    for (size_t row = 0; row < density.bins; ++row) {
        for (size_t column = 0; column < density.bins; ++column) {
            const uint32_t count = density.counts[row * density.bins + column];
            if (count == 0)
                continue;
            ink.setAlphaF(float(0.2 + 0.8 * std::log1p(double(count)) / most));
            const QPointF corner(frame.xOf(density.low + cell * double(column)), frame.yOf(density.low + cell * double(row + 1)));
            painter.fillRect(QRectF(corner, QSizeF(frame.plot().width() / double(density.bins), frame.plot().height() / double(density.bins))), ink);
        }
    }
    painter.setPen(QPen(colour(Role::SecondText, palette()), 1, Qt::DashLine));
    painter.drawLine(QPointF(frame.xOf(density.low), frame.yOf(density.low)), QPointF(frame.xOf(density.high), frame.yOf(density.high)));
    paintNotes(painter, frame.plot());
}

void PairPlot::paintNotes(QPainter& painter, const QRectF& plot) const
{
    const QFont font = scaledFont(this->font(), type::caption);
    painter.setFont(font);
    QRectF line(plot.left(), plot.top() + 2, plot.width() - 4, QFontMetricsF(font).height());
    for (qsizetype i = 0; i < m_notes.size(); ++i) {
        painter.setPen(colour(m_kind == Kind::Overlaid && i == 1 ? Role::Accent : m_kind == Kind::Overlaid && i == 0 ? Role::SecondText : Role::Text, palette()));
        painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, m_notes[i]);
        line.translate(0, line.height() + 2);
    }
}

void PairPlot::mouseMoveEvent(QMouseEvent* event)
{
    if (m_kind == Kind::Scatter || !m_histograms)
        return;
    const Histogram& first = m_kind == Kind::Difference ? m_histograms->difference : m_histograms->a;
    const PlotFrame frame(*this, rect(), {first.low, first.high}, {0, 1}, QStringLiteral("x"), QStringLiteral("y"));
    const double value = frame.xAt(event->position().x());
    if (value < first.low || value > first.high || first.counts.empty()) {
        Q_EMIT readOut({});
        return;
    }
    const size_t bin = first.binWidth() > 0 ? std::min(first.counts.size() - 1, size_t((value - first.low) / first.binWidth())) : 0;
    if (m_kind == Kind::Difference)
        Q_EMIT readOut(tr("B − A %1   %2 elements").arg(numberText(value)).arg(first.counts[bin]));
    else
        Q_EMIT readOut(tr("value %1   %2 elements of A, %3 of B").arg(numberText(value)).arg(first.counts[bin]).arg(m_histograms->b.counts[bin]));
}

void PairPlot::leaveEvent(QEvent*)
{
    Q_EMIT readOut({});
}

} // namespace weighbridge
