// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/check_text.h"
#include "ui/models/recent_files.h"
#include "ui/models/thumbnail.h"

#include <QAbstractItemModelTester>
#include <QSettings>
#include <QTemporaryDir>
#include <QtTest>

using namespace weighbridge;
using namespace weighbridge::test;

class TstRecentFiles : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theNewestIsFirstAndTheListIsBounded()
    {
        const QTemporaryDir folder;
        QSettings settings(folder.filePath(QStringLiteral("s.ini")), QSettings::IniFormat);
        RecentFiles recent(settings);
        const QAbstractItemModelTester tester(&recent, QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (int i = 0; i < RecentFiles::maximum + 3; ++i)
            recent.add(QStringLiteral("/m/%1.pt").arg(i));
        QCOMPARE(recent.rowCount(), RecentFiles::maximum);
        QCOMPARE(recent.index(0).data().toString(), QStringLiteral("14.pt"));
        recent.add(QStringLiteral("/m/5.pt"));
        QCOMPARE(recent.rowCount(), RecentFiles::maximum);
        QCOMPARE(recent.index(0).data(RecentFiles::PathRole).toString(), QStringLiteral("/m/5.pt"));
        QCOMPARE(recent.index(1).data(RecentFiles::PathRole).toString(), QStringLiteral("/m/14.pt"));
    }
    void theListIsKeptWithItsVerdicts()
    {
        const QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("s.ini"));
        {
            QSettings settings(file, QSettings::IniFormat);
            RecentFiles recent(settings);
            recent.add(QStringLiteral("/a"));
            recent.add(QStringLiteral("/b"));
            recent.setVerdict(QStringLiteral("/a"), QStringLiteral("not-usable"), QByteArray(200, char(11)));
            recent.setVerdict(QStringLiteral("/gone"), QStringLiteral("usable"), {});
            recent.add(QStringLiteral("/a"));
        }
        QSettings settings(file, QSettings::IniFormat);
        RecentFiles recent(settings);
        QCOMPARE(recent.files().size(), 2);
        QCOMPARE(recent.files()[0].path, QStringLiteral("/a"));
        QCOMPARE(recent.files()[0].verdict, QStringLiteral("not-usable"));
        QCOMPARE(recent.files()[0].cells, QByteArray(RecentFiles::maximumCells, char(11)));
        QVERIFY(recent.files()[0].opened.isValid());
        QVERIFY(recent.index(0).data(RecentFiles::IsMissingRole).toBool());
        recent.remove(QStringLiteral("/a"));
        QCOMPARE(recent.rowCount(), 1);
        recent.clear();
        QCOMPARE(RecentFiles(settings).rowCount(), 0);
    }
    void theThumbnailIsTheFoundRowInSmall()
    {
        const auto rows = TensorRows::fromCheck(checkOf("a 4\nb 4\nc 4\nd 4\n", "a 4\nb 5\nd 4\n"));
        const auto cell = [](RowState state) { return char(state); };
        QCOMPARE(thumbnailOf(*rows, 96), (QByteArray{}.append(cell(RowState::Matched)).append(cell(RowState::ShapeDiffers)).append(cell(RowState::Missing)).append(cell(RowState::Matched))));
        const QByteArray small = thumbnailOf(*rows, 2);
        QVERIFY(small.size() == 2 && small[0] == cell(RowState::ShapeDiffers)); // the worst of a cell
    }
    void settingsOfSomebodyElseDoNoHarm()
    {
        const QTemporaryDir folder;
        QSettings settings(folder.filePath(QStringLiteral("s.ini")), QSettings::IniFormat);
        settings.setValue(QStringLiteral("recentFiles/size"), 2'000'000'000);
        settings.setValue(QStringLiteral("recentFiles/1/opened"), QStringLiteral("never"));
        QCOMPARE(RecentFiles(settings).rowCount(), 0);
    }
};

QTEST_APPLESS_MAIN(TstRecentFiles)
#include "tst_recent_files.moc"
