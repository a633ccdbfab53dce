// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"

#include <QWidget>

class QSplitter;
class QTableView;

namespace weighbridge {

class HistogramPlot;
class Segments;
class StatisticsTable;
class TextLabel;

/// The numbers of all tensors, and the histogram of the selected one.
class WeightsPage : public QWidget {
    Q_OBJECT
public:
    explicit WeightsPage(Document& document, QWidget* parent = nullptr);
    [[nodiscard]] HistogramPlot* plot() const { return m_plot; }
    [[nodiscard]] QTableView* table() const { return m_view; }

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void showSelection();
    void setColumnWidths();
    void takeCurrent(const QModelIndex& current);

    Document& m_document;
    StatisticsTable* m_table;
    QTableView* m_view;
    TextLabel* m_count;
    TextLabel* m_name;
    TextLabel* m_facts;
    HistogramPlot* m_plot;
    Segments* m_scale;
    QSplitter* m_columns;
    bool m_following = false;
    bool m_laidOut = false;
};

} // namespace weighbridge
