// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/remote/host_protocol.h"
#include "ui/jobs/job_runner.h"

#include <QAbstractTableModel>

#include <memory>
#include <string>
#include <vector>

namespace weighbridge {

/// One name in a folder of another machine, as the browser shows it.
struct HostItem {
    std::string name; ///< bytes, as the file system has it
    QString kind;     ///< "Folder", "safetensors", "PyTorch"; empty: no format has such names
    bool isFolder = false;
    bool canBeOpened = false; ///< by its name: the content decides
    uint64_t nbytes = 0;
    int64_t changed = 0; ///< seconds since 1970; 0: not told
};

/// What lies in a folder of another machine: folders first, then what is sorted by. Sorted and filtered on a pool thread.
class HostFolderModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { NameColumn, KindColumn, SizeColumn, ChangedColumn, ColumnCount };
    static constexpr size_t mostRows = 20'000; ///< that are shown: a tree has an entry for each

    explicit HostFolderModel(QObject* parent = nullptr);

    void setNames(std::vector<host::Name> names);
    void clear() { setNames({}); }
    /// Names that hold this text, whatever its case.
    void setFilter(const QString& text);
    /// Also what has no name that a checkpoint or config has, and what begins with a dot.
    void setShowsAll(bool all);
    void sort(int column, Qt::SortOrder order) override;

    [[nodiscard]] const HostItem& item(int row) const { return (*m_items)[m_rows[static_cast<size_t>(row)]]; }
    [[nodiscard]] int rowNamed(const std::string& name) const; ///< -1: not shown
    [[nodiscard]] qsizetype total() const { return qsizetype(m_items->size()); }
    [[nodiscard]] qsizetype matching() const { return qsizetype(m_matching); } ///< more than rows where there are too many
    [[nodiscard]] bool holdsCheckpoint() const { return m_holdsCheckpoint; }   ///< something in it, shown or not, can be opened
    [[nodiscard]] bool isArranging() const { return m_runner.isRunning(); }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

Q_SIGNALS:
    /// The rows are those that were asked for last.
    void arranged();

private:
    using Items = std::vector<HostItem>;
    struct Arranged {
        std::shared_ptr<const Items> items;
        std::vector<uint32_t> rows;
        size_t matching = 0;
        bool holdsCheckpoint = false;
    };
    struct Request {
        std::string filter; ///< lower case
        int column = NameColumn;
        bool isDescending = false;
        bool showsAll = false;
    };

    static Arranged arrange(std::shared_ptr<const Items> items, const Request& request);
    void start(std::function<std::shared_ptr<const Items>()> items);
    void arrangeAgain();
    void set(Arranged arranged);
    void take(Arranged arranged);

    JobRunner m_runner;
    Request m_request;
    std::shared_ptr<const Items> m_items;
    std::vector<uint32_t> m_rows; ///< indices into m_items
    size_t m_matching = 0;
    bool m_holdsCheckpoint = false;
    bool m_isStale = false; ///< what the job that runs will give is not what was asked for last
};

} // namespace weighbridge
