// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/host_folder_model.h"

#include "core/base/text.h"
#include "core/format/format.h"
#include "ui/models/natural_order.h"
#include "ui/models/numbers.h"
#include "ui/models/tensor_texts.h"

#include <QDateTime>
#include <QLocale>

#include <algorithm>
#include <array>
#include <numeric>

namespace weighbridge {
namespace {

struct KnownName {
    std::string_view name;
    const char* kind;
};

/// Files that open by themselves and have no ending of their own.
constexpr std::array knownNames{
    KnownName{"config.json", QT_TRANSLATE_NOOP("weighbridge::HostFolderModel", "config")},
    KnownName{"tokenizer.json", QT_TRANSLATE_NOOP("weighbridge::HostFolderModel", "tokenizer")},
};

/// What the name says that a file is; empty: nothing that can be opened. Formats that share an ending share the words before their bracket.
QString kindOf(const std::string& name)
{
    const std::string lower = lowered(name);
    for (const KnownName& known : knownNames)
        if (lower == known.name)
            return HostFolderModel::tr(known.kind);
    std::string_view title;
    size_t longest = 0;
    for (const Format* format : allFormats()) {
        const FormatInfo info = format->info();
        for (const std::string_view extension : info.extensions)
            if (extension.size() > longest && lower.size() > extension.size() && lower.ends_with(extension)) {
                longest = extension.size();
                title = info.title;
            }
    }
    return fromCore(std::string(title.substr(0, title.find(" ("))));
}

HostItem itemOf(host::Name name)
{
    HostItem out{std::move(name.name), {}, name.kind == host::EntryKind::Folder || name.leadsToFolder, false, name.nbytes, name.changed};
    if (out.isFolder)
        out.kind = HostFolderModel::tr("Folder");
    else if (name.kind == host::EntryKind::File)
        out.kind = kindOf(out.name);
    out.canBeOpened = !out.isFolder && !out.kind.isEmpty();
    return out;
}

/// Whether `a` stands before `b` among their like.
bool isBefore(const HostItem& a, const HostItem& b, int column)
{
    switch (column) {
    case HostFolderModel::SizeColumn:
        return a.nbytes < b.nbytes;
    case HostFolderModel::ChangedColumn:
        return a.changed < b.changed;
    case HostFolderModel::KindColumn:
        return a.kind < b.kind;
    default:
        return naturallyLess(a.name, b.name);
    }
}

} // namespace

HostFolderModel::HostFolderModel(QObject* parent)
    : QAbstractTableModel(parent)
    , m_items(std::make_shared<const Items>())
{
}

HostFolderModel::Arranged HostFolderModel::arrange(std::shared_ptr<const Items> items, const Request& request)
{
    Arranged out{std::move(items), {}, 0, false};
    for (uint32_t i = 0; i < out.items->size(); ++i) {
        const HostItem& item = (*out.items)[i];
        out.holdsCheckpoint = out.holdsCheckpoint || item.canBeOpened;
        const bool isShown = request.showsAll || (item.name.front() != '.' && (item.isFolder || item.canBeOpened));
        if (isShown && lowered(item.name).find(request.filter) != std::string::npos)
            out.rows.push_back(i);
    }
    std::stable_sort(out.rows.begin(), out.rows.end(), [&](uint32_t x, uint32_t y) {
        const HostItem& a = (*out.items)[x];
        const HostItem& b = (*out.items)[y];
        if (a.isFolder != b.isFolder)
            return a.isFolder;
        return request.isDescending ? isBefore(b, a, request.column) : isBefore(a, b, request.column);
    });
    out.matching = out.rows.size();
    out.rows.resize(std::min(out.rows.size(), mostRows));
    return out;
}

void HostFolderModel::start(std::function<std::shared_ptr<const Items>()> items)
{
    m_runner.start<Arranged>([items = std::move(items), request = m_request](JobContext&) -> Result<Arranged> { return arrange(items(), request); },
                             [this](Result<Arranged> arranged) {
                                 if (arranged)
                                     take(std::move(*arranged));
                             });
}

void HostFolderModel::setNames(std::vector<host::Name> names)
{
    m_runner.drop();
    m_isStale = false;
    set({std::make_shared<const Items>(), {}, 0, false}); // what was there is of another folder
    const auto shared = std::make_shared<std::vector<host::Name>>(std::move(names));
    start([shared] {
        Items items;
        std::transform(shared->begin(), shared->end(), std::back_inserter(items), [](host::Name& name) { return itemOf(std::move(name)); });
        std::stable_sort(items.begin(), items.end(), [](const HostItem& a, const HostItem& b) { return naturallyLess(a.name, b.name); });
        return std::make_shared<const Items>(std::move(items));
    });
}

void HostFolderModel::arrangeAgain()
{
    m_isStale = m_runner.isRunning(); // it brings the names: the next one begins when they are there
    if (!m_isStale)
        start([items = m_items] { return items; });
}

void HostFolderModel::set(Arranged arranged)
{
    beginResetModel();
    m_items = std::move(arranged.items);
    m_rows = std::move(arranged.rows);
    m_matching = arranged.matching;
    m_holdsCheckpoint = arranged.holdsCheckpoint;
    endResetModel();
}

void HostFolderModel::take(Arranged arranged)
{
    set(std::move(arranged));
    if (m_isStale)
        arrangeAgain();
    else
        Q_EMIT this->arranged();
}

void HostFolderModel::setFilter(const QString& text)
{
    m_request.filter = lowered(text.toStdString());
    arrangeAgain();
}

void HostFolderModel::setShowsAll(bool all)
{
    m_request.showsAll = all;
    arrangeAgain();
}

void HostFolderModel::sort(int column, Qt::SortOrder order)
{
    m_request.column = column;
    m_request.isDescending = order == Qt::DescendingOrder;
    arrangeAgain();
}

int HostFolderModel::rowNamed(const std::string& name) const
{
    const auto found = std::find_if(m_rows.begin(), m_rows.end(), [&](uint32_t row) { return (*m_items)[row].name == name; });
    return found == m_rows.end() ? -1 : int(found - m_rows.begin());
}

int HostFolderModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int HostFolderModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant HostFolderModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const HostItem& item = this->item(index.row());
    if (role == Qt::TextAlignmentRole && index.column() == SizeColumn)
        return int(Qt::AlignRight | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && index.column() == SizeColumn && !item.isFolder)
        return exactBytes(item.nbytes);
    if (role == Qt::ToolTipRole && index.column() == NameColumn)
        return fromFile(item.name);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case NameColumn:
        return fromFile(item.name);
    case KindColumn:
        return item.kind;
    case SizeColumn:
        return item.isFolder ? QString() : nbytesText(item.nbytes);
    case ChangedColumn:
        return item.changed ? QLocale().toString(QDateTime::fromSecsSinceEpoch(item.changed), QLocale::ShortFormat) : QString();
    default:
        return {};
    }
}

QVariant HostFolderModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role == Qt::TextAlignmentRole && orientation == Qt::Horizontal)
        return int((section == SizeColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Name");
    case KindColumn:
        return tr("Kind");
    case SizeColumn:
        return tr("Size");
    case ChangedColumn:
        return tr("Changed");
    default:
        return {};
    }
}

} // namespace weighbridge
