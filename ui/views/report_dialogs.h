// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/report/report_export.h"

namespace weighbridge {

class JobBar;

/// Asks where the report is to go and begins to write it there.
void exportReport(QWidget* window, ReportExport& report, const ReportExport::Subject& subject);
/// Asks for a printer and begins to print.
void printReport(QWidget* window, ReportExport& report, const ReportExport::Subject& subject);
/// Shows in the status bar how far a report is, lets it be stopped there, and says what became of it.
void connectReport(ReportExport& report, JobBar& bar);

} // namespace weighbridge
