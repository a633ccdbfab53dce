// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/comparison/difference.h"
#include "core/comparison/host_difference.h"
#include "core/remote/host_files.h"
#include "core/remote/host_inference.h"
#include "core/remote/ssh_hosts.h"
#include "core/report/difference_answer.h"
#include "tests/support/matrices.h"
#include "tests/support/ssh_stand_in.h"

#include <QtTest>

#include <filesystem>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

const QByteArray capable = greetingOf("\"open\",\"run\",\"difference\"");

/// What diff --json says, without the places.
QString answerOf(const Difference& difference, const std::string& place)
{
    return QString::fromStdString(toJson(differenceAnswer(difference))).remove(QString::fromStdString(place));
}

/// B of the comparisons: the first matrix transposed, the second changed a little, the last one by a matrix of rank 1.
void change(std::vector<float>& values)
{
    constexpr size_t side = 1024, each = side * side;
    for (size_t i = 0; i < side; ++i)
        for (size_t k = 0; k < i; ++k)
            std::swap(values[i * side + k], values[k * side + i]);
    for (size_t i = each; i < 2 * each; i += 7)
        values[i] += 1e-3F;
    for (size_t i = 0; i < side; ++i)
        for (size_t k = 0; k < side; ++k)
            values[values.size() - each + i * side + k] += 1e-6F * float(i) * float(k % 13);
}

} // namespace

/// What another machine is asked to do: list a folder, compare two of its files, run a model.
class TstSshWork : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { qputenv("WEIGHBRIDGE_TIMEOUT", "20"); } // also on a busy machine

    void aFolderIsListedWithKindsSizesAndTimes()
    {
        m_standIn.useServer("direct");
        const TemporaryFolder folder;
        folder.write(QStringLiteral("model.safetensors"), QByteArray(1234, 'x'));
        folder.write(QStringLiteral("sub/inside"), "x");
        std::filesystem::create_directory_symlink(folder.path(QStringLiteral("sub")), std::filesystem::path(folder.path()) / "link");
        const auto listed = hostFolder(parseSshAddress(m_standIn.nextHost() + folder.path()).value(), m_job);
        QVERIFY2(listed, listed ? "" : listed.error().message.c_str());
        QCOMPARE(listed->path, folder.path());
        QVERIFY(listed->file.empty());
        std::map<std::string, host::Name> names;
        for (const host::Name& name : listed->names)
            names[name.name] = name;
        QCOMPARE(names.size(), size_t(3));
        QCOMPARE(names["model.safetensors"].kind, host::EntryKind::File);
        QCOMPARE(names["model.safetensors"].nbytes, uint64_t(1234));
        QVERIFY(std::abs(names["model.safetensors"].changed - QDateTime::currentSecsSinceEpoch()) < 1000);
        QCOMPARE(names["sub"].kind, host::EntryKind::Folder);
        QVERIFY(names["link"].leadsToFolder && names["link"].kind == host::EntryKind::Other);
    }

    void aFileIsShownInItsFolder()
    {
        m_standIn.useServer("direct");
        const TemporaryFolder folder;
        const std::string file = folder.write(QStringLiteral("a.gguf"), "x");
        const std::string host = m_standIn.nextHost();
        const auto listed = hostFolder(parseSshAddress(host + file).value(), m_job);
        QVERIFY(listed);
        QCOMPARE(listed->path, folder.path());
        QCOMPARE(listed->file, std::string("a.gguf"));
        const auto absent = hostFolder(parseSshAddress(host + file + ".none").value(), m_job);
        QVERIFY(!absent);
        QCOMPARE(absent.error().rule, std::string("not-found"));
        const auto home = hostFolder(parseSshAddress(host + "/~").value(), m_job);
        QVERIFY(home && home->path == std::filesystem::canonical(QDir::homePath().toStdString()).string());
    }

    void hostsOfAConfigAreOffered()
    {
        const std::vector<std::string> expected{"gpu-box", "login", "tpu.example"};
        QCOMPARE(hostsOfSshConfig("# Host never\nHost gpu-box login\n  HostName 10.0.0.1\nhost=tpu.example\nHost *\nHost web? !no -oProxyCommand=x "
                                  "gpu-box # ours\nMatch host other\nHostName elsewhere\n"),
                 expected);
        QVERIFY(hostsOfSshConfig("").empty());
        QVERIFY(hostsOfSshConfig("Host\nHost \nHost =").empty());
    }

    void twoFilesOfOneMachineAreComparedThere()
    {
        const std::string moved = m_standIn.folder().path(QStringLiteral("moved"));
        m_standIn.useServer("measured", "| tee '" + QByteArray::fromStdString(moved) + "'");
        const std::string a = m_folder.write(QStringLiteral("a.safetensors"), matrices(6)),
                          b = m_folder.write(QStringLiteral("b.safetensors"), matrices(6, &change));
        const std::string host = m_standIn.nextHost();
        const Difference here = differenceBetween(a, b), there = differenceBetween(host + a, host + b);
        QCOMPARE(answerOf(there, host), answerOf(here, host));
        QCOMPARE(there.pairs[0].axes, (std::vector<int>{1, 0}));
        QVERIFY(there.pairs[1].valuesDiffer() && there.pairs[5].valuesDiffer());
        QVERIFY(there.pairs[2].values && there.pairs[2].values->isBitwiseEqual);
        QCOMPARE(there.relation.sentence, here.relation.sentence);
        const qint64 files = 2 * QFileInfo(QString::fromStdString(a)).size();
        QVERIFY2(QFileInfo(QString::fromStdString(moved)).size() * 100 < files,
                 qPrintable(QString::number(QFileInfo(QString::fromStdString(moved)).size())));
    }

    void oneHereIsComparedWithOneThere()
    {
        m_standIn.useServer("direct");
        const std::string a = m_folder.write(QStringLiteral("a.safetensors"), matrices(2)),
                          b = m_folder.write(QStringLiteral("b.safetensors"), matrices(2, &change));
        const std::string host = m_standIn.nextHost();
        QCOMPARE(answerOf(differenceBetween(a, host + b), host), answerOf(differenceBetween(a, b), host));
    }

    void aComparisonGoesOnAfterACut()
    {
        const std::string a = m_folder.write(QStringLiteral("a.safetensors"), matrices(6)),
                          b = m_folder.write(QStringLiteral("b.safetensors"), matrices(6, &change));
        const Difference here = differenceBetween(a, b);
        for (const int cut : {68'000, 69'500}) { // both headers, and little more
            m_standIn.useServerThatIsCutAfter(cut);
            const std::string host = m_standIn.nextHost();
            QCOMPARE(answerOf(differenceBetween(host + a, host + b), host), answerOf(here, host));
        }
    }

    void pairsThatLieAreRefused_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::newRow("tensor of A") << QByteArray("\"a\": 0") << QByteArray("\"a\": 9");
        QTest::newRow("tensor of B") << QByteArray("\"b\": 0") << QByteArray("\"b\": -1");
        QTest::newRow("an axis twice") << QByteArray("\"axes\": []") << QByteArray("\"axes\": [1, 1]");
        QTest::newRow("too many axes") << QByteArray("\"axes\": []") << QByteArray("\"axes\": [0, 1, 2]");
        QTest::newRow("a place outside") << QByteArray("\"first\": [3,4]") << QByteArray("\"first\": [3,99999]");
        QTest::newRow("a rounding that is none") << QByteArray("\"rounding\": 0") << QByteArray("\"rounding\": 77");
        QTest::newRow("more changed than there are") << QByteArray("\"counts\": [7,5,0]") << QByteArray("\"counts\": [7,8,0]");
        QTest::newRow("numbers left out") << QByteArray("\"bits\": [") << QByteArray("\"bits\": [1, ");
    }
    void pairsThatLieAreRefused()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        Checkpoint checkpoint;
        checkpoint.tensors.resize(1);
        checkpoint.tensors[0].shape = {10, 10};
        TensorPair pair;
        pair.a = pair.b = 0;
        pair.values.emplace();
        pair.values->count = 7;
        pair.values->changed = 5;
        pair.values->relativeL2 = std::numeric_limits<double>::infinity();
        pair.values->firstChanged = {3, 4};
        QByteArray text = QByteArray::fromStdString(toJson(toValue(2, pair), 1)).simplified();
        text.replace("[ ", "[").replace(" ]", "]");
        const auto whole = pairFrom(parseJson(text.toStdString())->value, checkpoint, checkpoint);
        QVERIFY2(whole && whole->index == 2 && whole->pair.values->relativeL2 == pair.values->relativeL2 &&
                     whole->pair.values->firstChanged == pair.values->firstChanged,
                 text.constData());
        QVERIFY2(text.contains(before), text.constData());
        QVERIFY(!pairFrom(parseJson(text.replace(before, after).toStdString())->value, checkpoint, checkpoint));
    }

    void theDevicesAreThoseOfThatMachine()
    {
        useMachine(frame("{\"done\":true,\"libtorch\":\"9.9\",\"devices\":[{\"id\":\"cuda:0\",\"name\":\"Card\"}]}"));
        const auto listed = listHostDevices(parseSshAddress(m_standIn.nextHost() + "/").value(), m_job);
        QVERIFY2(listed, listed ? "" : listed.error().message.c_str());
        const Value::List& devices = *listed->find("devices")->list();
        QCOMPARE(devices.size(), size_t(1));
        QCOMPARE(devices[0].find("id")->stringOr(""), std::string("cuda:0"));
        QVERIFY(devices[0].find("host")->stringOr("").starts_with("host"));
    }

    void aModelRunsThereAndItsImageIsSent()
    {
        useMachine(frame("{\"progress\":{\"what\":\"Loading\",\"done\":1,\"total\":2}}") +
                   frame("{\"done\":true,\"device\":\"cuda:0\",\"image\":\"x\"}"));
        const std::string image = m_folder.write(QStringLiteral("local.png"), "the image's bytes");
        const std::string host = m_standIn.nextHost();
        std::vector<std::string> reported;
        JobContext job{{}, [&reported](const Progress& progress) { reported.push_back(progress.what); }};
        const auto answer = runWhereItLies(
            Value::Map{{"command", "run"}, {"path", host + "/models/a%20b"}, {"image", image}, {"beside", host + "/models/c"}, {"device", "cuda:0"}},
            job);
        QVERIFY2(answer, answer ? "" : answer.error().message.c_str());
        QCOMPARE(answer->find("device")->stringOr(""), std::string("cuda:0"));
        QCOMPARE("ssh://" + answer->find("host")->stringOr(""), host);
        QCOMPARE(answer->find("image")->stringOr(""), image);
        QVERIFY(std::find(reported.begin(), reported.end(), "Loading") != reported.end());
        const QByteArray request = readFile(QString::fromStdString(m_machine->path(QStringLiteral("request"))));
        QVERIFY2(request.contains("/models/a b") && request.contains("/models/c") && !request.contains("ssh://"), request.constData());
        QCOMPARE(readFile(QString::fromStdString(m_machine->path(QStringLiteral("image")))), QByteArray("the image's bytes"));
    }

    void whereNoWorkerIsThatIsSaid()
    {
        useMachine({});
        const std::string host = m_standIn.nextHost();
        const auto answer = runWhereItLies(Value::Map{{"command", "run"}, {"path", host + "/m"}}, m_job);
        QVERIFY(!answer);
        QCOMPARE(answer.error().rule, std::string("dependency-missing"));
        QVERIFY2(answer.error().message.find(host.substr(6)) != std::string::npos, answer.error().message.c_str());
        const Value listed = listDevicesFor(host + "/m", m_job);
        const Value& first = listed.find("devices")->list()->front();
        QCOMPARE("ssh://" + first.find("host")->stringOr(""), host);
        QVERIFY(!first.find("reason")->stringOr("").empty());
    }

    void anOlderVersionThereIsSaid()
    {
        m_standIn.use("old", "printf '" + octal(greetingOf("\"open\"")) + "'; sleep 5");
        const auto answer = runWhereItLies(Value::Map{{"command", "run"}, {"path", m_standIn.nextHost() + "/m"}}, m_job);
        QVERIFY(!answer);
        QCOMPARE(answer.error().rule, std::string("unsupported-version"));
        QVERIFY(answer.error().message.find("9.9") != std::string::npos);
    }

    void filesThatLieElsewhereAreRefused()
    {
        const std::string here = m_folder.write(QStringLiteral("config.yaml"), "a: 1");
        for (const auto& [key, path] :
             {std::pair<const char*, std::string>("beside", here), {"beside", "ssh://other/m"}, {"config", here}, {"image", "https://host/x.png"}}) {
            const auto answer = runWhereItLies(Value::Map{{"command", "run"}, {"path", "ssh://box/m"}, {key, path}}, m_job);
            QVERIFY(!answer);
            QCOMPARE(answer.error().rule, std::string("usage"));
        }
    }

    void answersThatLieAreRefused_data()
    {
        QTest::addColumn<QByteArray>("answer");
        QTest::newRow("no answer") << frame("{\"done\":true}");
        QTest::newRow("an answer that is no map") << frame("{\"done\":true,\"answer\":[1]}");
        QTest::newRow("bytes") << frame("abc", 'B');
        QTest::newRow("a document") << frame("{\"answer\":{}}");
    }
    void answersThatLieAreRefused()
    {
        QFETCH(QByteArray, answer);
        m_standIn.use("liar", "printf '" + octal(capable + answer) + "'; sleep 2");
        const auto listed = listHostDevices(parseSshAddress(m_standIn.nextHost() + "/").value(), m_job);
        QVERIFY(!listed);
        QCOMPARE(listed.error().rule, std::string("worker"));
    }

private:
    Difference differenceBetween(const std::string& a, const std::string& b)
    {
        const auto openedA = openCheckpoint(a, m_job), openedB = openCheckpoint(b, m_job);
        if (!openedA || !openedB)
            qFatal("%s", (openedA ? openedB : openedA).error().message.c_str());
        DifferenceOptions options;
        options.values = true;
        auto out = differenceOf(*openedA, *openedB, options, m_job);
        if (!out)
            qFatal("%s", out.error().message.c_str());
        return std::move(*out);
    }

    /// A machine that has weighbridge-cli and, if there is an `answer`, an inference worker that gives it to everything. What that is asked is in
    /// "request", the image that it was told to read in "image".
    void useMachine(const QByteArray& answer)
    {
        m_machine.emplace();
        const QString cli = QString::fromStdString(m_machine->path(QStringLiteral("bin/weighbridge-cli")));
        QDir().mkpath(QFileInfo(cli).path());
        if (::link(WEIGHBRIDGE_BIN_DIR "/weighbridge-cli", cli.toLocal8Bit().constData()) != 0 &&
            !QFile::copy(QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-cli"), cli))
            qFatal("weighbridge-cli cannot be copied");
        if (!answer.isEmpty()) {
            const QByteArray at = QByteArray::fromStdString(m_machine->path());
            const QString worker = QString::fromStdString(m_machine->write(
                QStringLiteral("bin/weighbridge-inference"),
                "#!/bin/sh\nexec 3<&0\ncat <&3 > '" + at + "/request' & sleep 0.5\nimage=$(sed -n 's/.*\"image\": *\"\\([^\"]*\\)\".*/\\1/p' '" + at +
                    "/request')\n[ -z \"$image\" ] || cat \"$image\" > '" + at + "/image'\nprintf '" + octal(answer) + "'\nsleep 5\n"));
            QFile::setPermissions(worker, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        }
        m_standIn.use("machine", "exec '" + cli.toLocal8Bit() + "' serve --stdio");
    }

    JobContext m_job;
    TemporaryFolder m_folder;
    SshStandIn m_standIn;
    std::optional<TemporaryFolder> m_machine;
};

QTEST_GUILESS_MAIN(TstSshWork)
#include "tst_ssh_work.moc"
