// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"
#include "ui/models/map_cells.h"
#include "core/report/model_map.h"

#include <QTimer>
#include <QWidget>

class QStackedWidget;
class QTableView;

namespace weighbridge {

class DepthPlot;
class MapLegend;
class ModelMapView;
class Segments;
class StatisticsTable;
class TextLabel;

/// The whole model: the map, or the numbers of all tensors as a table, and std or mean over depth.
class WeightsOverview : public QWidget {
    Q_OBJECT
public:
    explicit WeightsOverview(Document& document, QWidget* parent = nullptr);

    [[nodiscard]] ModelMapView* map() const { return m_map; }
    [[nodiscard]] QTableView* table() const { return m_view; }
    [[nodiscard]] DepthPlot* depth() const { return m_depth; }
    [[nodiscard]] Segments* modes() const { return m_modes; }

Q_SIGNALS:
    void readOut(const QString& text);
    void mapChanged(const weighbridge::ModelMapPtr& map);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void layOut();
    void connectAll();
    void forget();
    void arrangeMap();
    void takeMap(const ModelMapPtr& map);
    void takeStatistics(const QList<int>& tensors);
    void showNumbers();
    void showDepth();
    void showCount();
    void showSelection();
    void selectRow(int row);
    void takeCurrent(const QModelIndex& current);
    void setMode(int index);
    void setColumnWidths();
    [[nodiscard]] static int widthOf(int column);
    void fitColumns();
    void requestVisible();
    [[nodiscard]] CellFacts factsOf(int row) const;

    Document& m_document;
    ModelMapView* m_map;
    MapLegend* m_legend;
    StatisticsTable* m_table;
    QTableView* m_view;
    QStackedWidget* m_stack;
    QWidget* m_mapPage;
    Segments* m_modes;
    TextLabel* m_count;
    QWidget* m_depthBlock;
    TextLabel* m_depthTitle;
    Segments* m_quantity;
    DepthPlot* m_depth;
    JobRunner m_runner;
    TensorRowsPtr m_mapped;              ///< rows that the map was or is being made of
    std::array<std::vector<double>, 2> m_values; ///< of the tensors that are known: std, kurtosis
    QTimer m_numbers;                    ///< statistics come in bursts
    bool m_following = false;
};

} // namespace weighbridge
