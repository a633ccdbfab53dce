// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/preferences.h"

#include <QDialog>

class QComboBox;

namespace weighbridge {

class RecentFiles;

/// Few settings, each effective at once (the language when the program starts again); the caps on what a file may ask for; what is kept
/// and sent: nothing. Not modal.
class SettingsDialog : public QDialog {
    Q_OBJECT
public:
    SettingsDialog(QSettings& settings, RecentFiles& recent, QWidget* parent);

Q_SIGNALS:
    void changed(); ///< something that windows read

private:
    [[nodiscard]] QWidget* generalPage();
    [[nodiscard]] QWidget* limitsPage();
    [[nodiscard]] QWidget* privacyPage();
    [[nodiscard]] QComboBox* languageBox();
    [[nodiscard]] QComboBox* checkBox();

    Preferences m_preferences;
    RecentFiles& m_recent;
};

} // namespace weighbridge
