// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QString>
#include <QStringList>

namespace weighbridge {

/// Installs the window's texts in a language ("de"; empty: the first of the desktop's that there is), and Qt's own where they are installed.
/// English, which needs no file but for its plurals, is what remains. Gives the language that was taken. Once, before the first window.
QString installLanguage(const QString& language);

/// Languages that the window has, English first.
[[nodiscard]] QStringList languages();

} // namespace weighbridge
