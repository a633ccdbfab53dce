// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Filtering and sorting of TensorTreeModel.
#include "ui/models/tensor_tree_model.h"

#include "ui/models/tensor_texts.h"

#include <algorithm>
#include <string_view>

namespace weighbridge {
namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

size_t digitsFrom(std::string_view text, size_t at)
{
    size_t end = at;
    while (end < text.size() && isDigit(text[end]))
        ++end;
    return end - at;
}

/// "layer.9" before "layer.10": runs of digits compare as numbers, longer runs being greater.
bool naturallyLess(std::string_view a, std::string_view b)
{
    size_t i = 0;
    size_t k = 0;
    while (i < a.size() && k < b.size()) {
        const size_t digitsA = digitsFrom(a, i);
        const size_t digitsB = digitsFrom(b, k);
        const size_t lengthA = std::max<size_t>(digitsA, 1);
        const size_t lengthB = std::max<size_t>(digitsB, 1);
        if (digitsA > 0 && digitsB > 0 && digitsA != digitsB)
            return digitsA < digitsB;
        if (const int order = a.compare(i, lengthA, b, k, lengthB); order != 0)
            return order < 0;
        i += lengthA;
        k += lengthB;
    }
    return a.size() - i < b.size() - k;
}

} // namespace

void TensorTreeModel::setFilter(const TensorFilter& filter)
{
    m_filter = filter;
    rearrange();
}

qsizetype TensorTreeModel::shownTensors() const
{
    return !m_tree ? 0 : qsizetype(m_filter.isEmpty() ? m_tree->rows().rows().size() : m_hits.count);
}

QString TensorTreeModel::filterSummary() const
{
    if (!m_tree || m_filter.isEmpty() || m_hits.count > 0)
        return {};
    QStringList terms;
    for (size_t i = 0; i < m_filter.terms().size(); ++i) {
        const FilterTerm& term = m_filter.terms()[i];
        const QString text = fromFile(term.text);
        terms.append(term.problem.empty() ? QStringLiteral("%1: %2").arg(text).arg(m_hits.perTerm[i])
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

/// Keeps what views hold on to: indexes of rows that stay shown follow them, those of hidden rows become invalid.
void TensorTreeModel::rearrange()
{
    Q_EMIT layoutAboutToBeChanged();
    const QModelIndexList before = persistentIndexList();
    m_hits = m_tree && !m_filter.isEmpty() ? findTensors(m_filter, m_tree->rows(), m_values.origin) : FilterHits();
    m_arrangement = arranged();
    QModelIndexList after;
    for (const QModelIndex& index : before)
        after.append(indexOf(nodeOf(index), index.column()));
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged();
}

std::optional<TensorTreeModel::Arrangement> TensorTreeModel::arranged() const
{
    if (!m_tree || (m_filter.isEmpty() && m_sortColumn < 0))
        return std::nullopt;
    const size_t size = m_tree->size();
    std::vector<bool> isShown(size, m_filter.isEmpty());
    for (size_t node = size; node-- > 1;) { // a parent's index is smaller
        const TensorNode& n = m_tree->node(int(node));
        if (!m_filter.isEmpty() && n.kind == TensorNode::Kind::Tensor)
            isShown[node] = m_hits.kept[static_cast<size_t>(n.tensorRow)];
        if (isShown[node])
            isShown[static_cast<size_t>(n.parent)] = true;
    }
    Arrangement out;
    out.first.resize(size);
    out.count.resize(size);
    out.row.resize(size, -1);
    out.children.reserve(size);
    for (size_t node = 0; node < size; ++node) {
        const TensorNode& n = m_tree->node(int(node));
        out.first[node] = int(out.children.size());
        for (int child = n.firstChild; child < n.firstChild + n.children; ++child)
            if (isShown[static_cast<size_t>(child)])
                out.children.push_back(child);
        out.count[node] = int(out.children.size()) - out.first[node];
    }
    sortChildren(out);
    for (size_t node = 0; node < size; ++node)
        for (int row = 0; row < out.count[node]; ++row)
            out.row[static_cast<size_t>(out.children[static_cast<size_t>(out.first[node] + row)])] = row;
    return out;
}

/// Equal ones stay in the model's order, whatever the direction.
void TensorTreeModel::sortChildren(Arrangement& arrangement) const
{
    if (m_sortColumn < 0)
        return;
    const bool isText = m_sortColumn == TensorColumn || m_sortColumn == DTypeColumn;
    std::vector<double> numbers(isText ? 0 : m_tree->size());
    for (size_t node = 1; node < numbers.size(); ++node)
        numbers[node] = sortNumber(int(node));
    const auto less = [&](int a, int b) {
        return isText ? naturallyLess(sortText(a), sortText(b)) : numbers[static_cast<size_t>(a)] < numbers[static_cast<size_t>(b)];
    };
    for (size_t node = 0; node < arrangement.count.size(); ++node) {
        const auto first = arrangement.children.begin() + arrangement.first[node];
        const auto last = first + arrangement.count[node];
        if (m_sortOrder == Qt::AscendingOrder)
            std::stable_sort(first, last, less);
        else
            std::stable_sort(first, last, [&less](int a, int b) { return less(b, a); });
    }
}

std::string_view TensorTreeModel::sortText(int node) const
{
    if (m_sortColumn == TensorColumn)
        return m_tree->label(node);
    const TensorRow* row = m_tree->tensor(node);
    if (!row)
        return {};
    if (const TensorInfo* found = m_tree->rows().foundOf(*row))
        return found->dtypeName();
    return name(m_tree->rows().expectedOf(*row)->dtype);
}

double TensorTreeModel::sortNumber(int node) const
{
    const TensorNode& n = m_tree->node(node);
    const TensorRow* row = m_tree->tensor(node);
    switch (m_sortColumn) {
    case StatusColumn: return double(n.worst);
    case ExpectedColumn: {
        const ExpectedTensor* expected = row ? m_tree->rows().expectedOf(*row) : nullptr;
        return expected ? double(numel(expected->shape).value_or(0)) : row ? -1 : double(n.parameters);
    }
    case FoundColumn: return row && row->found < 0 ? -1 : double(n.parameters);
    case SizeColumn: return double(n.nbytes);
    case ValuesColumn: {
        const TensorStatistics* statistics = statisticsOf(node);
        return statistics ? statistics->std : -1;
    }
    default: return double(n.parameters);
    }
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

/// The next line from top to bottom with everything open; the root after the last.
int TensorTreeModel::following(int node) const
{
    if (childCountOf(node) > 0)
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
    while (childCountOf(node) > 0)
        node = childOf(node, childCountOf(node) - 1);
    return node;
}

} // namespace weighbridge
