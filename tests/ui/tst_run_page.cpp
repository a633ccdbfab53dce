// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/recorded.h"
#include "tests/support/watched_application.h"
#include "ui/views/run_page.h"

#include "core/base/json.h"
#include "tests/support/patience.h"
#include "ui/views/bar_list.h"
#include "ui/views/results_table.h"
#include "ui/views/run_input.h"
#include "ui/views/segments.h"

#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTest>
#include <QThread>
#include <QToolButton>

#include <atomic>
#include <csignal>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

const QString trained = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained");

constexpr auto answerText = "{\"class\": \"BertForMaskedLM\", \"device\": \"cpu\", \"dtype\": \"F32\", \"task\": \"masked-token\","
                            "\"tokens\": [{\"id\": 4, \"text\": \"[MASK]\", \"special\": false, \"mask\": true}],"
                            "\"top\": [{\"kind\": \"masked-token\", \"position\": 6, \"id\": 9, \"token\": \"paris\", \"rank\": 1, \"probability\": 0.75},"
                            "{\"kind\": \"masked-token\", \"position\": 6, \"id\": 8, \"token\": \"rome\", \"rank\": 2, \"probability\": 0.125}],"
                            "\"proof\": {\"verdict\": \"learned\", \"loss\": 0.5, \"guessing\": 5.87, \"tokens\": 53, \"sentences\": [{\"text\": \"Snow is white.\", \"loss\": 0.5}]},"
                            "\"health\": [{\"layer\": \"embeddings\", \"mean\": 0, \"std\": 1, \"nan\": 0, \"inf\": 0}], \"notes\": [\"A note\"],"
                            "\"latency_ms\": {\"median\": 2, \"min\": 1, \"runs\": 20, \"first\": 3}}";

Value valueOf(const char* json)
{
    const auto document = parseJson(json);
    return document ? document->value : Value();
}

/// A process that one of our threads has started; 0 if there is none.
qint64 childOfThisProcess()
{
    for (const QString& thread : QDir(QStringLiteral("/proc/self/task")).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        QFile children(QStringLiteral("/proc/self/task/%1/children").arg(thread));
        if (children.open(QIODevice::ReadOnly))
            if (const qint64 child = children.readAll().split(' ').value(0).toLongLong(); child > 0)
                return child;
    }
    return 0;
}

/// What the worker would have been asked, and its answer put in its place.
class Worker {
public:
    explicit Worker(Result<Value> answer) : m_answer(std::move(answer)) {}

    RunPage::Ask ask()
    {
        return [this](const Value& request, JobContext&) -> Result<Value> {
            if (request.find("command")->stringOr("") == "devices")
                return valueOf("{\"devices\": [{\"id\": \"cpu\", \"name\": \"two cores\"}, {\"id\": \"cuda:0\", \"name\": \"CUDA\", \"reason\": \"No driver was found.\"}]}");
            m_requests.add(request);
            return m_answer;
        };
    }
    [[nodiscard]] Value request() const { return m_requests.all().value(m_requests.all().size() - 1); }

private:
    Recorded<Value> m_requests;
    Result<Value> m_answer;
};

} // namespace

/// The Run page with answers put in the worker's place.
class TestRunPage : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<Document> m_document;

private Q_SLOTS:
    void init()
    {
        m_document = std::make_unique<Document>();
        m_document->open({trained});
        QTRY_VERIFY(m_document->state() == Document::State::Loaded && !m_document->isChecking());
    }

    void devicesOfAnotherMachineAreNamedWithIt()
    {
        RunInput input(*m_document);
        QCOMPARE(input.device()->currentText(), QStringLiteral("CPU"));
        input.setDevices(*valueOf("{\"d\": [{\"id\": \"cuda:1\", \"name\": \"Card\", \"host\": \"gpu-box\"}, {\"id\": \"cpu\", \"name\": \"two cores\", \"here\": true}]}").find("d")->list());
        QCOMPARE(input.device()->itemText(0), QStringLiteral("gpu-box: CUDA 1, Card"));
        QCOMPARE(input.device()->itemText(1), QStringLiteral("This machine: CPU, two cores"));
        QCOMPARE(input.request().find("device")->stringOr(""), std::string("cuda:1"));
        QVERIFY(!input.request().find("here"));
        input.device()->setCurrentIndex(1);
        QVERIFY(*input.request().find("here")->boolean());
        // a machine without a worker says so, and this one is chosen
        input.setDevices(*valueOf("{\"d\": [{\"id\": \"\", \"name\": \"\", \"host\": \"gpu-box\", \"reason\": \"No worker.\"}, {\"id\": \"cpu\", \"name\": \"two cores\", \"here\": true}]}").find("d")->list());
        QCOMPARE(input.device()->itemText(0), QStringLiteral("gpu-box: No worker."));
        QCOMPARE(input.device()->currentIndex(), 1);
    }

    void anAnswerBecomesRows()
    {
        Worker worker(valueOf(answerText));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.run();
        QTRY_VERIFY(!page.isRunning());
        QCOMPARE(page.sentence(), QStringLiteral("It runs, and it has learned: loss 0.50, guessing would give 5.87"));
        QVERIFY(page.answer() && page.answer()->explanation().contains(QStringLiteral("5.87"))); // the verdict says what it rests on
        QVERIFY(page.status().contains(QStringLiteral("A note")));
        const auto& rows = page.results()->rows();
        QCOMPARE(rows.size(), 3);
        QCOMPARE(rows[0].label, QStringLiteral("paris"));
        QCOMPARE(rows[0].value, QStringLiteral("75.00 %"));
        QVERIFY(rows[0].heading.contains(QLatin1Char('6')));
        QVERIFY(rows[2].isOthers);
        QCOMPARE(rows[2].value, QStringLiteral("12.50 %"));
    }

    void theResultsCanBeReadAsATableAndCopied()
    {
        Worker worker(valueOf(answerText));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.resize(1200, 700);
        page.show();
        QVERIFY(!page.results()->isVisible() && !page.table()->isVisible() && !page.resultsChoice()->isVisible());
        page.run();
        QTRY_VERIFY(page.results()->isVisible());
        QVERIFY(!page.table()->isVisible());
        QTest::mouseClick(page.resultsChoice()->findChildren<QToolButton*>().last(), Qt::LeftButton);
        QVERIFY(page.table()->isVisible() && !page.results()->isVisible());
        QCOMPARE(page.table()->rowCount(), 4); // a heading, two tokens, what is left
        page.table()->selectRow(1);
        QTest::keyClick(page.table(), Qt::Key_C, Qt::ControlModifier);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("rank\tresult\tid\tvalue\n1\tparis\t9\t75.00 %\n"));
        page.table()->clearSelection();
        QCOMPARE(page.table()->copied().count(u'\n'), 5);
    }

    void aProgramIsGivenWhatTheUserSaysThatItTakes()
    {
        const QString script = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/torch/script.pt");
        m_document->open({script});
        QTRY_VERIFY(m_document->state() == Document::State::Loaded && m_document->path() == script && !m_document->isChecking());
        QCOMPARE(m_document->checkpoint()->format, "torchscript");
        RunInput input(*m_document);
        QVERIFY(input.request().find("text"));
        const auto kinds = input.kind()->findChildren<QToolButton*>();
        kinds[1]->click();
        input.text()->setPlainText(QStringLiteral("101, 7 [9]"));
        QCOMPARE(*input.request().find("input_ids"), Value(Value::List{101, 7, 9}));
        QVERIFY(!input.request().find("text"));
        kinds[2]->click();
        QVERIFY(QFileInfo::exists(QString::fromStdString(input.request().find("image")->stringOr(""))));
    }

    void aSampleOfTheMenuIsWhatIsRun()
    {
        Worker worker(valueOf(answerText));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        const auto samples = page.settings()->sampleMenu()->actions();
        QVERIFY(samples.size() > 1);
        QVERIFY(page.settings()->samples()->text().contains(samples.first()->text()));
        samples[1]->trigger();
        QVERIFY(page.settings()->samples()->text().contains(samples[1]->text()));
        page.run();
        QTRY_VERIFY(!page.isRunning());
        const QString text = QString::fromStdString(worker.request().find("text")->stringOr(""));
        QCOMPARE(text, page.input()->toPlainText());
        QVERIFY(text != RunSample::of(QStringLiteral("BertForMaskedLM"), QStringLiteral("bert")).text && text.contains(QStringLiteral("[MASK]")));
    }

    void eachKindOfModelHasSamplesOfItsOwn_data()
    {
        QTest::addColumn<QString>("className");
        QTest::addColumn<QString>("modelType");
        QTest::newRow("hidden words") << "BertForMaskedLM" << "bert";
        QTest::newRow("continued") << "LlamaForCausalLM" << "llama";
        QTest::newRow("questions") << "BertForQuestionAnswering" << "bert";
        QTest::newRow("tasks") << "T5ForConditionalGeneration" << "t5";
        QTest::newRow("image and texts") << "CLIPModel" << "clip";
        QTest::newRow("image") << "ViTForImageClassification" << "vit";
        QTest::newRow("sentences") << "" << "";
    }
    void eachKindOfModelHasSamplesOfItsOwn()
    {
        QFETCH(QString, className);
        QFETCH(QString, modelType);
        QSet<QString> names;
        QSet<QString> inputs;
        const auto samples = RunSample::all(className, modelType);
        QVERIFY(!samples.isEmpty());
        for (const RunSample& sample : samples) {
            QVERIFY(!sample.name.isEmpty());
            QCOMPARE(sample.text.isEmpty(), !sample.takesText);
            QVERIFY(sample.takesText || sample.takesImage);
            names.insert(sample.name);
            inputs.insert(sample.text + sample.pair);
        }
        QCOMPARE(names.size(), samples.size());
        QCOMPARE(inputs.size(), samples.size());
    }

    void theVerdictIsTheWorkers_data()
    {
        QTest::addColumn<QByteArray>("proof");
        QTest::addColumn<QString>("sentence");
        QTest::newRow("guesses") << QByteArray("{\"verdict\": \"guesses\", \"loss\": 5.9, \"guessing\": 5.87, \"tokens\": 53}")
                                 << QStringLiteral("It runs, but it predicts no better than guessing: loss 5.90, guessing would give 5.87");
        QTest::newRow("too few tokens") << QByteArray("{\"verdict\": \"cannot-tell\", \"loss\": 0.5, \"guessing\": 5.87, \"tokens\": 13}")
                                        << QStringLiteral("It runs. Whether it has learned cannot be told from 13 tokens: loss 0.50, guessing would give 5.87");
        QTest::newRow("no word") << QByteArray("{\"loss\": 0.5, \"guessing\": 5.87, \"tokens\": 53}")
                                 << QStringLiteral("It runs. Whether it has learned cannot be told from 53 tokens: loss 0.50, guessing would give 5.87");
        QTest::newRow("no proof") << QByteArray() << QStringLiteral("It runs");
    }
    void theVerdictIsTheWorkers()
    {
        QFETCH(QByteArray, proof);
        QFETCH(QString, sentence);
        Worker worker(proof.isEmpty() ? Value(Value::Map{}) : Value(Value::Map{{"proof", valueOf(proof.constData())}}));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.run();
        QTRY_VERIFY(!page.isRunning());
        QCOMPARE(page.sentence(), sentence);
    }

    void brokenActivationsComeBeforeTheProof()
    {
        Value answer = valueOf(answerText);
        Worker worker(answer.set("health", valueOf("[{\"layer\": \"layer 0\", \"mean\": null, \"std\": null, \"nan\": 3, \"inf\": 0}]")));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.run();
        QTRY_COMPARE(page.sentence(), QStringLiteral("It runs, but its activations are not numbers"));
    }

    void twoTextsHaveASimilarity()
    {
        Worker worker(valueOf("{\"similarity\": 0.5}"));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.run();
        QTRY_VERIFY(!page.isRunning());
        QCOMPARE(page.results()->rows().size(), 1);
        QCOMPARE(page.results()->rows().first().value, QStringLiteral("0.5000"));
    }

    void anErrorBecomesASentenceAndClearsWhatWasThere()
    {
        RunPage page(*m_document);
        Worker good(valueOf(answerText));
        page.setAsk(good.ask());
        page.run();
        QTRY_COMPARE(page.results()->rows().size(), 3);
        Worker bad(failure(Error("worker-died", "weighbridge-inference ended by signal 9.").fixedBy("Run it layer by layer.")));
        page.setAsk(bad.ask());
        page.run();
        QTRY_VERIFY(!page.isRunning());
        QCOMPARE(page.sentence(), QStringLiteral("It did not run"));
        QVERIFY(!page.answer());
        QCOMPARE(page.status(), QStringLiteral("weighbridge-inference ended by signal 9. Run it layer by layer."));
        QVERIFY(page.results()->rows().isEmpty());
    }

    void waysOutAreThoseOfThePage()
    {
        Worker worker(failure(Error("missing-tensors", "Some are missing.").fixedBy("--initialise-missing")));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.run();
        QTRY_VERIFY(!page.isRunning());
        QVERIFY2(page.status().startsWith(QStringLiteral("Some are missing. ")) && page.status().contains(QStringLiteral("tick")), qPrintable(page.status()));
        QVERIFY(!page.status().contains(QStringLiteral("--")));
    }

    void stoppingEndsTheWaitAndSaysSo()
    {
        std::atomic<bool> isAsked = false;
        RunPage page(*m_document);
        page.setAsk([&isAsked](const Value&, JobContext& job) -> Result<Value> {
            isAsked = true;
            while (!job.cancelled())
                QThread::msleep(1);
            return failure(cancelledError());
        });
        page.run();
        QTRY_VERIFY(isAsked);
        QVERIFY(page.isRunning());
        QCOMPARE(page.sentence(), QStringLiteral("Running"));
        page.stop();
        QTRY_VERIFY(!page.isRunning());
        QCOMPARE(page.sentence(), QStringLiteral("Stopped"));
    }

    void theKeyRunsWhatIsTyped()
    {
        Worker worker(valueOf(answerText));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.show();
        page.activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&page));
        page.input()->setFocus();
        page.input()->setPlainText(QStringLiteral("snow is [MASK] ."));
        page.run();
        QTRY_COMPARE(page.results()->rows().size(), 3);
        const Value request = worker.request();
        QVERIFY(request.find("path")->stringOr("").starts_with(trained.toStdString()));
        QCOMPARE(request.find("text")->stringOr(""), std::string("snow is [MASK] ."));
        QCOMPARE(request.find("device")->stringOr(""), std::string("cpu"));
        QVERIFY(!request.find("pair"));
    }

    void aLayerThatIsNotMissedIsNamed()
    {
        Worker worker(valueOf("{\"proof\": {\"verdict\": \"learned\", \"loss\": 0.16, \"guessing\": 5.87, \"tokens\": 56, \"without_none\": 0.15, \"suspect\": \"layer 1\","
                              "\"without_layer\": [{\"layer\": \"layer 0\", \"loss\": 0.9}, {\"layer\": \"layer 1\", \"loss\": 0.15}]}}"));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.run();
        QTRY_VERIFY(!page.isRunning());
        QCOMPARE(page.sentence(), QStringLiteral("It runs, but layer 1 contributes nothing: loss 0.15 with it, 0.15 without"));
    }

    void anotherModelRunsBeside()
    {
        Value answer = valueOf(answerText);
        answer.set("beside", valueOf("{\"path\": \"/other\", \"parts_at\": \"layer 0\", \"layers\": [{\"layer\": \"embeddings\", \"relative_distance\": 0.5}]}"));
        Worker worker(answer);
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.settings()->setBeside(QStringLiteral("/other"));
        page.run();
        QTRY_VERIFY(!page.isRunning());
        QCOMPARE(worker.request().find("beside")->stringOr(""), std::string("/other"));
        QCOMPARE(page.besideSentence(), QStringLiteral("The two part at layer 0"));
    }

    void aModelOfImagesTakesAnImageAndNoText()
    {
        const QString vit = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/inference/ViTForImageClassification");
        Worker worker(valueOf(answerText));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        m_document->open({vit});
        QTRY_VERIFY(m_document->state() == Document::State::Loaded && !m_document->isChecking() && m_document->expected());
        page.run();
        QTRY_VERIFY(!page.isRunning());
        QVERIFY(!worker.request().find("text"));
        QVERIFY(page.input()->isHidden());
    }

    void aWorkerThatIsKilledStoppedOrStarvedCostsASentence()
    {
        const QString program = QCoreApplication::applicationDirPath() + QStringLiteral("/weighbridge-inference"); // where it is looked for: beside this program
        if (!QFile::exists(QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-inference")))
            QSKIP("The inference worker is not built.");
        QFile::link(QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-inference"), program);
        RunPage page(*m_document);

        page.run();
        qint64 worker = 0;
        QTRY_VERIFY_WITH_TIMEOUT((worker = childOfThisProcess()) > 0, 20'000);
        QCOMPARE(::kill(pid_t(worker), SIGKILL), 0);
        QTRY_VERIFY_WITH_TIMEOUT(!page.isRunning(), 20'000);
        QCOMPARE(page.sentence(), QStringLiteral("It did not run"));
        QVERIFY2(page.status().contains(QStringLiteral("signal 9")), qPrintable(page.status()));

        // one that stands still is ended when the run is
        page.run();
        QTRY_VERIFY_WITH_TIMEOUT((worker = childOfThisProcess()) > 0, 20'000);
        QCOMPARE(::kill(pid_t(worker), SIGSTOP), 0);
        page.stop();
        QTRY_VERIFY_WITH_TIMEOUT(!page.isRunning(), 20'000);
        QCOMPARE(page.sentence(), QStringLiteral("Stopped"));
        QTRY_COMPARE(childOfThisProcess(), qint64(0));

        // one that may allocate 30 MiB, less than libtorch needs to start
        QVERIFY(QFile::remove(program));
        QFile starved(program);
        QVERIFY(starved.open(QIODevice::WriteOnly) && starved.write("#!/bin/sh\nulimit -d 30720\nexec " WEIGHBRIDGE_BIN_DIR "/weighbridge-inference\n") > 0);
        QVERIFY(starved.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner));
        starved.close();
        page.run();
        QTRY_VERIFY_WITH_TIMEOUT(!page.isRunning(), 60'000);
        QCOMPARE(page.sentence(), QStringLiteral("It did not run"));
        QVERIFY(!page.status().isEmpty());

        QVERIFY(QFile::remove(program) && QFile::link(QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-inference"), program));
        page.run();
        QTRY_VERIFY_WITH_TIMEOUT(!page.isRunning(), 120'000);
        QFile::remove(program);
        QVERIFY2(page.sentence().startsWith(QStringLiteral("It runs, and it has learned")), qPrintable(page.sentence() + page.status()));
    }

    void anotherCheckpointForgetsTheAnswer()
    {
        Worker worker(valueOf(answerText));
        RunPage page(*m_document);
        page.setAsk(worker.ask());
        page.run();
        QTRY_COMPARE(page.results()->rows().size(), 3);
        m_document->open({trained + QStringLiteral("/../prefix")});
        QTRY_VERIFY(page.results()->rows().isEmpty());
        QCOMPARE(page.sentence(), QStringLiteral("Not run yet"));
    }
};

WATCHED_TEST_MAIN(TestRunPage)
#include "tst_run_page.moc"
