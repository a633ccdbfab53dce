// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/statistics/origin.h"
#include "core/statistics/tensor_statistics.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/tensor_arrangement.h"
#include "ui/models/tensor_tree.h"
#include "ui/models/tree_model_base.h"

#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weighbridge {

/// Where the model looks for what is known about the values of a found tensor (index into Checkpoint::tensors); GUI thread.
struct ValueSource {
    std::function<const TensorStatistics*(int found)> statistics; ///< null while not known
    std::function<const Error*(int found)> error;                 ///< why there are none
};

/// The layer tree as a table. Give the view a plain QTreeView: filtering and sorting happen here, not in a proxy, so a million
/// tensors cost one pass. Of a large tree that pass runs on a pool thread; what was there before stays until arranged() says that the new
/// rows are there, and a newer wish supersedes an older one. Small trees, and whatever needs no pass, are arranged at once.
/// A new filter or order emits layoutChanged (persistent indexes of hidden rows become invalid), a new tree resets. All methods: GUI thread.
class TensorTreeModel : public TreeModelBase {
    Q_OBJECT

public:
    enum Column { TensorColumn, StatusColumn, ExpectedColumn, FoundColumn, DTypeColumn, ParametersColumn, SizeColumn, ValuesColumn, ColumnCount };

    /// Besides DisplayRole, ToolTipRole (full names, exact bytes), TextAlignmentRole (also of the header) and AccessibleTextRole:
    enum Role {
        KindRole = Qt::UserRole,  ///< int, TensorNode::Kind
        GlyphRole,                ///< QString, "status-missing": Status always; Found of a renamed tensor; dtype if it differs;
                                  ///< Values instead of a histogram (never trained, NaN, error); empty: none
        StateRole,                ///< int, RowState of the tensor, or the worst below a group
        IsGroupRole,              ///< bool: Model, Module or Fold (bold sums; coloured state)
        MutedFromRole,            ///< int: from this character of DisplayRole on, second text colour (".weight", "3 alike"); -1: none
        StatusPartsRole,          ///< QList<StatusPart>: what the Status column shows, glyph by glyph
        DifferingDimensionsRole,  ///< QList<int>: dimensions of Expected or Found that differ from the other side; bold
        StatisticsRole,           ///< quintptr of const TensorStatistics*, valid until the document changes; 0: not known (yet)
        ValuesPendingRole,        ///< bool: statistics can come but have not: draw the grey bar
        TensorIdRole,             ///< QPoint(int(TensorId::Side), index); see idOf()
        FoundIndexRole,           ///< int: index into Checkpoint::tensors; -1: none (groups, missing)
        FullNameRole,             ///< QString, made safe to show
        PlainTextRole,            ///< QString for Copy: digits without grouping, bytes as a number
        OpensByDefaultRole,       ///< bool: the view should expand it at first
    };

    explicit TensorTreeModel(QObject* parent = nullptr);

    /// Trees up to so many nodes are arranged at once.
    static constexpr size_t arrangedAtOnce = 5'000;

    /// Shows another tree (null: none). The filter and the sorting stay. The origin, where it is known, is what origin: asks for.
    void setTree(std::shared_ptr<const TensorTree> tree, std::shared_ptr<const ModelOrigin> origin = nullptr);
    [[nodiscard]] const TensorTree* tree() const { return m_tree.get(); } ///< that is shown
    [[nodiscard]] const std::shared_ptr<const TensorTree>& sharedTree() const { return m_tree; }
    void setValueSource(ValueSource source);
    /// Statistics of these found tensors have come: emits dataChanged for their rows.
    void updateValues(const QList<int>& found);

    void setFilter(const TensorFilter& filter);
    [[nodiscard]] const TensorFilter& filter() const;                 ///< of the rows that are shown
    [[nodiscard]] bool isArranging() const { return m_runner.isRunning(); }
    [[nodiscard]] qsizetype shownTensors() const;                     ///< that the filter keeps
    /// For the empty state, how many each term alone would keep: "layer: 0, 768,768: 12"; empty if there are hits or no filter.
    [[nodiscard]] QString filterSummary() const;

    /// column -1: the model's order. QHeaderView's third click: see nextSort().
    void sort(int column, Qt::SortOrder order = Qt::AscendingOrder) override;
    /// What a click on a head leads to: ascending, descending, the model's order (-1).
    [[nodiscard]] std::pair<int, Qt::SortOrder> nextSort(int clickedColumn) const;
    [[nodiscard]] int sortColumn() const { return m_sortColumn; }
    [[nodiscard]] Qt::SortOrder sortOrder() const { return m_sortOrder; }

    [[nodiscard]] TensorId idOf(const QModelIndex& index) const; ///< not valid for groups
    [[nodiscard]] QModelIndex indexOfId(TensorId id) const;      ///< invalid if the filter hides it
    [[nodiscard]] QModelIndex indexOfModule(const QString& fullName) const;
    /// The next (or previous) tensor that deviates, from an index on, around the end; in the order shown. Invalid if none does.
    [[nodiscard]] QModelIndex nextDeviation(const QModelIndex& from, bool forward = true) const;

    /// The found tensors of these rows and of the shown rows below them: indices into Checkpoint::tensors, ascending, each once;
    /// not all of them if there are `enough`.
    [[nodiscard]] std::vector<size_t> foundBelow(const QModelIndexList& indexes, size_t enough = SIZE_MAX) const;

    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void arranged(); ///< the rows are those of the newest tree, filter and order

protected:
    [[nodiscard]] int childCountOf(int node) const override;
    [[nodiscard]] int childOf(int node, int row) const override;
    [[nodiscard]] int parentOf(int node) const override;
    [[nodiscard]] int rowOf(int node) const override;

private:
    void rearrange();
    void take(std::shared_ptr<const TensorTree> tree, TensorArrangementPtr arrangement);
    [[nodiscard]] ArrangementRequest request() const;
    [[nodiscard]] bool holdsDeviation(int node) const;
    [[nodiscard]] int following(int node) const;
    [[nodiscard]] int preceding(int node) const;
    [[nodiscard]] QVariant nodeRole(int node, int role) const;
    [[nodiscard]] QString glyphOf(int node, int column) const;
    [[nodiscard]] QString toolTip(int node, int column) const;
    [[nodiscard]] QString accessibleText(int node, int column) const;
    [[nodiscard]] const TensorStatistics* statisticsOf(int node) const;
    [[nodiscard]] bool valuesArePending(int node) const;

    std::shared_ptr<const TensorTree> m_tree, m_wantedTree; ///< shown, and asked for
    std::shared_ptr<const ModelOrigin> m_origin;
    TensorArrangementPtr m_arrangement; ///< null: the tree's own order, everything shown
    JobRunner m_runner;
    ValueSource m_values;
    TensorFilter m_wantedFilter;
    std::unordered_map<int, double> m_deviations; ///< std by found tensor, as far as they have come
    int m_sortColumn = -1;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace weighbridge
