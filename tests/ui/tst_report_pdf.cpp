// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/output.h"
#include "tests/support/event_watch.h"
#include "tests/support/files.h"
#include "tests/support/report_samples.h"
#include "ui/report/pdf_links.h"
#include "ui/report/report_pdf.h"

#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// What a program says of a PDF.
QByteArray saysOf(const QByteArray& pdf, const char* program, std::initializer_list<const char*> before, std::initializer_list<const char*> after = {})
{
    TemporaryFolder folder;
    QStringList arguments;
    for (const char* argument : before)
        arguments += QLatin1String(argument);
    arguments += QString::fromStdString(folder.write(QStringLiteral("report.pdf"), pdf));
    for (const char* argument : after)
        arguments += QLatin1String(argument);
    QProcess process;
    process.setProcessChannelMode(QProcess::MergedChannels);
    process.start(QLatin1String(program), arguments);
    if (!process.waitForFinished(60'000) || process.exitCode() != 0)
        return "failed: " + process.readAll();
    return process.readAll();
}

bool isInstalled(const char* program)
{
    return !QStandardPaths::findExecutable(QLatin1String(program)).isEmpty();
}

Result<QByteArray> pdfOf(const std::shared_ptr<const CheckResult>& check, QPageSize::PageSizeId size = QPageSize::A4)
{
    JobContext job;
    return reportPdf(documentOf(reportOf(check)), size, job);
}

QByteArray textOf(const QByteArray& pdf)
{
    return saysOf(pdf, "pdftotext", {"-layout"}, {"-"});
}

} // namespace

/// The PDF: what is in it can be found, and the file is sound.
class TstReportPdf : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyFindingAndEveryNameCanBeSearched()
    {
        if (!isInstalled("pdftotext"))
            QSKIP("pdftotext is not installed");
        const auto check = mismatchedCheck(100);
        const QByteArray text = textOf(*pdfOf(check));
        QVERIFY(text.contains("The hidden size is 65, not 64"));
        for (const ExpectedTensor& tensor : check->expected->tensors)
            QVERIFY2(text.contains(QByteArray::fromStdString(tensor.name)), tensor.name.c_str());
    }

    void textHasNoLigatures()
    {
        if (!isInstalled("pdftotext"))
            QSKIP("pdftotext is not installed");
        auto check = brokenCheck();
        check->sentence = "Not usable: the config of the first file is not fit";
        const QByteArray text = textOf(*pdfOf(check));
        for (const char* word : {"config", "first", "file", "fit"}) // the sentence may be broken between them
            QVERIFY2(text.contains(word), word);
        QVERIFY(!text.contains("\xef\xac\x81")); // the letter fi
    }

    void aNameLongerThanItsColumnStaysWhole()
    {
        if (!isInstalled("pdftotext"))
            QSKIP("pdftotext is not installed");
        const std::string name = "model.vision_tower.encoder.layers.11.self_attention.query_projection.parametrizations.weight.original1";
        QVERIFY(textOf(*pdfOf(checkOf(name + " 4x4", name + " 5x5"))).contains(QByteArray::fromStdString(name)));
    }

    void longTablesHaveTheirHeadOnEveryPage()
    {
        if (!isInstalled("pdftotext"))
            QSKIP("pdftotext is not installed");
        const QByteArray text = textOf(*pdfOf(mismatchedCheck(400)));
        const QList<QByteArray> pages = text.split('\f');
        QVERIFY(pages.size() > 10);
        for (qsizetype page = 3; page + 3 < pages.size(); ++page)
            QVERIFY2(pages[page].contains("Tensor") && pages[page].contains("Found"), pages[page].constData());
        QVERIFY(pages[0].contains("1 of " + QByteArray::number(pages.size() - 1)));
    }

    void theFileIsSound_data()
    {
        QTest::addColumn<QPageSize::PageSizeId>("size");
        QTest::addColumn<QByteArray>("points");
        QTest::newRow("A4") << QPageSize::A4 << QByteArray("A4");
        QTest::newRow("Letter") << QPageSize::Letter << QByteArray("letter");
    }
    void theFileIsSound()
    {
        QFETCH(QPageSize::PageSizeId, size);
        QFETCH(QByteArray, points);
        const QByteArray pdf = *pdfOf(brokenCheck(), size);
        QVERIFY(pdf.startsWith("%PDF-1.6"));
        if (isInstalled("qpdf"))
            QVERIFY(saysOf(pdf, "qpdf", {"--check"}).contains("No syntax or stream encoding errors found"));
        if (isInstalled("pdfinfo"))
            QVERIFY(saysOf(pdf, "pdfinfo", {}).contains(points));
        if (isInstalled("pdffonts")) {
            const QList<QByteArray> fonts = saysOf(pdf, "pdffonts", {}).trimmed().split('\n');
            QVERIFY(fonts.size() > 3);
            for (const QByteArray& font : fonts.mid(2))
                QVERIFY2(font.contains(" yes ") && !font.contains("Type 3"), font.constData()); // embedded, as outlines
        }
    }

    void contentsLeadToTheChapters()
    {
        const QByteArray pdf = *pdfOf(brokenCheck());
        // the finding's row and four chapters
        QCOMPARE(pdf.count("/Subtype /Link"), 5);
        QVERIFY(pdf.contains("/Type /Outlines"));
        QCOMPARE(pdf.count("%%EOF"), 2);
    }

    void whatIsNotBuiltAsExpectedStaysAsItIs()
    {
        PaintedReport report;
        report.pages = 1;
        for (QByteArray pdf : {QByteArray(), QByteArray("no PDF"), QByteArray("%PDF-1.6\nstartxref\n999999\n%%EOF\n"), QByteArray("xref\n0 9999999\nstartxref\n0\n%%EOF")}) {
            const QByteArray before = pdf;
            QVERIFY(!addLinks(pdf, report));
            QCOMPARE(pdf, before);
        }
    }

    void aRowTallerThanAPageGoesOn()
    {
        if (!isInstalled("pdftotext"))
            QSKIP("pdftotext is not installed");
        auto check = brokenCheck();
        for (int i = 0; i < 4000; ++i)
            check->findings[1].explanation += " word" + std::to_string(i);
        const QByteArray text = textOf(*pdfOf(check));
        for (int i = 0; i < 4000; i += 37)
            QVERIFY(text.contains("word" + QByteArray::number(i)));
    }

    void stoppingStops()
    {
        std::stop_source stop;
        JobContext job{stop.get_token(), [&stop](const Progress&) { stop.request_stop(); }};
        const auto pdf = reportPdf(documentOf(reportOf(mismatchedCheck(500))), QPageSize::A4, job);
        QVERIFY(!pdf);
        QCOMPARE(QByteArray::fromStdString(pdf.error().rule), QByteArray("cancelled"));
    }

    void threeThousandMismatchesTakeLessThanTwoSeconds()
    {
        const auto check = mismatchedCheck(3000);
        QElapsedTimer timer;
        timer.start();
        const auto pdf = pdfOf(check);
        const qint64 ms = timer.elapsed();
        qInfo("%lld ms, %lld bytes", static_cast<long long>(ms), static_cast<long long>(pdf->size()));
#ifndef __SANITIZE_ADDRESS__
        QVERIFY2(ms < 10'000, qPrintable(QString::number(ms))); // five times what it takes on an idle machine
#endif
    }
};

WATCHED_MAIN(TstReportPdf, QGuiApplication)
#include "tst_report_pdf.moc"
