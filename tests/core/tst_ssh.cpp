// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/checkpoint/checksums.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/remote/address.h"
#include "core/remote/host_connection.h"
#include "core/remote/host_files.h"
#include "core/remote/percent.h"
#include "core/report/inspect_answer.h"
#include "core/statistics/all_statistics.h"
#include "core/statistics/analysis_file.h"
#include "tests/support/byte_tensors.h"
#include "tests/support/format_samples.h"
#include "tests/support/large_file.h"
#include "tests/support/matrices.h"
#include "tests/support/ssh_server.h"
#include "tests/support/ssh_stand_in.h"

#include <QtTest>

#include <csignal>
#include <filesystem>
#include <numeric>
#include <optional>
#include <thread>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// A small safetensors file with one tensor.
QByteArray oneTensor(char value = 'x')
{
    return byteTensorsHead({"weight"}, 4) + QByteArray(4, value);
}

const QByteArray greeting = greetingOf("\"open\"");

/// What inspect says of a checkpoint, without the place.
std::string listing(const Checkpoint& checkpoint, const std::string& place)
{
    std::string out = toJson(inspectHeadAnswer(checkpoint));
    for (const TensorInfo& tensor : checkpoint.tensors)
        out += toJson(inspectTensorAnswer(checkpoint, tensor, ""));
    for (size_t at = out.find(place); !place.empty() && at != std::string::npos; at = out.find(place))
        out.erase(at, place.size());
    return out;
}

} // namespace

/// Checkpoints on another machine: through a real sshd, and through programs that stand in for ssh and fail in every way.
class TstSsh : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        qputenv("WEIGHBRIDGE_TIMEOUT", "20"); // also on a busy machine
        if (SshServer::absence().isEmpty())
            m_server.emplace();
    }

    void addressesHaveOneForm_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("clean");
        QTest::newRow("plain") << "ssh://box/runs/17" << "ssh://box/runs/17";
        QTest::newRow("scheme in capitals, slash at the end") << "SSH://box/runs/" << "ssh://box/runs";
        QTest::newRow("host only") << "ssh://box" << "ssh://box/";
        QTest::newRow("all parts") << "ssh://me.too@Box-1.example:2222/a" << "ssh://me.too@Box-1.example:2222/a";
        QTest::newRow("IPv6") << "ssh://[::1]:22/a" << "ssh://[::1]:22/a";
        QTest::newRow("home") << "ssh://box/~/a" << "ssh://box/~/a";
        QTest::newRow("spaces, quotes, a query that is none") << "ssh://box/a b'\"?#" << "ssh://box/a%20b'%22%3F%23";
        QTest::newRow("escapes") << "ssh://box/%41%2fb%0A%zz" << "ssh://box/A/b%0A%25zz";
    }
    void addressesHaveOneForm()
    {
        QFETCH(QString, address);
        QFETCH(QString, clean);
        QVERIFY(isAddress(address.toStdString()));
        const auto once = cleanAddress(address.toStdString());
        QVERIFY2(once, once ? "" : once.error().message.c_str());
        QCOMPARE(QString::fromStdString(*once), clean);
        QCOMPARE(cleanAddress(*once).value(), *once);
    }

    void hostsThatCouldBeOptionsOrCommandsAreRefused_data()
    {
        QTest::addColumn<QString>("address");
        QTest::newRow("option") << "ssh://-oProxyCommand=touch%20x/a";
        QTest::newRow("option as user") << "ssh://-l@box/a";
        QTest::newRow("command") << "ssh://$(touch x)/a";
        QTest::newRow("command in the user") << "ssh://`id`@box/a";
        QTest::newRow("semicolon") << "ssh://box;id/a";
        QTest::newRow("escape") << "ssh://%2Dl/a";
        QTest::newRow("password") << "ssh://me:secret@box/a";
        QTest::newRow("no host") << "ssh:///a";
        QTest::newRow("port") << "ssh://box:22x/a";
        QTest::newRow("port beyond") << "ssh://box:70000/a";
        QTest::newRow("NUL") << "ssh://box/a%00b";
        QTest::newRow("line break") << "ssh://box/a\nb";
    }
    void hostsThatCouldBeOptionsOrCommandsAreRefused()
    {
        QFETCH(QString, address);
        const auto clean = cleanAddress(address.toStdString());
        QVERIFY(!clean);
        QCOMPARE(clean.error().rule, std::string("bad-address"));
        QVERIFY(clean.error().message.find("secret") == std::string::npos && clean.error().path.find("secret") == std::string::npos);
    }

    void everyFormatIsReadAsItIsHere_data() { addFormatSamples(); }
    void everyFormatIsReadAsItIsHere()
    {
        QFETCH(QString, path);
        m_standIn.useServer("direct");
        const auto here = openCheckpoint(path.toStdString(), m_job);
        const auto there = openCheckpoint("ssh://direct" + path.toStdString(), m_job);
        QCOMPARE(there.has_value(), here.has_value());
        if (!here) {
            QCOMPARE(there.error().rule, here.error().rule);
            return;
        }
        QCOMPARE(listing(**there, "ssh://direct"), listing(**here, ""));
        QCOMPARE(sha256OfTensors(**there, m_job).value(), sha256OfTensors(**here, m_job).value());
    }

    void aRealServerServesNamesThatAShellWouldExecute_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::newRow("spaces and quotes") << QByteArray("my 'best' \"model\"");
        QTest::newRow("line break") << QByteArray("a\nb");
        QTest::newRow("command") << QByteArray("$(touch executed)`touch executed`;touch executed");
        QTest::newRow("option") << QByteArray("-rf");
        QTest::newRow("percent") << QByteArray("100%20%");
        QTest::newRow("no UTF-8") << QByteArray("\xff\xfe");
        QTest::newRow("query") << QByteArray("a?b#c&d");
    }
    void aRealServerServesNamesThatAShellWouldExecute()
    {
        if (!m_server)
            QSKIP(qPrintable(SshServer::absence()));
        QFETCH(QByteArray, name);
        qputenv("WEIGHBRIDGE_SSH", m_server->client().toUtf8());
        const TemporaryFolder folder;
        const std::filesystem::path inside = std::filesystem::path(folder.path()) / name.toStdString();
        QVERIFY(std::filesystem::create_directories(inside));
        folder.write(QStringLiteral("plain"), oneTensor());
        std::filesystem::copy_file(folder.path(QStringLiteral("plain")), inside / (name.toStdString() + ".safetensors"));
        const auto opened = openCheckpoint("ssh://box" + percentEncoded(inside.string(), "/"), m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        QCOMPARE((*opened)->tensors.size(), size_t(1));
        QVERIFY(readTensor(**opened, (*opened)->tensors[0], m_job, [](auto) { return true; }));
        for (const std::string& place : {folder.path(), inside.string(), std::string(QDir::homePath().toStdString()), std::string(".")})
            QVERIFY(!std::filesystem::exists(std::filesystem::path(place) / "executed"));
        std::filesystem::remove_all(inside); // QTemporaryDir cannot remove every name
    }

    void whatSshRefusesIsSaid_data()
    {
        QTest::addColumn<QString>("host");
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("said");
        QTest::newRow("unknown host") << "nowhere.invalid" << "unreachable" << "resolve";
        QTest::newRow("other host key") << "stranger" << "no-access" << "erification failed";
        QTest::newRow("no key") << "locked" << "no-access" << "Permission denied";
        QTest::newRow("nobody listens") << "closed" << "unreachable" << "refused";
    }
    void whatSshRefusesIsSaid()
    {
        if (!m_server)
            QSKIP(qPrintable(SshServer::absence()));
        QFETCH(QString, host);
        QFETCH(QString, rule);
        QFETCH(QString, said);
        qputenv("WEIGHBRIDGE_SSH", m_server->client().toUtf8());
        const auto opened = openCheckpoint("ssh://" + host.toStdString() + "/tmp", m_job);
        QVERIFY(!opened);
        QCOMPARE(QString::fromStdString(opened.error().rule), rule);
        QVERIFY2(QString::fromStdString(opened.error().found).contains(said), opened.error().found.c_str());
        QVERIFY2(opened.error().message.find(host.toStdString()) != std::string::npos, opened.error().message.c_str());
        QVERIFY(!opened.error().fix.empty());
    }

    void hdf5CostsItsHeader_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("weights") << "large.weights.h5";
        QTest::newRow("archive") << "large.keras";
    }
    void hdf5CostsItsHeader()
    {
        if (!m_server)
            QSKIP(qPrintable(SshServer::absence()));
        QFETCH(QString, name);
        qputenv("WEIGHBRIDGE_SSH", m_server->client().toUtf8());
        const std::string file = writeLarge(m_folder, name);
        const auto here = openCheckpoint(file, m_job);
        QVERIFY2(here, here ? "" : here.error().message.c_str());
        const uint64_t before = m_server->relay().passed();
        const auto moved = [&] { return m_server->relay().passed() - before; };
        const auto there = openCheckpoint("ssh://slow" + file, m_job);
        QVERIFY2(there, there ? "" : there.error().message.c_str());
        QCOMPARE(listing(**there, "ssh://slow"), listing(**here, ""));
        QCOMPARE((*there)->tensors.size(), size_t(25));
        QVERIFY2(moved() * 50 < (*here)->nbytes(), qPrintable(QString::number(moved())));
        QCOMPARE(encodeAnalyses("", analysesOf(**there)), encodeAnalyses("", analysesOf(**here)));
        QCOMPARE(sha256OfTensors(**there, m_job).value(), sha256OfTensors(**here, m_job).value());
        const TensorInfo* packed = (*there)->find("layers/packed/vars/0");
        QVERIFY(packed);
        QCOMPARE(readWhole(**there, *packed, m_job, packed->storage.nbytes).value(),
                 readWhole(**here, *packed, m_job, packed->storage.nbytes).value());
        QVERIFY2(moved() * 40 < (*here)->nbytes(), qPrintable(QString::number(moved())));
    }

    /// It opens here all the same, of the bytes that are fetched for it.
    void anHdf5LibraryThatCrashesThereIsASentence()
    {
        const QByteArray crashes = m_standIn.make("crashing-hdf5", "kill -SEGV $$");
        m_standIn.use("crash", "export WEIGHBRIDGE_HDF5_WORKER='" + crashes + "'; exec " + SshStandIn::serve);
        const std::string address = m_standIn.nextHost() + writeLarge(m_folder, QStringLiteral("large.weights.h5"));
        const auto there = openCheckpoint(address, m_job);
        QVERIFY2(there, there ? "" : there.error().message.c_str());
        QCOMPARE((*there)->tensors.size(), size_t(25));
        const auto hashes = sha256OfTensors(**there, m_job);
        QVERIFY(!hashes);
        QCOMPARE(hashes.error().path, address);
        QVERIFY2(hashes.error().message.find("The HDF5 library crashed on this file") != std::string::npos, hashes.error().message.c_str());
    }

    /// 100 kB in a second, and never so long silent that it counts.
    void aSlowConnectionIsWaitedForAndNothingIsLost()
    {
        if (!m_server)
            QSKIP(qPrintable(SshServer::absence()));
        qputenv("WEIGHBRIDGE_SSH", m_server->client().toUtf8());
        qputenv("WEIGHBRIDGE_TIMEOUT", "10"); // of silence
        const std::string file = m_folder.write(QStringLiteral("slow.safetensors"), matrices(1));
        const auto here = openCheckpoint(file, m_job);
        m_server->relay().setBytesPerSecond(100'000);
        QElapsedTimer timer;
        timer.start();
        const uint64_t before = m_server->relay().passed();
        const auto there = openCheckpoint("ssh://slow" + file, m_job);
        QVERIFY2(there, there ? "" : there.error().message.c_str());
        QCOMPARE(encodeAnalyses("", analysesOf(**there)), encodeAnalyses("", analysesOf(**here)));
        std::vector<std::byte> bytes;
        QVERIFY(hostRange(parseSshAddress("ssh://slow" + file).value(), 0, 300'000, m_job).map([&bytes](const FetchedRange& range) {
            bytes = range.bytes;
        }));
        QCOMPARE(bytes.size(), size_t(300'000));
        m_server->relay().setBytesPerSecond(0);
        qputenv("WEIGHBRIDGE_TIMEOUT", "20"); // also on a busy machine
        QVERIFY2(timer.elapsed() > qint64((m_server->relay().passed() - before) / 100 / 2),
                 qPrintable(QString::number(timer.elapsed()))); // it was slow
    }

    void aConnectionThatIsCutIsMadeAgainAndGoesOn()
    {
        if (!m_server)
            QSKIP(qPrintable(SshServer::absence()));
        qputenv("WEIGHBRIDGE_SSH", m_server->client().toUtf8());
        const std::string file = m_folder.write(QStringLiteral("cut.safetensors"), matrices(6));
        const auto here = openCheckpoint(file, m_job);
        std::vector<std::string> said;
        JobContext job{{}, [&said](const Progress& progress) { said.push_back(progress.what); }};
        const int before = m_server->relay().connections();
        m_server->relay().cutAfter(20'000); // in the middle of what opening sends
        const auto there = openCheckpoint("ssh://slow" + file, job);
        QVERIFY2(there, there ? "" : there.error().message.c_str());
        m_server->relay().cutAfter(2'000); // in the statistics
        QCOMPARE(encodeAnalyses("", analysesOf(**there)), encodeAnalyses("", analysesOf(**here)));
        QVERIFY(m_server->relay().connections() >= before + 2);
        QVERIFY(std::any_of(said.begin(), said.end(),
                            [](const std::string& what) { return what.find("was cut; connecting again") != std::string::npos; }));
    }

    void whatStandsInTheWayIsSaid_data()
    {
        QTest::addColumn<QByteArray>("script");
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("message");
        QTest::newRow("not installed") << QByteArray("echo 'bash: line 1: weighbridge-cli: command not found' >&2; exit 127") << "dependency-missing" << "is not installed on";
        QTest::newRow("not installed, other shell") << QByteArray("echo 'weighbridge-cli: Command not found.' >&2; exit 1") << "dependency-missing" << "is not installed on";
        QTest::newRow("too old") << QByteArray("echo 'weighbridge-cli: There is no command serve.' >&2; exit 2") << "unsupported-version" << "older version";
        QTest::newRow("other protocol") << QByteArray("printf '" + octal(frame("{\"protocol\":2,\"version\":\"7.0\",\"done\":true}")) + "'; sleep 9") << "unsupported-version" << "version 7.0";
        QTest::newRow("start file prints") << QByteArray("echo Welcome to this machine; sleep 9") << "worker" << ".bashrc";
        QTest::newRow("silent") << QByteArray("sleep 60") << "unreachable" << "silent for too long";
        QTest::newRow("cut at once") << QByteArray("exit 255") << "unreachable" << "could not connect";
        QTest::newRow("cut after the greeting") << QByteArray("head -c 1 >/dev/null; printf '" + octal(greeting) + "'; exit 255") << "connection-lost" << "was cut";
        QTest::newRow("silent after the greeting") << QByteArray("printf '" + octal(greeting) + "'; sleep 60") << "unreachable" << "silent for too long";
        QTest::newRow("noise with escapes") << QByteArray("printf '\\033[31mno\\033[0m' >&2; exit 255") << "unreachable" << "could not connect";
    }
    void whatStandsInTheWayIsSaid()
    {
        QFETCH(QByteArray, script);
        QFETCH(QString, rule);
        QFETCH(QString, message);
        m_standIn.use("way", script);
        qputenv("WEIGHBRIDGE_TIMEOUT", "2");
        QElapsedTimer timer;
        timer.start();
        const auto opened = openCheckpoint(m_standIn.nextHost() + "/a", m_job);
        qputenv("WEIGHBRIDGE_TIMEOUT", "20"); // also on a busy machine
        QVERIFY(!opened);
        QCOMPARE(QString::fromStdString(opened.error().rule), rule);
        QVERIFY2(QString::fromStdString(opened.error().message).contains(message), opened.error().message.c_str());
        QVERIFY(opened.error().found.find('\x1b') == std::string::npos);
        QVERIFY(!opened.error().fix.empty());
        QVERIFY(timer.elapsed() < 30'000);
    }

    void withoutSshItIsSaid()
    {
        qputenv("WEIGHBRIDGE_SSH", "/nowhere/ssh");
        const auto opened = openCheckpoint(m_standIn.nextHost() + "/a", m_job);
        QVERIFY(!opened);
        QCOMPARE(opened.error().rule, std::string("dependency-missing"));
        QVERIFY(opened.error().fix.find("openssh-client") != std::string::npos);
    }

    void cancellingEndsTheWaiting()
    {
        m_standIn.use("slow", "sleep 60");
        std::stop_source stop;
        JobContext job{stop.get_token(), {}};
        std::jthread later([&stop] {
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
            stop.request_stop();
        });
        QElapsedTimer timer;
        timer.start();
        const auto opened = openCheckpoint(m_standIn.nextHost() + "/a", job);
        QVERIFY(!opened);
        QCOMPARE(opened.error().rule, std::string("cancelled"));
        QVERIFY(timer.elapsed() < 4000);
    }

    void aServerThatWasKilledIsStartedAgain()
    {
        const std::string pidFile = m_folder.path(QStringLiteral("pid"));
        m_standIn.use("killed", "echo $$ > '" + QByteArray::fromStdString(pidFile) + "'; exec " WEIGHBRIDGE_BIN_DIR "/weighbridge-cli serve --stdio");
        const std::string file = m_folder.write(QStringLiteral("m.safetensors"), byteTensorsHead({"w"}, 400'000) + QByteArray(400'000, 'x'));
        const auto opened = openCheckpoint(m_standIn.nextHost() + file, m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        const int process = readFile(QString::fromStdString(pidFile)).trimmed().toInt();
        QVERIFY(process > 1 && ::kill(process, SIGKILL) == 0);
        QVERIFY(readTensor(**opened, (*opened)->tensors[0], m_job, [](auto) { return true; }));
        QVERIFY(readFile(QString::fromStdString(pidFile)).trimmed().toInt() != process);
    }

    void aFileThatChangesIsNoticed()
    {
        m_standIn.useServer("direct");
        const auto file = [this](char value) {
            return m_folder.write(QStringLiteral("c.safetensors"), safetensors("{\"w\":{\"dtype\":\"U8\",\"shape\":[400000],\"data_offsets\":[0,400000]}}", QByteArray(400'000, value)));
        };
        const auto opened = openCheckpoint("ssh://direct" + file('a'), m_job);
        QVERIFY(opened);
        std::this_thread::sleep_for(std::chrono::milliseconds(20)); // a file system's clock may be coarse
        file('b');
        const auto read = readTensor(**opened, (*opened)->tensors[0], m_job, [](auto) { return true; });
        QVERIFY(!read);
        QCOMPARE(read.error().rule, std::string("changed"));
    }

    void aLinkThatLeadsOutOfTheFolderIsNotFollowed()
    {
        m_standIn.useServer("direct");
        const TemporaryFolder folder;
        const std::string secret = m_folder.write(QStringLiteral("secret.safetensors"), oneTensor());
        folder.write(QStringLiteral("model.safetensors.index.json"), "{\"metadata\":{},\"weight_map\":{\"weight\":\"model-00001-of-00001.safetensors\"}}");
        std::filesystem::create_symlink(secret, std::filesystem::path(folder.path()) / "model-00001-of-00001.safetensors");
        for (const std::string& place : {std::string(), std::string("ssh://direct")}) {
            const auto opened = openCheckpoint(place + folder.path(QStringLiteral("model.safetensors.index.json")), m_job);
            QVERIFY(!opened);
            QCOMPARE(opened.error().rule, std::string("path-traversal"));
        }
    }

    void headersComeWithoutFurtherRequests()
    {
        // the answers to hello and open must be enough
        const TemporaryFolder folder;
        std::string map;
        for (int i = 0; i < 20; ++i) {
            const QString name = QStringLiteral("model-%1-of-00020.safetensors").arg(i + 1, 5, 10, QLatin1Char('0'));
            folder.write(name, safetensors(QStringLiteral("{\"w%1\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}").arg(i).toUtf8(), "abcd"));
            map += (i ? "," : "") + std::string("\"w") + std::to_string(i) + "\":\"" + name.toStdString() + "\"";
        }
        folder.write(QStringLiteral("model.safetensors.index.json"), QByteArray::fromStdString("{\"metadata\":{},\"weight_map\":{" + map + "}}"));
        const std::string requests = m_folder.path(QStringLiteral("requests"));
        m_standIn.use("counted", "tee '" + QByteArray::fromStdString(requests) + "' | " WEIGHBRIDGE_BIN_DIR "/weighbridge-cli serve --stdio");
        const auto opened = openCheckpoint(m_standIn.nextHost() + folder.path(), m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        QCOMPARE((*opened)->tensors.size(), size_t(20));
        QCOMPARE(readFile(QString::fromStdString(requests)).count("\"command\""), 2);
    }

    void statisticsAreComputedThereAndMoveLittle()
    {
        const std::string moved = m_folder.path(QStringLiteral("moved"));
        m_standIn.useServer("measured", "| tee '" + QByteArray::fromStdString(moved) + "'");
        const std::string file = m_folder.write(QStringLiteral("s.safetensors"), matrices(6));
        const std::string address = m_standIn.nextHost() + file;
        const auto here = openCheckpoint(file, m_job);
        const auto there = openCheckpoint(address, m_job);
        QVERIFY(here && there);
        QCOMPARE(encodeAnalyses("", analysesOf(**there)), encodeAnalyses("", analysesOf(**here)));
        QCOMPARE(sha256OfTensors(**there, m_job).value(), sha256OfTensors(**here, m_job).value());
        QVERIFY2(QFileInfo(QString::fromStdString(moved)).size() * 100 < QFileInfo(QString::fromStdString(file)).size(), qPrintable(QString::number(QFileInfo(QString::fromStdString(moved)).size())));
    }

    void statisticsGoOnAfterACut()
    {
        const std::string file = m_folder.write(QStringLiteral("s.safetensors"), matrices(6));
        const auto here = openCheckpoint(file, m_job);
        // enough for the header and some of the analyses, not for all
        for (const int cut : {45'000, 60'000, 70'000}) {
            m_standIn.useServerThatIsCutAfter(cut);
            const auto there = openCheckpoint(m_standIn.nextHost() + file, m_job);
            QVERIFY2(there, there ? "" : there.error().message.c_str());
            QCOMPARE(encodeAnalyses("", analysesOf(**there)), encodeAnalyses("", analysesOf(**here)));
        }
    }

    void whatTheOtherMachineDoesNotHaveIsComputedHere()
    {
        m_standIn.useServer("direct");
        const auto there = openCheckpoint("ssh://direct" + m_folder.write(QStringLiteral("s.safetensors"), matrices(6)), m_job);
        QVERIFY(there);
        Checkpoint renamed = **there;
        renamed.tensors[0].name = "other";
        QCOMPARE(encodeAnalyses("", analysesOf(renamed)), encodeAnalyses("", analysesOf(**there)));
    }

    void answersThatLieAreRefused_data()
    {
        QTest::addColumn<QByteArray>("answer");
        const QByteArray begin = frame("{\"begins\":true,\"path\":\"/a\"}");
        const QByteArray file = frame("{\"path\":\"/a\",\"kind\":\"file\",\"state\":{\"nbytes\":100000,\"etag\":\"x\"}}");
        QTest::newRow("no JSON") << frame("{");
        QTest::newRow("no frame") << QByteArray("XXXXXXXXX");
        QTest::newRow("frame of 4 GiB") << QByteArray("\xff\xff\xff\xffJ", 5);
        QTest::newRow("bytes of nothing") << begin + frame("abc", 'B');
        QTest::newRow("bytes of a file that was not named") << begin + frame("{\"path\":\"/b\",\"bytes\":0}") + frame(QByteArray(32768, 'x'), 'B');
        QTest::newRow("bytes that are no block") << begin + file + frame("{\"path\":\"/a\",\"bytes\":1}") + frame(QByteArray(32768, 'x'), 'B');
        QTest::newRow("bytes past the end") << begin + file + frame("{\"path\":\"/a\",\"bytes\":98304}") + frame(QByteArray(32768, 'x'), 'B');
        QTest::newRow("document instead of bytes") << begin + file + frame("{\"path\":\"/a\",\"bytes\":0}") + file;
        QTest::newRow("negative size") << begin + frame("{\"path\":\"/a\",\"kind\":\"file\",\"state\":{\"nbytes\":-1}}");
        QTest::newRow("unknown kind") << begin + frame("{\"path\":\"/a\",\"kind\":\"spoon\"}");
        QTest::newRow("name with a slash") << begin + frame("{\"path\":\"/a\",\"names\":[{\"name\":\"..%2Fx\",\"kind\":\"file\",\"nbytes\":1}]}");
        QTest::newRow("path that is none") << begin + frame("{\"path\":\"a\",\"kind\":\"file\",\"state\":{\"nbytes\":1}}");
    }
    void answersThatLieAreRefused()
    {
        QFETCH(QByteArray, answer);
        m_standIn.use("liar", "printf '" + octal(greeting + answer) + "'; sleep 2");
        const auto opened = openCheckpoint(m_standIn.nextHost() + "/a", m_job);
        QVERIFY(!opened);
        QCOMPARE(opened.error().rule, std::string("worker"));
    }

    void moreBytesThanWereAskedForAreRefused()
    {
        const QByteArray state = frame("{\"path\":\"/a\",\"kind\":\"file\",\"state\":{\"nbytes\":100,\"etag\":\"x\"}}");
        for (const QByteArray& answer : {state + frame(QByteArray(50, 'x'), 'B') + frame("{\"done\":true}"),
                                         state + frame(QByteArray(101, 'x'), 'B') + frame("{\"done\":true}"), frame("{\"done\":true}")}) {
            m_standIn.use("liar", "printf '" + octal(greeting + answer) + "'; sleep 2");
            const auto range = hostRange(parseSshAddress(m_standIn.nextHost() + "/a").value(), 0, 100, m_job);
            QVERIFY(!range || (range->bytes.empty() && range->state.nbytes == 0));
        }
    }

private:
    /// Of all tensors; each must come once.
    StoredAnalyses analysesOf(const Checkpoint& checkpoint)
    {
        StoredAnalyses out(checkpoint.tensors.size());
        std::vector<size_t> all(out.size());
        std::iota(all.begin(), all.end(), size_t(0));
        size_t count = 0;
        const auto done = computeStatisticsOf(checkpoint, {}, all, 0, m_job, [&](size_t index, Result<TensorAnalysis> analysis) {
            ++count;
            out.at(index) = std::move(analysis).value();
        });
        if (!done || count != out.size())
            qFatal("%zu of %zu: %s", count, out.size(), done ? "" : done.error().message.c_str());
        return out;
    }

    JobContext m_job;
    TemporaryFolder m_folder;
    SshStandIn m_standIn;
    std::optional<SshServer> m_server;
};

QTEST_GUILESS_MAIN(TstSsh)
#include "tst_ssh.moc"
