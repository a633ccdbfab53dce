// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"
#include "core/tensor/decode.h"

#include <QFile>
#include <QtTest>

#include <bit>
#include <cmath>

using namespace weighbridge;

namespace {

Value dataFile(const char* name)
{
    QFile file(QString::fromUtf8(WEIGHBRIDGE_SOURCE_DIR "/tests/data/statistics/") + QString::fromUtf8(name));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("%s is not there", name);
    const QByteArray text = file.readAll();
    return parseJson(std::string_view(text.constData(), static_cast<size_t>(text.size())))->value;
}

std::span<const std::byte> bytesOf(const QByteArray& bytes)
{
    return std::as_bytes(std::span(bytes.constData(), static_cast<size_t>(bytes.size())));
}

template <typename T>
std::vector<T> decoded(DType dtype, const QByteArray& bytes)
{
    const Decoder* decoder = decoderOf(dtype);
    if (!decoder)
        return {};
    std::vector<T> out(decoder->values(static_cast<size_t>(bytes.size())));
    out.resize(decode(*decoder, bytesOf(bytes), std::span(out)));
    return out;
}

QByteArray hex(const char* text)
{
    return QByteArray::fromHex(text);
}

} // namespace

class TstDecode : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void knownBitPatterns_data()
    {
        QTest::addColumn<QByteArray>("dtype");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QList<double>>("values");
        const auto row = [](const char* dtype, const char* bytes, const QList<double>& values) { QTest::newRow(dtype) << QByteArray(dtype) << hex(bytes) << values; };
        row("F64", "000000000000f03f 182d4454fb210940", {1, 3.141592653589793});
        row("F32", "0000803f 000000c0 01000000", {1, -2, 0x1p-149});
        row("F16", "003c 00c0 0100 ff03 0004 ff7b 0080", {1, -2, 0x1p-24, 1023 * 0x1p-24, 0x1p-14, 65504, 0});
        row("BF16", "803f 00c0 0100 7f7f", {1, -2, 0x1p-133, 3.3895313892515355e38});
        row("F4", "10 f7", {0, 0.5, 6, -6});
        row("I64", "ffffffffffffffff ffffffffffff1f00", {-1, 9007199254740991});
        row("I32", "00000080 01000000", {-2147483648.0, 1});
        row("I16", "0080 ff7f", {-32768, 32767});
        row("I8", "80 7f", {-128, 127});
        row("I4", "8f 17", {-1, -8, 7, 1});
        row("U64", "ffffffffffffffff", {18446744073709551615.0});
        row("U32", "ffffffff", {4294967295.0});
        row("U16", "ffff", {65535});
        row("U8", "ff 00", {255, 0});
        row("U4", "8f", {15, 8});
        row("I2", "e4", {0, 1, -2, -1});
        row("U2", "e4", {0, 1, 2, 3});
        row("BOOL", "00 01 02", {0, 1, 1});
        row("C32", "003c00c0", {1, -2});
        row("C64", "0000803f000000c0", {1, -2});
        row("C128", "000000000000f03f00000000000000c0", {1, -2});
        row("QINT8", "80", {-128});
        row("QUINT8", "80", {128});
        row("QINT32", "ffffffff", {-1});
        row("Q8_0", "003c" "0102030405060708090a0b0c0d0e0f10" "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
            {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, -16, -15, -14, -13, -12, -11, -10, -9, -8, -7, -6, -5, -4, -3, -2, -1});
    }
    void signsShareAScale()
    {
        const auto values = decoded<float>(DType::Q1_0, hex("0038 05000000000000000000000000000080"));
        QCOMPARE(values.size(), size_t{128});
        QCOMPARE(values[0], 0.5f);
        QCOMPARE(values[1], -0.5f);
        QCOMPARE(values[2], 0.5f);
        QCOMPARE(values[126], -0.5f);
        QCOMPARE(values[127], 0.5f);
    }
    void pairsOfBitsShareAScale()
    {
        const auto values = decoded<float>(DType::Q2_0, hex("0038 e4000000000000000000000000000040"));
        QCOMPARE(values.size(), size_t{64});
        QCOMPARE(std::vector<float>(values.begin(), values.begin() + 5), (std::vector<float>{-0.5f, 0, 0.5f, 1, -0.5f}));
        QCOMPARE(values[63], 0.0f);
    }
    void knownBitPatterns()
    {
        QFETCH(QByteArray, dtype);
        QFETCH(QByteArray, bytes);
        QFETCH(QList<double>, values);
        const DType type = *dtypeByName(dtype.toStdString());
        const auto wide = decoded<double>(type, bytes);
        QCOMPARE(QList<double>(wide.begin(), wide.end()), values);
        const auto narrow = decoded<float>(type, bytes);
        QCOMPARE(narrow.size(), wide.size());
        for (size_t i = 0; i < narrow.size(); ++i)
            QCOMPARE(narrow[i], static_cast<float>(wide[i]));
    }
    void halvesThatAreNotFiniteStaySo()
    {
        const auto values = decoded<float>(DType::F16, hex("007c 00fc 007e"));
        QVERIFY(std::isinf(values[0]) && values[0] > 0);
        QVERIFY(std::isinf(values[1]) && values[1] < 0);
        QVERIFY(std::isnan(values[2]));
    }
    void float8AgreesWithTorch_data() { namesOf(dataFile("float8.json")); }
    void float8AgreesWithTorch()
    {
        QFETCH(QByteArray, dtype);
        const Value data = dataFile("float8.json");
        const Value::List& expected = *data.find(dtype.toStdString())->list();
        QByteArray codes;
        for (int code = 0; code < 256; ++code)
            codes.append(static_cast<char>(code));
        const auto values = decoded<float>(*dtypeByName(dtype.toStdString()), codes);
        QCOMPARE(values.size(), expected.size());
        for (size_t code = 0; code < values.size(); ++code) {
            if (expected[code].isNull())
                QVERIFY2(std::isnan(values[code]), qPrintable(QString::number(code)));
            else if (expected[code].isString())
                QCOMPARE(double(values[code]), *expected[code].string() == "inf" ? HUGE_VAL : -HUGE_VAL);
            else
                QCOMPARE(double(values[code]), expected[code].number());
        }
    }
    void blocksAgreeWithTheReferenceToTheLastBit_data() { namesOf(dataFile("blocks.json")); }
    void blocksAgreeWithTheReferenceToTheLastBit()
    {
        QFETCH(QByteArray, dtype);
        const Value data = dataFile("blocks.json");
        const Value& entry = *data.find(dtype.toStdString());
        const auto values = decoded<float>(*dtypeByName(dtype.toStdString()), hex(entry.find("blocks")->stringOr("").c_str()));
        const auto expected = decoded<float>(DType::F32, hex(entry.find("values")->stringOr("").c_str()));
        QCOMPARE(values.size(), expected.size());
        for (size_t i = 0; i < values.size(); ++i)
            QCOMPARE(std::bit_cast<uint32_t>(values[i]), std::bit_cast<uint32_t>(expected[i]));
    }
    void everyDTypeOfNumbersHasADecoderThatFitsItsSize()
    {
        for (const DTypeInfo& row : allDTypes()) {
            const Decoder* decoder = decoderOf(row.dtype);
            const bool isPacked = row.dtype == DType::F6_E2M3 || row.dtype == DType::F6_E3M2;
            QCOMPARE(decoder != nullptr, row.kind != DTypeKind::Unknown && row.kind != DTypeKind::String && !isPacked);
            if (!decoder)
                continue;
            const uint32_t elements = row.kind == DTypeKind::Complex ? decoder->unitValues / 2 : decoder->unitValues;
            QCOMPARE(*nbytesOf(row.dtype, elements), uint64_t{decoder->unitNbytes});
            QCOMPARE(4096 % decoder->unitValues, 0u);
        }
    }
    void aCutUnitIsLeftOut()
    {
        QCOMPARE(decoded<float>(DType::F32, hex("0000803f 0000")).size(), size_t{1});
        QCOMPARE(decoded<float>(DType::Q8_0, QByteArray(33, '\0')).size(), size_t{0});
    }
    void roomIsNeverExceeded()
    {
        const QByteArray bytes(40, '\0');
        std::vector<float> out(3);
        QCOMPARE(decode(*decoderOf(DType::F32), bytesOf(bytes), std::span(out)), size_t{3});
        QCOMPARE(decode(*decoderOf(DType::Q8_0), bytesOf(bytes), std::span(out)), size_t{0});
    }

private:
    static void namesOf(const Value& data)
    {
        QTest::addColumn<QByteArray>("dtype");
        for (const auto& [name, entry] : *data.map())
            QTest::newRow(name.c_str()) << QByteArray::fromStdString(name);
    }
};

QTEST_APPLESS_MAIN(TstDecode)
#include "tst_decode.moc"
