// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/difference_model.h"

#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "ui/plots/axis.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>
#include <utility>

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

/// What two names do not have in common at their beginning, up to a separator.
std::string_view differingEnd(std::string_view name, std::string_view other)
{
    const auto same = size_t(std::mismatch(name.begin(), name.end(), other.begin(), other.end()).first - name.begin());
    const size_t separator = same == 0 ? std::string_view::npos : name.find_last_of("./", same - 1);
    return separator == std::string_view::npos ? name : name.substr(separator + 1);
}

std::shared_ptr<const DifferenceArrangement> noRows(size_t nodes)
{
    return std::make_shared<const DifferenceArrangement>(DifferenceArrangement{{}, std::vector<int>(nodes), std::vector<int>(nodes), std::vector<int>(nodes, -1), 0});
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

DifferenceRows::DifferenceRows(const Difference& difference) : tree(std::make_shared<const DifferenceTree>(difference)), sums(*tree, difference, difference.hasValues) {}

DifferenceRows::DifferenceRows(std::shared_ptr<const DifferenceTree> sameTree, const Difference& difference) : tree(std::move(sameTree)), sums(*tree, difference, true) {}

DifferenceModel::DifferenceModel(QObject* parent) : TreeModelBase(parent), m_rows(std::make_shared<DifferenceRows>(Difference())), m_arrangement(noRows(1)), m_runner(this) {}

void DifferenceModel::setDifference(std::shared_ptr<const Difference> difference, std::shared_ptr<DifferenceRows> rows)
{
    beginResetModel();
    letGo(std::exchange(m_difference, std::move(difference)), std::exchange(m_rows, std::move(rows)));
    m_arrangement = noRows(m_rows->tree->nodes().size());
    endResetModel();
    rearrange(true);
}

void DifferenceModel::updatePairs(const std::vector<int>& pairs)
{
    std::unordered_set<int> changed; ///< nodes
    for (const int pair : pairs) {
        m_rows->sums.update(*m_rows->tree, *m_difference, pair);
        for (int node = m_rows->tree->nodeOf(pair); node > 0; node = parentOf(node))
            changed.insert(node);
    }
    for (const int node : changed)
        if (const QModelIndex index = indexOf(node); index.isValid())
            Q_EMIT dataChanged(index, indexOf(node, ColumnCount - 1));
}

void DifferenceModel::finish(std::shared_ptr<const Difference> difference, std::shared_ptr<DifferenceRows> rows)
{
    letGo(std::exchange(m_difference, std::move(difference)), std::exchange(m_rows, std::move(rows)));
    rearrange(false);
}

void DifferenceModel::setFilter(unsigned states, const QString& text)
{
    const std::string wanted = lowered(text.toStdString());
    if (states == m_states && wanted == m_text)
        return;
    m_states = states;
    m_text = wanted;
    rearrange(true);
}

void DifferenceModel::rearrange(bool isNew)
{
    m_runner.drop();
    m_isNew = m_isNew || isNew;
    if (m_rows->tree->pairs() <= arrangedAtOnce)
        return take(std::make_shared<const DifferenceArrangement>(arrangePairs(*m_rows->tree, m_rows->sums.kinds, m_states, m_text)));
    m_runner.start<ArrangementPtr>(
        [tree = m_rows->tree, kinds = m_rows->sums.kinds, states = m_states, text = m_text](JobContext&) -> Result<ArrangementPtr> {
            return std::make_shared<const DifferenceArrangement>(arrangePairs(*tree, kinds, states, text));
        },
        [this](const Result<ArrangementPtr>& arrangement) {
            if (arrangement)
                take(*arrangement);
        });
}

/// Indices that are held keep their node; those of nodes that are not shown any more become invalid.
void DifferenceModel::take(ArrangementPtr arrangement)
{
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList held = persistentIndexList();
    m_arrangement = std::move(arrangement);
    QModelIndexList now;
    for (const QModelIndex& index : held)
        now.append(indexOf(nodeOf(index), index.column()));
    changePersistentIndexList(held, now);
    Q_EMIT layoutChanged();
    Q_EMIT arranged(std::exchange(m_isNew, false));
}

int DifferenceModel::pairOf(const QModelIndex& index) const
{
    return index.isValid() ? nodeAt(nodeOf(index)).pair : -1;
}

QModelIndex DifferenceModel::indexOfPair(int pair) const
{
    return pair < 0 || size_t(pair) >= m_rows->tree->pairs() ? QModelIndex() : indexOf(m_rows->tree->nodeOf(pair), TensorColumn);
}

int DifferenceModel::columnCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : int(ColumnCount);
}

bool DifferenceModel::showsRename(int node) const
{
    if (nodeAt(node).pair < 0)
        return false;
    const PairReason reason = m_difference->pairs[size_t(nodeAt(node).pair)].reason;
    return reason == PairReason::Rename || reason == PairReason::Structure;
}

/// "gamma → weight"; B's whole name where the names have nothing in common.
QString DifferenceModel::labelOf(int node) const
{
    const std::string& label = nodeAt(node).label;
    if (!showsRename(node))
        return fromFile(label);
    const TensorPair& pair = m_difference->pairs[size_t(nodeAt(node).pair)];
    const std::string& other = m_difference->b->tensors[size_t(pair.b)].name;
    return tr("%1 → %2").arg(fromFile(label), fromFile(pair.reason == PairReason::Structure ? other : differingEnd(leafLabel(other), label)));
}

QString DifferenceModel::textOf(int node, int column) const
{
    const DifferenceSums::Sum& sum = sumAt(node);
    const TensorPair* pair = nodeAt(node).pair >= 0 ? &m_difference->pairs[size_t(nodeAt(node).pair)] : nullptr;
    const TensorInfo* a = pair && pair->a >= 0 ? &m_difference->a->tensors[size_t(pair->a)] : nullptr;
    const TensorInfo* b = pair && pair->b >= 0 ? &m_difference->b->tensors[size_t(pair->b)] : nullptr;
    const auto sideText = [&](const TensorInfo* tensor, size_t count) {
        if (!pair)
            return count > 0 ? QString::number(count) : QStringLiteral("–");
        return tensor ? QString::fromStdString(formatShape(tensor->shape)) : QStringLiteral("–");
    };
    switch (column) {
    case SignColumn: return sum.pending > 0 && sum.state == PairState::Same ? QString() : QString(QLatin1Char(sign(sum.state)));
    case TensorColumn: return labelOf(node);
    case AColumn: return sideText(a, sum.inA);
    case BColumn: return sideText(b, sum.inB);
    case DTypeColumn:
        if (!pair)
            return {};
        return a && b && pair->dtypeDiffers ? tr("%1 → %2").arg(fromFile(a->dtypeName()), fromFile(b->dtypeName())) : fromFile((a ? a : b)->dtypeName());
    case ChangeColumn: return sum.change >= 0 ? changeText(sum.change) : QString();
    case CosineColumn:
        return pair && pair->values ? decimalText(pair->values->cosine, 5) : QString();
    default: return {};
    }
}

QVariant DifferenceModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const int node = nodeOf(index);
    const DifferenceSums::Sum& sum = sumAt(node);
    const int pairIndex = nodeAt(node).pair;
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole: return textOf(node, column);
    case Qt::TextAlignmentRole: return int((column == AColumn || column == BColumn || column == ChangeColumn || column == CosineColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case StateRole: return int(sum.state);
    case IsModuleRole: return pairIndex < 0;
    case ChangeRole: return sum.change < 0 ? QVariant() : QVariant(sum.change);
    case IsRenamedRole: return showsRename(node);
    case IsPendingRole: return sum.pending > 0;
    case Qt::AccessibleTextRole:
        return column != SignColumn             ? QVariant(textOf(node, column))
               : textOf(node, column).isEmpty() ? QVariant(tr("not compared"))
                                                : QVariant(fromFile(translated(name(sum.state))));
    case Qt::ToolTipRole:
        if (pairIndex < 0)
            return {};
        if (const TensorPair& pair = m_difference->pairs[size_t(pairIndex)]; column == TensorColumn || column == SignColumn) {
            const QString words = fromFile(translated(name(sum.state))) + (pair.axes.empty() ? QString() : tr(", transposed"));
            const QString both = pair.isRenamed() ? tr("\nin B: %1 (%2)").arg(fromFile(m_difference->b->tensors[size_t(pair.b)].name), fromFile(pair.rule)) : QString();
            return tr("%1: %2%3").arg(fromFile(nameOf(*m_difference, pair)), words, both);
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
