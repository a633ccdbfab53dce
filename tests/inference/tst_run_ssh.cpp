// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/ssh_server.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QtTest>

#include <optional>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

const QString trained = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained");
const QString tiny = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/inference/");

QJsonObject answerOf(const QStringList& arguments)
{
    QProcess process;
    process.start(QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-cli"), arguments + QStringList{QStringLiteral("--json")});
    process.waitForFinished(120'000);
    return QJsonDocument::fromJson(process.readAllStandardOutput()).object();
}

/// What the model says, without how long it took and where it lies.
QByteArray said(const QJsonObject& answer)
{
    QJsonObject out;
    for (const char* key : {"class", "device", "dtype", "tokens", "outputs", "top", "health", "proof", "image"})
        out.insert(QLatin1String(key), answer[QLatin1String(key)]);
    return QJsonDocument(out).toJson();
}

QStringList idsOf(const QJsonObject& devices)
{
    QStringList out;
    for (const QJsonValue& device : devices["devices"].toArray())
        out << device.toObject()["id"].toString();
    return out;
}

} // namespace

/// Models that run on the machine on which they lie: through a real sshd, with the real worker at its other end.
class TstRunSsh : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        if (!SshServer::absence().isEmpty())
            QSKIP(qPrintable(SshServer::absence()));
        qputenv("WEIGHBRIDGE_TIMEOUT", "60"); // also on a busy machine
        m_server.emplace();
        qputenv("WEIGHBRIDGE_SSH", m_server->client().toUtf8());
    }

    void theAnswerIsTheOneOfThisMachine_data()
    {
        QTest::addColumn<QString>("model");
        QTest::addColumn<QStringList>("options");
        QTest::newRow("text") << trained << QStringList{"--text", "the capital of italy is [MASK] ."};
        QTest::newRow("ids") << tiny + "LlamaForCausalLM" << QStringList{"--input", tiny + "LlamaForCausalLM/input.json"};
        QTest::newRow("an image of this machine") << tiny + "ViTForImageClassification" << QStringList{"--image", tiny + "image.png"};
    }
    void theAnswerIsTheOneOfThisMachine()
    {
        QFETCH(QString, model);
        QFETCH(QStringList, options);
        options << QStringList{"--runs", "1", "--device", "cpu"};
        const QJsonObject here = answerOf(QStringList{"run", model} + options);
        const QJsonObject there = answerOf(QStringList{"run", "ssh://box" + model} + options);
        QVERIFY2(!here["outputs"].toObject().isEmpty(), QJsonDocument(here).toJson().constData());
        QCOMPARE(said(there), said(here));
        QCOMPARE(there["host"].toString(), QStringLiteral("box"));
    }

    void theDevicesAreTheOnesOfThatMachine()
    {
        const QJsonObject there = answerOf({"devices", "ssh://box"});
        QVERIFY(idsOf(there).contains(QStringLiteral("cpu")));
        QCOMPARE(idsOf(there), idsOf(answerOf({"devices"})));
        QCOMPARE(there["devices"].toArray()[0].toObject()["host"].toString(), QStringLiteral("box"));
    }

    void whatTheWorkerThereRefusesIsSaid()
    {
        const QString layers = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/layers");
        const QJsonObject here = answerOf({"run", layers})["error"].toObject();
        const QJsonObject there = answerOf({"run", "ssh://box" + layers})["error"].toObject();
        QVERIFY(!here["rule"].toString().isEmpty());
        QCOMPARE(there["rule"].toString(), here["rule"].toString());
        QVERIFY2(there["message"].toString().startsWith(QStringLiteral("On box: ")), qPrintable(there["message"].toString()));
    }

private:
    std::optional<SshServer> m_server;
};

QTEST_GUILESS_MAIN(TstRunSsh)
#include "tst_run_ssh.moc"
