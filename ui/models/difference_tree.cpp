// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/difference_tree.h"

#include "core/base/text.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace weighbridge {
namespace {

constexpr size_t maximumDepth = 64; ///< of modules, whatever a file says

bool isNumber(const std::string& text)
{
    return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

/// At '.' and '/'; a number belongs to what stands before it ("layer.0"). What stands behind the last number is one segment
/// ("attention.self.query.weight"), as are the last two of a longer name without one ("word_embeddings.weight") and the rest of an absurdly deep one.
std::vector<std::string> segmentsOf(const std::string& name)
{
    struct Segment {
        size_t begin;
        std::string text;
        bool isNumbered;
    };
    std::vector<Segment> found;
    for (size_t begin = 0, i = 0; i <= name.size(); ++i) {
        if (i < name.size() && ((name[i] != '.' && name[i] != '/') || found.size() + 1 >= maximumDepth))
            continue;
        std::string text = name.substr(begin, i - begin);
        if (isNumber(text) && !found.empty()) {
            found.back().text += "." + text;
            found.back().isNumbered = true;
        } else {
            found.push_back({begin, std::move(text), false});
        }
        begin = i + 1;
    }
    const auto numbered = std::find_if(found.rbegin(), found.rend(), [](const Segment& segment) { return segment.isNumbered; });
    const size_t behind = static_cast<size_t>(found.rend() - numbered);
    const size_t leaf = behind > 0 ? std::min(behind, found.size() - 1) : found.size() - std::min<size_t>(found.size() > 2 ? 2 : 1, found.size());
    std::vector<std::string> out;
    for (size_t i = 0; i < leaf; ++i)
        out.push_back(std::move(found[i].text));
    out.push_back(name.substr(found[leaf].begin));
    return out;
}

/// The names taken apart: entries in the order in which they are met.
class Trie {
public:
    struct Entry {
        std::string label;
        int pair = -1;
        std::vector<int> children;
    };

    void add(const std::string& name, int pair)
    {
        auto segments = segmentsOf(name);
        int at = 0;
        for (size_t i = 0; i + 1 < segments.size(); ++i) {
            const auto [found, isNew] = m_modules.emplace(std::to_string(at) + "." + segments[i], int(entries.size()));
            at = isNew ? append(at, segments[i], -1) : found->second;
        }
        append(at, segments.back(), pair);
    }

    std::vector<Entry> entries{1};

private:
    int append(int parent, const std::string& label, int pair)
    {
        entries[static_cast<size_t>(parent)].children.push_back(int(entries.size()));
        entries.push_back({label, pair, {}});
        return int(entries.size()) - 1;
    }

    std::unordered_map<std::string, int> m_modules;
};

double changeOf(double squaresD, double squaresA)
{
    return squaresD == 0 ? 0 : std::sqrt(squaresD / squaresA);
}

bool isPending(const TensorPair& pair)
{
    return pair.isPair() && !pair.values && pair.valuesError.empty() && !(pair.shapeDiffers && pair.axes.empty());
}

/// A pair may be more than one thing: filtering for renamed ones finds those that also changed.
uint8_t kindsOf(const TensorPair& pair, bool isFinished)
{
    const auto bit = [](PairState state) { return 1u << unsigned(state); };
    unsigned out = bit(stateOf(pair));
    out |= !isFinished && isPending(pair) ? bit(PairState::Changed) : 0;
    out |= pair.isRenamed() ? bit(PairState::Renamed) : 0;
    out |= pair.dtypeDiffers ? bit(PairState::DTypeDiffers) : 0;
    return uint8_t(out);
}

DifferenceSums::Sum sumOf(const Difference& difference, const TensorPair& pair)
{
    DifferenceSums::Sum out;
    out.state = stateOf(pair);
    out.inA = pair.a >= 0 ? 1 : 0;
    out.inB = pair.b >= 0 ? 1 : 0;
    out.pending = isPending(pair) ? 1 : 0;
    out.change = pair.values ? pair.values->relativeL2 : -1;
    if (pair.values && carriesWeights(difference.a->tensors[static_cast<size_t>(pair.a)])) {
        out.squaresA = pair.values->normA * pair.values->normA;
        out.squaresD = pair.values->normDifference * pair.values->normDifference;
    }
    return out;
}

} // namespace

const std::string& nameOf(const Difference& difference, const TensorPair& pair)
{
    return pair.a >= 0 ? difference.a->tensors[static_cast<size_t>(pair.a)].name : difference.b->tensors[static_cast<size_t>(pair.b)].name;
}

std::string leafLabel(const std::string& name)
{
    return segmentsOf(name).back();
}

DifferenceTree::DifferenceTree(const Difference& difference) : m_a(difference.a), m_b(difference.b), m_nodes(1), m_nodeOfPair(difference.pairs.size())
{
    Trie trie;
    for (size_t i = 0; i < difference.pairs.size(); ++i) {
        const TensorPair& pair = difference.pairs[i];
        m_sides.emplace_back(pair.a, pair.b);
        trie.add(weighbridge::nameOf(difference, pair), int(i));
    }
    // Level by level, so that siblings stand together; `below` are the entries that will be a node's children.
    std::vector<std::vector<int>> below{trie.entries.front().children};
    const auto append = [&](int parent, std::string label, int pair, std::vector<int> children) {
        m_nodes.push_back({parent, pair, 0, 0, std::move(label)});
        below.push_back(std::move(children));
        if (pair >= 0)
            m_nodeOfPair[static_cast<size_t>(pair)] = int(m_nodes.size()) - 1;
    };
    for (size_t node = 0; node < m_nodes.size(); ++node) {
        const std::vector<int> children = std::exchange(below[node], {});
        m_nodes[node].firstChild = int(m_nodes.size());
        const auto entry = [&](size_t child) -> Trie::Entry& { return trie.entries[static_cast<size_t>(children[child])]; };
        if (children.size() <= mostSiblings) {
            for (size_t i = 0; i < children.size(); ++i)
                append(int(node), std::move(entry(i).label), entry(i).pair, std::move(entry(i).children));
        } else {
            for (size_t begin = 0; begin < children.size(); begin += rangeLength) {
                const size_t end = std::min(children.size(), begin + rangeLength);
                append(int(node), entry(begin).label + " … " + entry(end - 1).label, -1, {children.begin() + std::ptrdiff_t(begin), children.begin() + std::ptrdiff_t(end)});
            }
        }
        m_nodes[node].children = int(m_nodes.size()) - m_nodes[node].firstChild;
    }
}

bool DifferenceTree::holds(int pair, const std::string& text) const
{
    const auto [a, b] = m_sides[static_cast<size_t>(pair)];
    const auto holds = [&text](const CheckpointPtr& checkpoint, int tensor) { return tensor >= 0 && lowered(checkpoint->tensors[static_cast<size_t>(tensor)].name).find(text) != std::string::npos; };
    return holds(m_a, a) || holds(m_b, b);
}

DifferenceSums::DifferenceSums(const DifferenceTree& tree, const Difference& difference, bool isFinished) : nodes(tree.nodes().size()), kinds(tree.pairs())
{
    for (size_t i = nodes.size(); i-- > 1;) { // children stand behind their parents
        const DifferenceTree::Node& node = tree.nodes()[i];
        if (node.pair >= 0) {
            const TensorPair& pair = difference.pairs[static_cast<size_t>(node.pair)];
            nodes[i] = sumOf(difference, pair);
            kinds[static_cast<size_t>(node.pair)] = kindsOf(pair, isFinished);
        }
        const Sum& sum = nodes[i];
        Sum& parent = nodes[static_cast<size_t>(node.parent)];
        parent.inA += sum.inA;
        parent.inB += sum.inB;
        parent.pending += sum.pending;
        parent.squaresA += sum.squaresA;
        parent.squaresD += sum.squaresD;
        if (sum.change >= 0)
            parent.change = changeOf(parent.squaresD, parent.squaresA);
        parent.state = std::min(parent.state, sum.state);
    }
}

void DifferenceSums::update(const DifferenceTree& tree, const Difference& difference, int pair)
{
    const int leaf = tree.nodeOf(pair);
    const Sum before = nodes[static_cast<size_t>(leaf)];
    const Sum now = sumOf(difference, difference.pairs[static_cast<size_t>(pair)]);
    nodes[static_cast<size_t>(leaf)] = now;
    kinds[static_cast<size_t>(pair)] = kindsOf(difference.pairs[static_cast<size_t>(pair)], false);
    for (int node = tree.nodes()[static_cast<size_t>(leaf)].parent; node > 0; node = tree.nodes()[static_cast<size_t>(node)].parent) {
        Sum& module = nodes[static_cast<size_t>(node)];
        module.squaresA += now.squaresA - before.squaresA;
        module.squaresD += now.squaresD - before.squaresD;
        module.pending -= before.pending - now.pending;
        if (now.change >= 0)
            module.change = changeOf(std::max(0.0, module.squaresD), module.squaresA);
        module.state = std::min(module.state, now.state);
    }
}

DifferenceArrangement arrangePairs(const DifferenceTree& tree, const std::vector<uint8_t>& kinds, unsigned states, const std::string& text)
{
    const auto& nodes = tree.nodes();
    DifferenceArrangement out;
    std::vector<char> isShown(nodes.size(), 0);
    for (size_t i = nodes.size(); i-- > 1;) {
        if (const int pair = nodes[i].pair; pair >= 0) {
            isShown[i] = (kinds[static_cast<size_t>(pair)] & states) != 0 && (text.empty() || tree.holds(pair, text));
            out.pairs += isShown[i];
        }
        isShown[static_cast<size_t>(nodes[i].parent)] |= isShown[i];
    }
    out.first.resize(nodes.size());
    out.count.resize(nodes.size());
    out.row.assign(nodes.size(), -1);
    for (size_t i = 0; i < nodes.size(); ++i) {
        out.first[i] = int(out.children.size());
        for (int child = nodes[i].firstChild; child < nodes[i].firstChild + nodes[i].children; ++child) {
            if (!isShown[static_cast<size_t>(child)])
                continue;
            out.row[static_cast<size_t>(child)] = out.count[i]++;
            out.children.push_back(child);
        }
    }
    return out;
}

} // namespace weighbridge
