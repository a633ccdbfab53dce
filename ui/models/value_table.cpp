// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/value_table.h"

#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "ui/plots/axis.h"

#include <algorithm>
#include <cmath>

namespace weighbridge {

ValueTable::ValueTable(Read read, QObject* parent) : QAbstractTableModel(parent), m_read(std::move(read)) {}

void ValueTable::setTensor(CheckpointPtr checkpoint, int tensor)
{
    if (checkpoint == m_checkpoint && tensor == m_tensor)
        return;
    beginResetModel();
    m_runner.drop();
    m_blocks.clear();
    m_uses.clear();
    m_wanted.clear();
    m_error.clear();
    m_checkpoint = std::move(checkpoint);
    m_tensor = tensor;
    const bool isThere = m_checkpoint && tensor >= 0 && size_t(tensor) < m_checkpoint->tensors.size();
    m_matrix = isThere ? matrixViewOf(m_checkpoint->unpacked(m_checkpoint->tensors[size_t(tensor)])) : MatrixView();
    endResetModel();
    Q_EMIT errorChanged();
}

int ValueTable::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(std::min<uint64_t>(m_matrix.rows, mostRows));
}

int ValueTable::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(std::min<uint64_t>(m_matrix.columns, mostColumns));
}

const ValueBlock* ValueTable::block(const Key& key) const
{
    const auto found = m_blocks.find(key);
    if (found == m_blocks.end())
        return nullptr;
    m_uses.splice(m_uses.begin(), m_uses, found->second.use);
    return &found->second.block;
}

void ValueTable::want(const Key& key) const
{
    const auto known = std::find(m_wanted.begin(), m_wanted.end(), key);
    if (known != m_wanted.end()) {
        m_wanted.splice(m_wanted.begin(), m_wanted, known);
        return;
    }
    m_wanted.push_front(key);
    if (m_wanted.size() > mostWanted)
        m_wanted.pop_back();
    // Not from within data(): a view may be painting.
    QMetaObject::invokeMethod(const_cast<ValueTable*>(this), &ValueTable::readNext, Qt::QueuedConnection);
}

void ValueTable::readNext()
{
    if (m_runner.isRunning() || m_wanted.empty() || !m_error.isEmpty())
        return;
    const Key key = m_wanted.front();
    m_runner.start<ValueBlock>(
        [read = m_read, checkpoint = m_checkpoint, tensor = size_t(m_tensor), key](JobContext& job) {
            return read(*checkpoint, checkpoint->tensors[tensor], uint64_t(key.first) * blockRows, uint64_t(key.second) * blockColumns, size_t(blockRows), size_t(blockColumns), job);
        },
        [this, key](Result<ValueBlock> block) { take(key, std::move(block)); });
}

void ValueTable::take(const Key& key, Result<ValueBlock> block)
{
    m_wanted.remove(key);
    if (!block) {
        m_error = fromCore(block.error().message, 500);
        Q_EMIT errorChanged();
        return;
    }
    if (m_blocks.size() >= mostBlocks) {
        m_blocks.erase(m_uses.back());
        m_uses.pop_back();
    }
    m_uses.push_front(key);
    m_blocks.insert_or_assign(key, Kept{*std::move(block), m_uses.begin()});
    const int lastRow = std::min(rowCount(), (key.first + 1) * blockRows) - 1;
    const int lastColumn = std::min(columnCount(), (key.second + 1) * blockColumns) - 1;
    Q_EMIT dataChanged(index(key.first * blockRows, key.second * blockColumns), index(lastRow, lastColumn), {Qt::DisplayRole});
    readNext();
}

QVariant ValueTable::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    const Key key{index.row() / blockRows, index.column() / blockColumns};
    const ValueBlock* values = block(key);
    if (!values) {
        want(key);
        return QStringLiteral("…");
    }
    const size_t row = size_t(index.row() % blockRows);
    const size_t column = size_t(index.column() % blockColumns);
    return row < values->rows && column < values->columns ? numberText(values->at(row, column)) : QString();
}

QVariant ValueTable::headerData(int section, Qt::Orientation, int role) const
{
    if (role == Qt::TextAlignmentRole)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    return role == Qt::DisplayRole ? QVariant(section) : QVariant();
}

} // namespace weighbridge
