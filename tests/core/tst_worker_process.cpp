// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/worker_process.h"

#include <QtTest>

#include <fcntl.h>
#include <thread>
#include <unistd.h>

using namespace weighbridge;
using namespace std::chrono_literals;

namespace {

WorkerOptions options()
{
    WorkerOptions out;
    out.program = WEIGHBRIDGE_ODD_WORKER;
    return out;
}

/// What comes back when a worker is told to do something.
Result<Frame> ask(WorkerOptions with, const char* what, JobContext job = {})
{
    auto worker = WorkerProcess::start(std::move(with));
    if (!worker)
        return tl::unexpected(worker.error());
    return (*worker)->sendJson(Value::Map{{"do", what}}, job).and_then([&] { return (*worker)->receive(job); });
}

} // namespace

class TstWorkerProcess : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void framesKeepTheirHeader()
    {
        const auto bytes = encodeFrameHeader({0x01020304, FrameKind::Bytes});
        QCOMPARE(static_cast<int>(bytes[0]), 4);
        QCOMPARE(static_cast<char>(bytes[4]), 'B');
        const auto header = decodeFrameHeader(bytes);
        QVERIFY(header.has_value());
        QCOMPARE(header->nbytes, uint32_t{0x01020304});
        auto odd = bytes;
        odd[4] = std::byte{'x'};
        QVERIFY(!decodeFrameHeader(odd).has_value());
    }

    void errorsTravel()
    {
        const Error sent = Error("corrupt", "It is \x01 bad.").atByte(12).expecting("a").finding("b").fixedBy("c");
        const Error got = errorFromValue(errorToValue(sent));
        QCOMPARE(got.rule, sent.rule);
        QCOMPARE(got.message, std::string("It is \\x01 bad."));
        QCOMPARE(*got.offset, uint64_t{12});
        QCOMPARE(got.found, std::string("b"));
        QCOMPARE(errorFromValue(Value(1)).rule, std::string("worker"));
    }

    void answersRequests()
    {
        auto with = options();
        const int file = ::open(WEIGHBRIDGE_SOURCE_DIR "/CMakeLists.txt", O_RDONLY | O_CLOEXEC);
        with.descriptor = file;
        with.environment = {{"WORKER_TEST", "passive"}};
        const auto frame = ask(with, "echo");
        ::close(file);
        QVERIFY2(frame.has_value(), frame ? "" : frame.error().message.c_str());
        QVERIFY(frame->kind == FrameKind::Json);
        QVERIFY(frame->text().find("SPDX-FileCopyrightText") != std::string_view::npos);
        QVERIFY(frame->text().find("\"environment\":\"passive\"") != std::string_view::npos);
    }

    void severalRequestsAndBytes()
    {
        JobContext job;
        auto worker = WorkerProcess::start(options());
        QVERIFY(worker.has_value());
        for (int round = 0; round < 3; ++round) {
            QVERIFY((*worker)->sendJson(Value::Map{{"do", "bytes"}}, job).has_value());
            const auto bytes = (*worker)->receive(job);
            QVERIFY(bytes.has_value());
            QVERIFY(bytes->kind == FrameKind::Bytes);
            QCOMPARE(bytes->payload.size(), size_t{100'000});
            QCOMPARE((*worker)->receive(job)->text(), std::string_view("{\"done\":true}"));
        }
    }

    void failures_data()
    {
        QTest::addColumn<QByteArray>("what");
        QTest::addColumn<QByteArray>("rule");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("crash") << QByteArray("crash") << QByteArray("worker-died") << QByteArray("signal 11");
        QTest::newRow("crash names the place") << QByteArray("crash") << QByteArray("worker-died") << QByteArray("layer/7");
        QTest::newRow("exit") << QByteArray("exit") << QByteArray("worker-died") << QByteArray("exit status 3");
        QTest::newRow("wordy exit") << QByteArray("complain") << QByteArray("worker-died") << QByteArray("exit status 3");
        QTest::newRow("no frame") << QByteArray("garbage") << QByteArray("worker") << QByteArray("no frame");
        QTest::newRow("too long a frame") << QByteArray("long") << QByteArray("worker") << QByteArray("more than the limit");
        QTest::newRow("silence") << QByteArray("wait") << QByteArray("worker-hung") << QByteArray("layer/7");
        QTest::newRow("endless loop") << QByteArray("spin") << QByteArray("worker-hung") << QByteArray("layer/7");
        QTest::newRow("memory") << QByteArray("memory") << QByteArray("memory") << QByteArray("layer/7");
    }
    void failures()
    {
        QFETCH(QByteArray, what);
        auto with = options();
        with.silence = what == "wait" ? 300ms : 20s;
        with.silentCpu = what == "spin" ? 100ms : 0ms;
        with.residentNbytes = what == "memory" ? 400'000'000 : 0;
        const auto frame = ask(with, what.constData());
        QVERIFY(!frame.has_value());
        QTEST(QByteArray::fromStdString(frame.error().rule), "rule");
        QFETCH(QByteArray, says);
        QVERIFY2(frame.error().message.find(says.constData()) != std::string::npos, frame.error().message.c_str());
        QVERIFY(frame.error().found.size() < 1000);
    }

    void cancelEndsTheWorker()
    {
        std::stop_source source;
        JobContext job{source.get_token(), {}};
        auto worker = WorkerProcess::start(options());
        QVERIFY(worker.has_value());
        QVERIFY((*worker)->sendJson(Value::Map{{"do", "wait"}}, job).has_value());
        std::thread stop([&source] {
            std::this_thread::sleep_for(100ms);
            source.request_stop();
        });
        const auto frame = (*worker)->receive(job);
        stop.join();
        QVERIFY(!frame.has_value());
        QCOMPARE(frame.error().rule, std::string("cancelled"));
        QVERIFY(!(*worker)->sendJson(Value::Map{{"do", "echo"}}, job).has_value());
    }

    void anAbsentProgramIsNamed()
    {
        auto with = options();
        with.program = "/nonexistent/weighbridge-inference";
        const auto frame = ask(with, "echo");
        QVERIFY(!frame.has_value());
        QCOMPARE(frame.error().rule, std::string("dependency-missing"));
        QVERIFY(frame.error().message.find("weighbridge-inference") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TstWorkerProcess)
#include "tst_worker_process.moc"
