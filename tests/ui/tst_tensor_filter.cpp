// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/check_text.h"
#include "ui/models/tensor_filter.h"

#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

class TstTensorFilter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsTheRowsThatAllTermsAccept_data()
    {
        QTest::addColumn<QByteArray>("filter");
        QTest::addColumn<QByteArray>("kept");
        const auto row = [](const char* filter, const char* kept) { QTest::newRow(filter) << QByteArray(filter) << QByteArray(kept); };
        row("query", "h.1.query h.17.query");
        row("QUERY", "h.1.query h.17.query");
        row("\"Query\"", "");
        row("\"h.1.\"", "h.1.query h.1.gone");
        row("1", "h.1.query h.1.gone");
        row("17", "h.17.query");
        row("h 17", "h.17.query");
        row("f16", "h.17.query");
        row("dtype:F16", "h.17.query");
        row("dtype:F", "");
        row("768,768", "h.1.query h.17.query");
        row("768x768", "h.1.query h.17.query");
        row("768 x 768", "h.1.query h.17.query");
        row("*,768", "emb.weight h.1.query h.17.query");
        row("30522 x *", "emb.weight");
        row("768,*,768", "");
        row("shape:7", "h.1.gone extra.7");
        row("status:missing", "h.1.gone");
        row("status:missing,unexpected", "h.1.gone extra.7");
        row("status:mismatched", "h.17.query");
        row("status:deviating", "h.17.query h.1.gone extra.7");
        row("status:matched query", "h.1.query");
        row("origin:random", "emb.weight");
        row("origin:trained", "");
        row("size>10M", "emb.weight");
        row("size>=2.25MiB", "emb.weight h.1.query");
        row("size<100b", "h.1.gone extra.7");
        row("size=28", "h.1.gone extra.7");
        row("params>1M", "emb.weight");
        row("params<=7", "h.1.gone extra.7");
        row("h 768,768 status:matched", "h.1.query");
    }
    void keepsTheRowsThatAllTermsAccept()
    {
        QFETCH(QByteArray, filter);
        const auto rows = sample();
        const auto origin = [](int found) { return found == 0 ? std::string_view("random") : std::string_view(); };
        const FilterHits hits = *findTensors(TensorFilter(filter.toStdString()), *rows, origin);
        QByteArrayList kept;
        for (size_t i = 0; i < hits.kept.size(); ++i)
            if (hits.kept[i])
                kept.append(QByteArray::fromStdString(std::string(rows->rows()[i].name)));
        QTEST(kept.join(' '), "kept");
        QCOMPARE(hits.count, size_t(kept.size()));
    }
    void countsWhatEachTermAloneWouldKeep()
    {
        const FilterHits hits = *findTensors(TensorFilter("query 7 768,768"), *sample());
        QCOMPARE(hits.count, 0u);
        QCOMPARE(hits.perTerm, (std::vector<size_t>{2, 1, 2}));
    }
    void whatIsNotUnderstoodMatchesNothingAndSaysWhy_data()
    {
        QTest::addColumn<QByteArray>("filter");
        for (const char* filter : {"status:gone", "origin:mars", "size>big", "size>", "size>-1", "params=x", "shape:a,b", "shape:99999999999999999999"})
            QTest::newRow(filter) << QByteArray(filter);
    }
    void whatIsNotUnderstoodMatchesNothingAndSaysWhy()
    {
        QFETCH(QByteArray, filter);
        const TensorFilter parsed(filter.toStdString());
        QCOMPARE(parsed.terms().size(), 1u);
        QVERIFY(!parsed.terms()[0].problem.empty());
        QCOMPARE(findTensors(parsed, *sample())->count, 0u);
    }
    void typingMoreNarrows_data()
    {
        QTest::addColumn<QByteArray>("before");
        QTest::addColumn<QByteArray>("after");
        QTest::addColumn<bool>("narrows");
        QTest::newRow("a longer word") << QByteArray("que") << QByteArray("query") << true;
        QTest::newRow("another word") << QByteArray("query") << QByteArray("query h.1") << true;
        QTest::newRow("nothing before") << QByteArray("") << QByteArray("query") << true;
        QTest::newRow("a longer number is another") << QByteArray("1") << QByteArray("17") << false;
        QTest::newRow("a dtype was a word") << QByteArray("F3") << QByteArray("F32") << false;
        QTest::newRow("a shorter word") << QByteArray("query") << QByteArray("que") << false;
        QTest::newRow("a longer exact name") << QByteArray("\"h.1") << QByteArray("\"h.1.") << true;
        QTest::newRow("another state") << QByteArray("status:matched") << QByteArray("status:missing") << false;
    }
    void typingMoreNarrows()
    {
        QFETCH(QByteArray, before);
        QFETCH(QByteArray, after);
        const TensorFilter wide(before.toStdString());
        const TensorFilter narrow(after.toStdString());
        QTEST(narrow.narrows(wide), "narrows");
        const auto within = findTensors(wide, *sample());
        QVERIFY(!narrow.narrows(wide) || findTensors(narrow, *sample(), {}, {}, &*within)->kept == findTensors(narrow, *sample())->kept);
    }
    void aSearchThatWasStoppedGivesNothing()
    {
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!findTensors(TensorFilter("query"), *sample(), {}, JobContext{stop.get_token(), {}}));
    }
    void blanksAndEmptyQuotesAreNoTerms()
    {
        QVERIFY(TensorFilter("  \t ").isEmpty());
        QVERIFY(TensorFilter("\"\" \"").isEmpty());
        QCOMPARE(TensorFilter("\"a b\" c").terms()[0].needle, "a b");
        QCOMPARE(TensorFilter("\"open end").terms()[0].needle, "open end");
    }
    void wordsThatLookLikeShapesOrKeysAreNames()
    {
        QVERIFY(TensorFilter("max").terms()[0].kind == FilterTerm::Kind::Name);
        QVERIFY(TensorFilter("kernel:0").terms()[0].kind == FilterTerm::Kind::Name);
        QCOMPARE(TensorFilter("kernel:0").terms()[0].needle, "kernel:0");
    }

private:
    static TensorRowsPtr sample()
    {
        return TensorRows::fromCheck(checkOf("emb.weight 30522x768 F32\nh.1.query 768x768 F32\nh.17.query 768x768 F32\nh.1.gone 7 F32\n",
            "emb.weight 30522x768 F32\nh.1.query 768x768 F32\nh.17.query 768x768 F16\nextra.7 7 F32\n"));
    }
};

QTEST_APPLESS_MAIN(TstTensorFilter)
#include "tst_tensor_filter.moc"
