// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/open_dialog.h"

#include <QDialogButtonBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QPushButton>

namespace weighbridge {

QStringList askForFiles(QWidget* window, const OpenQuestion& question)
{
    QFileDialog dialog(window, question.title, question.folder, question.filters);
    dialog.setFileMode(question.several ? QFileDialog::ExistingFiles : QFileDialog::ExistingFile);
    QString folder;
    if (!question.folderButton.isEmpty()) {
        dialog.setOption(QFileDialog::DontUseNativeDialog); // the desktop's take either files or folders
        if (auto* buttons = dialog.findChild<QDialogButtonBox*>()) {
            const QPushButton* button = buttons->addButton(question.folderButton, QDialogButtonBox::ActionRole);
            QObject::connect(button, &QPushButton::clicked, &dialog, [&dialog, &folder] {
                folder = dialog.directory().absolutePath();
                dialog.reject();
            });
        }
    }
    if (dialog.exec() == QDialog::Accepted)
        return dialog.selectedFiles();
    return folder.isEmpty() ? QStringList() : QStringList{folder};
}

QString folderBeside(const QWidget* widget)
{
    const QString path = widget->window()->windowFilePath();
    const QFileInfo folder(path.isEmpty() ? QString() : QFileInfo(path).absolutePath());
    return folder.isDir() ? folder.filePath() : QString();
}

} // namespace weighbridge
