// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include <QtTest>

namespace {

QString outputOf(const QString& program, const QStringList& arguments)
{
    QProcess process;
    process.start(program, arguments);
    return process.waitForFinished(60'000) ? QString::fromUtf8(process.readAllStandardOutput()) : QString();
}

const QString cli = QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-cli");

QString source(const QString& path)
{
    QFile file(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/packaging/") + path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

QStringList matches(const QString& text, const QString& pattern)
{
    QStringList all;
    for (auto it = QRegularExpression(pattern, QRegularExpression::MultilineOption).globalMatch(text); it.hasNext();)
        all << it.next().captured(1);
    all.removeDuplicates();
    return all;
}

} // namespace

/// What a package installs beside the programs says what the programs say.
class TstPackaging : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void manualPageHasEveryCommandAndOption()
    {
        const QString help = outputOf(cli, {"--help"});
        const QString page = source("man/weighbridge-cli.1").replace(QStringLiteral("\\-"), QStringLiteral("-"));
        const QStringList commands = matches(help, QStringLiteral("^  weighbridge-cli ([a-z]+)"));
        QVERIFY(commands.size() >= 9);
        for (const QString& command : commands)
            QVERIFY2(page.contains(QRegularExpression("^\\.BI? " + command + "\\b", QRegularExpression::MultilineOption)), qPrintable(command));
        const QStringList options = matches(help, QStringLiteral("(?<=[ \\[])(--?[a-z][a-z0-9-]*)"));
        QVERIFY(options.size() >= 20);
        for (const QString& option : options)
            QVERIFY2(page.contains(QRegularExpression(QStringLiteral("(?<![a-z-])") + QRegularExpression::escape(option) + QStringLiteral("\\b"))), qPrintable(option));
    }

    void bashCompletesCommandsAndOptions_data()
    {
        QTest::addColumn<QString>("words");
        QTest::addColumn<QString>("expected");
        QTest::newRow("a command") << "insp" << "inspect";
        QTest::newRow("an option") << "check --con" << "--config";
        QTest::newRow("a short option") << "repair -o" << "-o";
    }
    void bashCompletesCommandsAndOptions()
    {
        QFETCH(QString, words);
        QFETCH(QString, expected);
        const QString script = QStringLiteral("source '" WEIGHBRIDGE_SOURCE_DIR "/packaging/completions/weighbridge-cli.bash'; COMP_WORDS=('%1' %2); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); "
                                              "_weighbridge_cli; echo \"${COMPREPLY[@]}\"").arg(cli, words);
        QCOMPARE(outputOf("bash", {"-c", script}).trimmed(), expected);
    }

    void sixteenPartsByGnuParallelAreTheBytesOfOneRun_data()
    {
        QTest::addColumn<QString>("checkpoint");
        QTest::newRow("float32") << WEIGHBRIDGE_SOURCE_DIR "/resources/samples/never-loaded";
        QTest::newRow("bfloat16 among others") << WEIGHBRIDGE_SOURCE_DIR "/tests/data/safetensors/dtypes/dt.safetensors";
        QTest::newRow("Q8_0 among others") << WEIGHBRIDGE_SOURCE_DIR "/tests/data/gguf/model.gguf";
    }
    void sixteenPartsByGnuParallelAreTheBytesOfOneRun()
    {
        if (QStandardPaths::findExecutable(QStringLiteral("parallel")).isEmpty())
            QSKIP("GNU parallel is not installed");
        QFETCH(QString, checkpoint);
        const QTemporaryDir folder;
        qputenv("PATH", WEIGHBRIDGE_BIN_DIR ":" + qgetenv("PATH"));
        qputenv("XDG_CACHE_HOME", "/dev/null"); // each computes
        const QString merged = outputOf(QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/packaging/cluster/stats-parallel"),
                                        {checkpoint, folder.path(), QStringLiteral("16"), QStringLiteral("--will-cite")});
        QCOMPARE(QDir(folder.path()).entryList({QStringLiteral("part-*.json")}).size(), qsizetype(16));
        QVERIFY(merged.contains(QLatin1String("\"quantiles\"")));
        QCOMPARE(merged, outputOf(cli, {QStringLiteral("stats"), checkpoint, QStringLiteral("--json")}));
    }

    void desktopEntryOpensTypesThatExist()
    {
        const QStringList opened = matches(source("linux/weighbridge.desktop"), QStringLiteral("^MimeType=(.*)$")).value(0).split(u';', Qt::SkipEmptyParts);
        const QStringList declared = matches(source("linux/weighbridge-mime.xml"), QStringLiteral("mime-type type=\"([^\"]+)\""));
        const QStringList known{"inode/directory", "application/x-hdf"}; // of shared-mime-info itself
        QVERIFY(declared.size() >= 6);
        for (const QString& type : opened)
            QVERIFY2(declared.contains(type) || known.contains(type), qPrintable(type));
        for (const QString& type : declared)
            QVERIFY2(opened.contains(type), qPrintable(type));
    }
};

QTEST_GUILESS_MAIN(TstPackaging)
#include "tst_packaging.moc"
