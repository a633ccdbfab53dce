// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/report/report_pdf.h"

#include "ui/report/pdf_links.h"

#include <QBuffer>
#include <QLocale>
#include <QPageLayout>
#include <QPdfWriter>

namespace weighbridge {

Result<QByteArray> reportPdf(const ReportDocument& document, QPageSize::PageSizeId size, JobContext& job)
{
    QBuffer buffer;
    buffer.open(QIODevice::WriteOnly);
    PaintedReport painted;
    {
        QPdfWriter writer(&buffer);
        writer.setPdfVersion(QPagedPaintDevice::PdfVersion_1_6);
        writer.setResolution(1200);
        writer.setPageLayout(QPageLayout(QPageSize(size), QPageLayout::Portrait, QMarginsF()));
        writer.setTitle(QString::fromStdString(document.title));
        writer.setCreator(QString::fromStdString(document.program));
        auto result = paintReport(document, writer, job);
        if (!result)
            return tl::unexpected(result.error());
        painted = std::move(*result);
    }
    QByteArray pdf = buffer.data();
    // without links it is still a whole report
    addLinks(pdf, painted);
    return pdf;
}

QPageSize::PageSizeId localPageSize()
{
    return QLocale::system().measurementSystem() == QLocale::ImperialUSSystem ? QPageSize::Letter : QPageSize::A4;
}

} // namespace weighbridge
