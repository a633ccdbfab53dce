// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"
#include "core/report/model_map.h"

#include <QHash>
#include <QTimer>
#include <QWidget>

class QStackedWidget;
class QTableView;

namespace weighbridge {

class HeatMapPlot;
class HistogramPlot;
class QuantilesPlot;
class Segments;
class SpectrumPlot;
class TextLabel;
class ValueTable;

/// The values of the selected tensor: how they are distributed, their singular values, the values themselves, and why they count as trained
/// or not. What the statistics do not hold is computed when it is looked at, each by a job that another selection supersedes.
class WeightsDetail : public QWidget {
    Q_OBJECT
public:
    enum ViewIndex { HistogramView, QuantilesView, HeatMapView, ValuesView };

    explicit WeightsDetail(Document& document, QWidget* parent = nullptr);

    void setMap(const ModelMapPtr& map); ///< null: none
    void showView(ViewIndex view);
    [[nodiscard]] HistogramPlot* histogram() const { return m_histogram; }
    [[nodiscard]] QuantilesPlot* quantiles() const { return m_quantiles; }
    [[nodiscard]] HeatMapPlot* heatMap() const { return m_heatMap; }
    [[nodiscard]] SpectrumPlot* spectrum() const { return m_spectrum; }
    [[nodiscard]] QTableView* values() const { return m_valueView; }

Q_SIGNALS:
    void readOut(const QString& text);

protected:
    void showEvent(QShowEvent* event) override;

private:
    /// What the parts are shown of.
    struct Subject {
        CheckpointPtr checkpoint;
        int found = -1;
        bool operator==(const Subject&) const = default;
        [[nodiscard]] const TensorInfo& tensor() const { return checkpoint->tensors[size_t(found)]; }
    };

    void layOut();
    void connectAll();
    void setSubject(const Subject& subject);
    void showSelection();
    void showFacts(const TensorRow& row);
    void showHistogram(const TensorRow& row);
    [[nodiscard]] static QString originText(const Origin& origin);
    void showOrigin();
    void showExtras();
    void startQuantiles();
    void startHeatMap();
    void readBlock(quint64 firstRow, quint64 firstColumn, qsizetype rows, qsizetype columns);
    void startSpectrum();
    void showSpectrum();
    void showValues();
    [[nodiscard]] bool isNeverTrained() const { return m_state == RowState::NeverTrained; }
    [[nodiscard]] std::vector<int> siblings() const; ///< indices into Checkpoint::tensors
    [[nodiscard]] QString layerLabel() const;
    [[nodiscard]] std::optional<DistributionFit> fit() const;

    Document& m_document;
    ModelMapPtr m_map;
    Subject m_subject;
    TensorId m_selected;
    RowState m_state = RowState::Present;
    TextLabel* m_name;
    TextLabel* m_facts;
    Segments* m_views;
    Segments* m_scale;
    QStackedWidget* m_stack;
    HistogramPlot* m_histogram;
    QuantilesPlot* m_quantiles;
    HeatMapPlot* m_heatMap;
    ValueTable* m_values;
    QWidget* m_valuePage;
    QTableView* m_valueView;
    TextLabel* m_valueNote;
    QWidget* m_spectrumBlock;
    SpectrumPlot* m_spectrum;
    TextLabel* m_origin;
    QTimer m_late;               ///< statistics come in bursts
    JobRunner m_quantileJob, m_heatMapJob, m_blockJob, m_spectrumJob;
    Subject m_quantilesOf, m_heatMapOf;
    QHash<int, std::shared_ptr<const Spectrum>> m_spectra; ///< of the checkpoint's tensors; null: there is none
};

} // namespace weighbridge
