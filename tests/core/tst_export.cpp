// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/limits.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/export/export_tensors.h"
#include "core/export/load_python.h"
#include "core/statistics/value_block.h"
#include "tests/support/files.h"

#include <QtTest>

#include <numeric>

using namespace weighbridge;
using namespace weighbridge::test;

/// Tensors as files: read back, they are what they were.
class TstExport : public QObject {
    Q_OBJECT

private:
    static CheckpointPtr opened(const std::string& path)
    {
        JobContext job;
        const auto checkpoint = openCheckpoint(path, job);
        if (!checkpoint)
            qFatal("%s", checkpoint.error().message.c_str());
        return *checkpoint;
    }
    static CheckpointPtr sample(const QString& name) { return opened(dataPath(name).toStdString()); }
    static std::vector<double> valuesOf(const Checkpoint& checkpoint, const TensorInfo& tensor)
    {
        JobContext job;
        const MatrixView view = matrixViewOf(tensor);
        return readValueBlock(checkpoint, tensor, 0, 0, view.rows, view.columns, job)->values;
    }
    static bool areSame(const std::vector<double>& a, const std::vector<double>& b)
    {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
    }

private Q_SLOTS:
    void npyHoldsTheSameValues_data()
    {
        QTest::addColumn<QString>("file");
        for (const char* file : {"torch/zip_dtypes.bin", "torch/legacy_strides.pth", "torch/zip_big_endian.bin", "gguf/model.gguf", "numpy/fortran.npy"})
            QTest::newRow(file) << QString::fromLatin1(file);
    }
    void npyHoldsTheSameValues()
    {
        QFETCH(QString, file);
        const CheckpointPtr checkpoint = sample(file);
        const TemporaryFolder folder;
        int written = 0;
        for (const TensorInfo& tensor : checkpoint->tensors) {
            if (npyDTypeOf(tensor.dtype) == DType::Unknown || !tensor.layout.empty() || tensor.elements() == 0)
                continue;
            JobContext job;
            const std::string path = folder.path(QStringLiteral("x.npy"));
            const auto done = exportNpy(*checkpoint, tensor, path, job);
            QVERIFY2(done, done ? "" : done.error().message.c_str());
            const CheckpointPtr copy = opened(path);
            QCOMPARE(copy->tensors.size(), size_t(1));
            QCOMPARE(copy->tensors[0].dtype, npyDTypeOf(tensor.dtype));
            if (tensor.dtype != DType::C32)
                QCOMPARE(copy->tensors[0].shape, tensor.shape);
            QVERIFY2(areSame(valuesOf(*copy, copy->tensors[0]), valuesOf(*checkpoint, tensor)), tensor.name.c_str());
            ++written;
        }
        QVERIFY(written > 0);
    }

    void csvHasALinePerRow()
    {
        const TemporaryFolder folder;
        QByteArray data;
        for (const float value : {1.0f, 0.1f, -3.5f, std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 16777217.0f})
            data.append(reinterpret_cast<const char*>(&value), sizeof value);
        for (const int64_t value : {INT64_MAX, INT64_MIN})
            data.append(reinterpret_cast<const char*>(&value), sizeof value);
        const std::string path = folder.write(QStringLiteral("m.safetensors"),
            safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]},\"i\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[24,40]}}", data));
        const CheckpointPtr checkpoint = opened(path);
        JobContext job;
        const std::string out = folder.path(QStringLiteral("out.csv"));
        QVERIFY(exportCsv(*checkpoint, *checkpoint->find("a"), out, job));
        QCOMPARE(readFile(QString::fromStdString(out)), QByteArray("1,0.1,-3.5\nnan,inf,16777216\n"));
        QVERIFY(exportCsv(*checkpoint, *checkpoint->find("i"), out, job));
        QCOMPARE(readFile(QString::fromStdString(out)), QByteArray("9223372036854775807\n-9223372036854775808\n"));
    }

    void aSelectionIsASafetensorsFile()
    {
        const CheckpointPtr checkpoint = sample(QStringLiteral("torch/zip_params.bin"));
        QVERIFY(checkpoint->tensors.size() > 2);
        const TemporaryFolder folder;
        const std::string out = folder.path(QStringLiteral("selection.safetensors"));
        JobContext job;
        const std::vector<size_t> chosen{0, 2};
        QVERIFY(exportTensors(*checkpoint, chosen, out, job));
        const CheckpointPtr copy = opened(out);
        QCOMPARE(copy->tensors.size(), size_t(2));
        for (const size_t index : chosen) {
            const TensorInfo& tensor = checkpoint->tensors[index];
            const TensorInfo* there = copy->find(tensor.name);
            QVERIFY(there);
            QCOMPARE(there->dtype, tensor.dtype);
            QVERIFY(areSame(valuesOf(*copy, *there), valuesOf(*checkpoint, tensor)));
        }
    }

    void refusesWhatCannotBe_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<int>("tensors");
        QTest::addColumn<QString>("rule");
        QTest::newRow("two in a .npy") << QStringLiteral("x.npy") << 2 << QStringLiteral("wrong-format");
        QTest::newRow("none in a .csv") << QStringLiteral("x.csv") << 0 << QStringLiteral("wrong-format");
        QTest::newRow("another ending") << QStringLiteral("x.txt") << 1 << QStringLiteral("wrong-format");
        QTest::newRow("no such folder") << QStringLiteral("nowhere/x.npy") << 1 << QStringLiteral("unwritable");
        QTest::newRow("the file itself") << QStringLiteral("m.safetensors") << 1 << QStringLiteral("source-file");
        QTest::newRow("the file itself by another way") << QStringLiteral("../%1/m.safetensors") << 1 << QStringLiteral("source-file");
    }
    void refusesWhatCannotBe()
    {
        QFETCH(QString, name);
        QFETCH(int, tensors);
        const TemporaryFolder folder;
        const QByteArray bytes = safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}", QByteArray(8, '\1'));
        const CheckpointPtr checkpoint = opened(folder.write(QStringLiteral("m.safetensors"), bytes));
        std::vector<size_t> chosen(static_cast<size_t>(tensors));
        std::iota(chosen.begin(), chosen.end(), size_t(0));
        JobContext job;
        const QString relative = name.contains(QLatin1String("%1")) ? name.arg(QFileInfo(QString::fromStdString(folder.path())).fileName()) : name;
        const auto done = exportTensors(*checkpoint, chosen, folder.path(relative), job);
        QVERIFY(!done);
        QTEST(QString::fromStdString(done.error().rule), "rule");
        QVERIFY(!done.error().fix.empty());
        QCOMPARE(readFile(QString::fromStdString(folder.path(QStringLiteral("m.safetensors")))), bytes);
        QCOMPARE(QDir(QString::fromStdString(folder.path())).entryList(QDir::Files), QStringList{QStringLiteral("m.safetensors")});
    }

    void whatWasStoppedLeavesNothing_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"x.npy", "x.csv", "x.safetensors"})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void whatWasStoppedLeavesNothing()
    {
        QFETCH(QString, name);
        const TemporaryFolder folder;
        const qsizetype nbytes = qsizetype(limits::blockNbytes) * 3;
        const CheckpointPtr checkpoint = opened(folder.write(QStringLiteral("m.safetensors"),
            safetensors("{\"a\":{\"dtype\":\"U8\",\"shape\":[" + QByteArray::number(nbytes) + "],\"data_offsets\":[0," + QByteArray::number(nbytes) + "]}}", QByteArray(nbytes, '\0'))));
        std::stop_source stop;
        uint64_t reported = 0;
        JobContext job{stop.get_token(), [&](const Progress& progress) {
                           reported = progress.done;
                           stop.request_stop();
                       }};
        const auto done = exportTensors(*checkpoint, std::vector<size_t>{0}, folder.path(name), job);
        QVERIFY(!done);
        QCOMPARE(done.error().rule, std::string("cancelled"));
        QVERIFY(reported > 0 && reported < uint64_t(nbytes));
        QCOMPARE(QDir(QString::fromStdString(folder.path())).entryList(QDir::Files | QDir::Hidden), QStringList{QStringLiteral("m.safetensors")});
    }

    void blocksAreRefusedBySafetensors()
    {
        const CheckpointPtr checkpoint = sample(QStringLiteral("gguf/model.gguf"));
        const auto block = std::find_if(checkpoint->tensors.begin(), checkpoint->tensors.end(), [](const TensorInfo& tensor) { return info(tensor.dtype).kind == DTypeKind::Block; });
        QVERIFY(block != checkpoint->tensors.end());
        const TemporaryFolder folder;
        JobContext job;
        const auto done = exportTensors(*checkpoint, std::vector<size_t>{size_t(block - checkpoint->tensors.begin())}, folder.path(QStringLiteral("x.safetensors")), job);
        QCOMPARE(done.error().rule, std::string("bad-dtype"));
    }

    void pythonNamesFileAndTensor_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("says");
        QTest::newRow("safetensors") << QStringLiteral("safetensors/dtypes/dt.safetensors") << QByteArray("safe_open(");
        QTest::newRow("zip") << QStringLiteral("torch/zip_params.bin") << QByteArray("weights_only=True");
        QTest::newRow("legacy") << QStringLiteral("torch/legacy_params.pt") << QByteArray("torch.load(");
        QTest::newRow("gguf") << QStringLiteral("gguf/model.gguf") << QByteArray("GGUFReader(");
        QTest::newRow("npz") << QStringLiteral("numpy/compressed.npz") << QByteArray("numpy.load(");
        QTest::newRow("onnx") << QStringLiteral("onnx/dt.onnx") << QByteArray("onnx.load(");
    }
    void pythonNamesFileAndTensor()
    {
        QFETCH(QString, file);
        const CheckpointPtr checkpoint = sample(file);
        const TensorInfo& tensor = checkpoint->tensors.front();
        const QByteArray python = QByteArray::fromStdString(pythonToLoad(*checkpoint, tensor));
        QFETCH(QByteArray, says);
        QVERIFY2(python.contains(says), python.constData());
        QVERIFY2(python.contains("\"" + dataPath(file).toUtf8() + "\""), python.constData());
        QVERIFY2(python.contains("\"" + QByteArray::fromStdString(tensor.name) + "\""), python.constData());
        QVERIFY2(!python.contains('@'), python.constData());
        QVERIFY2(python.contains("tensor = "), python.constData());
    }

    void aNameCannotBecomeCode()
    {
        Checkpoint checkpoint;
        checkpoint.shards.push_back({"/tmp/@name\"\nimport os", "safetensors", nullptr});
        TensorInfo tensor;
        tensor.name = "x\"); __import__('os').system('true') #\n@path";
        const QByteArray python = QByteArray::fromStdString(pythonToLoad(checkpoint, tensor));
        QVERIFY2(python.contains("f.get_tensor(\"x\\\"); __import__('os').system('true') #\\n@path\")"), python.constData());
        QVERIFY2(python.contains("safe_open(\"/tmp/@name\\\"\\nimport os\""), python.constData());
        checkpoint.shards[0].format = "tflite";
        QVERIFY(pythonToLoad(checkpoint, tensor).empty());
    }
};

QTEST_GUILESS_MAIN(TstExport)
#include "tst_export.moc"
