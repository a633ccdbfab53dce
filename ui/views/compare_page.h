// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/comparison_document.h"
#include "ui/models/difference_model.h"

#include <QWidget>

class QAction;
class QSettings;
class QSplitter;
class QStackedWidget;
class QTreeView;

namespace weighbridge {

class ChangeMap;
class ChangeOverDepth;
class CompareSummary;
class EmptyState;
class LoadStrip;
class PairPlot;
class Segments;
class TextLabel;

/// A against B: kinds of differences, both in one tree, and the plots of the selected pair. One selection for tree, map and plots.
class ComparePage : public QWidget {
    Q_OBJECT
public:
    /// `compareWith` asks for B.
    explicit ComparePage(QAction* compareWith, QWidget* parent = nullptr);

    [[nodiscard]] ComparisonDocument& document() { return m_document; }
    [[nodiscard]] const ComparisonDocument& document() const { return m_document; }
    [[nodiscard]] DifferenceModel* model() const { return m_model; }
    [[nodiscard]] QTreeView* tree() const { return m_tree; }
    [[nodiscard]] CompareSummary* summary() const { return m_summary; }
    [[nodiscard]] EmptyState* emptyState() const { return m_empty; }
    [[nodiscard]] ChangeMap* map() const { return m_map; }
    [[nodiscard]] LoadStrip* strip() const { return m_strip; }
    [[nodiscard]] QWidget* mainPanel() const;     ///< the tree; without a comparison the page itself
    [[nodiscard]] QList<QWidget*> panels() const; ///< in the order in which F6 goes through them
    [[nodiscard]] bool showsOnlyDifferences() const { return m_onlyDifferences; }
    void setOnlyDifferences(bool on);
    void setFilterText(const QString& text);
    /// The next or previous pair that differs.
    void goToDeviation(bool forward);

    void resetLayout();
    void saveLayout(QSettings& settings) const;
    void restoreLayout(const QSettings& settings);

Q_SIGNALS:
    void readOut(const QString& text);
    void onlyDifferencesChanged(bool on);

protected:
    void showEvent(QShowEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeCentre();
    QWidget* makeInspector();
    void showState();
    void showStructure();
    void showPairs(const std::vector<int>& pairs);
    void showValues();
    void showArranged(bool isNew);
    void openOutermost();
    void showOverview(const ComparisonOverview& overview);
    void showStrip(std::shared_ptr<const Strip> strip);
    void showCount();
    void showSelection();
    void showPlots();
    void applyFilter();
    [[nodiscard]] bool isFiltered() const;
    void selectFirstOf(unsigned states);
    [[nodiscard]] QString describe(int pair) const;
    [[nodiscard]] QStringList factsOf(const TensorPair& pair) const;

    ComparisonDocument m_document;
    DifferenceModel* m_model;
    QTreeView* m_tree;
    CompareSummary* m_summary;
    EmptyState* m_empty;
    LoadStrip* m_strip;
    TextLabel* m_count;
    Segments* m_filter;
    TextLabel* m_name;
    TextLabel* m_facts;
    Segments* m_choice;
    QStackedWidget* m_plots;
    PairPlot* m_overlaid;
    PairPlot* m_scatter;
    ChangeMap* m_map;
    PairPlot* m_difference;
    ChangeOverDepth* m_depth;
    QSplitter* m_columns;
    QWidget* m_content;
    QStackedWidget* m_stack;
    bool m_onlyDifferences = false;
    bool m_laidOut = false;
    bool m_following = false;
    bool m_wasFiltered = false;
    unsigned m_states = DifferenceModel::allStates;
    QString m_text;
    std::vector<int> m_openBefore; ///< nodes that were open before a filter hid rows
};

} // namespace weighbridge
