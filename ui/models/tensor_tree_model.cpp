// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/tensor_tree_model.h"

#include "core/base/text.h"
#include "ui/models/numbers.h"
#include "ui/models/tensor_texts.h"

#include <QPoint>
#include <QTextDocument>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

constexpr std::array<const char*, TensorTreeModel::ColumnCount> columnTitles{
    QT_TRANSLATE_NOOP("weighbridge::TensorTreeModel", "Tensor"),
    QT_TRANSLATE_NOOP("weighbridge::TensorTreeModel", "Status"),
    QT_TRANSLATE_NOOP("weighbridge::TensorTreeModel", "Expected"),
    QT_TRANSLATE_NOOP("weighbridge::TensorTreeModel", "Found"),
    QT_TRANSLATE_NOOP("weighbridge::TensorTreeModel", "dtype"),
    QT_TRANSLATE_NOOP("weighbridge::TensorTreeModel", "Parameters"),
    QT_TRANSLATE_NOOP("weighbridge::TensorTreeModel", "Size"),
    QT_TRANSLATE_NOOP("weighbridge::TensorTreeModel", "Values"),
};

int alignmentOf(int column)
{
    const bool isNumber = column == TensorTreeModel::ExpectedColumn || column == TensorTreeModel::FoundColumn
        || column == TensorTreeModel::ParametersColumn || column == TensorTreeModel::SizeColumn;
    return int((isNumber ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

QString glyph(RowState state)
{
    const std::string_view name = glyphName(state);
    return QLatin1String(name.data(), qsizetype(name.size()));
}

/// Whether the Values column shows a glyph in the place of a histogram.
bool speaksOfValues(RowState state)
{
    return state == RowState::NeverTrained || state == RowState::NonFinite || state == RowState::AllZero || state == RowState::Lost;
}

QString displayText(const TensorTree& tree, int node, int column)
{
    const TensorNode& n = tree.node(node);
    switch (column) {
    case TensorTreeModel::TensorColumn: return labelText(tree, node);
    case TensorTreeModel::StatusColumn: return statusText(tree, node);
    case TensorTreeModel::ExpectedColumn: return expectedText(tree, node);
    case TensorTreeModel::FoundColumn: return foundText(tree, node);
    case TensorTreeModel::DTypeColumn: return dtypeText(tree, node);
    case TensorTreeModel::ParametersColumn:
        return n.worst == RowState::Tied && n.kind == TensorNode::Kind::Tensor ? QStringLiteral("–")
                                                                               : QString::fromStdString(groupDigits(n.parameters));
    case TensorTreeModel::SizeColumn:
        return n.nbytes == 0 && (n.parameters > 0 || n.worst == RowState::Tied) ? QStringLiteral("–")
                                                                                : nbytesText(n.nbytes);
    default: return {};
    }
}

QString plainText(const TensorTree& tree, int node, int column)
{
    if (column == TensorTreeModel::TensorColumn)
        return fromFile(tree.fullName(node));
    if (column == TensorTreeModel::ParametersColumn)
        return QString::number(tree.node(node).parameters);
    return column == TensorTreeModel::SizeColumn ? QString::number(tree.node(node).nbytes) : displayText(tree, node, column);
}

/// Views take for HTML what looks like it, and names come from the file.
QString plainToolTip(const QString& text)
{
    return Qt::mightBeRichText(text) ? text.toHtmlEscaped() : text;
}

} // namespace

TensorTreeModel::TensorTreeModel(QObject* parent) : TreeModelBase(parent) {}

void TensorTreeModel::setValueSource(ValueSource source)
{
    m_values = std::move(source);
}

void TensorTreeModel::updateValues(const QList<int>& found)
{
    if (!m_tree)
        return;
    for (const int tensor : found) {
        if (const TensorStatistics* statistics = m_values.statistics ? m_values.statistics(tensor) : nullptr)
            m_deviations[tensor] = statistics->std;
        const int row = m_tree->rows().rowOf({TensorId::Side::Found, tensor});
        const QModelIndex first = row < 0 ? QModelIndex() : indexOf(m_tree->nodeOfRow(row), ValuesColumn);
        if (first.isValid())
            Q_EMIT dataChanged(first, first);
    }
}

TensorId TensorTreeModel::idOf(const QModelIndex& index) const
{
    const TensorRow* row = m_tree && index.isValid() ? m_tree->tensor(nodeOf(index)) : nullptr;
    return row ? row->id : TensorId();
}

QModelIndex TensorTreeModel::indexOfId(TensorId id) const
{
    const int row = m_tree ? m_tree->rows().rowOf(id) : -1;
    return row < 0 ? QModelIndex() : indexOf(m_tree->nodeOfRow(row));
}

QModelIndex TensorTreeModel::indexOfModule(const QString& fullName) const
{
    const int node = m_tree ? m_tree->nodeOfModule(fullName.toStdString()) : -1;
    return node < 0 ? QModelIndex() : indexOf(node);
}

std::vector<size_t> TensorTreeModel::foundBelow(const QModelIndexList& indexes, size_t enough) const
{
    std::vector<int> open;
    for (const QModelIndex& index : indexes)
        open.push_back(nodeOf(index));
    std::vector<size_t> out;
    while (m_tree && !open.empty() && out.size() < enough) {
        const int node = open.back();
        open.pop_back();
        if (const TensorRow* row = m_tree->tensor(node); row && row->found >= 0)
            out.push_back(static_cast<size_t>(row->found));
        for (int row = 0; row < childCountOf(node); ++row)
            open.push_back(childOf(node, row));
    }
    std::sort(out.begin(), out.end());
    out.erase(std::unique(out.begin(), out.end()), out.end());
    return out;
}

int TensorTreeModel::columnCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : int(ColumnCount);
}

QVariant TensorTreeModel::data(const QModelIndex& index, int role) const
{
    if (!m_tree || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int node = nodeOf(index);
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole: return displayText(*m_tree, node, column);
    case Qt::TextAlignmentRole: return alignmentOf(column);
    case Qt::ToolTipRole:
        return plainToolTip(toolTip(node, column));
    case Qt::AccessibleTextRole: return accessibleText(node, column);
    case GlyphRole: return glyphOf(node, column);
    case PlainTextRole: return plainText(*m_tree, node, column);
    case StatisticsRole: return quintptr(statisticsOf(node));
    case StatusPartsRole:
        return QVariant::fromValue(statusParts(*m_tree, node));
    case ValuesPendingRole: return valuesArePending(node);
    case DifferingDimensionsRole: return QVariant::fromValue(differingDimensions(*m_tree, node));
    case MutedFromRole: return column == TensorColumn ? mutedFrom(*m_tree, node) : -1;
    default: return nodeRole(node, role);
    }
}

QVariant TensorTreeModel::nodeRole(int node, int role) const
{
    const TensorNode& n = m_tree->node(node);
    const TensorRow* row = m_tree->tensor(node);
    switch (role) {
    case KindRole: return int(n.kind);
    case StateRole: return int(n.worst);
    case IsGroupRole: return row == nullptr;
    case FoundIndexRole: return row ? row->found : -1;
    case FullNameRole: return fullNameText(*m_tree, node);
    case OpensByDefaultRole: return n.opensByDefault;
    case TensorIdRole: return row ? QVariant(QPoint(int(row->id.side), row->id.index)) : QVariant();
    default: return {};
    }
}

QString TensorTreeModel::glyphOf(int node, int column) const
{
    const RowState state = m_tree->node(node).worst;
    const bool isTensor = m_tree->tensor(node) != nullptr;
    if (column == StatusColumn)
        return glyph(state);
    if ((column == FoundColumn && isTensor && state == RowState::Renamed) || (column == DTypeColumn && isTensor && state == RowState::DTypeDiffers))
        return glyph(state);
    if (column != ValuesColumn || !isTensor)
        return {};
    const int found = m_tree->tensor(node)->found;
    const bool isUnreadable = found >= 0 && m_values.error && m_values.error(found);
    return speaksOfValues(state) ? glyph(state) : isUnreadable ? QStringLiteral("status-error") : QString();
}

const TensorStatistics* TensorTreeModel::statisticsOf(int node) const
{
    const TensorRow* row = m_tree->tensor(node);
    return row && row->found >= 0 && m_values.statistics ? m_values.statistics(row->found) : nullptr;
}

bool TensorTreeModel::valuesArePending(int node) const
{
    const TensorRow* row = m_tree->tensor(node);
    return row && row->found >= 0 && row->state != RowState::Lost && m_values.statistics && !m_values.statistics(row->found)
        && !(m_values.error && m_values.error(row->found));
}

QString TensorTreeModel::toolTip(int node, int column) const
{
    const TensorNode& n = m_tree->node(node);
    const TensorRow* row = m_tree->tensor(node);
    if (column == StatusColumn)
        return row && row->tiedTo >= 0 ? tiedText(m_tree->rows(), *row)
               : row                   ? stateSentence(n.worst)
                                       : QStringLiteral("%1. %2").arg(statusText(*m_tree, node), stateSentence(n.worst));
    if (column == SizeColumn)
        return exactBytes(n.nbytes);
    if (column == ValuesColumn && row && row->found >= 0) {
        if (const TensorStatistics* statistics = statisticsOf(node))
            return valuesText(*statistics);
        const Error* error = m_values.error ? m_values.error(row->found) : nullptr;
        return error ? fromCore(error->message) : QString();
    }
    const TensorInfo* found = row ? m_tree->rows().foundOf(*row) : nullptr;
    const QString name = fullNameText(*m_tree, node);
    if (row && row->tiedTo >= 0)
        return name + u'\n' + tiedText(m_tree->rows(), *row);
    return found && found->name != row->name ? tr("%1\nIn the file: %2").arg(name, fromFile(found->name)) : name;
}

QString TensorTreeModel::accessibleText(int node, int column) const
{
    if (column == ValuesColumn) {
        const TensorStatistics* statistics = statisticsOf(node);
        return statistics ? valuesText(*statistics) : toolTip(node, column);
    }
    if (column != TensorColumn)
        return displayText(*m_tree, node, column);
    return QStringLiteral("%1, %2").arg(fullNameText(*m_tree, node), statusText(*m_tree, node));
}

QVariant TensorTreeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::DisplayRole)
        return tr(columnTitles[static_cast<size_t>(section)]);
    return role == Qt::TextAlignmentRole ? QVariant(alignmentOf(section)) : QVariant();
}

int TensorTreeModel::childCountOf(int node) const
{
    if (!m_tree)
        return 0;
    return m_arrangement ? m_arrangement->count[static_cast<size_t>(node)] : m_tree->node(node).children;
}

int TensorTreeModel::childOf(int node, int row) const
{
    const auto at = static_cast<size_t>(node);
    return m_arrangement ? m_arrangement->children[static_cast<size_t>(m_arrangement->first[at] + row)] : m_tree->node(node).firstChild + row;
}

int TensorTreeModel::parentOf(int node) const
{
    return m_tree->node(node).parent;
}

int TensorTreeModel::rowOf(int node) const
{
    if (!m_tree)
        return -1;
    return m_arrangement ? m_arrangement->row[static_cast<size_t>(node)] : node - m_tree->node(m_tree->node(node).parent).firstChild;
}

} // namespace weighbridge
