// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QString>

#include <cstdint>

class QSettings;

namespace weighbridge {

/// What the user chose in the settings dialog, with the defaults for what was never chosen. A thin view of QSettings, made where it is needed.
class Preferences {
public:
    explicit Preferences(QSettings& settings) : m_settings(settings) {}

    [[nodiscard]] QString language() const;             ///< "de"; empty: the desktop's
    void setLanguage(const QString& language);
    /// Checkpoints up to this size have their values checked without being asked for; 0: none, UINT64_MAX: all.
    [[nodiscard]] uint64_t checkedUnaskedNbytes() const;
    void setCheckedUnaskedNbytes(uint64_t nbytes);
    [[nodiscard]] bool remembersFiles() const;          ///< lists what was open
    void setRemembersFiles(bool remembers);

    static constexpr uint64_t defaultCheckedUnaskedNbytes = 4ull * 1024 * 1024 * 1024;

private:
    QSettings& m_settings;
};

} // namespace weighbridge
