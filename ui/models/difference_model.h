// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/jobs/job_runner.h"
#include "ui/models/difference_tree.h"
#include "ui/models/tree_model_base.h"

#include <memory>
#include <vector>

namespace weighbridge {

/// The rows of a comparison: the tree of names, and what is known so far. Built on any thread; then the model's, on the GUI thread.
struct DifferenceRows {
    explicit DifferenceRows(const Difference& difference);
    /// The same pairs, when all values that will come have come.
    DifferenceRows(std::shared_ptr<const DifferenceTree> sameTree, const Difference& difference);

    std::shared_ptr<const DifferenceTree> tree;
    DifferenceSums sums;
};

/// A and B in one tree, aligned: modules by A's names, tensors with both shapes, dtype, change and cosine. Filtered here, not in the view.
/// While values come, rows change but none appears or goes: a pair that is not compared yet counts as one that may differ.
/// More than arrangedAtOnce pairs are arranged on the pool; until that is done the rows stay as they are.
class DifferenceModel : public TreeModelBase {
    Q_OBJECT
public:
    static constexpr size_t arrangedAtOnce = 5'000;

    enum Column { SignColumn, TensorColumn, AColumn, BColumn, DTypeColumn, ChangeColumn, BarColumn, CosineColumn, ColumnCount };
    enum Role {
        StateRole = Qt::UserRole + 1, ///< int of a PairState: the gravest below it
        ChangeRole,                   ///< double, |B - A| / |A|; invalid if there is none
        IsModuleRole,
        IsRenamedRole,                ///< bool: the text in TensorColumn has both names
        IsPendingRole,                ///< bool: nothing differs as far as it is known, and values are still to come
    };

    explicit DifferenceModel(QObject* parent = nullptr);

    void setDifference(std::shared_ptr<const Difference> difference, std::shared_ptr<DifferenceRows> rows);
    /// Values of these pairs of the difference have come.
    void updatePairs(const std::vector<int>& pairs);
    /// The same pairs, with all values that will come. Rows that the filter leaves out go now; what is open and selected stays so.
    void finish(std::shared_ptr<const Difference> difference, std::shared_ptr<DifferenceRows> rows);
    /// `states`: a bit for each PairState that is shown; all others are left out, and modules without a child with them.
    void setFilter(unsigned states, const QString& text);
    static constexpr unsigned allStates = 0x7f;
    static constexpr unsigned differences = allStates & ~(1u << unsigned(PairState::Same));

    [[nodiscard]] int pairOf(const QModelIndex& index) const;  ///< index into Difference::pairs; -1 for a module
    [[nodiscard]] QModelIndex indexOfPair(int pair) const;     ///< in TensorColumn; invalid if it is filtered out
    [[nodiscard]] int shownPairs() const { return m_arrangement->pairs; }

    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void arranged(bool isNew); ///< other rows are shown; isNew: of another difference or another filter

protected:
    [[nodiscard]] int childCountOf(int node) const override { return m_arrangement->count[size_t(node)]; }
    [[nodiscard]] int childOf(int node, int row) const override { return m_arrangement->children[size_t(m_arrangement->first[size_t(node)] + row)]; }
    [[nodiscard]] int parentOf(int node) const override { return nodeAt(node).parent; }
    [[nodiscard]] int rowOf(int node) const override { return m_arrangement->row[size_t(node)]; }

private:
    using ArrangementPtr = std::shared_ptr<const DifferenceArrangement>;

    void rearrange(bool isNew);
    void take(ArrangementPtr arrangement);
    [[nodiscard]] const DifferenceTree::Node& nodeAt(int node) const { return m_rows->tree->nodes()[size_t(node)]; }
    [[nodiscard]] const DifferenceSums::Sum& sumAt(int node) const { return m_rows->sums.nodes[size_t(node)]; }
    [[nodiscard]] QString textOf(int node, int column) const;
    [[nodiscard]] bool showsRename(int node) const;
    [[nodiscard]] QString labelOf(int node) const;

    std::shared_ptr<const Difference> m_difference;
    std::shared_ptr<DifferenceRows> m_rows; ///< never null
    ArrangementPtr m_arrangement;           ///< never null
    unsigned m_states = allStates;
    std::string m_text;
    bool m_isNew = false;                   ///< the arrangement that comes next is of another difference or filter
    JobRunner m_runner;
};

/// 4.95 %, 0 % only if exact; below 0.01 % with an exponent.
[[nodiscard]] QString changeText(double change);

} // namespace weighbridge
