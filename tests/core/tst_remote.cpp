// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/limits.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/diagnosis/check.h"
#include "core/diagnosis/find_config.h"
#include "core/remote/address.h"
#include "core/remote/disk_blocks.h"
#include "core/remote/hub_listing.h"
#include "tests/support/byte_tensors.h"
#include "tests/support/format_samples.h"
#include "tests/support/http_server.h"
#include "tests/support/large_file.h"
#include "tests/support/listing.h"

#include <QtTest>

#include <thread>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

Resource checkpoint(const std::vector<std::string>& names, uint64_t nbytesEach)
{
    Resource out;
    out.head = byteTensorsHead(names, nbytesEach).toStdString();
    out.nbytes = out.head.size() + names.size() * nbytesEach;
    return out;
}

Resource document(const std::string& text)
{
    Resource out;
    out.head = text;
    return out;
}

Result<void> readFirst(const Checkpoint& from, JobContext& job)
{
    return readTensor(from, from.tensors.at(0), job, [](auto) { return true; });
}

const std::string commit = "0123456789abcdef0123456789abcdef01234567";

} // namespace

/// Checkpoints behind addresses, against a server with every fault.
class TstRemote : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// The workers that fetch keep the environment in which they were started.
    void initTestCase()
    {
        qputenv("HF_HOME", QByteArray::fromStdString(m_home.path()));
        for (const char* name : {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE", "HF_HUB_DISABLE_IMPLICIT_TOKEN"})
            qunsetenv(name);
    }

    void init()
    {
        m_cache.emplace();
        qputenv("XDG_CACHE_HOME", QByteArray::fromStdString(m_cache->path()));
        qputenv("HF_ENDPOINT", QByteArray::fromStdString(m_server.url()));
        QFile::remove(QString::fromStdString(m_home.path("token")));
    }

    void addressesHaveOneForm_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("clean");
        QTest::newRow("file") << "https://Host.example/A/b.safetensors" << "https://host.example/A/b.safetensors";
        QTest::newRow("host only") << "http://host" << "http://host/";
        QTest::newRow("spaces and fragment") << "https://host/a b.bin#top" << "https://host/a%20b.bin";
        QTest::newRow("slash in a query") << "https://host/a.bin?sig=x/y" << "https://host/a.bin?sig=x%2Fy";
        QTest::newRow("hub") << "hf:owner/model" << "hf:owner/model@main";
        QTest::newRow("hub, old name") << "hf:gpt2" << "hf:gpt2@main";
        QTest::newRow("hub, revision") << "hf:owner/model@v1.0" << "hf:owner/model@v1.0";
        QTest::newRow("hub, file") << "hf:owner/model/onnx/model.onnx" << "hf:owner/model@main/onnx/model.onnx";
        QTest::newRow("hub, pull request") << "hf:owner/model@refs/pr/3/config.json" << "hf:owner/model@refs%2Fpr%2F3/config.json";
        QTest::newRow("page of a model") << "https://huggingface.co/owner/model" << "hf:owner/model@main";
        QTest::newRow("page of a folder") << "https://huggingface.co/owner/model/tree/v2/onnx?x=1" << "hf:owner/model@v2/onnx";
        QTest::newRow("page of a file") << "https://huggingface.co/owner/model/blob/main/a.bin" << "hf:owner/model@main/a.bin";
        QTest::newRow("download of a file") << "https://huggingface.co/owner/model/resolve/main/a.bin?download=true" << "hf:owner/model@main/a.bin";
        QTest::newRow("a page that is no model") << "https://huggingface.co/docs/hub" << "https://huggingface.co/docs/hub";
    }
    void addressesHaveOneForm()
    {
        QFETCH(QString, address);
        QFETCH(QString, clean);
        qunsetenv("HF_ENDPOINT");
        QVERIFY(isAddress(address.toStdString()));
        const auto once = cleanAddress(address.toStdString());
        QVERIFY2(once, once ? "" : once.error().message.c_str());
        QCOMPARE(QString::fromStdString(*once), clean);
        QCOMPARE(cleanAddress(*once).value(), *once);
    }

    void addressesThatAreNoneAreRefused_data()
    {
        QTest::addColumn<QString>("address");
        QTest::newRow("password") << "https://me:secret@host/a.bin";
        QTest::newRow("no host") << "https:///a.bin";
        QTest::newRow("line break") << "https://host/a\r\nX: y";
        QTest::newRow("three names") << "hf:a/b/c@main";
        QTest::newRow("no name") << "hf:";
        QTest::newRow("upwards") << "hf:../model";
        QTest::newRow("query in a name") << "hf:owner/mo?del";
    }
    void addressesThatAreNoneAreRefused()
    {
        QFETCH(QString, address);
        const auto clean = cleanAddress(address.toStdString());
        QVERIFY(!clean);
        QCOMPARE(clean.error().rule, std::string("bad-address"));
        QVERIFY(clean.error().message.find("secret") == std::string::npos && clean.error().path.find("secret") == std::string::npos);
    }

    void pathsAreNoAddresses()
    {
        for (const char* path : {"", "/a/b", "model.safetensors", "httpx", "./hf:x", "C:/x"})
            QVERIFY(!isAddress(path));
    }

    void everyFileIsReadByRangesAsItIsHere_data() { addFormatSamples(); }
    void everyFileIsReadByRangesAsItIsHere()
    {
        QFETCH(QString, path);
        if (QFileInfo(path).isDir())
            QSKIP("a web server does not list its folders");
        const std::string folder = "/files/of/" + std::to_string(++m_folders) + "/";
        for (const QFileInfo& file : QFileInfo(path).dir().entryInfoList(QDir::Files)) {
            const std::string name = QUrl::toPercentEncoding(file.fileName()).toStdString();
            m_server.serve(folder + name, document(readFile(file.filePath()).toStdString()));
        }
        const auto here = openCheckpoint(path.toStdString(), m_job);
        const auto there = openCheckpoint(m_server.url(folder + QUrl::toPercentEncoding(QFileInfo(path).fileName()).toStdString()), m_job);
        QVERIFY2(here && there, there ? "" : there.error().message.c_str());
        QCOMPARE(listing(**there), listing(**here));
    }

    void hdf5CostsItsHeader_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("weights") << "large.weights.h5";
        QTest::newRow("archive") << "large.keras";
    }
    void hdf5CostsItsHeader()
    {
        QFETCH(QString, name);
        const TemporaryFolder folder;
        const std::string file = writeLarge(folder, name);
        m_server.serve("/files/of/" + name.toStdString(), document(readFile(QString::fromStdString(file)).toStdString()));
        m_server.forgetRequests();
        const auto here = openCheckpoint(file, m_job);
        const auto there = openCheckpoint(m_server.url("/files/of/" + name.toStdString()), m_job);
        QVERIFY2(here && there, there ? "" : there.error().message.c_str());
        QVERIFY2(m_server.sentNbytes() * 50 < (*here)->nbytes(), std::to_string(m_server.sentNbytes()).c_str());
        QCOMPARE((*there)->tensors.size(), (*here)->tensors.size());
        const TensorInfo* packed = (*there)->find("layers/packed/vars/0");
        QVERIFY(packed);
        QCOMPARE(sha256OfTensor(**there, *packed, m_job).value(), sha256OfTensor(**here, *packed, m_job).value());
        QVERIFY2(m_server.sentNbytes() * 40 < (*here)->nbytes(), std::to_string(m_server.sentNbytes()).c_str());
    }

    void onlyTheHeaderOfALargeFileIsFetched()
    {
        std::vector<std::string> names;
        for (int i = 0; i < 1000; ++i)
            names.push_back("model.layers." + std::to_string(i) + ".weight");
        m_server.serve("/big.safetensors", checkpoint(names, 5'000'000));
        m_server.forgetRequests();
        const auto opened = openCheckpoint(m_server.url("/big.safetensors"), m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        QCOMPARE((*opened)->tensors.size(), size_t(1000));
        QCOMPARE((*opened)->path, m_server.url("/big.safetensors"));
        QVERIFY((*opened)->shards[0].source->nbytes() > 5'000'000'000);
        QVERIFY2(m_server.sentNbytes() < 1'000'000, std::to_string(m_server.sentNbytes()).c_str());
        QVERIFY(m_server.requests().size() <= 4);
    }

    void whatWasFetchedIsKeptOnDisk()
    {
        m_server.serve("/kept.safetensors", checkpoint(std::vector<std::string>{"a", "b"}, 300'000));
        const auto read = [this] {
            m_server.forgetRequests();
            const auto opened = openCheckpoint(m_server.url("/kept.safetensors"), m_job);
            QVERIFY(opened);
            QVERIFY(readFirst(**opened, m_job));
        };
        read();
        QVERIFY(m_server.sentNbytes() > 300'000);
        read();
        QVERIFY2(m_server.sentNbytes() < 40'000, std::to_string(m_server.sentNbytes()).c_str());
    }

    void valuesAreTheServers()
    {
        Resource resource = checkpoint({"a"}, 3);
        resource.head += "\x01\x02\x03";
        m_server.serve("/values.safetensors", resource);
        const auto opened = openCheckpoint(m_server.url("/values.safetensors"), m_job);
        QVERIFY(opened);
        const auto values = readWhole(**opened, (*opened)->tensors[0], m_job, 100);
        QVERIFY(values);
        QCOMPARE(*values, (std::vector<std::byte>{std::byte{1}, std::byte{2}, std::byte{3}}));
    }

    void faultsAreNamed_data()
    {
        QTest::addColumn<QString>("fault");
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("says");
        QTest::newRow("absent") << "absent" << "not-found" << "no such file";
        QTest::newRow("forbidden") << "forbidden" << "no-access" << "permission";
        QTest::newRow("no ranges") << "whole" << "no-ranges" << "4.7\u202fGiB";
        QTest::newRow("no ranges, no length") << "endless" << "no-ranges" << "unknown size";
        QTest::newRow("shorter than announced") << "short" << "truncated" << "ended the connection after";
        QTest::newRow("another range") << "shifted" << "corrupt" << "another part";
        QTest::newRow("redirects in a circle") << "circle" << "http-status" << "more than 10 times";
        QTest::newRow("broken server") << "broken" << "http-status" << "HTTP 500";
        QTest::newRow("silent server") << "silent" << "unreachable" << "silent for too long";
    }
    void faultsAreNamed()
    {
        QFETCH(QString, fault);
        QFETCH(QString, rule);
        QFETCH(QString, says);
        Resource resource = checkpoint({"a"}, 5'000'000'000);
        resource.status = fault == "forbidden" ? 403 : fault == "broken" ? 500 : 0;
        resource.hasRanges = fault != "whole" && fault != "endless";
        resource.hasLength = fault != "endless";
        resource.sentNbytes = fault == "short" ? 0 : UINT64_MAX;
        resource.shift = fault == "shifted" ? 1 : 0;
        resource.redirect = fault == "circle" ? m_server.url("/circle") : "";
        resource.isSilent = fault == "silent";
        if (fault != "absent")
            m_server.serve("/" + fault.toStdString(), resource);
        const std::string address = m_server.url("/" + fault.toStdString());
        const auto opened = openCheckpoint(address, m_job);
        QVERIFY(!opened);
        QCOMPARE(QString::fromStdString(opened.error().rule), rule);
        QVERIFY2(QString::fromStdString(opened.error().message).contains(says), opened.error().message.c_str());
        QCOMPARE(opened.error().path, address);
    }

    void nobodyThereIsSaid()
    {
        std::string address;
        {
            const HttpServer gone;
            address = gone.url("/a.safetensors");
        }
        const auto opened = openCheckpoint(address, m_job);
        QVERIFY(!opened);
        QCOMPARE(opened.error().rule, std::string("unreachable"));
    }

    void aSmallFileIsReadFromAServerWithoutRanges()
    {
        Resource resource = checkpoint({"a"}, 1000);
        resource.hasRanges = false;
        m_server.serve("/small.safetensors", resource);
        const auto opened = openCheckpoint(m_server.url("/small.safetensors"), m_job);
        QVERIFY(opened);
        QVERIFY(readFirst(**opened, m_job));
    }

    void aBrokenConnectionIsTakenUpAgain()
    {
        Resource resource = checkpoint({"a"}, 400'000);
        resource.sentNbytes = 150'000;
        m_server.serve("/breaks.safetensors", resource);
        const auto opened = openCheckpoint(m_server.url("/breaks.safetensors"), m_job);
        QVERIFY(opened);
        const auto read = readFirst(**opened, m_job);
        QVERIFY2(read, read ? "" : read.error().message.c_str());
    }

    void aFileThatChangesIsNoticed_data()
    {
        QTest::addColumn<bool>("otherLength");
        QTest::newRow("tag") << false;
        QTest::newRow("length") << true;
    }
    void aFileThatChangesIsNoticed()
    {
        QFETCH(bool, otherLength);
        Resource resource = checkpoint({"a"}, 400'000);
        resource.etagLater = otherLength ? "" : "\"two\"";
        m_server.serve("/changes.safetensors", resource);
        const auto opened = openCheckpoint(m_server.url("/changes.safetensors"), m_job);
        QVERIFY(opened);
        if (otherLength) {
            resource.nbytes += 1000;
            m_server.serve("/changes.safetensors", resource);
        }
        const auto read = readFirst(**opened, m_job);
        QVERIFY(!read);
        QCOMPARE(read.error().rule, std::string("changed"));
    }

    void aSlowServerIsWaitedForAndCanBeLeft()
    {
        Resource resource = checkpoint({"a"}, 1'000'000);
        m_server.serve("/slow.safetensors", resource);
        const auto opened = openCheckpoint(m_server.url("/slow.safetensors"), m_job);
        QVERIFY(opened);
        resource.bytesPerSecond = 10'000;
        m_server.serve("/slow.safetensors", resource);
        std::stop_source stop;
        JobContext job{stop.get_token(), {}};
        QElapsedTimer timer;
        timer.start();
        std::thread other([&stop] {
            std::this_thread::sleep_for(std::chrono::milliseconds(2500)); // longer than WEIGHBRIDGE_TIMEOUT: slow is not silent
            stop.request_stop();
        });
        const auto read = readFirst(**opened, job);
        other.join();
        QVERIFY(!read);
        QCOMPARE(read.error().rule, std::string("cancelled"));
        QVERIFY2(timer.elapsed() < 10'000, std::to_string(timer.elapsed()).c_str());
        resource.bytesPerSecond = 0;
        m_server.serve("/slow.safetensors", resource);
        QVERIFY(readFirst(**opened, m_job));
    }

    // The server stands for the hub as well: a path of two names would be a page of a model.
    void aFolderIsReadWithWhatLiesInIt()
    {
        m_server.serve("/files/of/model/model.safetensors.index.json", document("{\"metadata\":{\"total_size\":8},\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model 2.safetensors\"}}"));
        m_server.serve("/files/of/model/model-00001-of-00002.safetensors", checkpoint({"a"}, 4));
        m_server.serve("/files/of/model/model%202.safetensors", checkpoint({"b"}, 4));
        m_server.serve("/files/of/model/config.json", document("{\"model_type\":\"bert\"}"));
        const auto opened = openCheckpoint(m_server.url("/files/of/model/"), m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        QCOMPARE((*opened)->tensors.size(), size_t(2));
        QCOMPARE((*opened)->configPath, m_server.url("/files/of/model/config.json"));
        m_server.forgetRequests();
        const auto index = openCheckpoint(m_server.url("/files/of/model/model.safetensors.index.json"), m_job);
        QVERIFY(index);
        for (const Request& request : m_server.requests())
            QVERIFY2(request.path.find("config") == std::string::npos, "the config is asked for only when it is needed");
    }

    void whatMayLieBesideAFileIsAskedForAtOnce()
    {
        m_server.serve("/files/of/beside/model.safetensors", checkpoint({"a"}, 4));
        m_server.serve("/files/of/beside/model.yml", document("model_type: bert"));
        const auto opened = openCheckpoint(m_server.url("/files/of/beside/model.safetensors"), m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        m_server.forgetRequests();
        m_server.setLatency(std::chrono::milliseconds(40));
        QCOMPARE(findConfig(**opened), m_server.url("/files/of/beside/model.yml"));
        m_server.setLatency({});
        const size_t asked = m_server.requests().size();
        QVERIFY(asked > 5);
        QVERIFY2(m_server.mostAtOnce() > 1, std::to_string(m_server.mostAtOnce()).c_str());
        QCOMPARE(findConfig(**opened), m_server.url("/files/of/beside/model.yml"));
        QCOMPARE(m_server.requests().size(), asked); // what is not there is remembered too
    }

    void anIndexNamesNoOtherHost()
    {
        m_server.serve("/files/of/evil/x.index.json", document("{\"weight_map\":{\"a\":\"https://other.example/a.safetensors\"}}"));
        const auto opened = openCheckpoint(m_server.url("/files/of/evil/x.index.json"), m_job);
        QVERIFY(!opened);
        QCOMPARE(opened.error().rule, std::string("path-traversal"));
    }

    void theHubIsReadAtOneCommit()
    {
        serveHub(m_server);
        m_server.forgetRequests();
        const auto opened = openCheckpoint("hf:owner/model@v1", m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        QCOMPARE((*opened)->path, "hf:owner/model@" + commit);
        QCOMPARE((*opened)->configPath, "hf:owner/model@" + commit + "/config.json");
        QCOMPARE((*opened)->files.size(), size_t(2));
        for (const Request& request : m_server.requests())
            QCOMPARE(request.authorization, std::string());
        const auto checked = checkCheckpoint(*opened, {}, m_job);
        QVERIFY(checked);
    }

    void theTokenGoesToTheHubAndNowhereElse()
    {
        HttpServer elsewhere;
        elsewhere.serve("/blob", checkpoint({"a"}, 400'000));
        serveHub(m_server);
        Resource weights;
        weights.redirect = elsewhere.url("/blob");
        m_server.serve("/owner/model/resolve/" + commit + "/model.safetensors", weights);
        m_server.serve("/other.safetensors", checkpoint({"a"}, 4));
        m_home.write("token", "hf_secret\n");
        m_server.forgetRequests();
        const auto opened = openCheckpoint("hf:owner/model@v1", m_job);
        QVERIFY2(opened, opened ? "" : opened.error().message.c_str());
        QVERIFY(readFirst(**opened, m_job));
        for (const Request& request : m_server.requests())
            QCOMPARE(request.authorization, std::string("Bearer hf_secret"));
        QVERIFY(elsewhere.requests().size() >= 2);
        for (const Request& request : elsewhere.requests())
            QCOMPARE(request.authorization, std::string());
    }

    void anUnknownModelIsSaid()
    {
        const auto opened = openCheckpoint("hf:owner/absent", m_job);
        QVERIFY(!opened);
        QCOMPARE(opened.error().rule, std::string("not-found"));
        QVERIFY(opened.error().message.find("private or gated") != std::string::npos);
    }

    void listingsThatAreNoneAreRefused_data()
    {
        QTest::addColumn<QString>("text");
        QTest::newRow("no JSON") << "<html>";
        QTest::newRow("no commit") << "{\"siblings\":[]}";
        QTest::newRow("commit that leads elsewhere") << "{\"sha\":\"../../../../../../../../../../../../etc\",\"siblings\":[]}";
        QTest::newRow("no files") << QString::fromStdString("{\"sha\":\"" + commit + "\"}");
    }
    void listingsThatAreNoneAreRefused()
    {
        QFETCH(QString, text);
        QVERIFY(!parseHubListing(text.toStdString()));
    }

    void aDamagedCacheIsNotBelieved()
    {
        const std::string folder = m_cache->path("blocks");
        const std::vector<std::byte> bytes(1000, std::byte{7});
        {
            DiskBlocks blocks(folder, "key");
            blocks.add(3, bytes);
            QCOMPARE(blocks.find(3), bytes);
        }
        QCOMPARE(DiskBlocks(folder, "key").find(3), bytes);
        QVERIFY(DiskBlocks(folder, "other").find(3).empty());
        QFile file(QDir(QString::fromStdString(folder)).entryInfoList({"*.blocks"}, QDir::Files, QDir::Size).at(0).filePath());
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek(500) && file.putChar('x'));
        file.close();
        QVERIFY(DiskBlocks(folder, "key").find(3).empty());
        QVERIFY(file.resize(100));
        QVERIFY(DiskBlocks(folder, "key").find(3).empty());
    }

    void theCacheHasALimit()
    {
        const std::string folder = m_cache->path("blocks");
        for (const auto& [name, days] : {std::pair("oldest", 3), std::pair("older", 2), std::pair("recent", 1)}) {
            QFile file(QString::fromStdString(m_cache->write(QStringLiteral("blocks/%1.blocks").arg(QLatin1String(name)), {})));
            QVERIFY(file.open(QIODevice::ReadWrite) && file.resize(qint64(DiskBlocks::folderMaximum / 5 * 2)));
            QVERIFY(file.setFileTime(QDateTime::currentDateTime().addDays(-days), QFileDevice::FileModificationTime));
        }
        const DiskBlocks blocks(folder, "key");
        QVERIFY(!QFile::exists(QString::fromStdString(folder + "/oldest.blocks")));
        QVERIFY(QFile::exists(QString::fromStdString(folder + "/older.blocks")) && QFile::exists(QString::fromStdString(folder + "/recent.blocks")));
    }

    void aFileInTheCacheHasALimit()
    {
        const std::string folder = m_cache->path("blocks");
        DiskBlocks blocks(folder, "key");
        const std::vector<std::byte> bytes(32768, std::byte{7});
        const uint64_t more = DiskBlocks::fileMaximum / bytes.size() + 100;
        for (uint64_t block = 0; block < more; ++block)
            blocks.add(block, bytes);
        QCOMPARE(blocks.find(0), bytes);
        QVERIFY(blocks.find(more - 1).empty());
        QVERIFY(uint64_t(QDir(QString::fromStdString(folder)).entryInfoList({"*.blocks"}, QDir::Files).at(0).size()) <=
                DiskBlocks::fileMaximum + bytes.size());
    }

private:
    static void serveHub(HttpServer& server)
    {
        const std::string files = "{\"sha\":\"" + commit + "\",\"siblings\":[{\"rfilename\":\"model.safetensors\",\"size\":400100},{\"rfilename\":\"config.json\",\"size\":21},{\"rfilename\":\"onnx/x.onnx\",\"size\":5}]}";
        for (const std::string& revision : {std::string("v1"), commit})
            server.serve("/api/models/owner/model/revision/" + revision + "?blobs=true", document(files));
        server.serve("/owner/model/resolve/" + commit + "/model.safetensors", checkpoint({"a"}, 400'000));
        server.serve("/owner/model/resolve/" + commit + "/config.json", document("{\"model_type\":\"bert\"}"));
    }

    HttpServer m_server;
    JobContext m_job;
    TemporaryFolder m_home;
    std::optional<TemporaryFolder> m_cache;
    int m_folders = 0;
};

QTEST_GUILESS_MAIN(TstRemote)
#include "tst_remote.moc"
