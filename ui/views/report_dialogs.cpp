// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/report_dialogs.h"

#include "core/base/text.h"
#include "core/report/output.h"
#include "ui/models/tensor_texts.h"
#include "ui/save_dialog.h"
#include "ui/views/job_bar.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QMessageBox>
#include <QPrintDialog>
#include <QPrinter>

namespace weighbridge {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("weighbridge", text);
}

QString latin(std::string_view text)
{
    return QLatin1String(text.data(), qsizetype(text.size()));
}

QString askForPath(QWidget* window, const QString& subject)
{
    QList<FileKind> kinds{{QStringLiteral("PDF"), QStringLiteral("pdf")}};
    for (const Output* output : allOutputs())
        kinds.append({latin(output->info().title), latin(output->info().extension)});
    return askWhereToSave(window, tr("Export report"), tr("%1-report").arg(fileNameFor(QFileInfo(subject).fileName())), kinds);
}

void showError(QWidget* window, const Error& error)
{
    auto* box = new QMessageBox(QMessageBox::Warning, tr("Export report"), QString::fromStdString(shown(translated(error.message), 1000)),
                                QMessageBox::Close, window);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(QString::fromStdString(shown(translated(error.fix), 1000)));
    box->open();
}

} // namespace

void exportReport(QWidget* window, ReportExport& report, const ReportExport::Subject& subject)
{
    if (const QString path = askForPath(window, subject.document.path()); !path.isEmpty())
        report.save(subject, path);
}

void printReport(QWidget* window, ReportExport& report, const ReportExport::Subject& subject)
{
    auto printer = std::make_shared<QPrinter>(QPrinter::HighResolution);
    if (QPrintDialog(printer.get(), window).exec() == QDialog::Accepted)
        report.print(subject, std::move(printer));
}

void connectReport(ReportExport& report, JobBar& bar)
{
    QObject::connect(&report, &ReportExport::activityChanged, &bar, [&] { bar.setOther(&report, report.activity(), [&report] { report.cancel(); }); });
    QObject::connect(&report, &ReportExport::written, &bar, [&bar](const QString& path) {
        constexpr int shownMs = 6000;
        bar.showMessage(path.isEmpty() ? tr("The report is printed") : tr("Wrote %1").arg(QString::fromStdString(shown(QFileInfo(path).fileName().toStdString()))), shownMs);
    });
    QObject::connect(&report, &ReportExport::failed, &bar, [&bar](const Error& error) { showError(bar.window(), error); });
}

} // namespace weighbridge
