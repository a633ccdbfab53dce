// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QString>

#include <cstdint>

namespace weighbridge {

/// Numbers as the window's language writes them: "86,7 MiB" in German. What is copied or exported keeps the point.

[[nodiscard]] QString localized(QString number);                  ///< with the language's decimal point
[[nodiscard]] QString fixedText(double number, int decimals);     ///< "0,50", with a true minus
[[nodiscard]] QString shortText(double number, int digits);       ///< so many significant digits, with a true minus
[[nodiscard]] QString nbytesText(uint64_t nbytes);                ///< "86,7 MiB"
[[nodiscard]] QString percentText(uint64_t part, uint64_t whole); ///< "99,9 %"; 0 and 100 only when exact

} // namespace weighbridge
