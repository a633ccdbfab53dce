// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/pair_sample.h"

#include <QWidget>

#include <optional>

namespace weighbridge {

/// One view of two tensors of the same shape: their histograms over each other, the histogram of B - A, or A's values against B's.
class PairPlot : public QWidget {
    Q_OBJECT
public:
    enum class Kind { Overlaid, Difference, Scatter };

    explicit PairPlot(Kind kind, QWidget* parent = nullptr);

    void setHistograms(const PairHistograms& histograms);
    void setDensity(const PairDensity& density);
    /// The plot's own words at its right upper corner: "A std 0.0761".
    void setNotes(const QStringList& notes);
    /// Nothing to show, and why.
    void clear(const QString& why);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void readOut(const QString& text); ///< what is under the pointer; empty when it leaves

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    void paintHistograms(QPainter& painter) const;
    void paintScatter(QPainter& painter) const;
    void paintNotes(QPainter& painter, const QRectF& plot) const;

    Kind m_kind;
    std::optional<PairHistograms> m_histograms;
    std::optional<PairDensity> m_density;
    QStringList m_notes;
    QString m_why;
};

} // namespace weighbridge
