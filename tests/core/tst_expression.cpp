// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/expression.h"
#include "core/base/json.h"

#include <QtTest>

using namespace weighbridge;

namespace {

Value config()
{
    return parseJson("{\"hidden_size\": 768, \"heads\": 12, \"half\": 0.5, \"none\": null, \"flag\": true, \"act\": \"gated-gelu\", "
                     "\"sizes\": [96, 192, 384], \"kinds\": [\"full\", \"linear\", \"full\"], \"text_config\": {\"hidden_size\": 64}, \"big\": 9223372036854775807}")
        ->value;
}

} // namespace

class TstExpression : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void computes_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("json");
        const auto row = [](const char* text, const char* json) { QTest::newRow(text) << QByteArray(text) << QByteArray(json); };
        row("1 + 2 * 3", "7");
        row("(1 + 2) * 3", "9");
        row("hidden_size // heads", "64");
        row("-7 // 2", "-4");
        row("-7 % 3", "2");
        row("7 % -3", "-2");
        row("-7.5 // 2", "-4.0");
        row("6 / 3", "2.0");
        row("int(7 / 2)", "3");
        row("2 ** 10", "1024");
        row("-2 ** 2", "-4");
        row("2 ** -1", "0.5");
        row("1e3", "1000.0");
        row("flag + 1", "2");
        row("True == 1", "true");
        row("1 == 1.0", "true");
        row("'a' == 1", "false");
        row("none is None", "true");
        row("hidden_size is not None", "true");
        row("not flag", "false");
        row("none or 5", "5");
        row("0 and nothing", "0");
        row("1 if flag else nothing", "1");
        row("1 if none else 2 if none else 3", "3");
        row("3 in [1, 2, 3]", "true");
        row("'gated' in act", "true");
        row("2 not in sizes", "true");
        row("sizes[1]", "192");
        row("sizes[-1]", "384");
        row("'ME*'[1]", "\"E\"");
        row("'ME*'[-1]", "\"*\"");
        row("sizes[::-1]", "[384,192,96]");
        row("sizes[1:]", "[192,384]");
        row("sizes[:-1]", "[96,192]");
        row("len(sizes)", "3");
        row("sum([1 for i in range(3) if kinds[i] == 'full'])", "2");
        row("[i * 2 for i in range(3)]", "[0,2,4]");
        row("[0] * 3 + [1]", "[0,0,0,1]");
        row("text_config.hidden_size", "64");
        row("get('absent', 9)", "9");
        row("get('text_config.hidden_size', 9)", "64");
        row("has('text_config.absent')", "false");
        row("max(1, 3, 2)", "3");
        row("min(sizes)", "96");
        row("ceil(7 / 2)", "4");
        row("round(2.5)", "2");
        row("roundup(50257, 64)", "50304");
        row("roundup(64, 64)", "64");
        row("divisible(24 * 1.4, 8)", "32");
        row("divisible(32 * 0.1, 8)", "8");
        row("divisible(11, 8)", "16"); // 8 would be below 90 %
        row("divisible(3, 8, 4)", "4");
        row("prod(sizes)", "7077888");
        row("max(values(text_config))", "64");
        row("startswith(act, 'gated')", "true");
        row("split(act, '-')[-1]", "\"gelu\"");
        row("index(kinds, 'linear')", "1");
        row("out_features(['stem', 'stage1'], None, None)", "[\"stage1\"]");
        row("null", "null");
    }
    void computes()
    {
        QFETCH(QByteArray, text);
        const Value fields = config();
        const auto expression = Expression::parse(text.toStdString());
        QVERIFY2(expression.has_value(), expression ? "" : expression.error().message.c_str());
        const auto value = expression->evaluate(Names(fields));
        QVERIFY2(value.has_value(), value ? "" : value.error().message.c_str());
        QTEST(QByteArray::fromStdString(toJson(*value)), "json");
    }
    void refusesText_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"", "1 +", "(1", "[1, 2", "a b", "1 < 2 < 3", "f(1)", "'open", "a.", "a[", "lambda: 1", "if", "99999999999999999999",
                                 "min()", "has(x)", "divisible(1)", "a = 1", "__import__('os')", "[i for i in x]"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("too deep") << QByteArray(100, '(') + "1" + QByteArray(100, ')');
        QTest::newRow("too long") << QByteArray("1") + QByteArray("+1").repeated(3000);
        QTest::newRow("powers too deep") << QByteArray("2**").repeated(200) + "1";
    }
    void refusesText()
    {
        QFETCH(QByteArray, text);
        const auto expression = Expression::parse(text.toStdString());
        QVERIFY(!expression.has_value());
        QCOMPARE(expression.error().rule, "architecture-syntax");
    }
    void refusesValues_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("rule");
        const auto row = [](const char* text, const char* rule) { QTest::newRow(text) << QByteArray(text) << QByteArray(rule); };
        row("big + 1", "bad-shape");
        row("big * 2", "bad-shape");
        row("-big - 2", "bad-shape");
        row("10 ** 40", "bad-shape");
        row("1 // 0", "bad-shape");
        row("1 / 0", "bad-shape");
        row("hidden_size + none", "bad-shape");
        row("act < 1", "bad-shape");
        row("sizes[7]", "bad-shape");
        row("[0] * 1000000", "bad-shape");
        row("100000 * [100000 * [0]]", "bad-shape");
        row("sum([sum([1 for j in range(100000)]) for i in range(100000)])", "bad-shape");
        row("int(1e300)", "bad-shape");
        row("absent + 1", "config-missing");
        row("text_config.absent", "config-missing");
    }
    void refusesValues()
    {
        QFETCH(QByteArray, text);
        const Value fields = config();
        const auto value = Expression::parse(text.toStdString())->evaluate(Names(fields));
        QVERIFY(!value.has_value());
        QTEST(QByteArray::fromStdString(value.error().rule), "rule");
    }
    void namesTheExpressionAndTheMissingField()
    {
        const Value fields = config();
        const auto value = Expression::parse("hidden_size * absent")->evaluate(Names(fields));
        QVERIFY(value.error().message.find("`hidden_size * absent`") != std::string::npos);
        QVERIFY(value.error().message.find("no field absent") != std::string::npos);
    }
    void indicesHideFields()
    {
        const Value fields = config();
        Names names(fields);
        names.push("heads", Value(3));
        QCOMPARE(*Expression::parse("heads")->evaluate(names)->integer(), 3);
        names.pop();
        QCOMPARE(*Expression::parse("heads")->evaluate(names)->integer(), 12);
    }
    void listsTheFieldsThatItReads()
    {
        QCOMPARE(Expression::parse("hidden_size * text_config.hidden_size + hidden_size")->fields(), (std::vector<std::string>{"hidden_size", "text_config.hidden_size"}));
    }
};

QTEST_APPLESS_MAIN(TstExpression)
#include "tst_expression.moc"
