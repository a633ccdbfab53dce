// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/comparison/difference.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What the Compare page's tree is made of. Qt-free; all of it can be built on any thread, in about a microsecond per pair.
namespace weighbridge {

/// Modules by A's names, pairs as leaves, in the difference's order. Immutable: it knows names, not values. A node's children follow one another
/// behind it; more than mostSiblings of them are cut into ranges, because a view lays out all siblings at once.
class DifferenceTree {
public:
    static constexpr size_t mostSiblings = 4'000;
    static constexpr size_t rangeLength = 1'000;

    struct Node {
        int parent = 0;
        int pair = -1;               ///< of a leaf: index into Difference::pairs
        int firstChild = 0;
        int children = 0;
        std::string label;           ///< segments of the name; a range: "layer.0 … layer.999"
    };

    explicit DifferenceTree(const Difference& difference);

    [[nodiscard]] const std::vector<Node>& nodes() const { return m_nodes; } ///< the first is the invisible root
    [[nodiscard]] int nodeOf(int pair) const { return m_nodeOfPair[static_cast<size_t>(pair)]; }
    [[nodiscard]] size_t pairs() const { return m_nodeOfPair.size(); }
    /// Whether A's or B's name of a pair holds `text`, which is in lower case.
    [[nodiscard]] bool holds(int pair, const std::string& text) const;

private:
    CheckpointPtr m_a, m_b;
    std::vector<std::pair<int, int>> m_sides; ///< of a pair: indices into the tensors of a and b
    std::vector<Node> m_nodes;
    std::vector<int> m_nodeOfPair;
};

/// What is known of the pairs, per node of a DifferenceTree: of a leaf its own, of a module what is below it.
struct DifferenceSums {
    struct Sum {
        size_t inA = 0, inB = 0;     ///< tensors
        size_t pending = 0;          ///< pairs whose values are still to come
        double squaresA = 0, squaresD = 0;
        double change = -1;          ///< |B - A| / |A|; negative if there is none
        PairState state = PairState::Same; ///< the gravest
    };

    DifferenceSums() = default;
    /// isFinished: no more values will come.
    DifferenceSums(const DifferenceTree& tree, const Difference& difference, bool isFinished);
    /// Takes what has come for one pair.
    void update(const DifferenceTree& tree, const Difference& difference, int pair);

    std::vector<Sum> nodes;
    std::vector<uint8_t> kinds;      ///< per pair: a bit for each PairState that it counts as; one whose values are still to come may differ
};

/// Which children of each node are shown. Immutable.
struct DifferenceArrangement {
    std::vector<int> children;       ///< those of a node follow one another
    std::vector<int> first;          ///< per node, into `children`
    std::vector<int> count;          ///< per node
    std::vector<int> row;            ///< per node; -1: hidden
    int pairs = 0;
};

/// `states`: a bit for each PairState that is shown. `text` (in lower case): part of a name; empty: all. A module without a child that is shown is
/// hidden too.
[[nodiscard]] DifferenceArrangement arrangePairs(const DifferenceTree& tree, const std::vector<uint8_t>& kinds, unsigned states, const std::string& text);

[[nodiscard]] const std::string& nameOf(const Difference& difference, const TensorPair& pair); ///< A's, else B's
/// What a leaf of this name is called in the tree: "attention.self.query.weight".
[[nodiscard]] std::string leafLabel(const std::string& name);

} // namespace weighbridge
