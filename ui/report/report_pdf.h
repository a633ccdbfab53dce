// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/report/report_document.h"

#include <QByteArray>
#include <QPageSize>

namespace weighbridge {

/// A report as PDF: vector drawings, text that can be searched, embedded fonts, links and an outline. Errors as paintReport(). Any thread, if there
/// is a QGuiApplication.
[[nodiscard]] Result<QByteArray> reportPdf(const ReportDocument& document, QPageSize::PageSizeId size, JobContext& job);

/// What people print on where the user is.
[[nodiscard]] QPageSize::PageSizeId localPageSize();

} // namespace weighbridge
