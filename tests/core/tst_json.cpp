// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/json.h"

#include <QtTest>

#include <cmath>

using namespace weighbridge;

class TstJson : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsOrderAndTypes()
    {
        const auto document = parseJson(R"({"b": 1, "a": [true, null, "x", 2.5], "big": 18446744073709551615})");
        QVERIFY(document.has_value());
        QCOMPARE(toJson(document->value), R"({"b":1,"a":[true,null,"x",2.5],"big":1.8446744073709552e+19})");
    }
    void namesDuplicateKeysWithTheirPath()
    {
        const auto document = parseJson(R"({"a": {"k": 1, "k": 2}})");
        QVERIFY(document.has_value());
        QCOMPARE(document->duplicateKeys, std::vector<std::string>{"a.k"});
        QCOMPARE(*document->value.find("a")->find("k")->integer(), 2);
    }
    void readsPythonsNonFiniteNumbers()
    {
        const auto document = parseJson(R"({"a": NaN, "b": -Infinity, "text": "NaN"})");
        QVERIFY(document.has_value());
        QVERIFY(std::isnan(document->value.find("a")->number()));
        QVERIFY(std::isinf(document->value.find("b")->number()));
        QCOMPARE(*document->value.find("text")->string(), "NaN");
        QCOMPARE(document->nonFinite.size(), size_t(2));
    }
    void numbersBeyondADoubleAreInfiniteAsInPython()
    {
        const auto document = parseJson(R"({"a": 9e308, "b": [-12.5E+0400, 1e-400], "text": "1e400"})");
        QVERIFY(document.has_value());
        QCOMPARE(document->value.find("a")->number(), HUGE_VAL);
        QCOMPARE(document->value.find("b")->list()->at(0).number(), -HUGE_VAL);
        QCOMPARE(document->value.find("b")->list()->at(1).number(), 0.0);
        QCOMPARE(*document->value.find("text")->string(), "1e400");
        QCOMPARE(document->nonFinite, (std::vector<std::string>{"a", "b"}));
        for (const char* text : {"[1e400+5]", "[01e400]", "[1.e400]", "[1e400e1]", "[1e400x]"})
            QVERIFY2(!parseJson(text), text);
    }
    void refuses_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("rule");
        QTest::newRow("cut in an object") << QByteArray("{\"a\": 1") << QByteArray("truncated");
        QTest::newRow("cut in a string") << QByteArray("{\"a") << QByteArray("truncated");
        QTest::newRow("no colon") << QByteArray("{\"a\" 1}") << QByteArray("corrupt");
        QTest::newRow("trailing comma") << QByteArray("{\"a\": 1,}") << QByteArray("corrupt");
        QTest::newRow("two documents") << QByteArray("{} {}") << QByteArray("corrupt");
        QTest::newRow("not UTF-8") << QByteArray("{\"a\": \"\xe9\"}") << QByteArray("corrupt");
        QTest::newRow("too deep") << QByteArray(1000, '[') << QByteArray("resource-bomb");
    }
    void refuses()
    {
        QFETCH(QByteArray, text);
        const auto document = parseJson(text.toStdString());
        QVERIFY(!document.has_value());
        QTEST(QByteArray::fromStdString(document.error().rule), "rule");
    }
    void saysLineAndColumn()
    {
        const auto document = parseJson("{\n  \"a\": 1,\n  \"b\" 2\n}");
        QVERIFY(!document.has_value());
        QVERIFY2(document.error().message.find("line 3") != std::string::npos, document.error().message.c_str());
    }
};

QTEST_APPLESS_MAIN(TstJson)
#include "tst_json.moc"
