// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/statistics/statistics_part.h"
#include "tests/support/check_text.h"
#include "tests/support/event_watch.h"
#include "tests/support/files.h"
#include "tests/support/patience.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/document.h"

#include <QSignalSpy>
#include <QtTest>

#include <atomic>
#include <thread>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// Core's part, played by the test: checkpoints by name, a check against what is expected, statistics with the tensor's index as mean.
struct Core {
    std::map<std::string, std::string> files; ///< path -> tensors
    std::string expected;                     ///< of every config
    std::string valueFinding;                 ///< title of an error that the check of the values puts first; empty: it finds none
    std::atomic<bool> holdsOpen = false, holdsStatistics = false, holdsRest = false; ///< holdsRest: tensors 100 to 249
    std::atomic<int> opened = 0, checks = 0;
    std::mutex mutex;
    CheckOptions lastOptions;                     ///< guarded by mutex
    std::vector<size_t> analysed;                 ///< guarded by mutex

    static void hold(const std::atomic<bool>& held, JobContext& job)
    {
        while (held && !job.cancelled())
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
};

using CorePtr = std::shared_ptr<Core>;

Result<CheckpointPtr> open(Core& core, const std::string& path, JobContext& job)
{
    ++core.opened;
    Core::hold(core.holdsOpen, job);
    if (job.cancelled())
        return failure(cancelledError());
    const auto file = core.files.find(path);
    if (file == core.files.end())
        return failure(Error("not-a-checkpoint", "This is no checkpoint.").at(path));
    auto out = checkpointOf(file->second);
    out->path = path;
    return CheckpointPtr(out);
}

Result<std::shared_ptr<const CheckResult>> check(Core& core, CheckpointPtr checkpoint, const CheckOptions& options)
{
    ++core.checks;
    {
        const std::lock_guard lock(core.mutex);
        core.lastOptions = options;
    }
    if (options.configPath == "broken.json")
        return failure(Error("config-syntax", "Line 3, column 7: a comma is missing.").at(options.configPath));
    auto out = std::make_shared<CheckResult>();
    out->checkpoint = checkpoint;
    if (!options.configPath.empty() || !options.againstPath.empty()) {
        auto expected = expectedOf(core.expected);
        out->comparison = compared(*expected, foundIn(*checkpoint));
        out->expected = std::move(expected);
    }
    Finding finding;
    finding.rule = "missing-tensors";
    finding.title = "Something";
    finding.tensors = {"nowhere", "b.w"};
    out->findings.push_back(finding);
    if (options.values && !core.valueFinding.empty()) {
        finding.rule = "never-loaded-layer";
        finding.title = core.valueFinding;
        finding.severity = Severity::Error;
        out->findings.insert(out->findings.begin(), finding);
    }
    return std::shared_ptr<const CheckResult>(out);
}

CoreCalls callsOf(const CorePtr& core)
{
    CoreCalls out;
    out.openCheckpoint = [core](const std::string& path, JobContext& job) { return open(*core, path, job); };
    out.checkCheckpoint = [core](CheckpointPtr checkpoint, const CheckOptions& options, JobContext&) { return check(*core, std::move(checkpoint), options); };
    out.expectedModel = [core](const std::string& path, const std::string& className, JobContext&) -> Result<std::shared_ptr<const ExpectedModel>> {
        if (path == "broken.json")
            return failure("config-syntax", "Line 3, column 7: a comma is missing.");
        auto expected = expectedOf(core->expected);
        expected->className = className.empty() ? "Model" : className;
        return std::shared_ptr<const ExpectedModel>(expected);
    };
    out.analyse = [core](const Checkpoint&, const ConfigHints&, std::span<const size_t> tensors, JobContext& job, const AnalysisSink& sink) -> Result<void> {
        for (const size_t tensor : tensors) {
            Core::hold(core->holdsStatistics, job);
            if (tensor >= 100 && tensor < 250)
                Core::hold(core->holdsRest, job);
            if (job.cancelled())
                return failure(cancelledError());
            const std::lock_guard lock(core->mutex);
            core->analysed.push_back(tensor);
            TensorAnalysis analysis;
            analysis.statistics.mean = double(tensor);
            sink(tensor, tensor == 13 ? Result<TensorAnalysis>(failure("truncated", "cut")) : Result<TensorAnalysis>(analysis));
        }
        return {};
    };
    return out;
}

std::string numbered(int count)
{
    std::string out;
    for (int i = 0; i < count; ++i)
        out += "t" + std::to_string(i) + "\n";
    return out;
}

QStringList paths(std::initializer_list<const char*> list)
{
    QStringList out;
    for (const char* path : list)
        out.append(QString::fromUtf8(path));
    return out;
}

} // namespace

class TstDocument : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init()
    {
        m_core = std::make_shared<Core>();
        m_core->files = {{"a.pt", "a.w\nb.w\n"}, {"b.pt", "b.w\nc.w\n"}, {"folder", "x\n"}, {"many", numbered(300)}};
        m_core->expected = "b.w\na.w\nz.w\n";
    }
    void cleanup() { jobPool()->waitForDone(); }

    void stagesComeOneAfterTheOther()
    {
        Document document(callsOf(m_core));
        QStringList seen;
        connect(&document, &Document::stateChanged, this, [&](Document::State state) { seen.append(QVariant::fromValue(state).toString()); });
        connect(&document, &Document::headerLoaded, this, [&] { seen.append(QStringLiteral("header")); });
        connect(&document, &Document::checked, this, [&] { seen.append(QStringLiteral("checked")); });
        document.open(paths({"a.pt"}));
        QCOMPARE(document.state(), Document::State::Loading);
        QVERIFY(!document.activity().what.isEmpty() && document.activity().since.isValid());
        QTRY_VERIFY(document.modelOrigin() && document.valuesAreChecked());
        QCOMPARE(seen.mid(0, 4), (QStringList{QStringLiteral("Loading"), QStringLiteral("Loaded"), QStringLiteral("header"), QStringLiteral("checked")}));
        QCOMPARE(document.rows()->rows().size(), 2u);
        QCOMPARE(document.statistics(1)->mean, 1.0);
        QCOMPARE(document.statisticsDone(), 2);
        QTRY_VERIFY(document.activity().what.isEmpty());
    }
    void whatCannotBeOpenedSaysWhy()
    {
        Document document(callsOf(m_core));
        document.open(paths({"gone.pt"}));
        QTRY_COMPARE(document.state(), Document::State::Failed);
        QCOMPARE(document.error()->rule, "not-a-checkpoint");
        QVERIFY(!document.checkpoint());
        document.open(paths({"a.pt"}));
        QTRY_COMPARE(document.state(), Document::State::Loaded);
        QVERIFY(!document.error());
    }
    void openingAnotherWhileOneLoadsShowsTheOther()
    {
        Document document(callsOf(m_core));
        int headers = 0;
        connect(&document, &Document::headerLoaded, this, [&] { ++headers; });
        m_core->holdsOpen = true;
        document.open(paths({"a.pt"}));
        QTRY_COMPARE(m_core->opened.load(), 1);
        document.open(paths({"b.pt"}));
        m_core->holdsOpen = false;
        QTRY_COMPARE(document.state(), Document::State::Loaded);
        QCOMPARE(document.checkpoint()->path, "b.pt");
        jobPool()->waitForDone();
        QTest::qWait(20);
        QCOMPARE(headers, 1);
        QCOMPARE(document.checkpoint()->path, "b.pt");
    }
    void aDropMeansWhatItHolds_data()
    {
        QTest::addColumn<QStringList>("before");
        QTest::addColumn<QStringList>("dropped");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("pathB");
        QTest::addColumn<QString>("config");
        QTest::newRow("checkpoint") << QStringList() << paths({"a.pt"}) << "a.pt" << "" << "";
        QTest::newRow("folder") << QStringList() << paths({"folder/"}) << "folder" << "" << "";
        QTest::newRow("config") << QStringList() << paths({"config.json"}) << "" << "" << "config.json";
        QTest::newRow("both, any order") << QStringList() << paths({"c.yaml", "a.pt"}) << "a.pt" << "" << "c.yaml";
        QTest::newRow("two") << QStringList() << paths({"a.pt", "b.pt"}) << "a.pt" << "b.pt" << "";
        QTest::newRow("index") << QStringList() << paths({"m.safetensors.index.json"}) << "m.safetensors.index.json" << "" << "";
        QTest::newRow("config on a checkpoint") << paths({"a.pt"}) << paths({"config.json"}) << "a.pt" << "" << "config.json";
        QTest::newRow("checkpoint on a config") << paths({"config.json"}) << paths({"a.pt"}) << "a.pt" << "" << "config.json";
        QTest::newRow("checkpoint on a checkpoint with config") << paths({"a.pt", "config.json"}) << paths({"b.pt"}) << "b.pt" << "" << "";
        QTest::newRow("nothing") << paths({"a.pt"}) << QStringList() << "a.pt" << "" << "";
    }
    void aDropMeansWhatItHolds()
    {
        QFETCH(QStringList, before);
        QFETCH(QStringList, dropped);
        Document document(callsOf(m_core));
        if (!before.isEmpty()) {
            document.open(before);
            QTRY_COMPARE(document.state(), Document::State::Loaded);
        }
        document.open(dropped);
        QTEST(document.path(), "path");
        QTEST(document.pathB(), "pathB");
        QTEST(document.configPath(), "config");
    }
    void aConfigAloneShowsWhatIsExpectedAndWaits()
    {
        Document document(callsOf(m_core));
        QSignalSpy expected(&document, &Document::expectedChanged);
        document.open(paths({"config.json"}));
        QTRY_COMPARE(expected.size(), 1);
        QCOMPARE(document.state(), Document::State::Loaded);
        QCOMPARE(document.rows()->rows().size(), 3u);
        document.setClassName(QStringLiteral("Other"));
        QTRY_COMPARE(expected.size(), 2);
        QCOMPARE(document.expected()->className, "Other");
        document.open(paths({"a.pt"}));
        QTRY_VERIFY(document.check());
        QCOMPARE(document.rows()->rows().size(), 3u);
        QVERIFY(document.check()->expected);
        const std::lock_guard lock(m_core->mutex);
        QCOMPARE(m_core->lastOptions.className, "Other");
    }
    void anotherExpectationIsCheckedAgain()
    {
        Document document(callsOf(m_core));
        document.open(paths({"a.pt"}));
        QTRY_VERIFY(document.valuesAreChecked());
        QVERIFY(!document.expected());
        document.openConfig(QStringLiteral("broken.json"));
        QTRY_VERIFY(document.checkError());
        QCOMPARE(document.checkError()->rule, "config-syntax");
        QCOMPARE(document.state(), Document::State::Loaded);
        document.openReference(QStringLiteral("b.pt"));
        document.openConfig(QStringLiteral("config.json"));
        QVERIFY(document.referencePath().isEmpty());
        QTRY_VERIFY(document.expected());
        QVERIFY(!document.checkError());
        QCOMPARE(document.rows()->rows()[2].state, RowState::Missing);
    }
    void theSelectionKeepsItsTensorFromStageToStage()
    {
        Document document(callsOf(m_core));
        connect(&document, &Document::headerLoaded, this, [&] { document.select(TensorId{TensorId::Side::Found, 1}); });
        document.open(paths({"a.pt", "config.json"}));
        QTRY_VERIFY(document.check());
        QCOMPARE(document.rows()->rows()[size_t(document.selectedRow())].name, "b.w");
        QVERIFY(document.selection().tensor == (TensorId{TensorId::Side::Expected, 0}));
        QSignalSpy changed(&document, &Document::selectionChanged);
        document.select(TensorId{TensorId::Side::Found, 1});
        QCOMPARE(changed.size(), 0);
        document.select(TensorId{TensorId::Side::Expected, 2});
        document.select(Selection{{}, QStringLiteral("a")});
        document.back();
        document.back();
        QVERIFY(!document.canGoBack() && document.canGoForward());
        QCOMPARE(document.rows()->rows()[size_t(document.selectedRow())].name, "b.w");
        document.forward();
        QVERIFY(document.selection().tensor == (TensorId{TensorId::Side::Expected, 2}));
        QCOMPARE(changed.size(), 5);
        document.select(TensorId{TensorId::Side::Expected, 1});
        QVERIFY(!document.canGoForward());
    }
    void reloadingKeepsTheSelectionByName()
    {
        Document document(callsOf(m_core));
        document.open(paths({"a.pt"}));
        QTRY_COMPARE(document.state(), Document::State::Loaded);
        document.select(TensorId{TensorId::Side::Found, 1});
        m_core->files["a.pt"] = "new.w\na.w\nb.w\n";
        document.reload();
        QTRY_VERIFY(document.rows() && document.rows()->rows().size() == 3);
        QCOMPARE(document.rows()->rows()[size_t(document.selectedRow())].name, "b.w");
    }
    /// What the values say comes later than the header's findings, and may be what everything else follows from.
    void aGraverFindingTakesThePlaceOfTheFirstUntilOneIsChosen_data()
    {
        QTest::addColumn<bool>("choosesTensor");
        QTest::addColumn<QString>("selected");
        QTest::newRow("nothing chosen") << false << QStringLiteral("Layer 3 was never loaded");
        QTest::newRow("a tensor chosen") << true << QStringLiteral("Something");
    }

    void aGraverFindingTakesThePlaceOfTheFirstUntilOneIsChosen()
    {
        QFETCH(const bool, choosesTensor);
        m_core->valueFinding = "Layer 3 was never loaded";
        Document document(callsOf(m_core));
        // As the page of findings does; a click may come between two stages.
        connect(&document, &Document::checked, &document, [&document, choosesTensor] {
            if (document.selectedFinding() < 0)
                document.selectFirstFinding(0);
            if (choosesTensor && !document.valuesAreChecked())
                document.select(TensorId{TensorId::Side::Found, 0});
        });
        document.open(paths({"a.pt"}));
        QTRY_VERIFY(document.valuesAreChecked());
        QTEST(QString::fromStdString(document.findings()[size_t(document.selectedFinding())].title), "selected");
    }

    void selectingAFindingRevealsItsFirstTensorThatIsThere()
    {
        Document document(callsOf(m_core));
        document.open(paths({"a.pt"}));
        QTRY_VERIFY(document.valuesAreChecked());
        QSignalSpy selected(&document, &Document::findingSelected);
        document.selectFinding(0);
        QCOMPARE(selected.size(), 1);
        QCOMPARE(document.rows()->rows()[size_t(document.selectedRow())].name, "b.w");
        document.selectFinding(7);
        QCOMPARE(document.selectedFinding(), -1);
        document.selectFinding(0);
        document.openConfig(QStringLiteral("config.json"));
        QTRY_VERIFY(document.expected());
        QCOMPARE(document.selectedFinding(), 0);
    }
    void visibleTensorsComeFirst()
    {
        m_core->holdsStatistics = true;
        Document document(callsOf(m_core));
        document.open(paths({"many"}));
        QTRY_VERIFY(document.valuesAreChecked());
        document.requestStatistics({250, 251});
        document.select(TensorId{TensorId::Side::Found, 299});
        m_core->holdsRest = true; // whatever the machine's load: what is visible must not wait behind the rest
        m_core->holdsStatistics = false;
        QTRY_VERIFY(document.statistics(250) && document.statistics(251) && document.statistics(299));
        QVERIFY(!document.statistics(249));
        m_core->holdsRest = false;
        QTRY_COMPARE(document.statisticsDone(), 300);
        const std::lock_guard lock(m_core->mutex);
        QCOMPARE(m_core->analysed.size(), 300u);
        QVERIFY(!document.statistics(13));
        QCOMPARE(document.statisticsError(13)->rule, "truncated");
    }
    void whatIsStoppedKeepsWhatItHas()
    {
        m_core->holdsStatistics = true;
        Document document(callsOf(m_core));
        document.open(paths({"many"}));
        QTRY_VERIFY(document.valuesAreChecked());
        QTRY_COMPARE(document.activity().total, 300u);
        document.cancel();
        QVERIFY(document.wasStopped());
        QTRY_VERIFY(document.activity().what.isEmpty());
        QVERIFY(document.statisticsDone() < 300);
        QVERIFY(document.check() && document.rows());
        m_core->holdsStatistics = false;
        document.requestStatistics({299});
        QTRY_VERIFY(document.statistics(299));
        QVERIFY(document.wasStopped());
    }
    void aStoppedHeaderIsNoCheckpoint()
    {
        m_core->holdsOpen = true;
        Document document(callsOf(m_core));
        document.open(paths({"a.pt"}));
        document.cancel();
        QTRY_COMPARE(document.state(), Document::State::Failed);
        QCOMPARE(document.error()->rule, "cancelled");
    }
    void aDocumentMayBeDestroyedWhileItWorks()
    {
        m_core->holdsOpen = true;
        {
            Document document(callsOf(m_core));
            document.open(paths({"a.pt"}));
            QTRY_COMPARE(m_core->opened.load(), 1);
        }
        m_core->holdsOpen = false;
        m_core->holdsStatistics = true;
        {
            Document document(callsOf(m_core));
            document.open(paths({"many"}));
            QTRY_VERIFY(document.activity().total == 300);
        }
        QVERIFY(jobPool()->waitForDone(5000));
    }
    void closingLeavesNothing()
    {
        Document document(callsOf(m_core));
        document.open(paths({"a.pt", "config.json"}));
        QTRY_VERIFY(document.check());
        document.close();
        QCOMPARE(document.state(), Document::State::Empty);
        QVERIFY(!document.checkpoint() && !document.check() && !document.rows() && document.path().isEmpty() && document.configPath().isEmpty());
        jobPool()->waitForDone();
        QTest::qWait(20);
        QCOMPARE(document.state(), Document::State::Empty);
    }
    void aRealFileGoesThroughAllStages()
    {
        const TemporaryFolder folder;
        const std::string path = folder.write(QStringLiteral("m.safetensors"), smallFile());
        Document document(coreCalls());
        document.open({QString::fromStdString(path)});
        QTRY_VERIFY(document.modelOrigin() && document.valuesAreChecked());
        QCOMPARE(document.rows()->rows()[0].name, "w");
        QCOMPARE(document.statistics(0)->count, 4u);
        QCOMPARE(document.statistics(0)->mean, 0.0);
        QCOMPARE(document.originWord(0), document.origin(0) ? std::string_view(name(document.origin(0)->verdict)) : std::string_view());
    }
    void statisticsOfTheCheckpointAreUsedAndNothingIsRead_data()
    {
        QTest::addColumn<bool>("liesBeside");
        QTest::newRow("beside it") << true;
        QTest::newRow("dropped with it") << false;
    }
    void statisticsOfTheCheckpointAreUsedAndNothingIsRead()
    {
        QFETCH(bool, liesBeside);
        const TemporaryFolder folder;
        const std::string path = folder.write(QStringLiteral("m.safetensors"), smallFile());
        const QString statistics =
            writeStatistics(folder, path, liesBeside ? QStringLiteral("m.safetensors.statistics.json") : QStringLiteral("s.json"));
        QVERIFY(Document::isStatisticsPath(statistics) && !Document::isStatisticsPath(QString::fromStdString(path)));
        Document document(coreCalls());
        document.open(liesBeside ? QStringList{QString::fromStdString(path)} : QStringList{statistics, QString::fromStdString(path)});
        QTRY_VERIFY(document.modelOrigin() && document.valuesAreChecked());
        QVERIFY(document.givenStatistics() && *document.givenStatistics());
        QCOMPARE(QString::fromStdString((*document.givenStatistics())->path), statistics);
        QCOMPARE(document.statistics(0)->mean, 77.0); // what the file says, not what the values are
    }
    void statisticsOfAnotherCheckpointAreRefused_data()
    {
        QTest::addColumn<QByteArray>("other");
        QTest::newRow("another shape") << safetensors("{\"w\":{\"dtype\":\"F32\",\"shape\":[4,1],\"data_offsets\":[0,16]}}", QByteArray(16, '\0'));
        QTest::newRow("other values") << safetensors("{\"w\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}", QByteArray(16, '\1'));
        QTest::newRow("no statistics") << QByteArray();
    }
    void statisticsOfAnotherCheckpointAreRefused()
    {
        QFETCH(QByteArray, other);
        const TemporaryFolder folder;
        const std::string path = folder.write(QStringLiteral("m.safetensors"), smallFile());
        const QString statistics = other.isEmpty()
                                       ? QString::fromStdString(folder.write(QStringLiteral("s.json"), "{\"weighbridge_part\":1}"))
                                       : writeStatistics(folder, folder.write(QStringLiteral("other.safetensors"), other), QStringLiteral("s.json"));
        Document document(coreCalls());
        document.open({QString::fromStdString(path)});
        QTRY_VERIFY(document.modelOrigin() && document.valuesAreChecked());
        QSignalSpy given(&document, &Document::statisticsGiven);
        document.open({statistics});
        QTRY_COMPARE(given.size(), 1);
        QVERIFY(document.givenStatistics() && !*document.givenStatistics());
        QCOMPARE(QString::fromStdString(document.givenStatistics()->error().rule),
                 other.isEmpty() ? QStringLiteral("corrupt") : QStringLiteral("other-checkpoint"));
        QTRY_VERIFY(document.statistics(0));
        QCOMPARE(document.statistics(0)->mean, 0.0); // its own again
        QCOMPARE(document.path(), QString::fromStdString(path));
    }
    void statisticsAloneAreNoCheckpoint()
    {
        const TemporaryFolder folder;
        Document document(coreCalls());
        document.open({writeStatistics(folder, folder.write(QStringLiteral("m.safetensors"), smallFile()), QStringLiteral("s.json"))});
        QCOMPARE(document.state(), Document::State::Failed);
        QVERIFY(QString::fromStdString(document.error()->message).contains(QStringLiteral("statistics")));
    }
    void aFileThatChangesOnDiskIsSaidAndNotReloaded()
    {
        const TemporaryFolder folder;
        const std::string path = folder.write(QStringLiteral("m.safetensors"), smallFile());
        Document document(coreCalls());
        document.open({QString::fromStdString(path)});
        QTRY_VERIFY(document.valuesAreChecked());
        QSignalSpy changed(&document, &Document::fileChanged);
        const CheckpointPtr before = document.checkpoint();
        folder.write(QStringLiteral("m.safetensors"), smallFile() + "more");
        QTRY_COMPARE(changed.size(), 1);
        QVERIFY(document.fileHasChanged());
        QCOMPARE(document.checkpoint(), before);
        document.keep();
        QVERIFY(!document.fileHasChanged());
        folder.write(QStringLiteral("m.safetensors"), smallFile());
        QTRY_COMPARE(changed.size(), 2);
        document.reload();
        QTRY_VERIFY(document.checkpoint() && document.checkpoint() != before);
        QVERIFY(!document.fileHasChanged());
    }

private:
    static QByteArray smallFile()
    {
        return safetensors("{\"w\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}", QByteArray(16, '\0'));
    }

    /// Those of a checkpoint, with a mean that its values do not have.
    static QString writeStatistics(const TemporaryFolder& folder, const std::string& checkpointPath, const QString& name)
    {
        JobContext job;
        const auto checkpoint = openCheckpoint(checkpointPath, job);
        auto all = analyseCheckpoint(**checkpoint, {}, 1, job);
        all->tensors[0]->statistics.mean = 77;
        const std::vector<size_t> tensors{0};
        return QString::fromStdString(folder.write(
            name, QByteArray::fromStdString(toJson(partDocument(subjectOf(**checkpoint, {}), **checkpoint, {1, 1}, tensors, all->tensors)))));
    }

    CorePtr m_core;
};

WATCHED_GUILESS_MAIN(TstDocument)
#include "tst_document.moc"
