// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/inference_worker.h"
#include "core/base/json.h"
#include "core/remote/host_inference.h"
#include "tests/support/ssh_server.h"

#include <QtTest>

#include <optional>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

const std::string trained = WEIGHBRIDGE_SOURCE_DIR "/resources/samples/trained";
const std::string tiny = WEIGHBRIDGE_SOURCE_DIR "/tests/data/inference/";

/// What the model says, without how long it took and where it lies.
QString said(const Value& answer)
{
    QString out;
    for (const char* key : {"class", "device", "dtype", "tokens", "outputs", "top", "health", "proof", "image"})
        if (const Value* value = answer.find(key))
            out += QString::fromLatin1(key) + QString::fromStdString(toJson(*value)) + u'\n';
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
        QTest::addColumn<QString>("more"); // of the request
        QTest::newRow("text") << QString::fromStdString(trained) << R"("text": "the capital of italy is [MASK] .")";
        QTest::newRow("ids") << QString::fromStdString(tiny + "LlamaForCausalLM") << R"("input_ids": [[1, 5, 9, 2]])";
        QTest::newRow("an image of this machine") << QString::fromStdString(tiny + "ViTForImageClassification")
                                                  << QString::fromStdString("\"image\": \"" + tiny + "image.png\"");
    }
    void theAnswerIsTheOneOfThisMachine()
    {
        QFETCH(QString, model);
        QFETCH(QString, more);
        const auto request = [&](const std::string& path) {
            const auto document = parseJson(QStringLiteral(R"({"command": "run", "runs": 1, "device": "cpu", %1})").arg(more).toStdString());
            Value out = document->value;
            out.set("path", path);
            return out;
        };
        const auto here = runWhereItLies(request(model.toStdString()), m_job);
        QVERIFY2(here, here ? "" : here.error().message.c_str());
        QVERIFY(here->find("outputs")->map() && !here->find("outputs")->map()->empty());
        const auto there = runWhereItLies(request("ssh://box" + model.toStdString()), m_job);
        QVERIFY2(there, there ? "" : there.error().message.c_str());
        QCOMPARE(said(*there), said(*here));
        QCOMPARE(there->find("host")->stringOr(""), std::string("box"));
    }

    void theDevicesAreTheOnesOfThatMachine()
    {
        const auto there = listHostDevices(parseSshAddress("ssh://box/").value(), m_job);
        QVERIFY2(there, there ? "" : there.error().message.c_str());
        const Value here = listInferenceDevices(m_job);
        const auto ids = [](const Value& list) {
            QStringList out;
            for (const Value& device : *list.find("devices")->list())
                out << QString::fromStdString(device.find("id")->stringOr(""));
            return out;
        };
        QVERIFY(ids(*there).contains(QStringLiteral("cpu")));
        QCOMPARE(ids(*there), ids(here));
    }

    void whatTheWorkerThereRefusesIsSaid()
    {
        const auto there =
            runWhereItLies(Value::Map{{"command", "run"}, {"path", "ssh://box" WEIGHBRIDGE_SOURCE_DIR "/resources/samples/layers"}}, m_job);
        const auto here = runWhereItLies(Value::Map{{"command", "run"}, {"path", WEIGHBRIDGE_SOURCE_DIR "/resources/samples/layers"}}, m_job);
        QVERIFY(!there && !here);
        QCOMPARE(there.error().rule, here.error().rule);
        QVERIFY2(there.error().message.find("box") != std::string::npos, there.error().message.c_str());
    }

private:
    JobContext m_job;
    std::optional<SshServer> m_server;
};

QTEST_GUILESS_MAIN(TstRunSsh)
#include "tst_run_ssh.moc"
