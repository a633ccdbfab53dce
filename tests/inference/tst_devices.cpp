// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/json_schema.h"

#include <QtTest>

namespace {

const QString cliProgram = QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-cli");

/// The document that the program answers with; empty if it fails.
QJsonObject answer(const QString& program, const QStringList& arguments, const QString& libraryFolder)
{
    QProcess cli;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("LD_LIBRARY_PATH"), libraryFolder);
    cli.setProcessEnvironment(environment);
    cli.start(program, arguments);
    if (!cli.waitForFinished(60'000) || cli.exitStatus() != QProcess::NormalExit || cli.exitCode() == 2)
        return {};
    return QJsonDocument::fromJson(cli.readAllStandardOutput()).object();
}

QJsonObject listDevices(const QString& program, const QString& libraryFolder)
{
    return answer(program, {QStringLiteral("devices"), QStringLiteral("--json")}, libraryFolder);
}

/// 3 * 2^30 numbers in bfloat16, in a sparse file: 6 GiB, as float32 12.
bool writeLargeCheckpoint(const QString& path)
{
    QByteArray header = R"({"w":{"dtype":"BF16","shape":[3072,1048576],"data_offsets":[0,6442450944]}})";
    header.append(QByteArray((8 - header.size() % 8) % 8, ' '));
    QByteArray start(8, '\0');
    qToLittleEndian(quint64(header.size()), start.data());
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(start + header) == start.size() + header.size() && file.resize(file.size() + 6442450944);
}

QJsonObject memoryOf(const QString& checkpoint, const QString& libraryFolder)
{
    return answer(cliProgram, {QStringLiteral("check"), checkpoint, QStringLiteral("--json")}, libraryFolder).value(QLatin1String("memory")).toObject();
}

QJsonObject device(const QJsonObject& document, const QString& id)
{
    for (const QJsonValue& entry : document.value(QLatin1String("devices")).toArray()) {
        if (entry.toObject().value(QLatin1String("id")) == id)
            return entry.toObject();
    }
    return {};
}

} // namespace

/// What a model can run on, asked through the command line and its worker.
class TstDevices : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void cpuIsAvailableWithItsMemory()
    {
        const QJsonObject document = listDevices(cliProgram, QString());
        QCOMPARE(schemaDifferences(document, "devices"), QStringList());
        QVERIFY(document.value("libtorch").isString());
        const QJsonObject cpu = device(document, "cpu");
        QVERIFY(cpu.value("available").toBool());
        QVERIFY(cpu.value("memory_free").toDouble() > 0);
        QVERIFY(cpu.value("memory_free").toDouble() <= cpu.value("memory_total").toDouble());
    }

    void mpsIsAbsentWithAReason()
    {
        const QJsonObject mps = device(listDevices(cliProgram, QString()), "mps");
        QVERIFY(!mps.value("available").toBool());
        QVERIFY(mps.value("reason").toString().contains("macOS"));
    }

    void cudaDevicesAreDescribedByTheDriver()
    {
        const QJsonObject document = listDevices(cliProgram, QStringLiteral(FAKE_CUDA_DIR));
        QCOMPARE(schemaDifferences(document, "devices"), QStringList());
        const QJsonObject large = device(document, "cuda:0");
        QCOMPARE(large.value("name").toString(), "Large device");
        QCOMPARE(large.value("capability").toString(), "8.6");
        QCOMPARE(large.value("memory_total").toDouble(), 24.0 * 1024 * 1024 * 1024);
        QCOMPARE(large.value("memory_free").toDouble(), 20.0 * 1024 * 1024 * 1024);
        const QJsonObject busy = device(document, "cuda:1");
        QCOMPARE(busy.value("name").toString(), "Busy device");
        QVERIFY(busy.value("memory_free").isNull());
        // libtorch itself finds nothing behind this driver, and that is said.
        QVERIFY(!busy.value("available").toBool());
        QVERIFY(busy.value("reason").toString().startsWith("libtorch "));
    }

    void checkSaysWhatEachDeviceHasRoomFor()
    {
        QTemporaryDir folder;
        const QString file = folder.filePath("large.safetensors");
        QVERIFY(writeLargeCheckpoint(file));
        const QJsonArray devices = memoryOf(file, QStringLiteral(FAKE_CUDA_DIR)).value("devices").toArray();
        QCOMPARE(devices.size(), 2);
        QCOMPARE(devices[0].toObject().value("memory_free").toDouble(), 20.0 * 1024 * 1024 * 1024);
        QCOMPARE(devices[0].toObject().value("too_large").toArray(), QJsonArray{"train with Adam"});
        // of the second nobody knows what is free: all of its 8 GiB count
        QVERIFY(devices[1].toObject().value("memory_free").isNull());
        QCOMPARE(devices[1].toObject().value("too_large").toArray(), (QJsonArray{"float32", "train with Adam"}));
    }

    void checkWithoutADriverNamesNoDevice()
    {
        QTemporaryDir folder;
        const QString file = folder.filePath("large.safetensors");
        QVERIFY(writeLargeCheckpoint(file));
        const QJsonObject memory = memoryOf(file, QString());
        QVERIFY(memory.contains("devices"));
        QCOMPARE(memory.value("devices").toArray(), QJsonArray());
    }

    void onlyADriverStartsTheProgramThatAsksIt_data()
    {
        QTest::addColumn<QString>("libraryFolder");
        QTest::addColumn<bool>("isStarted");
        QTest::newRow("driver") << QStringLiteral(FAKE_CUDA_DIR) << true;
        QTest::newRow("none") << QString() << false;
    }
    void onlyADriverStartsTheProgramThatAsksIt()
    {
        QFETCH(QString, libraryFolder);
        QFETCH(bool, isStarted);
        QTemporaryDir folder;
        const QString alone = folder.filePath("weighbridge-cli");
        QVERIFY(QFile::copy(cliProgram, alone));
        QFile asker(folder.filePath("weighbridge-devices"));
        QVERIFY(asker.open(QIODevice::WriteOnly));
        asker.write("#!/bin/sh\ntouch \"$0.started\"\n");
        asker.close();
        QVERIFY(asker.setPermissions(QFile::ReadOwner | QFile::ExeOwner));
        QVERIFY(writeLargeCheckpoint(folder.filePath("large.safetensors")));
        QVERIFY(!answer(alone, {QStringLiteral("check"), folder.filePath("large.safetensors"), QStringLiteral("--json")}, libraryFolder).isEmpty());
        QCOMPARE(QFile::exists(asker.fileName() + QStringLiteral(".started")), isStarted);
    }

    void withoutTheWorkerTheCpuIsListedAndANoteSaysWhy()
    {
        QTemporaryDir folder;
        const QString alone = folder.filePath("weighbridge-cli");
        QVERIFY(QFile::copy(cliProgram, alone));
        const QJsonObject document = listDevices(alone, QString());
        QCOMPARE(schemaDifferences(document, "devices"), QStringList());
        QCOMPARE(document.value("devices").toArray().size(), 1);
        QVERIFY(device(document, "cpu").value("available").toBool());
        QVERIFY(document.value("notes").toArray().at(0).toString().contains("weighbridge-inference"));
    }
};

QTEST_GUILESS_MAIN(TstDevices)
#include "tst_devices.moc"
