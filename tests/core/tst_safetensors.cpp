// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "tests/support/files.h"

#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

class TstSafetensors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void readsValuesInPlace()
    {
        const TemporaryFolder folder;
        const std::string path = folder.write(QStringLiteral("m.safetensors"),
                                              safetensors("{\"__metadata__\":{\"format\":\"pt\"},\"w\":{\"dtype\":\"U8\",\"shape\":[2,2],\"data_offsets\":[0,4]}}", "abcd"));
        JobContext job;
        const auto checkpoint = openCheckpoint(path, job);
        QVERIFY(checkpoint.has_value());
        QCOMPARE((*checkpoint)->tensors.size(), size_t(1));
        QCOMPARE((*checkpoint)->metadata.find("__metadata__")->find("format")->stringOr(""), "pt");
        const auto values = readWhole(**checkpoint, (*checkpoint)->tensors[0], job, 100);
        QVERIFY(values.has_value());
        QCOMPARE(QByteArray(reinterpret_cast<const char*>(values->data()), 4), QByteArray("abcd"));
    }

    void refuses_data()
    {
        QTest::addColumn<QByteArray>("header");
        QTest::addColumn<QByteArray>("data");
        QTest::addColumn<QByteArray>("rule");
        const QByteArray tensor = "{\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}";
        QTest::newRow("data cut") << tensor << QByteArray("abc") << QByteArray("truncated");
        QTest::newRow("tensor twice") << QByteArray("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}}") << QByteArray("ab") << QByteArray("duplicate-key");
        QTest::newRow("overlap") << QByteArray("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}}") << QByteArray("abc") << QByteArray("overlapping-tensors");
        QTest::newRow("unknown dtype") << QByteArray("{\"w\":{\"dtype\":\"F33\",\"shape\":[1],\"data_offsets\":[0,4]}}") << QByteArray("abcd") << QByteArray("bad-dtype");
        QTest::newRow("a block type of another format") << QByteArray("{\"w\":{\"dtype\":\"Q4_0\",\"shape\":[32],\"data_offsets\":[0,18]}}") << QByteArray(18, 'x') << QByteArray("bad-dtype");
        QTest::newRow("shape that overflows") << QByteArray("{\"w\":{\"dtype\":\"U8\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}") << QByteArray() << QByteArray("bad-shape");
        QTest::newRow("shape and bytes differ") << QByteArray("{\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}") << QByteArray("abcd") << QByteArray("bad-shape");
        QTest::newRow("negative size") << QByteArray("{\"w\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}}") << QByteArray("a") << QByteArray("bad-shape");
        QTest::newRow("offsets inverted") << QByteArray("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,0]}}") << QByteArray("a") << QByteArray("inconsistent-index");
        QTest::newRow("offsets near 2^64") << QByteArray("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[18446744073709551614,18446744073709551615]}}") << QByteArray("a") << QByteArray("inconsistent-index");
        QTest::newRow("no JSON") << QByteArray("{\"w\":") << QByteArray("abcd") << QByteArray("corrupt");
        QTest::newRow("a list") << QByteArray("{\"w\":[1,2]}") << QByteArray("ab") << QByteArray("corrupt");
    }
    void refuses()
    {
        QFETCH(QByteArray, header);
        QFETCH(QByteArray, data);
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("m.safetensors"), safetensors(header, data)), job);
        QVERIFY(!checkpoint.has_value());
        QTEST(QByteArray::fromStdString(checkpoint.error().rule), "rule");
    }

    void truncationNamesByteAndTensor()
    {
        const TemporaryFolder folder;
        JobContext job;
        const QByteArray whole = safetensors("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}", "abcd");
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("m.safetensors"), whole.chopped(1)), job);
        QVERIFY(!checkpoint.has_value());
        const Error& error = checkpoint.error();
        QCOMPARE(error.offset.value_or(0), static_cast<uint64_t>(whole.size() - 1));
        QVERIFY2(error.message.find("1 of 2 tensors are complete, the first that is cut is b") != std::string::npos, error.message.c_str());
    }

    void aHoleAndTrailingBytesAreWarnings()
    {
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("m.safetensors"), safetensors("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[2,3]}}", "abcde")), job);
        QVERIFY(checkpoint.has_value());
        QCOMPARE((*checkpoint)->findings.size(), size_t(2));
        for (const Finding& finding : (*checkpoint)->findings)
            QCOMPARE(finding.rule, "inconsistent-index");
    }

    void aWrongExtensionIsSaid()
    {
        const TemporaryFolder folder;
        JobContext job;
        const auto checkpoint = openCheckpoint(folder.write(QStringLiteral("model.safetensors.index.json"), safetensors("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "a")), job);
        QVERIFY(checkpoint.has_value());
        QCOMPARE((*checkpoint)->findings.size(), size_t(1));
        QCOMPARE((*checkpoint)->findings[0].rule, "wrong-format-for-extension");
    }
};

QTEST_APPLESS_MAIN(TstSafetensors)
#include "tst_safetensors.moc"
