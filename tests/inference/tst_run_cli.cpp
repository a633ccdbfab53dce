// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/json_schema.h"

#include <QtTest>

#include <csignal>

namespace {

const QString cli = QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-cli");
const QString trained = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained");
const QString tiny = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/inference/");

struct Answer {
    int status = -1;
    QByteArray out;
    QByteArray err;
};

Answer runCli(const QStringList& arguments)
{
    QProcess process;
    process.start(cli, QStringList{"run"} + arguments);
    if (!process.waitForFinished(60'000) || process.exitStatus() != QProcess::NormalExit)
        return {-1, {}, process.errorString().toUtf8()};
    return {process.exitCode(), process.readAllStandardOutput(), process.readAllStandardError()};
}

/// The worker that a process has started, or 0.
qint64 workerOf(qint64 parent)
{
    QFile children(QStringLiteral("/proc/%1/task/%1/children").arg(parent));
    return children.open(QIODevice::ReadOnly) ? children.readAll().split(' ').value(0).toLongLong() : 0;
}

} // namespace

/// `weighbridge-cli run` as a script sees it.
class TstRunCli : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answersFitTheirSchema_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("schema");
        QTest::addColumn<int>("status");
        QTest::newRow("text") << QStringList{trained, "--text", "the capital of italy is [MASK] .", "--json"} << "run" << 0;
        QTest::newRow("ids") << QStringList{tiny + "LlamaForCausalLM", "--input", tiny + "LlamaForCausalLM/input.json", "--json"} << "run" << 0;
        QTest::newRow("no tokenizer") << QStringList{tiny + "LlamaForCausalLM", "--json"} << "error" << 2;
        QTest::newRow("missing tensors") << QStringList{trained + "/../layers", "--json"} << "error" << 2;
        QTest::newRow("wrong number") << QStringList{trained, "--runs", "many", "--json"} << "error" << 2;
        QTest::newRow("image") << QStringList{tiny + "ViTForImageClassification", "--image", tiny + "image.png", "--json"} << "run" << 0;
        QTest::newRow("sample image") << QStringList{tiny + "ResNetForImageClassification", "--json"} << "run" << 0;
        QTest::newRow("image for a model of texts") << QStringList{trained, "--image", "x.png", "--json"} << "error" << 2;
        QTest::newRow("two models") << QStringList{trained, "--beside", trained + "/../never-loaded", "--json"} << "run" << 0;
    }
    void answersFitTheirSchema()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, schema);
        QFETCH(int, status);
        const Answer answer = runCli(arguments);
        QCOMPARE(answer.status, status);
        QCOMPARE(schemaDifferences(QJsonDocument::fromJson(answer.out).object(), schema), QStringList());
    }

    void withoutJsonTheAnswerIsForAPerson()
    {
        const Answer answer = runCli({trained, "--runs", "1"});
        QCOMPARE(answer.status, 0);
        QVERIFY(answer.out.contains("paris"));
        QVERIFY(answer.out.contains("guessing would give 5.87: it has learned"));
    }

    void aWorkerThatIsKilledBecomesASentence()
    {
        QProcess process;
        process.start(cli, {"run", trained, "--runs", "1000000", "--json"});
        QVERIFY(process.waitForStarted());
        qint64 worker = 0;
        QTRY_VERIFY_WITH_TIMEOUT((worker = workerOf(process.processId())) > 0, 10'000);
        QCOMPARE(::kill(pid_t(worker), SIGKILL), 0);
        QVERIFY(process.waitForFinished(20'000));
        QCOMPARE(process.exitCode(), 2);
        const QJsonObject error = QJsonDocument::fromJson(process.readAllStandardOutput()).object().value("error").toObject();
        QCOMPARE(error.value("rule").toString(), "worker-died");
    }

    void interruptingEndsTheWorker()
    {
        QProcess process;
        process.start(cli, {"run", trained, "--runs", "1000000"});
        QVERIFY(process.waitForStarted());
        qint64 worker = 0;
        QTRY_VERIFY_WITH_TIMEOUT((worker = workerOf(process.processId())) > 0, 10'000);
        QTest::qWait(500);
        QCOMPARE(::kill(pid_t(process.processId()), SIGINT), 0);
        QVERIFY(process.waitForFinished(20'000));
        QCOMPARE(process.exitCode(), 2);
        QVERIFY(::kill(pid_t(worker), 0) != 0);
    }
};

QTEST_GUILESS_MAIN(TstRunCli)
#include "tst_run_cli.moc"
