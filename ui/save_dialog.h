// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QList>
#include <QString>

class QWidget;

namespace weighbridge {

/// A kind of file that can be written.
struct FileKind {
    QString title;  ///< "PDF"
    QString suffix; ///< "pdf"
};

/// Asks where a file shall be written: `name` (without a suffix) as the first of the kinds, until another is chosen. It begins in the folder into
/// which the widget's window wrote last, else beside what is open there. The name always ends in the suffix of one of the kinds; a file that
/// is there is only replaced if the user says so. Empty if the user does not want to. Modal.
[[nodiscard]] QString askWhereToSave(QWidget* widget, const QString& title, const QString& name, const QList<FileKind>& kinds);

/// The folder into which a window wrote last; empty if it did not yet.
[[nodiscard]] QString lastExportFolder(const QWidget& window);
void setExportFolder(QWidget& window, const QString& folder);

/// `path` with the suffix of `chosen` in the place of that of another kind; any other suffix is part of the name ("layer.0.weight").
[[nodiscard]] QString withSuffix(const QString& path, const FileKind& chosen, const QList<FileKind>& kinds);

/// A text, as a tensor's name, as a file's name without a suffix: letters, digits, dots and dashes, at most 120 bytes.
[[nodiscard]] QString fileNameFor(const QString& text);

} // namespace weighbridge
