// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/report/report_export.h"

#include "core/base/new_file.h"
#include "core/report/output.h"
#include "ui/report/report_pages.h"
#include "ui/report/report_pdf.h"

#include <QCoreApplication>
#include <QPrinter>

namespace weighbridge {
namespace {

/// What start() hands back: JobRunner wants a value.
struct Done {};

Result<void> writePdf(const Report& report, const std::string& path, QPageSize::PageSizeId size, JobContext& job)
{
    const auto pdf = reportPdf(documentOf(report), size, job);
    if (!pdf)
        return tl::unexpected(pdf.error());
    auto file = NewFile::create(path);
    if (!file)
        return tl::unexpected(file.error());
    const auto written = file->write(std::string_view(pdf->constData(), size_t(pdf->size())));
    return written ? file->finish() : written;
}

} // namespace

ReportExport::ReportExport(QObject* parent) : QObject(parent)
{
    connect(&m_runner, &JobRunner::progressed, this, [this](const Progress& progress) {
        m_progress = progress;
        Q_EMIT activityChanged();
    });
}

std::string ReportExport::commandFor(const Subject& subject)
{
    const Document& document = subject.document;
    if (const auto difference = subject.difference())
        return "weighbridge-cli report " + shellWord(subjectOf(difference->a->path)) + " " + shellWord(subjectOf(difference->b->path)) +
               (difference->hasValues ? " --values" : " --no-values") + " -o report.pdf";
    std::string out = "weighbridge-cli report " + shellWord(subjectOf(document.path().toStdString()));
    const auto add = [&out](const char* option, const QString& value, bool isPath) {
        if (!value.isEmpty())
            out += std::string(option) + shellWord(isPath ? subjectOf(value.toStdString()) : value.toStdString());
    };
    add(" --config ", document.configPath(), true);
    add(" --against ", document.referencePath(), true);
    add(" --class ", document.className(), false);
    return out + (document.check()->values ? " --values" : " --no-values") + " -o report.pdf";
}

void ReportExport::start(const Subject& subject, const QString& path, Write write)
{
    const ComparisonDocument::Snapshot snapshot = subject.difference() ? subject.comparison->snapshot() : nullptr;
    const auto check = subject.document.check();
    if (!snapshot && !check)
        return;
    ReportOptions options;
    options.program = "Weighbridge " + QCoreApplication::applicationVersion().toStdString();
    options.command = commandFor(subject);
    m_progress = {};
    m_since = QDateTime::currentDateTime();
    m_runner.start<Done>(
        [check, snapshot, options, write = std::move(write)](JobContext& job) mutable -> Result<Done> {
            const auto difference = snapshot ? snapshot() : nullptr;
            options.digests = (difference ? difference->a->nbytes() + difference->b->nbytes() : check->checkpoint->nbytes()) <= readUnaskedNbytes;
            const auto report = difference ? makeReport(difference, options, job) : makeReport(check, options, job);
            if (!report)
                return tl::unexpected(report.error());
            return write(*report, job).map([] { return Done{}; });
        },
        [this, path](const Result<Done>& done) {
            Q_EMIT activityChanged();
            if (done)
                Q_EMIT written(path);
            else if (done.error().rule != "cancelled")
                Q_EMIT failed(done.error());
        });
    Q_EMIT activityChanged();
}

void ReportExport::save(const Subject& subject, const QString& path)
{
    start(subject, path, [path = path.toStdString(), isPdf = path.endsWith(QLatin1String(".pdf"), Qt::CaseInsensitive), size = localPageSize()](const Report& report, JobContext& job) {
        return isPdf ? writePdf(report, path, size, job) : writeReport(report, path, job);
    });
}

void ReportExport::print(const Subject& subject, std::shared_ptr<QPrinter> printer)
{
    printer->setFullPage(true);
    start(subject, {}, [printer = std::move(printer)](const Report& report, JobContext& job) { return paintReport(documentOf(report), *printer, job).map([](const PaintedReport&) {}); });
}

Document::Activity ReportExport::activity() const
{
    if (!isRunning())
        return {};
    return {m_progress.what == "Computing sha256" ? tr("Computing sha256") : tr("Writing the report"), m_progress.done, m_progress.total, m_since};
}

} // namespace weighbridge
