// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/difference_model.h"

#include "core/base/text.h"
#include "ui/plots/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr std::array<const char*, DifferenceModel::ColumnCount> columnTitles{
    "",
    QT_TRANSLATE_NOOP("weighbridge::DifferenceModel", "Tensor"),
    QT_TRANSLATE_NOOP("weighbridge::DifferenceModel", "A"),
    QT_TRANSLATE_NOOP("weighbridge::DifferenceModel", "B"),
    QT_TRANSLATE_NOOP("weighbridge::DifferenceModel", "dtype"),
    QT_TRANSLATE_NOOP("weighbridge::DifferenceModel", "Change"),
    QT_TRANSLATE_NOOP("weighbridge::DifferenceModel", "0.01 to 20 %"),
    QT_TRANSLATE_NOOP("weighbridge::DifferenceModel", "Cosine"),
};

constexpr size_t maximumDepth = 64; ///< of modules, whatever a file says

QString fromFile(std::string_view text)
{
    return QString::fromStdString(shown(text));
}

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

/// What two names do not have in common at their beginning, up to a separator.
std::string_view differingEnd(std::string_view name, std::string_view other)
{
    const auto same = size_t(std::mismatch(name.begin(), name.end(), other.begin(), other.end()).first - name.begin());
    const size_t separator = same == 0 ? std::string_view::npos : name.find_last_of("./", same - 1);
    return separator == std::string_view::npos ? name : name.substr(separator + 1);
}

double changeOf(double squaresD, double squaresA)
{
    return squaresD == 0 ? 0 : std::sqrt(squaresD / squaresA);
}

} // namespace

QString changeText(double change)
{
    if (change == 0)
        return QStringLiteral("0\u202f%");
    if (!std::isfinite(change))
        return QStringLiteral("–");
    return change * 100 < 0.01 ? QStringLiteral("%1\u202f%").arg(numberText(change * 100)) : QStringLiteral("%1\u202f%").arg(change * 100, 0, 'f', 2);
}

DifferenceModel::DifferenceModel(QObject* parent) : TreeModelBase(parent) {}

void DifferenceModel::setDifference(std::shared_ptr<const Difference> difference)
{
    beginResetModel();
    m_difference = std::move(difference);
    m_isFinished = m_difference && m_difference->hasValues;
    build();
    arrange();
    endResetModel();
}

void DifferenceModel::updatePairs(const std::vector<int>& pairs)
{
    std::unordered_set<int> changed; ///< nodes
    for (const int pair : pairs) {
        const int leaf = m_nodeOfPair[size_t(pair)];
        Node& node = m_nodes[size_t(leaf)];
        const Node before = node;
        readPair(node);
        for (int parent = node.parent; parent > 0; parent = m_nodes[size_t(parent)].parent) {
            Node& module = m_nodes[size_t(parent)];
            module.squaresA += node.squaresA - before.squaresA;
            module.squaresD += node.squaresD - before.squaresD;
            module.pending -= before.pending - node.pending;
            if (node.change >= 0)
                module.change = changeOf(std::max(0.0, module.squaresD), module.squaresA);
            module.state = std::min(module.state, node.state);
            changed.insert(parent);
        }
        changed.insert(leaf);
    }
    for (const int node : changed)
        if (const QModelIndex index = indexOf(node); index.isValid())
            Q_EMIT dataChanged(index, indexOf(node, ColumnCount - 1));
}

void DifferenceModel::finish(std::shared_ptr<const Difference> difference)
{
    Q_EMIT layoutAboutToBeChanged();
    m_difference = std::move(difference);
    m_isFinished = true;
    for (Node& node : m_nodes)
        if (node.pair >= 0)
            readPair(node);
    sumUp();
    rearrange();
    Q_EMIT layoutChanged();
}

/// Indices that are held keep their node; those of nodes that are not shown any more become invalid.
void DifferenceModel::rearrange()
{
    const QModelIndexList held = persistentIndexList();
    QModelIndexList now;
    arrange();
    for (const QModelIndex& index : held)
        now.append(indexOf(nodeOf(index), index.column()));
    changePersistentIndexList(held, now);
}

void DifferenceModel::setFilter(unsigned states, const QString& text)
{
    const std::string wanted = lowered(text.toStdString());
    if (states == m_states && wanted == m_text)
        return;
    beginResetModel();
    m_states = states;
    m_text = wanted;
    arrange();
    endResetModel();
}

const std::string& DifferenceModel::nameOf(const TensorPair& pair) const
{
    return pair.a >= 0 ? m_difference->a->tensors[size_t(pair.a)].name : m_difference->b->tensors[size_t(pair.b)].name;
}

int DifferenceModel::moduleFor(int parent, const std::string& segment, std::unordered_map<std::string, int>& modules)
{
    const auto [found, isNew] = modules.emplace(std::to_string(parent) + "." + segment, int(m_nodes.size()));
    if (isNew) {
        Node node;
        node.parent = parent;
        node.label = segment;
        m_nodes[size_t(parent)].children.push_back(int(m_nodes.size()));
        m_nodes.push_back(std::move(node));
    }
    return found->second;
}

void DifferenceModel::build()
{
    m_nodes.assign(1, Node{});
    m_nodeOfPair.clear();
    if (!m_difference)
        return;
    std::unordered_map<std::string, int> modules;
    for (size_t i = 0; i < m_difference->pairs.size(); ++i) {
        const TensorPair& pair = m_difference->pairs[i];
        auto segments = segmentsOf(nameOf(pair));
        int parent = 0;
        for (size_t s = 0; s + 1 < segments.size(); ++s)
            parent = moduleFor(parent, segments[s], modules);
        Node leaf;
        leaf.parent = parent;
        leaf.pair = int(i);
        leaf.label = std::move(segments.back());
        readPair(leaf);
        m_nodeOfPair.push_back(int(m_nodes.size()));
        m_nodes[size_t(parent)].children.push_back(int(m_nodes.size()));
        m_nodes.push_back(std::move(leaf));
    }
    sumUp();
}

void DifferenceModel::readPair(Node& leaf) const
{
    const TensorPair& pair = m_difference->pairs[size_t(leaf.pair)];
    leaf.state = stateOf(pair);
    leaf.inA = pair.a >= 0 ? 1 : 0;
    leaf.inB = pair.b >= 0 ? 1 : 0;
    leaf.pending = isPending(pair) ? 1 : 0;
    leaf.change = pair.values ? pair.values->relativeL2 : -1;
    if (pair.values && carriesWeights(m_difference->a->tensors[size_t(pair.a)])) {
        leaf.squaresA = pair.values->normA * pair.values->normA;
        leaf.squaresD = pair.values->normDifference * pair.values->normDifference;
    }
}

/// Of the modules, from what is below them: children stand behind their parents.
void DifferenceModel::sumUp()
{
    for (Node& node : m_nodes)
        if (node.pair < 0)
            node = Node{node.parent, -1, std::move(node.label), std::move(node.children), std::move(node.shown), node.row};
    for (size_t i = m_nodes.size(); i-- > 1;) {
        const Node& node = m_nodes[i];
        Node& parent = m_nodes[size_t(node.parent)];
        parent.inA += node.inA;
        parent.inB += node.inB;
        parent.squaresA += node.squaresA;
        parent.squaresD += node.squaresD;
        parent.pending += node.pending;
        if (node.change >= 0)
            parent.change = changeOf(parent.squaresD, parent.squaresA);
        parent.state = std::min(parent.state, node.state);
    }
}

bool DifferenceModel::isPending(const TensorPair& pair) const
{
    return pair.isPair() && !pair.values && pair.valuesError.empty() && !(pair.shapeDiffers && pair.axes.empty());
}

bool DifferenceModel::isShown(const TensorPair& pair) const
{
    const PairState state = stateOf(pair);
    const auto has = [this](PairState wanted) { return (m_states & (1u << unsigned(wanted))) != 0; };
    // a pair may be more than one thing: filtering for renamed ones finds those that also changed
    const bool mayChange = !m_isFinished && isPending(pair) && has(PairState::Changed);
    const bool isWanted = has(state) || mayChange || (pair.isRenamed() && has(PairState::Renamed)) || (pair.dtypeDiffers && has(PairState::DTypeDiffers));
    const auto holds = [this](const std::string& name) { return lowered(name).find(m_text) != std::string::npos; };
    return isWanted && (m_text.empty() || holds(nameOf(pair)) || (pair.b >= 0 && holds(m_difference->b->tensors[size_t(pair.b)].name)));
}

void DifferenceModel::arrange()
{
    m_shownPairs = 0;
    for (Node& node : m_nodes) {
        node.shown.clear();
        node.row = -1;
    }
    for (size_t i = m_nodes.size(); i-- > 1;) {
        const Node& node = m_nodes[i];
        const bool isLeaf = node.pair >= 0;
        if (isLeaf ? !isShown(m_difference->pairs[size_t(node.pair)]) : node.shown.empty())
            continue;
        m_shownPairs += isLeaf ? 1 : 0;
        m_nodes[size_t(node.parent)].shown.push_back(int(i)); // backwards, turned round below
    }
    for (Node& node : m_nodes) {
        std::reverse(node.shown.begin(), node.shown.end());
        for (size_t row = 0; row < node.shown.size(); ++row)
            m_nodes[size_t(node.shown[row])].row = int(row);
    }
}

int DifferenceModel::pairOf(const QModelIndex& index) const
{
    return index.isValid() ? m_nodes[size_t(nodeOf(index))].pair : -1;
}

QModelIndex DifferenceModel::indexOfPair(int pair) const
{
    return pair < 0 || size_t(pair) >= m_nodeOfPair.size() ? QModelIndex() : indexOf(m_nodeOfPair[size_t(pair)], TensorColumn);
}

int DifferenceModel::columnCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : int(ColumnCount);
}

bool DifferenceModel::showsRename(const Node& node) const
{
    if (node.pair < 0)
        return false;
    const PairReason reason = m_difference->pairs[size_t(node.pair)].reason;
    return reason == PairReason::Rename || reason == PairReason::Structure;
}

/// "gamma → weight"; B's whole name where the names have nothing in common.
QString DifferenceModel::labelOf(const Node& node) const
{
    if (!showsRename(node))
        return fromFile(node.label);
    const TensorPair& pair = m_difference->pairs[size_t(node.pair)];
    const std::string& other = m_difference->b->tensors[size_t(pair.b)].name;
    return tr("%1 → %2").arg(fromFile(node.label), fromFile(pair.reason == PairReason::Structure ? other : differingEnd(segmentsOf(other).back(), node.label)));
}

QString DifferenceModel::textOf(const Node& node, int column) const
{
    const TensorPair* pair = node.pair >= 0 ? &m_difference->pairs[size_t(node.pair)] : nullptr;
    const TensorInfo* a = pair && pair->a >= 0 ? &m_difference->a->tensors[size_t(pair->a)] : nullptr;
    const TensorInfo* b = pair && pair->b >= 0 ? &m_difference->b->tensors[size_t(pair->b)] : nullptr;
    const auto sideText = [&](const TensorInfo* tensor, size_t count) {
        if (!pair)
            return count > 0 ? QString::number(count) : QStringLiteral("–");
        return tensor ? QString::fromStdString(formatShape(tensor->shape)) : QStringLiteral("–");
    };
    switch (column) {
    case SignColumn: return node.pending > 0 && node.state == PairState::Same ? QString() : QString(QLatin1Char(sign(node.state)));
    case TensorColumn: return labelOf(node);
    case AColumn: return sideText(a, node.inA);
    case BColumn: return sideText(b, node.inB);
    case DTypeColumn:
        if (!pair)
            return {};
        return a && b && pair->dtypeDiffers ? tr("%1 → %2").arg(fromFile(a->dtypeName()), fromFile(b->dtypeName())) : fromFile((a ? a : b)->dtypeName());
    case ChangeColumn: return node.change >= 0 ? changeText(node.change) : QString();
    case CosineColumn: return pair && pair->values ? QString::number(pair->values->cosine, 'f', 5) : QString();
    default: return {};
    }
}

QVariant DifferenceModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const Node& node = m_nodes[size_t(nodeOf(index))];
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole: return textOf(node, column);
    case Qt::TextAlignmentRole: return int((column == AColumn || column == BColumn || column == ChangeColumn || column == CosineColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case StateRole: return int(node.state);
    case IsModuleRole: return node.pair < 0;
    case ChangeRole: return node.change < 0 ? QVariant() : QVariant(node.change);
    case IsRenamedRole: return showsRename(node);
    case IsPendingRole: return node.pending > 0;
    case Qt::AccessibleTextRole:
        return column != SignColumn ? QVariant(textOf(node, column)) : textOf(node, column).isEmpty() ? QVariant(tr("not compared")) : QVariant(QString::fromLatin1(name(node.state)));
    case Qt::ToolTipRole:
        if (node.pair < 0)
            return {};
        if (const TensorPair& pair = m_difference->pairs[size_t(node.pair)]; column == TensorColumn || column == SignColumn) {
            const QString words = QString::fromLatin1(name(node.state)) + (pair.axes.empty() ? QString() : tr(", transposed"));
            const QString both = pair.isRenamed() ? tr("\nin B: %1 (%2)").arg(fromFile(m_difference->b->tensors[size_t(pair.b)].name), fromFile(pair.rule)) : QString();
            return tr("%1: %2%3").arg(fromFile(nameOf(pair)), words, both);
        } else if (!pair.valuesError.empty()) {
            return fromFile(pair.valuesError);
        }
        return {};
    default: return {};
    }
}

QVariant DifferenceModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == AColumn || section == BColumn || section == ChangeColumn || section == CosineColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    return role == Qt::DisplayRole && *columnTitles[size_t(section)] ? QVariant(tr(columnTitles[size_t(section)])) : QVariant();
}

} // namespace weighbridge
