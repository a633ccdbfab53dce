// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/report/report_document.h"
#include "ui/report/page_flow.h"

#include <vector>

namespace weighbridge {

/// Where a report that was painted has its links.
struct PaintedReport {
    int pages = 0;
    std::vector<PageLink> links;
    std::vector<PageTarget> targets; ///< chapters, in order
};

/// Paints a report on the pages of a device (QPdfWriter, QPrinter), which has been set to full pages. Errors: `cancelled`; `unwritable` if the
/// device takes no more. Any thread, if there is a QGuiApplication.
[[nodiscard]] Result<PaintedReport> paintReport(const ReportDocument& document, QPagedPaintDevice& device, JobContext& job);

} // namespace weighbridge
