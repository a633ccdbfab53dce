// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/tensor_tree.h"

#include "core/base/text.h"
#include "core/report/layer_folds.h"
#include "ui/models/name_trie.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace weighbridge {
namespace {

/// Trees up to this many tensors open whole; no more than maximumOpened nodes are opened in greater ones.
constexpr size_t smallTree = 40;
constexpr int maximumOpened = 200;

std::string modelLabel(const TensorRows& rows)
{
    const ExpectedModel& expected = *rows.expectedModel();
    return expected.className.empty() ? std::filesystem::path(expected.sourcePath).filename().string() : expected.className;
}

} // namespace

/// Turns a NameTrie into the nodes of a TensorTree, breadth first: so the children of a node follow one another.
class TensorTreeBuilder {
public:
    explicit TensorTreeBuilder(TensorTree& tree) : m_tree(tree), m_rows(*tree.m_rows), m_trie(m_rows) {}

    void build()
    {
        TensorNode invisible;
        invisible.kind = TensorNode::Kind::Root;
        m_tree.m_nodes.push_back(invisible);
        m_sources.emplace_back();
        for (int node = 0; node < int(m_tree.m_nodes.size()); ++node)
            addChildren(node);
        sumUp();
        chooseOpen();
    }

private:
    /// What the children of a node come from: an entry of the trie, the members of a fold, or nodes that were made already.
    struct Made;
    struct Source {
        int entry = -1;
        std::vector<int> members;
        std::vector<Made> made;
    };
    struct Made {
        TensorNode node;
        Source source;
    };

    void addChildren(int node)
    {
        const int first = int(m_tree.m_nodes.size());
        Source source = std::move(m_sources[static_cast<size_t>(node)]);
        if (node == TensorTree::root)
            addRoots();
        for (const int member : source.members)
            append(node, TensorNode::Kind::Module, member, m_tree.node(node).labelBegin);
        if (source.entry >= 0)
            addBelow(node, source.entry);
        for (auto& [child, its] : source.made) {
            m_tree.m_nodes.push_back(child);
            m_tree.m_nodes.back().parent = node;
            m_sources.push_back(std::move(its));
        }
        if (source.made.empty() && m_tree.m_nodes.size() - static_cast<size_t>(first) > TensorTree::mostSiblings)
            cutIntoRanges(node, static_cast<size_t>(first));
        m_tree.m_nodes[static_cast<size_t>(node)].firstChild = first;
        m_tree.m_nodes[static_cast<size_t>(node)].children = int(m_tree.m_nodes.size()) - first;
    }

    /// Puts the nodes from `first` on below new ones.
    void cutIntoRanges(int node, size_t first)
    {
        const std::vector<TensorNode> children(m_tree.m_nodes.begin() + std::ptrdiff_t(first), m_tree.m_nodes.end());
        std::vector<Source> sources(std::make_move_iterator(m_sources.begin() + std::ptrdiff_t(first)), std::make_move_iterator(m_sources.end()));
        m_tree.m_nodes.resize(first);
        m_sources.resize(first);
        for (size_t begin = 0; begin < children.size(); begin += TensorTree::rangeLength) {
            const size_t end = std::min(begin + TensorTree::rangeLength, children.size());
            TensorNode range = children[begin];
            range.kind = TensorNode::Kind::Range;
            range.parent = node;
            range.text = int(m_tree.m_texts.size());
            m_tree.m_texts.push_back(fmt::format("{} … {}", m_tree.label(children[begin]), m_tree.label(children[end - 1])));
            m_tree.m_notes.emplace_back();
            m_tree.m_nodes.push_back(range);
            m_sources.emplace_back();
            for (size_t i = begin; i < end; ++i)
                m_sources.back().made.push_back({children[i], std::move(sources[i])});
        }
    }

    void addRoots()
    {
        const size_t count = m_rows.rows().size();
        if (!m_rows.hasExpectation()) {
            addBelow(TensorTree::root, m_trie.addRoot(0, count));
            return;
        }
        addModel(modelLabel(m_rows), 0, m_rows.expectedCount());
        if (m_rows.expectedCount() < count)
            addModel("In the file only", m_rows.expectedCount(), count);
    }

    void addModel(std::string label, size_t first, size_t last)
    {
        append(TensorTree::root, TensorNode::Kind::Model, m_trie.addRoot(first, last), 0);
        setText(std::move(label), {});
    }

    void addBelow(int node, int entry)
    {
        std::vector<int> numbered = numberedModules(entry);
        if (numbered.size() < 2)
            numbered.clear();
        bool layersAreAdded = false;
        for (int child = m_trie[entry].firstChild; child >= 0; child = m_trie[child].nextSibling) {
            const bool isLayer = !numbered.empty() && !m_trie[child].isTensor && layerNumber(m_trie.segment(child));
            if (!isLayer)
                addEntry(node, child, m_trie[child].begin, true);
            else if (!std::exchange(layersAreAdded, true))
                addLayers(node, numbered, m_trie[child].begin);
        }
    }

    /// A tensor, or a module with what can be joined to it. A list of layers is not a line of its own: its layers take its place.
    void addEntry(int node, int entry, uint32_t labelBegin, bool mayBeList)
    {
        if (mayBeList && isList(entry)) {
            addLayers(node, numberedModules(entry), labelBegin);
            return;
        }
        while (m_trie[entry].children == 1 && !isList(m_trie[entry].firstChild))
            entry = m_trie[entry].firstChild;
        const NameTrie::Entry& last = m_trie[entry];
        if (last.isTensor) {
            append(node, TensorNode::Kind::Tensor, entry, labelBegin);
        } else if (!last.hasModules && last.children <= 2) {
            for (int child = last.firstChild; child >= 0; child = m_trie[child].nextSibling)
                append(node, TensorNode::Kind::Tensor, child, labelBegin);
        } else {
            append(node, TensorNode::Kind::Module, entry, labelBegin);
        }
    }

    void addLayers(int node, const std::vector<int>& entries, uint32_t labelBegin)
    {
        std::vector<NumberedLayer> layers;
        for (const int entry : entries)
            layers.push_back({*layerNumber(m_trie.segment(entry)), m_trie[entry].signature, m_trie[entry].deviates});
        for (const LayerGroup& group : foldLayers(layers)) {
            const int first = entries[static_cast<size_t>(group.members[0])];
            if (group.members.size() == 1) {
                addEntry(node, first, labelBegin, false);
                continue;
            }
            append(node, TensorNode::Kind::Fold, first, labelBegin);
            const std::string_view name = m_rows.rows()[static_cast<size_t>(m_trie[first].tensorRow)].name;
            setText(fmt::format("{}{{{}}}", name.substr(labelBegin, m_trie[first].begin - labelBegin), group.numbers), group.note);
            m_sources.back().entry = -1;
            for (const int member : group.members)
                m_sources.back().members.push_back(entries[static_cast<size_t>(member)]);
        }
    }

    /// The modules directly below that are numbers, by rising number.
    [[nodiscard]] std::vector<int> numberedModules(int entry) const
    {
        std::vector<std::pair<int64_t, int>> numbered;
        for (int child = m_trie[entry].firstChild; child >= 0; child = m_trie[child].nextSibling)
            if (const auto number = m_trie[child].isTensor ? std::nullopt : layerNumber(m_trie.segment(child)))
                numbered.emplace_back(*number, child);
        std::sort(numbered.begin(), numbered.end());
        std::vector<int> out;
        for (const auto& [number, child] : numbered)
            out.push_back(child);
        return out;
    }

    /// Whether it holds several numbered modules and nothing else ("layer" in encoder.layer.0).
    [[nodiscard]] bool isList(int entry) const
    {
        if (m_trie[entry].children < 2)
            return false;
        for (int child = m_trie[entry].firstChild; child >= 0; child = m_trie[child].nextSibling)
            if (m_trie[child].isTensor || !layerNumber(m_trie.segment(child)))
                return false;
        return true;
    }

    void append(int parent, TensorNode::Kind kind, int entry, uint32_t labelBegin)
    {
        TensorNode node;
        node.kind = kind;
        node.parent = parent;
        node.tensorRow = m_trie[entry].tensorRow;
        node.labelBegin = labelBegin;
        node.labelEnd = m_trie[entry].end;
        m_tree.m_nodes.push_back(node);
        m_sources.push_back({kind == TensorNode::Kind::Tensor ? -1 : entry, {}, {}});
    }

    /// Gives the node that was appended last a label that is not part of a name.
    void setText(std::string label, std::string note)
    {
        m_tree.m_nodes.back().text = int(m_tree.m_texts.size());
        m_tree.m_texts.push_back(std::move(label));
        m_tree.m_notes.push_back(std::move(note));
    }

    /// From the leaves up: a node's parent has a smaller index.
    void sumUp()
    {
        m_tree.m_nodeOfRow.assign(m_rows.rows().size(), TensorTree::root);
        for (int i = int(m_tree.m_nodes.size()) - 1; i > 0; --i) {
            TensorNode& node = m_tree.m_nodes[static_cast<size_t>(i)];
            if (node.kind == TensorNode::Kind::Tensor) {
                const TensorRow& row = m_rows.rows()[static_cast<size_t>(node.tensorRow)];
                m_tree.m_nodeOfRow[static_cast<size_t>(node.tensorRow)] = i;
                node.worst = row.state;
                node.tensors = node.worstTensors = 1;
                node.deviating = deviates(row.state) ? 1 : 0;
                node.parameters = row.tiedTo < 0 ? row.elements : 0;
                node.nbytes = row.tiedTo < 0 ? row.nbytes : 0;
            }
            addTo(m_tree.m_nodes[static_cast<size_t>(node.parent)], node);
        }
    }

    /// The two worst states of a sum are among the two worst of each of its parts, so no more are kept.
    static void count(TensorNode& sum, RowState state, uint32_t tensors)
    {
        if (tensors == 0)
            return;
        if (sum.worstTensors == 0 || state > sum.worst) {
            sum.second = std::exchange(sum.worst, state);
            sum.secondTensors = std::exchange(sum.worstTensors, tensors);
        } else if (state == sum.worst) {
            sum.worstTensors += tensors;
        } else if (sum.secondTensors == 0 || state > sum.second) {
            sum.second = state;
            sum.secondTensors = tensors;
        } else if (state == sum.second) {
            sum.secondTensors += tensors;
        }
    }

    static void addTo(TensorNode& sum, const TensorNode& node)
    {
        count(sum, node.worst, node.worstTensors);
        count(sum, node.second, node.secondTensors);
        sum.tensors += node.tensors;
        sum.deviating += node.deviating;
        sum.parameters += node.parameters;
        sum.nbytes += node.nbytes;
    }

    /// A parent is settled before its children. Where everything deviates alike there is nothing to find by opening it.
    void chooseOpen()
    {
        const bool isSmall = m_rows.rows().size() <= smallTree;
        int opened = 0;
        m_tree.m_nodes[0].opensByDefault = true;
        for (size_t i = 1; i < m_tree.m_nodes.size() && opened < maximumOpened; ++i) {
            TensorNode& node = m_tree.m_nodes[i];
            const bool leadsToDeviation = node.deviating > 0 && node.deviating < node.tensors && node.kind != TensorNode::Kind::Fold;
            const bool isTheModel = i == 1 && (node.kind == TensorNode::Kind::Model || m_tree.m_nodes[0].children == 1);
            node.opensByDefault = node.children > 0 && m_tree.m_nodes[static_cast<size_t>(node.parent)].opensByDefault
                && (isSmall || leadsToDeviation || isTheModel);
            opened += node.opensByDefault ? 1 : 0;
        }
    }

    TensorTree& m_tree;
    const TensorRows& m_rows;
    NameTrie m_trie;
    std::vector<Source> m_sources; ///< per node
};

TensorTree::TensorTree(TensorRowsPtr rows) : m_rows(std::move(rows))
{
    TensorTreeBuilder(*this).build();
}

std::string_view TensorTree::label(const TensorNode& n) const
{
    if (n.text >= 0)
        return m_texts[static_cast<size_t>(n.text)];
    return n.tensorRow < 0 ? std::string_view() : nameAt(n).substr(n.labelBegin, n.labelEnd - n.labelBegin);
}

std::string_view TensorTree::note(int node) const
{
    const TensorNode& n = this->node(node);
    return n.text >= 0 ? std::string_view(m_notes[static_cast<size_t>(n.text)]) : std::string_view();
}

std::string TensorTree::fullName(int node) const
{
    const TensorNode& n = this->node(node);
    if (n.kind == TensorNode::Kind::Root || n.kind == TensorNode::Kind::Model)
        return std::string(label(node));
    if (n.kind == TensorNode::Kind::Fold || n.kind == TensorNode::Kind::Range)
        return std::string(nameAt(n).substr(0, n.labelBegin)) + std::string(label(node));
    return std::string(nameAt(n).substr(0, n.labelEnd));
}

const TensorRow* TensorTree::tensor(int node) const
{
    const TensorNode& n = this->node(node);
    return n.kind == TensorNode::Kind::Tensor ? &m_rows->rows()[static_cast<size_t>(n.tensorRow)] : nullptr;
}

int TensorTree::nodeOfModule(std::string_view fullName) const
{
    for (int i = 1; i < int(m_nodes.size()); ++i) {
        const TensorNode& n = node(i);
        if (n.kind == TensorNode::Kind::Module ? nameAt(n).substr(0, n.labelEnd) == fullName
                                               : n.kind != TensorNode::Kind::Tensor && this->fullName(i) == fullName)
            return i;
    }
    return -1;
}

std::string_view TensorTree::nameAt(const TensorNode& node) const
{
    return m_rows->rows()[static_cast<size_t>(node.tensorRow)].name;
}

} // namespace weighbridge
