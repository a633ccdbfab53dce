// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"
#include "ui/models/model_map.h"

#include <QTimer>
#include <QWidget>

class QStackedWidget;

namespace weighbridge {

class HistogramPlot;
class Segments;
class TextLabel;

/// The values of the selected tensor: how they are distributed, and why they count as trained or not.
class WeightsDetail : public QWidget {
    Q_OBJECT
public:
    explicit WeightsDetail(Document& document, QWidget* parent = nullptr);

    void setMap(const ModelMapPtr& map); ///< null: none
    [[nodiscard]] HistogramPlot* histogram() const { return m_histogram; }
    [[nodiscard]] Segments* views() const { return m_views; }

Q_SIGNALS:
    void readOut(const QString& text);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void layOut();
    void showSelection();
    void showHistogram(int row);
    void showOrigin(int found);

    Document& m_document;
    ModelMapPtr m_map;
    TextLabel* m_name;
    TextLabel* m_facts;
    Segments* m_views;
    Segments* m_scale;
    QStackedWidget* m_stack;
    HistogramPlot* m_histogram;
    TextLabel* m_origin;
    QTimer m_late;
};

} // namespace weighbridge
