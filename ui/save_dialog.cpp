// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/save_dialog.h"

#include "ui/open_dialog.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QMessageBox>
#include <QRegularExpression>

#include <algorithm>

namespace weighbridge {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("weighbridge", text);
}

QString filterOf(const FileKind& kind)
{
    return QStringLiteral("%1 (*.%2)").arg(kind.title, kind.suffix);
}

/// Whether `path` ends in the suffix of one of the kinds.
bool hasKnownSuffix(const QString& path, const QList<FileKind>& kinds)
{
    const QString suffix = QFileInfo(path).suffix();
    return std::any_of(kinds.begin(), kinds.end(), [&suffix](const FileKind& kind) { return suffix.compare(kind.suffix, Qt::CaseInsensitive) == 0; });
}

constexpr const char* exportFolderProperty = "exportFolder";

QString exportFolder(const QWidget& widget)
{
    for (const QString& folder : {lastExportFolder(*widget.window()), folderBeside(&widget)})
        if (!folder.isEmpty() && QFileInfo(folder).isDir())
            return folder;
    return QDir::homePath();
}

bool mayReplace(QWidget* window, const QString& title, const QString& path)
{
    const QString question = tr("%1 already exists. Replace it?").arg(QFileInfo(path).fileName());
    QMessageBox box(QMessageBox::Question, title, question, QMessageBox::Yes | QMessageBox::No, window);
    box.setTextFormat(Qt::PlainText);
    return box.exec() == QMessageBox::Yes;
}

} // namespace

QString fileNameFor(const QString& text)
{
    static const QRegularExpression unusual(QStringLiteral("[^\\p{L}\\p{N}._-]+"));
    static const QRegularExpression ends(QStringLiteral("^[.-]+|-+$")); // neither hidden nor an option
    constexpr int longest = 120; // of the 255 bytes that file systems take
    QString name = text.left(longest);
    while (name.toUtf8().size() > longest)
        name.chop(1);
    return name.replace(unusual, QStringLiteral("-")).remove(ends);
}

QString withSuffix(const QString& path, const FileKind& chosen, const QList<FileKind>& kinds)
{
    const QString base = hasKnownSuffix(path, kinds) ? path.left(path.lastIndexOf(u'.')) : path;
    return base + u'.' + chosen.suffix;
}

QString lastExportFolder(const QWidget& window)
{
    return window.property(exportFolderProperty).toString();
}

void setExportFolder(QWidget& window, const QString& folder)
{
    window.setProperty(exportFolderProperty, folder);
}

QString askWhereToSave(QWidget* widget, const QString& title, const QString& name, const QList<FileKind>& kinds)
{
    QStringList filters;
    for (const FileKind& kind : kinds)
        filters << filterOf(kind);
    QFileDialog dialog(widget, title, exportFolder(*widget));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setFileMode(QFileDialog::AnyFile);
    dialog.setNameFilters(filters);
    dialog.selectFile(withSuffix(name, kinds.front(), kinds));
    const auto chosen = [&] { return kinds[std::max<qsizetype>(0, filters.indexOf(dialog.selectedNameFilter()))]; };
    QObject::connect(&dialog, &QFileDialog::filterSelected, &dialog, [&] {
        if (const QStringList names = dialog.selectedFiles(); !names.isEmpty())
            dialog.selectFile(withSuffix(names.front(), chosen(), kinds));
    });
    while (dialog.exec() == QDialog::Accepted && !dialog.selectedFiles().isEmpty()) {
        const QString named = dialog.selectedFiles().constFirst(); // the dialog has asked whether this one may be replaced
        const QString complete = hasKnownSuffix(named, kinds) ? named : withSuffix(named, chosen(), kinds);
        if (complete == named || !QFileInfo::exists(complete) || mayReplace(&dialog, title, complete)) {
            setExportFolder(*widget->window(), QFileInfo(complete).absolutePath());
            return complete;
        }
    }
    return {};
}

} // namespace weighbridge
