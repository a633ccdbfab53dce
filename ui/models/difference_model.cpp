// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/difference_model.h"

#include "core/base/text.h"
#include "ui/plots/axis.h"

#include <array>
#include <cmath>

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

/// At '.' and '/', the rest of an absurdly deep name as one; a number belongs to what stands before it ("layer.0").
std::vector<std::string> segmentsOf(const std::string& name)
{
    std::vector<std::string> out;
    size_t begin = 0;
    for (size_t i = 0; i <= name.size(); ++i)
        if (i == name.size() || ((name[i] == '.' || name[i] == '/') && out.size() + 1 < maximumDepth)) {
            std::string segment = name.substr(begin, i - begin);
            if (isNumber(segment) && !out.empty())
                out.back() += "." + segment;
            else
                out.push_back(std::move(segment));
            begin = i + 1;
        }
    return out;
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
    build();
    arrange();
    endResetModel();
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
        leaf.state = stateOf(pair);
        leaf.inA = pair.a >= 0 ? 1 : 0;
        leaf.inB = pair.b >= 0 ? 1 : 0;
        leaf.change = pair.values ? pair.values->relativeL2 : -1;
        if (pair.values && carriesWeights(m_difference->a->tensors[size_t(pair.a)])) {
            leaf.squaresA = pair.values->normA * pair.values->normA;
            leaf.squaresD = pair.values->normDifference * pair.values->normDifference;
        }
        m_nodeOfPair.push_back(int(m_nodes.size()));
        m_nodes[size_t(parent)].children.push_back(int(m_nodes.size()));
        m_nodes.push_back(std::move(leaf));
    }
    // children stand behind their parents
    for (size_t i = m_nodes.size(); i-- > 1;) {
        const Node& node = m_nodes[i];
        Node& parent = m_nodes[size_t(node.parent)];
        parent.inA += node.inA;
        parent.inB += node.inB;
        parent.squaresA += node.squaresA;
        parent.squaresD += node.squaresD;
        if (node.change >= 0)
            parent.change = parent.squaresD == 0 ? 0 : std::sqrt(parent.squaresD / parent.squaresA);
        parent.state = std::min(parent.state, node.state);
    }
}

bool DifferenceModel::isShown(const TensorPair& pair) const
{
    const PairState state = stateOf(pair);
    // a pair may be more than one thing: filtering for renamed ones finds those that also changed
    const bool isWanted = (m_states & (1u << unsigned(state))) != 0 || (pair.isRenamed() && (m_states & (1u << unsigned(PairState::Renamed))) != 0)
        || (pair.dtypeDiffers && (m_states & (1u << unsigned(PairState::DTypeDiffers))) != 0);
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
    return tr("%1 → %2").arg(fromFile(node.label), fromFile(pair.reason == PairReason::Structure ? other : segmentsOf(other).back()));
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
    case SignColumn: return QString(QLatin1Char(sign(node.state)));
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
    case Qt::AccessibleTextRole:
        return column == SignColumn ? QVariant(QString::fromLatin1(name(node.state))) : QVariant(textOf(node, column));
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
