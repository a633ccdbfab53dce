// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/tensor_rows.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weighbridge {

/// A line of the layer tree. Nodes are named by their index; 0 is the invisible root.
struct TensorNode {
    enum class Kind : uint8_t {
        Root,
        Model,      ///< a visible root: the class name, or "In the file only"
        Module,     ///< one or several joined segments of a name
        Fold,       ///< repeated layers that are alike; its children are those layers
        Range,      ///< neighbours among too many siblings
        Tensor,
    };
    Kind kind = Kind::Module;
    RowState worst = RowState::Present;
    RowState second = RowState::Present; ///< the worst of the states that are better than `worst`, if secondTensors > 0
    bool opensByDefault = false;   ///< the view should show its children at first: the way to what deviates, and short models
    int parent = -1;
    int firstChild = 0;            ///< its children follow one another in the model's order
    int children = 0;
    int tensorRow = -1;            ///< Tensor: index into TensorRows::rows(); else the first such row below it
    uint32_t labelBegin = 0;       ///< of the label in the name of tensorRow
    uint32_t labelEnd = 0;
    int text = -1;                 ///< Model, Fold and Range: index of the label among texts
    uint32_t tensors = 0;          ///< below it, or 1
    uint32_t worstTensors = 0;     ///< how many of them have the state `worst`
    uint32_t secondTensors = 0;    ///< ... and `second`
    uint32_t deviating = 0;        ///< how many of them deviate
    uint64_t parameters = 0;       ///< elements below it; those of a tied tensor are counted where they are stored
    uint64_t nbytes = 0;
};

/// The layer tree: modules by the segments of the names (separated by '.' or '/'), tensors as leaves, in the model's order.
/// - chains of single modules are one node ("attention.self"); a module of at most two tensors gives them to its parent ("query.weight");
/// - repeated layers alike in names, shapes, dtypes and states are one Fold ("layer.{0–2}", "layer.{0, 2, …, 30} even"); gaps are
///   never bridged, and where only some layers deviate each of those stands on its own;
/// - more than mostSiblings children of a node are cut into ranges ("layer.0 … layer.999"), because a view lays out all siblings at once;
/// - with an expectation the roots are the model and, if there are any, "In the file only"; without one the modules are the roots.
/// Immutable, Qt-free, any thread; about a microsecond per tensor.
class TensorTree {
public:
    static constexpr int root = 0;
    static constexpr size_t mostSiblings = 4'000;
    static constexpr size_t rangeLength = 1'000;

    explicit TensorTree(TensorRowsPtr rows);

    [[nodiscard]] const TensorRows& rows() const { return *m_rows; }
    [[nodiscard]] size_t size() const { return m_nodes.size(); }
    [[nodiscard]] const TensorNode& node(int node) const { return m_nodes[static_cast<size_t>(node)]; }
    /// "attention.self", "query.weight", "layer.{0–2}": as in the file, not yet made safe to show.
    [[nodiscard]] std::string_view label(int node) const { return label(this->node(node)); }
    /// What follows the label in the second text colour: "3 alike", "even"; empty for most.
    [[nodiscard]] std::string_view note(int node) const;
    /// The whole name: of the tensor, or of the module ("encoder.layer.3"); folds: "encoder.layer.{0–2}",
    /// ranges: "layer.0 … layer.999".
    [[nodiscard]] std::string fullName(int node) const;
    /// The row of a Tensor node; null for every other kind.
    [[nodiscard]] const TensorRow* tensor(int node) const;
    /// The node of a row of TensorRows.
    [[nodiscard]] int nodeOfRow(int tensorRow) const { return m_nodeOfRow[static_cast<size_t>(tensorRow)]; }
    /// The module or fold with this full name; -1 if there is none.
    [[nodiscard]] int nodeOfModule(std::string_view fullName) const;

private:
    friend class TensorTreeBuilder;
    [[nodiscard]] std::string_view nameAt(const TensorNode& node) const;
    [[nodiscard]] std::string_view label(const TensorNode& node) const;

    TensorRowsPtr m_rows;
    std::vector<TensorNode> m_nodes;
    std::vector<int> m_nodeOfRow;
    std::vector<std::string> m_texts; ///< labels; the note of text i is m_notes[i]
    std::vector<std::string> m_notes;
};

} // namespace weighbridge
