// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/text.h"

#include <QtTest>

using namespace weighbridge;

class TstText : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void percentIsNeverRoundedUpToTheWhole()
    {
        QCOMPARE(formatPercent(0, 7), "0\u202f%");
        QCOMPARE(formatPercent(7, 7), "100\u202f%");
        QCOMPARE(formatPercent(99996, 100000), "99.9\u202f%");
        QCOMPARE(formatPercent(1, 1000000), "0.1\u202f%");
    }
    void nbytesUseIecUnits()
    {
        QCOMPARE(formatNbytes(1023), "1023\u202fB");
        QCOMPARE(formatNbytes(90868376), "86.7\u202fMiB");
        QCOMPARE(formatNbytes(1024 * 1024 - 1), "1.0\u202fMiB");
    }
    void digitsAreGrouped() { QCOMPARE(groupDigits(22713216), "22\u202f713\u202f216"); }
    void indicesNeverBridgeAGap()
    {
        QCOMPARE(formatIndices({0, 1, 2, 5}), "0–2, 5");
        QCOMPARE(formatIndices({4, 3}), "3, 4");
        QCOMPARE(formatIndices({0, 2, 4}), "0, 2, 4");
    }
    void hiddenCharactersAreEscaped()
    {
        QCOMPARE(shown("a\nb"), "a\\x0ab");
        QCOMPARE(shown("a\u202eb"), "a\\u{202e}b");
        QCOMPARE(shown("\xff\xc3\xa9"), "\\xff\u00e9");
        QCOMPARE(shown("abcdef", 3), "abc…");
    }
    void invalidUtf8IsRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<bool>("valid");
        QTest::newRow("ascii") << QByteArray("abc") << true;
        QTest::newRow("overlong") << QByteArray("\xc0\x80") << false;
        QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << false;
        QTest::newRow("cut") << QByteArray("\xe2\x82") << false;
        QTest::newRow("past the last plane") << QByteArray("\xf4\x90\x80\x80") << false;
        QTest::newRow("four bytes") << QByteArray("\xf0\x9f\x9a\x9b") << true;
    }
    void invalidUtf8IsRefused()
    {
        QFETCH(QByteArray, text);
        QTEST(isValidUtf8(std::string_view(text.constData(), static_cast<size_t>(text.size()))), "valid");
    }
};

QTEST_APPLESS_MAIN(TstText)
#include "tst_text.moc"
