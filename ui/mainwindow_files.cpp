// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Which files are opened, compared with and written.
#include "ui/mainwindow.h"

#include "core/remote/address.h"
#include "ui/models/recent_files.h"
#include "ui/open_dialog.h"
#include "ui/save_dialog.h"

#include <QDir>
#include <QFileDialog>
#include <QFileInfo>

namespace weighbridge {

/// Beside what is open; without it where the last file was opened.
QString MainWindow::startFolder() const
{
    if (const QString folder = folderBeside(this); !folder.isEmpty())
        return folder;
    for (const RecentFile& file : m_context.recent.files())
        if (const QFileInfo folder(isAddress(file.path.toStdString()) ? QString() : QFileInfo(file.path).absolutePath()); folder.isDir())
            return folder.filePath();
    return QDir::homePath();
}

void MainWindow::askForFiles()
{
    const QStringList paths = weighbridge::askForFiles(this, {.title = tr("Open"), .folder = startFolder(), .several = true});
    if (!paths.isEmpty())
        open(paths);
}

void MainWindow::askForFolder()
{
    const QString path = QFileDialog::getExistingDirectory(this, tr("Open folder"), startFolder());
    if (!path.isEmpty())
        open({path});
}

/// One that lies in the folder of the model is as likely as one beside it.
void MainWindow::askForConfig()
{
    const QString folder = QFileInfo(windowFilePath()).isDir() ? windowFilePath() : startFolder();
    const QStringList paths = weighbridge::askForFiles(
        this, {.title = tr("Use a config"), .folder = folder, .filters = tr("Configs (*.json *.yaml *.yml);;All files (*)")});
    if (!paths.isEmpty())
        m_document.openConfig(paths[0]);
}

void MainWindow::askForStatistics()
{
    const QStringList paths = weighbridge::askForFiles(
        this, {.title = tr("Use statistics"), .folder = startFolder(), .filters = tr("Statistics (*.json);;All files (*)"), .several = true});
    if (!paths.isEmpty())
        m_document.openStatistics(paths);
}

/// A file or a folder; empty if the user does not want to.
QString MainWindow::askForCheckpoint(const QString& title, const QString& folderButton)
{
    return weighbridge::askForFiles(this, {.title = title, .folder = startFolder(), .folderButton = folderButton}).value(0);
}

void MainWindow::useReference(const QString& path)
{
    if (!path.isEmpty())
        m_document.openReference(path);
}

/// A name that is there already is refused when the copy is written, so the dialog need not ask.
void MainWindow::askForCopy()
{
    const QFileInfo source(m_document.path());
    const QString name = source.isDir() ? source.fileName() : source.completeBaseName();
    const QString file = tr("Only the weights (*.safetensors)");
    QString filter;
    QString path =
        QFileDialog::getSaveFileName(this, tr("Save repaired copy"), QDir(startFolder()).filePath(tr("%1-repaired").arg(fileNameFor(name))),
                                     tr("Model folder (*)") + QStringLiteral(";;") + file, &filter, QFileDialog::DontConfirmOverwrite);
    if (path.isEmpty())
        return;
    if (filter == file && !path.endsWith(QLatin1String(".safetensors"), Qt::CaseInsensitive))
        path += QLatin1String(".safetensors");
    m_document.repair(path);
}

} // namespace weighbridge
