// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/recent_files.h"

#include "core/remote/address.h"
#include "ui/models/preferences.h"

#include <QFileInfo>
#include <QSettings>

#include <algorithm>

namespace weighbridge {
namespace {

QString arrayName()
{
    return QStringLiteral("recentFiles");
}

} // namespace

RecentFiles::RecentFiles(QSettings& settings, QObject* parent) : QAbstractListModel(parent), m_settings(settings)
{
    const int count = std::min(m_settings.beginReadArray(arrayName()), maximum);
    for (int i = 0; i < count; ++i) {
        m_settings.setArrayIndex(i);
        RecentFile file{m_settings.value(QStringLiteral("path")).toString(), m_settings.value(QStringLiteral("opened")).toDateTime(),
                        m_settings.value(QStringLiteral("verdict")).toString(), m_settings.value(QStringLiteral("cells")).toByteArray().left(maximumCells)};
        if (!file.path.isEmpty())
            m_files.append(std::move(file));
    }
    m_settings.endArray();
}

void RecentFiles::add(const QString& path)
{
    if (!Preferences(m_settings).remembersFiles())
        return;
    if (isAddress(path.toStdString()) && path.contains(u'?'))
        return; // a signature in it is as good as a password
    const qsizetype at = find(path);
    RecentFile file = at < 0 ? RecentFile{path, {}, {}, {}} : m_files[at];
    file.opened = QDateTime::currentDateTime();
    beginResetModel();
    if (at >= 0)
        m_files.removeAt(at);
    m_files.prepend(std::move(file));
    m_files.resize(std::min<qsizetype>(m_files.size(), maximum));
    endResetModel();
    save();
}

void RecentFiles::setVerdict(const QString& path, const QString& verdict, const QByteArray& cells)
{
    const qsizetype at = find(path);
    if (at < 0)
        return;
    m_files[at].verdict = verdict;
    m_files[at].cells = cells.left(maximumCells);
    Q_EMIT dataChanged(index(int(at)), index(int(at)));
    save();
}

void RecentFiles::remove(const QString& path)
{
    const qsizetype at = find(path);
    if (at < 0)
        return;
    beginRemoveRows({}, int(at), int(at));
    m_files.removeAt(at);
    endRemoveRows();
    save();
}

void RecentFiles::clear()
{
    beginResetModel();
    m_files.clear();
    endResetModel();
    save();
}

int RecentFiles::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_files.size());
}

QVariant RecentFiles::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const RecentFile& file = m_files[index.row()];
    switch (role) {
    case Qt::DisplayRole: return QFileInfo(file.path).fileName();
    case Qt::ToolTipRole:
    case PathRole: return file.path;
    case OpenedRole: return file.opened;
    case VerdictRole: return file.verdict;
    case CellsRole: return file.cells;
    case IsMissingRole: return !isAddress(file.path.toStdString()) && !QFileInfo::exists(file.path);
    default: return {};
    }
}

qsizetype RecentFiles::find(const QString& path) const
{
    const auto found = std::find_if(m_files.begin(), m_files.end(), [&path](const RecentFile& file) { return file.path == path; });
    return found == m_files.end() ? -1 : found - m_files.begin();
}

void RecentFiles::save()
{
    m_settings.remove(arrayName());
    m_settings.beginWriteArray(arrayName(), int(m_files.size()));
    for (int i = 0; i < int(m_files.size()); ++i) {
        m_settings.setArrayIndex(i);
        m_settings.setValue(QStringLiteral("path"), m_files[i].path);
        m_settings.setValue(QStringLiteral("opened"), m_files[i].opened);
        m_settings.setValue(QStringLiteral("verdict"), m_files[i].verdict);
        m_settings.setValue(QStringLiteral("cells"), m_files[i].cells);
    }
    m_settings.endArray();
}

} // namespace weighbridge
