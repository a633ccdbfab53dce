// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/layer_folds.h"

#include <QtTest>

using namespace weighbridge;

class TstLayerFolds : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// A letter is a layer with that signature, in upper case one that deviates; a dot is a number that is not there.
    void foldsWhatIsAlike_data()
    {
        QTest::addColumn<QByteArray>("layers");
        QTest::addColumn<QByteArray>("groups");
        const auto row = [](const char* layers, const char* groups) { QTest::newRow(layers) << QByteArray(layers) << QByteArray(groups); };
        row("", "");
        row("a", "0");
        row("aa", "{0, 1} 2 alike");
        row("ab", "0; 1");
        row("aaaa", "{0–3} 4 alike");
        row("aaabaa", "{0–2} 3 alike; 3; {4, 5} 2 alike");
        row("a.a", "0; 2");
        row("aa.aa", "{0, 1} 2 alike; {3, 4} 2 alike");
        row("aaAaa", "{0, 1} 2 alike; 2; {3, 4} 2 alike");
        row("aAAa", "0; 1; 2; 3");
        row("AAAA", "{0–3} 4 alike");
        row("abab", "{0, 2} even; {1, 3} odd");
        row("abababababab", "{0, 2, …, 10} even; {1, 3, …, 11} odd");
        row("ababaBab", "{0, 2, 4, 6} even; {1, 3, 7} odd; 5");
        row("ababac", "0; 1; 2; 3; 4; 5");
        row("aba", "0; 1; 2");
        row("ab..abab", "{0, 4, 6} even; {1, 5, 7} odd");
    }
    void foldsWhatIsAlike()
    {
        QFETCH(QByteArray, layers);
        std::vector<NumberedLayer> input;
        for (qsizetype i = 0; i < layers.size(); ++i)
            if (layers[i] != '.')
                input.push_back({i, uint64_t(QChar::toLower(uint(layers[i]))), layers[i] >= 'A' && layers[i] <= 'Z'});
        QByteArrayList out;
        for (const LayerGroup& group : foldLayers(input)) {
            const QByteArray numbers = QByteArray::fromStdString(group.numbers);
            out.append(group.members.size() == 1 ? numbers : "{" + numbers + "} " + QByteArray::fromStdString(group.note));
        }
        QTEST(out.join("; "), "groups");
    }
    void numbersAreDigitsWithoutLeadingZeros()
    {
        QCOMPARE(layerNumber("0"), std::optional<int64_t>(0));
        QCOMPARE(layerNumber("123456789"), std::optional<int64_t>(123456789));
        for (const char* no : {"", "01", "1a", "-1", "1234567890", "+1", " 1"})
            QVERIFY2(!layerNumber(no), no);
    }
};

QTEST_APPLESS_MAIN(TstLayerFolds)
#include "tst_layer_folds.moc"
