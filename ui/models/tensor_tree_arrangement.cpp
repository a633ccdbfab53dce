// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Filtering and sorting of TensorTreeModel.
#include "ui/models/tensor_tree_model.h"

#include "ui/models/tensor_texts.h"

#include <utility>

namespace weighbridge {
namespace {

TensorOrder orderOf(int column)
{
    switch (column) {
    case TensorTreeModel::TensorColumn: return TensorOrder::Name;
    case TensorTreeModel::StatusColumn: return TensorOrder::Status;
    case TensorTreeModel::ExpectedColumn: return TensorOrder::Expected;
    case TensorTreeModel::FoundColumn: return TensorOrder::Found;
    case TensorTreeModel::DTypeColumn: return TensorOrder::DType;
    case TensorTreeModel::ParametersColumn: return TensorOrder::Parameters;
    case TensorTreeModel::SizeColumn: return TensorOrder::Size;
    case TensorTreeModel::ValuesColumn: return TensorOrder::Spread;
    default: return TensorOrder::Model;
    }
}

} // namespace

void TensorTreeModel::setTree(std::shared_ptr<const TensorTree> tree, std::shared_ptr<const ModelOrigin> origin)
{
    const auto checkpointOf = [](const auto& shown) { return shown ? shown->rows().checkpoint() : nullptr; };
    if (checkpointOf(m_wantedTree) != checkpointOf(tree))
        m_deviations.clear();
    letGo(std::exchange(m_wantedTree, std::move(tree)));
    m_origin = std::move(origin);
    rearrange();
}

void TensorTreeModel::setFilter(const TensorFilter& filter)
{
    m_wantedFilter = filter;
    rearrange();
}

const TensorFilter& TensorTreeModel::filter() const
{
    static const TensorFilter none;
    return m_arrangement ? m_arrangement->filter : none;
}

qsizetype TensorTreeModel::shownTensors() const
{
    return !m_tree ? 0 : qsizetype(filter().isEmpty() ? m_tree->rows().rows().size() : m_arrangement->hits.count);
}

QString TensorTreeModel::filterSummary() const
{
    if (!m_tree || filter().isEmpty() || m_arrangement->hits.count > 0)
        return {};
    QStringList terms;
    for (size_t i = 0; i < filter().terms().size(); ++i) {
        const FilterTerm& term = filter().terms()[i];
        const QString text = fromFile(term.text);
        terms.append(term.problem.empty() ? QStringLiteral("%1: %2").arg(text).arg(m_arrangement->hits.perTerm[i])
                                          : QStringLiteral("%1: %2").arg(text, fromFile(term.problem)));
    }
    return terms.join(QStringLiteral(", "));
}

void TensorTreeModel::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = column < ColumnCount ? column : -1;
    m_sortOrder = order;
    rearrange();
}

std::pair<int, Qt::SortOrder> TensorTreeModel::nextSort(int clickedColumn) const
{
    if (clickedColumn != m_sortColumn)
        return {clickedColumn, Qt::AscendingOrder};
    return m_sortOrder == Qt::AscendingOrder ? std::pair(clickedColumn, Qt::DescendingOrder) : std::pair(-1, Qt::AscendingOrder);
}

ArrangementRequest TensorTreeModel::request() const
{
    ArrangementRequest out;
    out.filter = m_wantedFilter;
    out.order = orderOf(m_sortColumn);
    out.isDescending = m_sortOrder == Qt::DescendingOrder;
    if (out.order == TensorOrder::Spread)
        out.deviations = m_deviations;
    if (m_origin)
        out.origin = [origin = m_origin](int found) { return found < 0 || size_t(found) >= origin->tensors.size() ? std::string_view() : name(origin->tensors[size_t(found)].verdict); };
    return out;
}

void TensorTreeModel::rearrange()
{
    m_runner.drop();
    ArrangementRequest wanted = request();
    if (!m_wantedTree || wanted.isPlain())
        return take(m_wantedTree, nullptr);
    if (m_wantedTree->size() <= arrangedAtOnce)
        return take(m_wantedTree, arrangeTensors(*m_wantedTree, wanted, nullptr, {}));
    // What was asked of another tree, or with another origin, says nothing about this one.
    const bool isSame = m_tree == m_wantedTree;
    m_runner.start<TensorArrangementPtr>(
        [tree = m_wantedTree, wanted = std::move(wanted), before = isSame ? m_arrangement : nullptr](JobContext& job) -> Result<TensorArrangementPtr> {
            return arrangeTensors(*tree, wanted, before.get(), job);
        },
        [this](const Result<TensorArrangementPtr>& arrangement) {
            if (arrangement && *arrangement)
                take(m_wantedTree, *arrangement);
        });
}

/// Keeps what views hold on to: indexes of rows that stay shown follow them, those of hidden rows become invalid.
void TensorTreeModel::take(std::shared_ptr<const TensorTree> tree, TensorArrangementPtr arrangement)
{
    if (tree != m_tree) {
        beginResetModel();
        letGo(std::exchange(m_tree, std::move(tree)), std::exchange(m_arrangement, std::move(arrangement)));
        endResetModel();
    } else {
        Q_EMIT layoutAboutToBeChanged();
        const QModelIndexList before = persistentIndexList();
        letGo(std::exchange(m_arrangement, std::move(arrangement)));
        QModelIndexList after;
        for (const QModelIndex& index : before)
            after.append(indexOf(nodeOf(index), index.column()));
        changePersistentIndexList(before, after);
        Q_EMIT layoutChanged();
    }
    Q_EMIT arranged();
}

QModelIndex TensorTreeModel::nextDeviation(const QModelIndex& from, bool forward) const
{
    if (!m_tree || m_tree->node(TensorTree::root).deviating == 0)
        return {};
    const int start = nodeOf(from);
    int node = start;
    for (size_t steps = 0; steps <= m_tree->size(); ++steps) {
        node = forward ? following(node) : preceding(node);
        const TensorRow* row = node == TensorTree::root ? nullptr : m_tree->tensor(node);
        if (row && deviates(row->state))
            return indexOf(node);
    }
    return {};
}

bool TensorTreeModel::holdsDeviation(int node) const
{
    return childCountOf(node) > 0 && m_tree->node(node).deviating > 0;
}

/// The next line from top to bottom with everything open that holds a deviation; the root after the last.
int TensorTreeModel::following(int node) const
{
    if (holdsDeviation(node))
        return childOf(node, 0);
    while (node != TensorTree::root && rowOf(node) + 1 >= childCountOf(parentOf(node)))
        node = parentOf(node);
    return node == TensorTree::root ? node : childOf(parentOf(node), rowOf(node) + 1);
}

int TensorTreeModel::preceding(int node) const
{
    if (node != TensorTree::root && rowOf(node) == 0)
        return parentOf(node);
    node = node == TensorTree::root ? node : childOf(parentOf(node), rowOf(node) - 1);
    while (holdsDeviation(node))
        node = childOf(node, childCountOf(node) - 1);
    return node;
}

} // namespace weighbridge
