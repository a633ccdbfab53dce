// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QString>
#include <QStringList>

class QWidget;

namespace weighbridge {

/// What is to be chosen among what is there.
struct OpenQuestion {
    QString title;
    QString folder;         ///< where the chooser starts
    QString filters{};      ///< "Configs (*.json);;All files (*)"; empty: all files
    bool several = false;
    QString folderButton{}; ///< "Compare with this folder": takes the folder that is shown; empty: only files
};

/// The paths that were chosen; empty if the user does not want to. Modal.
[[nodiscard]] QStringList askForFiles(QWidget* window, const OpenQuestion& question);

/// The folder of what is open in the widget's window (its windowFilePath()); empty if nothing is, or not on this machine.
[[nodiscard]] QString folderBeside(const QWidget* widget);

} // namespace weighbridge
