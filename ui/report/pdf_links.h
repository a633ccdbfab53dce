// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/report/report_pages.h"

#include <QByteArray>

namespace weighbridge {

/// Adds links between pages and an outline to what QPdfWriter wrote, which can do neither: as an incremental update (ISO 32000-1, 7.5.6) that
/// leaves its bytes as they are. False, and `pdf` unchanged, if it is not built as QPdfWriter builds it.
bool addLinks(QByteArray& pdf, const PaintedReport& report);

} // namespace weighbridge
