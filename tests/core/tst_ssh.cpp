// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/base/worker_channel.h"
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
#include "tests/support/format_samples.h"
#include "tests/support/ssh_server.h"

#include <QtTest>

#include <csignal>
#include <filesystem>
#include <numeric>
#include <optional>
#include <random>
#include <thread>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// A small safetensors file with one tensor.
QByteArray oneTensor(char value = 'x')
{
    return safetensors("{\"weight\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}", QByteArray(4, value));
}

QByteArray frame(const QByteArray& payload, char kind = 'J')
{
    const auto header = encodeFrameHeader({static_cast<uint32_t>(payload.size()), static_cast<FrameKind>(kind)});
    return QByteArray(reinterpret_cast<const char*>(header.data()), header.size()) + payload;
}

const QByteArray greeting = frame("{\"protocol\":1,\"version\":\"9.9\",\"capabilities\":[\"open\"],\"done\":true}");

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
        m_direct = standIn("direct", "exec " WEIGHBRIDGE_BIN_DIR "/weighbridge-cli serve --stdio");
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
        qputenv("WEIGHBRIDGE_SSH", m_direct);
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
        QTest::newRow("cut after the greeting") << QByteArray("printf '" + octal(greeting) + "'; exit 255") << "connection-lost" << "was cut";
        QTest::newRow("silent after the greeting") << QByteArray("printf '" + octal(greeting) + "'; sleep 60") << "unreachable" << "silent for too long";
        QTest::newRow("noise with escapes") << QByteArray("printf '\\033[31mno\\033[0m' >&2; exit 255") << "unreachable" << "could not connect";
    }
    void whatStandsInTheWayIsSaid()
    {
        QFETCH(QByteArray, script);
        QFETCH(QString, rule);
        QFETCH(QString, message);
        qputenv("WEIGHBRIDGE_SSH", standIn("way", script));
        qputenv("WEIGHBRIDGE_TIMEOUT", "2");
        QElapsedTimer timer;
        timer.start();
        const auto opened = openCheckpoint(nextHost() + "/a", m_job);
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
        const auto opened = openCheckpoint(nextHost() + "/a", m_job);
        QVERIFY(!opened);
        QCOMPARE(opened.error().rule, std::string("dependency-missing"));
        QVERIFY(opened.error().fix.find("openssh-client") != std::string::npos);
    }

    void cancellingEndsTheWaiting()
    {
        qputenv("WEIGHBRIDGE_SSH", standIn("slow", "sleep 60"));
        std::stop_source stop;
        JobContext job{stop.get_token(), {}};
        std::jthread later([&stop] {
            std::this_thread::sleep_for(std::chrono::milliseconds(200));
            stop.request_stop();
        });
        QElapsedTimer timer;
        timer.start();
        const auto opened = openCheckpoint(nextHost() + "/a", job);
        QVERIFY(!opened);
        QCOMPARE(opened.error().rule, std::string("cancelled"));
        QVERIFY(timer.elapsed() < 4000);
    }

    void aServerThatWasKilledIsStartedAgain()
    {
        const std::string pidFile = m_folder.path(QStringLiteral("pid"));
        qputenv("WEIGHBRIDGE_SSH", standIn("killed", "echo $$ > '" + QByteArray::fromStdString(pidFile) + "'; exec " WEIGHBRIDGE_BIN_DIR "/weighbridge-cli serve --stdio"));
        const std::string file = m_folder.write(QStringLiteral("m.safetensors"), safetensors("{\"w\":{\"dtype\":\"U8\",\"shape\":[400000],\"data_offsets\":[0,400000]}}", QByteArray(400'000, 'x')));
        const auto opened = openCheckpoint(nextHost() + file, m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        const int process = readFile(QString::fromStdString(pidFile)).trimmed().toInt();
        QVERIFY(process > 1 && ::kill(process, SIGKILL) == 0);
        QVERIFY(readTensor(**opened, (*opened)->tensors[0], m_job, [](auto) { return true; }));
        QVERIFY(readFile(QString::fromStdString(pidFile)).trimmed().toInt() != process);
    }

    void aFileThatChangesIsNoticed()
    {
        qputenv("WEIGHBRIDGE_SSH", m_direct);
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
        qputenv("WEIGHBRIDGE_SSH", m_direct);
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
        qputenv("WEIGHBRIDGE_SSH", standIn("counted", "tee '" + QByteArray::fromStdString(requests) + "' | " WEIGHBRIDGE_BIN_DIR "/weighbridge-cli serve --stdio"));
        const auto opened = openCheckpoint(nextHost() + folder.path(), m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        QCOMPARE((*opened)->tensors.size(), size_t(20));
        QCOMPARE(readFile(QString::fromStdString(requests)).count("\"command\""), 2);
    }

    void statisticsAreComputedThereAndMoveLittle()
    {
        const std::string moved = m_folder.path(QStringLiteral("moved"));
        qputenv("WEIGHBRIDGE_SSH", standIn("measured", WEIGHBRIDGE_BIN_DIR "/weighbridge-cli serve --stdio | tee '" + QByteArray::fromStdString(moved) + "'"));
        const std::string file = m_folder.write(QStringLiteral("s.safetensors"), sixMatrices());
        const std::string address = nextHost() + file;
        const auto here = openCheckpoint(file, m_job);
        const auto there = openCheckpoint(address, m_job);
        QVERIFY(here && there);
        QCOMPARE(encodeAnalyses("", analysesOf(**there)), encodeAnalyses("", analysesOf(**here)));
        QCOMPARE(sha256OfTensors(**there, m_job).value(), sha256OfTensors(**here, m_job).value());
        QVERIFY2(QFileInfo(QString::fromStdString(moved)).size() * 100 < QFileInfo(QString::fromStdString(file)).size(), qPrintable(QString::number(QFileInfo(QString::fromStdString(moved)).size())));
    }

    void statisticsGoOnAfterACut()
    {
        const std::string first = m_folder.path(QStringLiteral("first"));
        const QByteArray serve = WEIGHBRIDGE_BIN_DIR "/weighbridge-cli serve --stdio";
        const std::string file = m_folder.write(QStringLiteral("s.safetensors"), sixMatrices());
        const auto here = openCheckpoint(file, m_job);
        // enough for the header and some of the analyses, not for all
        for (const int cut : {45'000, 60'000, 70'000}) {
            QFile::remove(QString::fromStdString(first));
            // dd keeps nothing back; the server is ended with its output, since it may have written all of it already and would wait for the next request
            const QByteArray mark = QByteArray::fromStdString(first);
            const QByteArray pipe = "'" + mark + QByteArray::number(cut) + "'";
            qputenv("WEIGHBRIDGE_SSH", standIn("cut", "if [ -e '" + mark + "' ]; then exec " + serve + "; fi; : > '" + mark + "'; mkfifo " + pipe + "; exec 3<&0; " + serve + " <&3 > " + pipe
                                                          + " & dd bs=1 count=" + QByteArray::number(cut) + " if=" + pipe + " status=none; kill $!"));
            const auto there = openCheckpoint(nextHost() + file, m_job);
            QVERIFY2(there, there ? "" : there.error().message.c_str());
            QCOMPARE(encodeAnalyses("", analysesOf(**there)), encodeAnalyses("", analysesOf(**here)));
        }
    }

    void whatTheOtherMachineDoesNotHaveIsComputedHere()
    {
        qputenv("WEIGHBRIDGE_SSH", m_direct);
        const auto there = openCheckpoint("ssh://direct" + m_folder.write(QStringLiteral("s.safetensors"), sixMatrices()), m_job);
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
        qputenv("WEIGHBRIDGE_SSH", standIn("liar", "printf '" + octal(greeting + answer) + "'; sleep 2"));
        const auto opened = openCheckpoint(nextHost() + "/a", m_job);
        QVERIFY(!opened);
        QCOMPARE(opened.error().rule, std::string("worker"));
    }

    void moreBytesThanWereAskedForAreRefused()
    {
        const QByteArray state = frame("{\"path\":\"/a\",\"kind\":\"file\",\"state\":{\"nbytes\":100,\"etag\":\"x\"}}");
        for (const QByteArray& answer : {state + frame(QByteArray(50, 'x'), 'B') + frame("{\"done\":true}"), state + frame(QByteArray(101, 'x'), 'B') + frame("{\"done\":true}"), frame("{\"done\":true}")}) {
            qputenv("WEIGHBRIDGE_SSH", standIn("liar", "printf '" + octal(greeting + answer) + "'; sleep 2"));
            const auto range = hostRange(parseSshAddress(nextHost() + "/a").value(), 0, 100, m_job);
            QVERIFY(!range || (range->bytes.empty() && range->state.nbytes == 0));
        }
    }

private:
    /// 24 MiB in six tensors of float32.
    static QByteArray sixMatrices()
    {
        constexpr int each = 1 << 20;
        QByteArray header;
        for (int i = 0; i < 6; ++i)
            header += QStringLiteral("%1\"layer.%2.weight\":{\"dtype\":\"F32\",\"shape\":[1024,1024],\"data_offsets\":[%3,%4]}").arg(i ? "," : "{").arg(i).arg(i * each * 4).arg((i + 1) * each * 4).toUtf8();
        std::mt19937 random(1);
        std::normal_distribution<float> normal(0, 0.02F);
        std::vector<float> values(6 * each);
        std::generate(values.begin(), values.end(), [&] { return normal(random); });
        return safetensors(header + "}", QByteArray(reinterpret_cast<const char*>(values.data()), qsizetype(values.size() * sizeof(float))));
    }

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

    /// For printf of a shell.
    static QByteArray octal(const QByteArray& bytes)
    {
        QByteArray out;
        for (const char byte : bytes)
            out += QStringLiteral("\\%1").arg(static_cast<uint8_t>(byte), 3, 8, QLatin1Char('0')).toLatin1();
        return out;
    }

    /// A program that is taken in place of ssh.
    QByteArray standIn(const char* name, const QByteArray& script) const
    {
        const std::string path = m_folder.write(QString::fromLatin1(name), "#!/bin/sh\n" + script + "\n");
        QFile::setPermissions(QString::fromStdString(path), QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
        return QByteArray::fromStdString(path);
    }

    /// One that there is no connection to yet.
    std::string nextHost() { return "ssh://host" + std::to_string(++m_hosts); }

    JobContext m_job;
    TemporaryFolder m_folder;
    QByteArray m_direct;
    std::optional<SshServer> m_server;
    int m_hosts = 0;
};

QTEST_GUILESS_MAIN(TstSsh)
#include "tst_ssh.moc"
