// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/base/new_file.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/report/output.h"
#include "core/report/report_colours.h"
#include "core/report/svg.h"
#include "tests/support/files.h"
#include "tests/support/listing.h"
#include "tests/support/report_samples.h"

#include <QtTest>

#include <csignal>
#include <set>

#include <sys/resource.h>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

std::string written(const Report& report, const char* name)
{
    std::string out;
    JobContext job;
    const auto result = outputFor(name)->write(report, job, [&out](std::string_view text) {
        out += text;
        return Result<void>();
    });
    return result ? out : result.error().message;
}

QByteArray bytes(const std::string& text)
{
    return QByteArray::fromStdString(text);
}

/// A report of a sample as the command line makes it, without what differs from machine to machine.
Report sampleReport(const char* sample)
{
    JobContext job;
    const auto checkpoint = openCheckpoint(std::string(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/") + sample, job);
    CheckOptions options;
    options.values = true;
    auto report = makeReport(*checkCheckpoint(*checkpoint, options, job), {"Weighbridge 1.0", "weighbridge-cli report " + std::string(sample), "2026-11-22 14:02 UTC"}, job);
    report->environment = {{"System", "a machine"}};
    return std::move(*report);
}

} // namespace

/// What a report says, and that every output says it.
class TstReport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void layersAreMergedAndNoGapIsBridged()
    {
        const std::string text = written(reportOf(brokenCheck()), ".md");
        QVERIFY(text.find("`encoder.layer.{0–2, 5}.dense.bias`") != std::string::npos);
        QCOMPARE(text.find("{0–5}"), std::string::npos);
    }

    void everyOutputNamesEveryTensorThatDeviates_data()
    {
        QTest::addColumn<QString>("ending");
        for (const Output* output : allOutputs())
            QTest::newRow(output->info().id.data()) << QString::fromUtf8(output->info().extension.data());
    }
    void everyOutputNamesEveryTensorThatDeviates()
    {
        QFETCH(QString, ending);
        const std::string text = QString::fromStdString(written(reportOf(mismatchedCheck(40)), qPrintable("x." + ending))).remove("<wbr>").toStdString();
        for (int i = 0; i < 40; ++i)
            QVERIFY(text.find("model.decoder.blocks." + std::to_string(i) + ".self_attention.query_key_value.kernel_" + std::to_string(i % 7)) != std::string::npos);
        QVERIFY(text.find("The hidden size is 65, not 64") != std::string::npos);
    }

    void outputsAreTheGoldenOnes_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("ending");
        for (const char* name : {"report-check", "report-difference"})
            for (const Output* output : allOutputs())
                QTest::addRow("%s.%s", name, output->info().extension.data()) << QString::fromLatin1(name) << QString::fromUtf8(output->info().extension.data()).prepend(u'.');
    }
    void outputsAreTheGoldenOnes()
    {
        QFETCH(QString, name);
        QFETCH(QString, ending);
        const Report report = name == QLatin1String("report-check") ? reportOf(brokenCheck()) : sampleDifferenceReport();
        const QByteArray differs = differsFromGolden(name, bytes(written(report, qPrintable(ending))), ending);
        QVERIFY2(differs.isEmpty(), differs.constData());
    }

    void aComparisonIsDrawn()
    {
        const ReportDocument document = documentOf(sampleDifferenceReport());
        std::vector<const FigureBlock*> figures;
        for (const ReportBlock& block : document.blocks)
            if (const auto* figure = std::get_if<FigureBlock>(&block))
                figures.push_back(figure);
        QCOMPARE(figures.size(), size_t(7)); // strip, depth, map, histograms of four pairs
        const auto hasLabel = [](const FigureBlock& figure, std::string_view text) {
            return std::any_of(figure.labels.begin(), figure.labels.end(), [text](const FigureLabel& label) { return label.text.find(text) != std::string::npos; });
        };
        QVERIFY(figures[0]->caption.find("shaded by its change") != std::string::npos && figures[0]->caption.find("Purple: renamed") != std::string::npos);
        QVERIFY(hasLabel(*figures[1], "query") && hasLabel(*figures[1], "key"));
        QVERIFY(hasLabel(*figures[2], "layer 2") && hasLabel(*figures[2], "="));
        QVERIFY(hasLabel(*figures[3], "encoder.layer.2.attention.query.weight") && hasLabel(*figures[3], "rmse"));
    }

    void textFromAFileIsNoMarkup()
    {
        const std::string html = written(reportOf(brokenCheck()), ".html");
        QCOMPARE(html.find("<b>"), std::string::npos);
        QVERIFY(html.find("&lt;b&gt;") != std::string::npos);
        QVERIFY(html.find("default-src 'none'") != std::string::npos);
        const std::string markdown = written(reportOf(brokenCheck()), ".md");
        QVERIFY(markdown.find("`head\\|<b>@you.weight`") != std::string::npos); // a code span: neither a column nor an element nor a mention
    }

    void tablesOfMarkdownHaveAsManyCellsInEachRow()
    {
        const QString text = QString::fromStdString(written(reportOf(brokenCheck()), ".md")).replace("\\|", "");
        qsizetype cells = 0;
        int rows = 0;
        for (const QString& line : text.split(u'\n')) {
            if (!line.startsWith(u'|')) {
                cells = 0;
                continue;
            }
            QVERIFY2(cells == 0 || line.count(u'|') == cells, qPrintable(line));
            cells = line.count(u'|');
            ++rows;
        }
        QVERIFY(rows > 20);
    }

    void theMachineReadableReportHoldsTheAnswersOfTheCommands()
    {
        const auto json = parseJson(written(sampleReport("never-loaded"), ".json"));
        QVERIFY(json);
        QCOMPARE(bytes(json->value.find("check")->find("verdict")->stringOr("")), QByteArray("not-usable"));
        QCOMPARE(json->value.find("inspect")->find("tensors")->list()->size(), size_t(74));
        QCOMPARE(json->value.find("stats")->find("tensors")->map()->size(), size_t(74));
        for (const Value& file : *json->value.find("files")->list())
            QCOMPARE(file.find("sha256")->stringOr("").size(), size_t(64));
    }

    void aLayerThatWasNeverLoadedIsDrawn()
    {
        const ReportDocument document = documentOf(sampleReport("never-loaded"));
        std::vector<const FigureBlock*> figures;
        for (const ReportBlock& block : document.blocks)
            if (const auto* figure = std::get_if<FigureBlock>(&block))
                figures.push_back(figure);
        QCOMPARE(figures.size(), size_t(3)); // strip, map, histograms
        QVERIFY(figures[0]->caption.find("never trained") != std::string::npos);
        std::set<std::string> labels;
        for (const FigureLabel& label : figures[1]->labels)
            labels.insert(label.text);
        for (const char* text : {"layer 0", "layer 3", "attn. norm", "never trained"})
            QVERIFY2(labels.contains(text), text);
        QVERIFY(figures[2]->text.find("bert.encoder.layer.2.attention.output.dense.weight") != std::string::npos);
        QVERIFY(figures[2]->text.find("singular values: all 64 below the Marchenko–Pastur edge") != std::string::npos);
    }

    void everyColourOfAFigureIsOne()
    {
        const ReportDocument document = documentOf(sampleReport("never-loaded"));
        const auto known = reportColours();
        for (const ReportBlock& block : document.blocks) {
            const auto* figure = std::get_if<FigureBlock>(&block);
            if (!figure)
                continue;
            const std::string svg = withColours(figure->svg + labelElements(figure->labels), [&known](std::string_view name) {
                const bool isKnown = std::any_of(known.begin(), known.end(), [name](const ReportColour& colour) { return colour.name == name; });
                return isKnown ? std::string("#000000") : "unknown " + std::string(name);
            });
            QCOMPARE(svg.find("unknown "), std::string::npos);
            QCOMPARE(svg.find("=\"$"), std::string::npos);
        }
    }

    void aGoodModelHasNoChaptersOfFindings()
    {
        const std::string text = written(sampleReport("trained"), ".md");
        QVERIFY(text.find("Nothing found. What was looked at: ") != std::string::npos);
        QVERIFY(text.find("## 1\u2002All tensors") != std::string::npos);
    }

    void theDocumentSurvivesTheWayToTheProgramThatDraws()
    {
        const ReportDocument document = documentOf(sampleReport("never-loaded"));
        const Value value = toValue(document);
        const auto back = documentFromValue(parseJson(toJson(value))->value);
        QVERIFY(back);
        QCOMPARE(bytes(toJson(toValue(*back))), bytes(toJson(value)));
        QCOMPARE(back->blocks.size(), document.blocks.size());
    }

    void whatIsNoDocumentIsRefused_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::newRow("nothing") << QByteArray("null");
        QTest::newRow("a list") << QByteArray("[]");
        QTest::newRow("blocks that are none") << QByteArray("{\"blocks\": [1]}");
        QTest::newRow("an unknown block") << QByteArray("{\"blocks\": [{\"block\": 99}]}");
        QTest::newRow("a text that is none") << QByteArray("{\"blocks\": [{\"block\": 2, \"text\": 5}]}");
        QTest::newRow("an enumeration out of range") << QByteArray("{\"blocks\": [{\"block\": 2, \"kind\": 77}]}");
        QTest::newRow("a row that is too short") << QByteArray("{\"blocks\": [{\"block\": 5, \"columns\": [{}, {}], \"rows\": [[{}]]}]}");
    }
    void whatIsNoDocumentIsRefused()
    {
        QFETCH(QByteArray, json);
        const auto document = documentFromValue(parseJson(json.toStdString())->value);
        QVERIFY(!document);
        QCOMPARE(bytes(document.error().rule), QByteArray("worker"));
    }

    void anUnknownEndingIsRefusedAndSaysWhichThereAre()
    {
        JobContext job;
        TemporaryFolder folder;
        const auto result = writeReport(reportOf(brokenCheck()), folder.path("report.docx"), job);
        QVERIFY(!result);
        QCOMPARE(bytes(result.error().rule), QByteArray("usage"));
        QVERIFY(result.error().fix.find(".md") != std::string::npos);
        QVERIFY(QDir(QString::fromStdString(folder.path())).isEmpty());
    }

    void aReportTakesTheOldOnesPlaceWhole()
    {
        JobContext job;
        TemporaryFolder folder;
        const std::string path = folder.write("report.md", "old");
        QVERIFY(writeReport(reportOf(brokenCheck()), path, job));
        QVERIFY(readFile(QString::fromStdString(path)).startsWith("# Not usable"));
        QCOMPARE(QDir(QString::fromStdString(folder.path())).entryList(QDir::Files).size(), 1);
    }

    void aDiskThatIsFullLeavesNothing()
    {
        JobContext job;
        TemporaryFolder folder;
        const std::string path = folder.write("report.html", "old");
        // a limit on the size of files stands for the full disk
        rlimit before{};
        getrlimit(RLIMIT_FSIZE, &before);
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{1000, before.rlim_max};
        setrlimit(RLIMIT_FSIZE, &small);
        const auto result = writeReport(reportOf(brokenCheck()), path, job);
        setrlimit(RLIMIT_FSIZE, &before);
        QVERIFY(!result);
        QCOMPARE(bytes(result.error().rule), QByteArray("unwritable"));
        QCOMPARE(readFile(QString::fromStdString(path)), QByteArray("old"));
        QCOMPARE(QDir(QString::fromStdString(folder.path())).entryList(QDir::Files).size(), 1);

        const auto full = NewFile::create("/dev/full").and_then([](NewFile&& file) { return file.write("text"); });
        QVERIFY(!full);
        QCOMPARE(bytes(full.error().rule), QByteArray("disk-full"));
    }

    void stoppingLeavesNothing()
    {
        std::stop_source stop;
        stop.request_stop();
        JobContext job{stop.get_token(), {}};
        TemporaryFolder folder;
        const auto result = writeReport(reportOf(brokenCheck()), folder.path("report.html"), job);
        QVERIFY(!result);
        QCOMPARE(bytes(result.error().rule), QByteArray("cancelled"));
        QVERIFY(QDir(QString::fromStdString(folder.path())).isEmpty());
    }

    void commandsCanBePastedIntoAShell()
    {
        QCOMPARE(bytes(shellWord("a/b-1.bin")), QByteArray("a/b-1.bin"));
        QCOMPARE(bytes(shellWord("my model")), QByteArray("'my model'"));
        QCOMPARE(bytes(shellWord("it's")), QByteArray("'it'\\''s'"));
        QCOMPARE(bytes(shellWord("")), QByteArray("''"));
    }

    void aComparisonIsAReportToo()
    {
        JobContext job;
        const auto a = openCheckpoint(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained", job);
        const auto b = openCheckpoint(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/never-loaded", job);
        DifferenceOptions options;
        options.values = true;
        auto difference = std::make_shared<const Difference>(*differenceOf(*a, *b, options, job));
        const auto report = makeReport(difference, {"Weighbridge 1.0", "", "", true}, job);
        const std::string text = written(*report, ".md");
        QVERIFY(text.find("bert.encoder.layer.2.attention.self.query.weight") != std::string::npos);
        QVERIFY(text.find("Values that differ (") != std::string::npos);
        QVERIFY(text.find("A: model.safetensors") != std::string::npos);
        QVERIFY(parseJson(written(*report, ".json"))->value.find("diff"));
    }
};

QTEST_GUILESS_MAIN(TstReport)
#include "tst_report.moc"
