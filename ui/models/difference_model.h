// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"
#include "ui/models/tree_model_base.h"

#include <memory>
#include <unordered_map>
#include <vector>

namespace weighbridge {

/// A and B in one tree, aligned: modules by A's names, tensors with both shapes, dtype, change and cosine. Filtered here, not in the view.
/// While values come, rows change but none appears or goes: a pair that is not compared yet counts as one that may differ.
class DifferenceModel : public TreeModelBase {
    Q_OBJECT
public:
    enum Column { SignColumn, TensorColumn, AColumn, BColumn, DTypeColumn, ChangeColumn, BarColumn, CosineColumn, ColumnCount };
    enum Role {
        StateRole = Qt::UserRole + 1, ///< int of a PairState: the gravest below it
        ChangeRole,                   ///< double, |B - A| / |A|; invalid if there is none
        IsModuleRole,
        IsRenamedRole,                ///< bool: the text in TensorColumn has both names
        IsPendingRole,                ///< bool: nothing differs as far as it is known, and values are still to come
    };

    explicit DifferenceModel(QObject* parent = nullptr);

    void setDifference(std::shared_ptr<const Difference> difference);
    /// Values of these pairs of the difference have come.
    void updatePairs(const std::vector<int>& pairs);
    /// The same pairs, with all values that will come. Rows that the filter leaves out go now; what is open and selected stays so.
    void finish(std::shared_ptr<const Difference> difference);
    /// `states`: a bit for each PairState that is shown; all others are left out, and modules without a child with them.
    void setFilter(unsigned states, const QString& text);
    static constexpr unsigned allStates = 0x7f;
    static constexpr unsigned differences = allStates & ~(1u << unsigned(PairState::Same));

    [[nodiscard]] int pairOf(const QModelIndex& index) const;  ///< index into Difference::pairs; -1 for a module
    [[nodiscard]] QModelIndex indexOfPair(int pair) const;     ///< in TensorColumn; invalid if it is filtered out
    [[nodiscard]] int shownPairs() const { return m_shownPairs; }

    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    [[nodiscard]] int childCountOf(int node) const override { return int(m_nodes[size_t(node)].shown.size()); }
    [[nodiscard]] int childOf(int node, int row) const override { return m_nodes[size_t(node)].shown[size_t(row)]; }
    [[nodiscard]] int parentOf(int node) const override { return m_nodes[size_t(node)].parent; }
    [[nodiscard]] int rowOf(int node) const override { return m_nodes[size_t(node)].row; }

private:
    struct Node {
        int parent = 0;
        int pair = -1;               ///< of a tensor
        std::string label;           ///< segment of the name
        std::vector<int> children;   ///< all of them
        std::vector<int> shown;
        int row = -1;                ///< in the parent's `shown`
        size_t inA = 0, inB = 0;     ///< tensors below
        double squaresA = 0, squaresD = 0;
        double change = -1;          ///< |B - A| / |A|; negative if there is none
        size_t pending = 0;          ///< pairs below whose values are still to come
        PairState state = PairState::Same;
    };

    void build();
    void readPair(Node& leaf) const;
    void sumUp();
    void rearrange();
    [[nodiscard]] bool isPending(const TensorPair& pair) const;
    int moduleFor(int parent, const std::string& segment, std::unordered_map<std::string, int>& modules);
    void arrange();
    [[nodiscard]] bool isShown(const TensorPair& pair) const;
    [[nodiscard]] const std::string& nameOf(const TensorPair& pair) const;
    [[nodiscard]] QString textOf(const Node& node, int column) const;
    [[nodiscard]] bool showsRename(const Node& node) const;
    [[nodiscard]] QString labelOf(const Node& node) const;

    std::shared_ptr<const Difference> m_difference;
    std::vector<Node> m_nodes{Node{}};
    std::vector<int> m_nodeOfPair;
    unsigned m_states = allStates;
    std::string m_text;
    int m_shownPairs = 0;
    bool m_isFinished = false;
};

/// 4.95 %, 0 % only if exact; below 0.01 % with an exponent.
[[nodiscard]] QString changeText(double change);

} // namespace weighbridge
