// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/jobs/core_calls.h"
#include "ui/jobs/job_runner.h"

#include <QAbstractTableModel>

#include <list>
#include <map>

namespace weighbridge {

/// The values of one tensor as a table. Blocks of them are read by a job when they are asked for and kept while there is room; until one has
/// come its cells say "…", so that scrolling never waits. What is asked for last is read first: that is what is seen.
class ValueTable : public QAbstractTableModel {
    Q_OBJECT
public:
    static constexpr int blockRows = 64;
    static constexpr int blockColumns = 256;
    static constexpr size_t mostBlocks = 64;    ///< kept: 8 MiB
    static constexpr size_t mostWanted = 16;    ///< waiting: what was scrolled past is not read
    // A header view has an entry for each section: beyond these the table ends, and says so by isCut().
    static constexpr int mostRows = 2'000'000;
    static constexpr int mostColumns = 100'000;

    using Read = decltype(CoreCalls::valueBlock);

    explicit ValueTable(Read read, QObject* parent = nullptr);

    /// Null or an index out of range: no tensor.
    void setTensor(CheckpointPtr checkpoint, int tensor);
    [[nodiscard]] const MatrixView& matrix() const { return m_matrix; }
    [[nodiscard]] bool isCut() const { return uint64_t(rowCount()) < m_matrix.rows || uint64_t(columnCount()) < m_matrix.columns; }
    [[nodiscard]] const QString& error() const { return m_error; }  ///< why a block could not be read; empty otherwise

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    void errorChanged();

private:
    using Key = std::pair<int, int>; ///< row and column of the block
    struct Kept {
        ValueBlock block;
        std::list<Key>::iterator use;
    };

    [[nodiscard]] const ValueBlock* block(const Key& key) const;
    void want(const Key& key) const;
    void readNext();
    void take(const Key& key, Result<ValueBlock> block);

    Read m_read;
    JobRunner m_runner;
    CheckpointPtr m_checkpoint;
    int m_tensor = -1;
    MatrixView m_matrix;
    QString m_error;
    // Asked for by data(), which is const: a cache.
    mutable std::map<Key, Kept> m_blocks;
    mutable std::list<Key> m_uses;      ///< used last comes first
    mutable std::list<Key> m_wanted;    ///< asked for last comes first
};

} // namespace weighbridge
