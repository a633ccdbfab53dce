// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <QtTest>

/// The direction of the house: which folder may include what, and which program may link what.
class TstWalls : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void includesStayOnTheirSide_data();
    void includesStayOnTheirSide();
    void scanSeesAnIncludeThatCrossesAWall();
    void testsOfTheWindowWatchItsThread();
    void programsLinkOnlyWhatTheyMay_data();
    void programsLinkOnlyWhatTheyMay();
};

namespace {

const QString qt = QStringLiteral("Q[A-Za-z]+(/.*)?");
const QString torch = QStringLiteral("(torch|ATen|c10|caffe2)/.*");
const QString hdf5 = QStringLiteral("(hdf5|H5[A-Za-z]*|hdf5_hl)(\\.h|/.*)");

/// What `text` includes, in order.
QStringList includes(const QString& text)
{
    static const QRegularExpression line(QStringLiteral("^[ \\t]*#[ \\t]*include[ \\t]*[<\"]([^>\"\\n]+)[>\"]"), QRegularExpression::MultilineOption);
    QStringList found;
    for (auto matches = line.globalMatch(text); matches.hasNext();)
        found += matches.next().captured(1);
    return found;
}

QStringList crossings(const QString& text, const QString& forbidden)
{
    const QRegularExpression pattern(QRegularExpression::anchoredPattern(forbidden));
    return includes(text).filter(pattern);
}

/// The C++ files below `folder`, without those below the folders in `without`.
QStringList sources(const QString& folder, const QStringList& without)
{
    const QDir root(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR));
    QStringList files;
    QDirIterator all(root.filePath(folder), {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files, QDirIterator::Subdirectories);
    while (all.hasNext()) {
        const QString path = root.relativeFilePath(all.next());
        const auto lies = [&path](const QString& other) { return path.startsWith(other + QLatin1Char('/')); };
        if (std::none_of(without.begin(), without.end(), lies))
            files += path;
    }
    return files;
}

QString contents(const QString& path)
{
    QFile file(QDir(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR)).filePath(path));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

} // namespace

void TstWalls::includesStayOnTheirSide_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<QStringList>("without");
    QTest::addColumn<QString>("forbidden");

    const QStringList none;
    QTest::newRow("core knows no Qt") << "core" << none << qt;
    QTest::newRow("core knows no libtorch") << "core" << none << torch;
    QTest::newRow("core knows no libhdf5") << "core" << none << hdf5;
    QTest::newRow("core includes nothing above it") << "core" << none << "(app|ui|inference)/.*";
    QTest::newRow("the command line knows no Qt") << "app/cli" << none << qt;
    QTest::newRow("the window knows no libtorch") << "ui" << none << torch;
    QTest::newRow("the window includes nothing above it") << "ui" << none << "(app|inference)/.*";
    QTest::newRow("inference knows no Qt") << "inference" << none << qt;
    QTest::newRow("inference includes nothing above it") << "inference" << none << "(app|ui)/.*";
    QTest::newRow("only the HDF5 worker knows libhdf5: app") << "app" << QStringList{"app/hdf5_worker"} << hdf5;
    QTest::newRow("only the HDF5 worker knows libhdf5: ui") << "ui" << none << hdf5;
    QTest::newRow("only the HDF5 worker knows libhdf5: inference") << "inference" << none << hdf5;
    QTest::newRow("only the fetching worker knows libcurl: core") << "core" << none << QStringLiteral("curl/.*");
    QTest::newRow("only the fetching worker knows libcurl: app") << "app" << QStringList{"app/fetch_worker"} << QStringLiteral("curl/.*");
    QTest::newRow("only the fetching worker knows libcurl: ui") << "ui" << none << QStringLiteral("(curl/.*|QtNetwork.*|QNetwork.*|Q(Tcp|Ssl|Udp).*)");
    QTest::newRow("only inference and its worker know libtorch") << "app" << QStringList{"app/inference_worker"} << torch;
}

void TstWalls::includesStayOnTheirSide()
{
    QFETCH(QString, folder);
    QFETCH(QStringList, without);
    QFETCH(QString, forbidden);

    QStringList found;
    for (const QString& path : sources(folder, without)) {
        for (const QString& include : crossings(contents(path), forbidden))
            found += path + QStringLiteral(" includes ") + include;
    }
    QCOMPARE(found.join(QLatin1Char('\n')), QString());
}

void TstWalls::scanSeesAnIncludeThatCrossesAWall()
{
    QVERIFY(sources(QStringLiteral("app"), {}).contains(QStringLiteral("app/cli/main.cpp")));
    QVERIFY(!sources(QStringLiteral("app"), {QStringLiteral("app/cli")}).contains(QStringLiteral("app/cli/main.cpp")));
    QCOMPARE(crossings(QStringLiteral("#include <QString>\n#include <vector>\n"), qt), QStringList{"QString"});
    QCOMPARE(crossings(QStringLiteral("#include <string>\n  #  include <QtCore/QString>\n"), qt), QStringList{"QtCore/QString"});
    QCOMPARE(crossings(QStringLiteral("#include <ATen/Context.h>\n"), torch), QStringList{"ATen/Context.h"});
    QCOMPARE(crossings(QStringLiteral("#include <hdf5.h>\n#include \"core/format/hdf5_file.h\"\n"), hdf5), QStringList{"hdf5.h"});
}

/// Each has a main that fails when the thread of the window stands still, unless it has no events at all; none changes what counts.
void TstWalls::testsOfTheWindowWatchItsThread()
{
    static const QRegularExpression watched(QStringLiteral("^WATCHED_[A-Z_]+\\("), QRegularExpression::MultilineOption);
    static const QRegularExpression switches(QStringLiteral("keepFrom|EventWatch|WatchedApplication|reportStalls|stallMs"));
    static const QRegularExpression events(QStringLiteral("QTRY_|qWait|exec\\(|processEvents"));
    int programs = 0;
    for (const QString& path : sources(QStringLiteral("tests/ui"), {})) {
        const QString text = contents(path);
        if (!path.contains(QStringLiteral("/tst_")) || path.endsWith(QStringLiteral("tst_event_watch.cpp"))) // which tests the watch
            continue;
        ++programs;
        QVERIFY2(text.contains(watched) || (text.contains(QStringLiteral("QTEST_APPLESS_MAIN(")) && !text.contains(events)), qPrintable(path));
        QVERIFY2(!text.contains(switches), qPrintable(path));
    }
    QVERIFY(programs > 20);
}

void TstWalls::programsLinkOnlyWhatTheyMay_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QString>("forbidden");

    QTest::newRow("command line: no Qt") << "weighbridge-cli" << "libQt";
    QTest::newRow("command line: no libtorch") << "weighbridge-cli" << "libtorch|libc10";
    QTest::newRow("command line: no network") << "weighbridge-cli" << "libcurl|libssl|libnghttp";
    QTest::newRow("command line: no libhdf5") << "weighbridge-cli" << "libhdf5";
#ifdef WEIGHBRIDGE_HAS_WINDOW
    QTest::newRow("window: no libtorch") << "weighbridge" << "libtorch|libc10";
    QTest::newRow("window: no network") << "weighbridge" << "libcurl|libQt6Network";
    QTest::newRow("window: no libhdf5") << "weighbridge" << "libhdf5";
    QTest::newRow("reports: no widgets") << "weighbridge-pdf" << "libQt6Widgets";
    QTest::newRow("reports: no libtorch, no libhdf5") << "weighbridge-pdf" << "libtorch|libc10|libhdf5";
#endif
}

void TstWalls::programsLinkOnlyWhatTheyMay()
{
    QFETCH(QString, program);
    QFETCH(QString, forbidden);

    // ldd names the libraries of the libraries too.
    QProcess ldd;
    ldd.start(QStringLiteral("ldd"), {QStringLiteral(WEIGHBRIDGE_BIN_DIR "/") + program});
    QVERIFY2(ldd.waitForFinished(60'000) && ldd.exitCode() == 0, qPrintable(ldd.errorString()));
    const QStringList libraries = QString::fromUtf8(ldd.readAllStandardOutput()).split(QLatin1Char('\n'));
    QVERIFY(!libraries.filter(QStringLiteral("libc.so")).isEmpty());
    QCOMPARE(libraries.filter(QRegularExpression(forbidden)), QStringList());
}

QTEST_GUILESS_MAIN(TstWalls)
#include "tst_walls.moc"
