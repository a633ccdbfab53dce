// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/crc32c.h"
#include "core/base/json.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/format/detail/snappy.h"
#include "core/format/detail/tf_proto.h"
#include "core/format/format.h"
#include "tests/support/files.h"

#include <QtTest>

#include <cstring>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

qsizetype s_changedByte = 0; ///< for a change that is a plain function

std::span<const std::byte> bytesOf(const QByteArray& text)
{
    return std::as_bytes(std::span(text.constData(), static_cast<size_t>(text.size())));
}

/// The two files of a small checkpoint, the values changed by `change`.
std::string copyOfDtypes(const TemporaryFolder& folder, void (*change)(QByteArray&))
{
    const QString start = QStringLiteral("tensorflow/dtypes/m.ckpt-10");
    QByteArray data = readFile(dataPath(start + QStringLiteral(".data-00000-of-00001")));
    change(data);
    folder.write(QStringLiteral("m.ckpt-10.data-00000-of-00001"), data);
    return folder.write(QStringLiteral("m.ckpt-10.index"), readFile(dataPath(start + QStringLiteral(".index"))));
}

} // namespace

class TstTensorflow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void crc32cFitsThePublishedVectors()
    {
        // RFC 3720, B.4; the value of "123456789" is the check value of the CRC catalogue
        QCOMPARE(crc32c(bytesOf("123456789")), 0xe3069283U);
        QCOMPARE(crc32c(bytesOf(QByteArray(32, '\0'))), 0x8a9136aaU);
        QCOMPARE(crc32c(bytesOf("6789"), crc32c(bytesOf("12345"))), 0xe3069283U);
    }

    void snappyUnpacksLiteralsAndCopies()
    {
        // "abcd" as it is, then eight bytes from four before
        const auto unpacked = unpackSnappy(bytesOf(QByteArray("\x0c\x0c" "abcd" "\x11\x04", 8)), 100);
        QVERIFY(unpacked.has_value());
        QCOMPARE(QByteArray(reinterpret_cast<const char*>(unpacked->data()), static_cast<qsizetype>(unpacked->size())), QByteArray("abcdabcdabcd"));
    }

    void snappyRefusesWhatDoesNotUnpack_data()
    {
        QTest::addColumn<QByteArray>("packed");
        QTest::addColumn<QByteArray>("rule");
        QTest::newRow("a copy of nothing") << QByteArray("\x04\x01\x04", 3) << QByteArray("corrupt");
        QTest::newRow("a literal that is cut") << QByteArray("\x04\x0c" "ab", 4) << QByteArray("corrupt");
        QTest::newRow("more than it says") << QByteArray("\x02\x0c" "abcd", 6) << QByteArray("corrupt");
        QTest::newRow("less than it says") << QByteArray("\x05\x0c" "abcd", 6) << QByteArray("corrupt");
        QTest::newRow("a bomb") << QByteArray("\xff\xff\xff\xff\x07\x0c" "abcd", 10) << QByteArray("resource-bomb");
    }
    void snappyRefusesWhatDoesNotUnpack()
    {
        QFETCH(QByteArray, packed);
        const auto unpacked = unpackSnappy(bytesOf(packed), uint64_t{1} << 40);
        QVERIFY(!unpacked.has_value());
        QTEST(QByteArray::fromStdString(unpacked.error().rule), "rule");
    }

    void sliceKeysAreThoseOfTensorFlow()
    {
        // as tensorflow 2.21 wrote it for rows 4 to 6 of a table of 10 x 4; a whole dimension, and numbers of two bytes
        QCOMPARE(tfSliceKey("emb/table", {{4, 0}, {3, 4}}), std::string("\0emb/table\0\1\1\2\x84\x83\x80\x84", 18));
        QCOMPARE(tfSliceKey("a", {{0}, {-1}}), std::string("\0a\0\1\1\1\x80\x7f", 8));
        QCOMPARE(tfSliceKey("a", {{64}, {1000}}), std::string("\0a\0\1\1\1\xc0\x40\xc3\xe8", 10));
    }

    void everyNameOfACheckpointOpensIt_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("index") << QStringLiteral("m.ckpt-10.index");
        QTest::newRow("data file") << QStringLiteral("m.ckpt-10.data-00000-of-00001");
        QTest::newRow("prefix") << QStringLiteral("m.ckpt-10");
        QTest::newRow("checkpoint") << QStringLiteral("checkpoint");
        QTest::newRow("folder") << QStringLiteral(".");
    }
    void everyNameOfACheckpointOpensIt()
    {
        QFETCH(QString, name);
        const TemporaryFolder folder;
        copyOfDtypes(folder, [](QByteArray&) {});
        // the path of the machine where it was trained does not matter
        folder.write(QStringLiteral("checkpoint"), "model_checkpoint_path: \"/train/run/m.ckpt-10\"\n");
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.path(name), job);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        QCOMPARE((*checkpoint)->tensors.size(), size_t(20));
    }

    void aChangedValueIsFoundByItsChecksum()
    {
        const TemporaryFolder folder;
        const std::string index = copyOfDtypes(folder, [](QByteArray& data) { data[3] = static_cast<char>(data[3] ^ 1); });
        JobContext job;
        const auto checkpoint = openCheckpoint(index, job);
        QVERIFY(checkpoint.has_value());
        QCOMPARE((*checkpoint)->findings.size(), size_t(1));
        QCOMPARE((*checkpoint)->findings[0].rule, "checksum");
        QCOMPARE((*checkpoint)->findings[0].tensors.size(), size_t(1));
        const auto verified = formatById("tf-checkpoint")->verify(**checkpoint, job);
        QVERIFY(!verified.has_value());
        QCOMPARE(verified.error().rule, "checksum");
    }

    void aCutDataFileIsTruncated()
    {
        const TemporaryFolder folder;
        const std::string index = copyOfDtypes(folder, [](QByteArray& data) { data.chop(1); });
        JobContext job;
        const auto checkpoint = openCheckpoint(index, job);
        QVERIFY(!checkpoint.has_value());
        QCOMPARE(checkpoint.error().rule, "truncated");
    }

    void textsAreShownAndCompared()
    {
        const TemporaryFolder folder;
        const QByteArray data = readFile(dataPath(QStringLiteral("tensorflow/dtypes/m.ckpt-10.data-00000-of-00001")));
        JobContext job;
        const auto honest = openCheckpoint(copyOfDtypes(folder, [](QByteArray&) {}), job);
        QVERIFY(honest.has_value());
        const TensorInfo* text = (*honest)->find("v/string");
        const Value* strings = (*honest)->metadata.find("strings");
        QVERIFY(text && strings && strings->find("v/string") && strings->find("v/string")->list());
        const Value::List& shown = *strings->find("v/string")->list();
        QCOMPARE(shown.size(), size_t(3));
        QVERIFY(data.contains(QByteArray::fromStdString(shown[0].stringOr("?")))); // as they lie in the file
        s_changedByte = static_cast<qsizetype>(text->storage.offset + text->storage.nbytes - 1);
        const auto changed =
            openCheckpoint(copyOfDtypes(folder, [](QByteArray& bytes) { bytes[s_changedByte] = static_cast<char>(bytes[s_changedByte] ^ 1); }), job);
        QVERIFY(changed.has_value());
        QCOMPARE((*changed)->findings.size(), size_t(1));
        QCOMPARE((*changed)->findings[0].rule, "checksum");
        QCOMPARE((*changed)->findings[0].tensors, std::vector<std::string>{"v/string"});
    }

    void partsOfTheOldFormOpenAsOne_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"m.ckpt-7-00000-of-00002", "m.ckpt-7-00001-of-00002", "m.ckpt-7", "checkpoint", "."})
            QTest::newRow(name) << QString::fromLatin1(name);
    }
    void partsOfTheOldFormOpenAsOne()
    {
        QFETCH(QString, name);
        JobContext job;
        const auto checkpoint = openCheckpoint(dataPath(QStringLiteral("tensorflow/v1_parts/") + name).toStdString(), job);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        const TensorInfo* table = (*checkpoint)->find("table"); // half of it in each file
        QVERIFY(table && (*checkpoint)->find("v0") && (*checkpoint)->find("v1"));
        const auto bytes = readWhole(**checkpoint, *table, job, 1000);
        QVERIFY(bytes.has_value());
        std::vector<float> values(16);
        std::memcpy(values.data(), bytes->data(), bytes->size());
        for (size_t i = 0; i < values.size(); ++i)
            QCOMPARE(values[i], float(i));
        QVERIFY(formatById("tf-checkpoint")->verify(**checkpoint, job).value_or(0) > 0);
    }

    void textsOfTheOldFormAreShown()
    {
        JobContext job;
        const auto checkpoint = openCheckpoint(dataPath(QStringLiteral("tensorflow/v1_strings.ckpt")).toStdString(), job);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        const Value* strings = (*checkpoint)->metadata.find("strings");
        QVERIFY(strings);
        QVERIFY(*strings == Value(Value::Map{{"names", Value::List{"alpha", "beta", "gamma delta", "<tag>"}}, {"one", Value::List{"a text"}}}));
        QVERIFY((*checkpoint)->find("names")->shape == (Shape{2, 2}));
    }

    void aPartThatIsAbsentIsNamed()
    {
        const TemporaryFolder folder;
        const QString name = QStringLiteral("m.ckpt-7-00000-of-00002");
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(name, readFile(dataPath(QStringLiteral("tensorflow/v1_parts/") + name))), job);
        QVERIFY(!checkpoint.has_value());
        QCOMPARE(checkpoint.error().rule, "missing-shard");
        QVERIFY2(checkpoint.error().message.find("m.ckpt-7-00001-of-00002") != std::string::npos, checkpoint.error().message.c_str());
    }

    void slicesArePutTogether()
    {
        JobContext job;
        const auto checkpoint = openCheckpoint(dataPath(QStringLiteral("tensorflow/partitioned/part.ckpt.index")).toStdString(), job);
        QVERIFY(checkpoint.has_value());
        const TensorInfo& table = (*checkpoint)->tensors.at(0);
        QVERIFY(table.storage.kind == StorageKind::Pieces);
        const auto bytes = readWhole(**checkpoint, table, job, 1000);
        QVERIFY(bytes.has_value());
        QCOMPARE(bytes->size(), size_t(10 * 4 * 4));
    }

    void badFilesAreNamed_data()
    {
        QTest::addColumn<QString>("path");
        QTest::addColumn<bool>("isError");
        QTest::addColumn<QByteArray>("rule");
        const QByteArray text = readFile(dataPath(QStringLiteral("tensorflow/bad/cases.json")));
        const auto cases = parseJson({text.constData(), static_cast<size_t>(text.size())});
        for (const Value& row : *cases->value.list())
            QTest::newRow(row.find("path")->string()->c_str()) << QString::fromStdString(*row.find("path")->string()) << *row.find("is_error")->boolean()
                                                               << QByteArray::fromStdString(*row.find("rule")->string());
    }
    void badFilesAreNamed()
    {
        QFETCH(QString, path);
        QFETCH(bool, isError);
        JobContext job;
        const auto checkpoint = openCheckpoint(dataPath(QStringLiteral("tensorflow/bad/") + path).toStdString(), job);
        QCOMPARE(!checkpoint.has_value(), isError);
        QByteArray rules;
        if (!checkpoint)
            rules = QByteArray::fromStdString(checkpoint.error().rule);
        else
            for (const Finding& finding : (*checkpoint)->findings)
                rules += (rules.isEmpty() ? "" : ",") + QByteArray::fromStdString(finding.rule);
        QTEST(rules, "rule");
    }
};

QTEST_APPLESS_MAIN(TstTensorflow)
#include "tst_tensorflow.moc"
