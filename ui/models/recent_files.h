// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QAbstractListModel>
#include <QDateTime>
#include <QList>
#include <QString>

class QSettings;

namespace weighbridge {

/// A checkpoint that was open before.
struct RecentFile {
    QString path;
    QDateTime opened;
    QString verdict;     ///< "usable", "usable-after-fix", "not-usable"; empty: never checked
    QByteArray cells;    ///< at most 96 bytes, a RowState each: the strip's Found row in small, for the thumbnail
};

/// The list on the start page and in the File menu, newest first, at most `maximum` entries, kept in QSettings. GUI thread.
class RecentFiles : public QAbstractListModel {
    Q_OBJECT

public:
    static constexpr int maximum = 12;
    static constexpr int maximumCells = 96;
    enum Role {
        PathRole = Qt::UserRole, ///< QString; DisplayRole is the file's name, ToolTipRole the path
        OpenedRole,              ///< QDateTime
        VerdictRole,             ///< QString
        CellsRole,               ///< QByteArray of RowState
        IsMissingRole,           ///< bool: the file is gone ("not found", Remove)
    };

    /// `settings` must outlive this object; the application decides where they are kept.
    explicit RecentFiles(QSettings& settings, QObject* parent = nullptr);

    /// Puts it at the top, or moves it there; a known verdict stays until another comes.
    void add(const QString& path);
    void setVerdict(const QString& path, const QString& verdict, const QByteArray& cells);
    void remove(const QString& path);
    void clear();
    [[nodiscard]] const QList<RecentFile>& files() const { return m_files; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] qsizetype find(const QString& path) const; ///< -1: not in the list
    void save();

    QSettings& m_settings;
    QList<RecentFile> m_files;
};

} // namespace weighbridge
