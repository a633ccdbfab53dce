// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QDialog>

class QLineEdit;
class QMimeData;
class QPushButton;

namespace weighbridge {

class RecentFiles;
class TextLabel;

/// Asks for an http(s), ssh or hf: address, and offers those that were open before, with their machines and folders; says what is wrong with one while it is written. Asks no server.
class AddressDialog : public QDialog {
    Q_OBJECT
public:
    AddressDialog(QWidget* parent, const RecentFiles& recent);
    /// As it was written; `m_open` is enabled only for what is an address.
    [[nodiscard]] QString address() const;

private:
    void judge();

    QLineEdit* m_field;
    TextLabel* m_verdict;
    QPushButton* m_open;
};

/// The address that the user writes; none if the dialog is left.
[[nodiscard]] QStringList askForAddress(QWidget* parent, const RecentFiles& recent);

/// Files, folders and addresses that are dropped.
[[nodiscard]] QStringList droppedPaths(const QMimeData& data);

} // namespace weighbridge
