// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "tests/support/json_schema.h"

#include <QtTest>

namespace {

struct Answer {
    int status = -1;
    QByteArray out;
    QByteArray err;
};

Answer runCli(const QStringList& arguments)
{
    QProcess cli;
    cli.start(QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-cli"), arguments);
    if (!cli.waitForFinished(60'000) || cli.exitStatus() != QProcess::NormalExit)
        return {-1, {}, cli.errorString().toUtf8()};
    return {cli.exitCode(), cli.readAllStandardOutput(), cli.readAllStandardError()};
}

/// A safetensors file with one float32 tensor `w` of shape [2, 2], without its last `cut` bytes.
QByteArray smallCheckpoint(int cut = 0)
{
    const QByteArray header = "{\"w\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]}}";
    QByteArray bytes(8, '\0');
    bytes[0] = static_cast<char>(header.size());
    bytes += header + QByteArray(16, '\0');
    return bytes.chopped(cut);
}

} // namespace

/// The command line as a script sees it: JSON by its schema, exit status, error documents.
class TstCli : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        write("good.safetensors", smallCheckpoint());
        write("cut.safetensors", smallCheckpoint(5));
        write("empty.safetensors", {});
        write("pointer.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\nsize 90868376\n");
        write("text.txt", "This is not a checkpoint, only a sentence.\n");
    }

    void schemaCheckerSeesWhatDiffers()
    {
        QJsonObject finding{{"rule", "truncated"}, {"severity", "error"}, {"title", "t"}, {"explanation", "e"}, {"evidence", QJsonObject()}, {"tensors", QJsonArray()},
                            {"fix", QJsonObject{{"text", "f"}, {"python", QJsonValue()}, {"coverage_after", 1}}}};
        QCOMPARE(schemaDifferences(finding, "finding"), QStringList());
        finding["severity"] = "fatal";
        finding["tensors"] = QJsonArray{1};
        finding.remove("title");
        QCOMPARE(schemaDifferences(finding, "finding").size(), 3);
    }

    void answersFitTheirSchema_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::addColumn<QString>("schema");
        QTest::addColumn<int>("status");
        QTest::newRow("inspect") << QStringList{"inspect", path("good.safetensors"), "--json"} << "inspect" << 0;
        QTest::newRow("inspect, hashes") << QStringList{"inspect", "--json", "--sha256", path("good.safetensors")} << "inspect" << 0;
        QTest::newRow("stats") << QStringList{"stats", path("good.safetensors"), "--json"} << "stats" << 0;
        QTest::newRow("stats, by name") << QStringList{"stats", path("good.safetensors"), "--tensor", "w*", "--json"} << "stats" << 0;
        QTest::newRow("stats, no such name") << QStringList{"stats", path("good.safetensors"), "--tensor", "x*", "--json"} << "error" << 2;
        QTest::newRow("inspect, folder") << QStringList{"inspect", sample("trained"), "--json"} << "inspect" << 0;
        QTest::newRow("expect") << QStringList{"expect", sample("trained/config.json"), "--json"} << "expect" << 0;
        QTest::newRow("expect, of a graph itself") << QStringList{"expect", QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/onnx/graph-damaged.onnx"), "--json"} << "expect" << 0;
        QTest::newRow("check, of a graph itself") << QStringList{"check", QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/tests/data/onnx/graph-damaged.onnx"), "--json"} << "check" << 1;
        QTest::newRow("infer") << QStringList{"infer", sample("trained/model.safetensors"), "-o", path("inferred.json"), "--json"} << "infer" << 0;
        QTest::newRow("infer, over a file") << QStringList{"infer", sample("trained/model.safetensors"), "-o", path("text.txt"), "--json"} << "error" << 2;
        QTest::newRow("infer, of no known type") << QStringList{"infer", path("good.safetensors"), "--json"} << "error" << 2;
        QTest::newRow("check, usable") << QStringList{"check", sample("trained"), "--json"} << "check" << 0;
        QTest::newRow("check, not usable") << QStringList{"check", sample("layers"), "--json"} << "check" << 1;
        QTest::newRow("stats, sample") << QStringList{"stats", sample("trained/model.safetensors"), "--tensor", "*.layer.0.*", "--json"} << "stats" << 0;
        QTest::newRow("diff, structure") << QStringList{"diff", path("good.safetensors"), path("good.safetensors"), "--json"} << "diff" << 0;
        QTest::newRow("diff, values") << QStringList{"diff", path("good.safetensors"), path("good.safetensors"), "--values", "--json"} << "diff" << 0;
        QTest::newRow("diff, differences") << QStringList{"diff", path("good.safetensors"), sample("trained"), "--values", "--json"} << "diff" << 1;
        QTest::newRow("diff, tolerance that is none") << QStringList{"diff", path("good.safetensors"), path("good.safetensors"), "--atol", "x", "--json"} << "error" << 2;
        QTest::newRow("diff, one side unreadable") << QStringList{"diff", path("good.safetensors"), path("cut.safetensors"), "--json"} << "error" << 2;
        QTest::newRow("config that is none") << QStringList{"expect", path("text.txt"), "--json"} << "error" << 2;
        QTest::newRow("no such file") << QStringList{"inspect", path("absent.safetensors"), "--json"} << "error" << 2;
        QTest::newRow("cut file") << QStringList{"inspect", path("cut.safetensors"), "--json"} << "error" << 2;
        QTest::newRow("empty file") << QStringList{"inspect", path("empty.safetensors"), "--json"} << "error" << 2;
        QTest::newRow("not a checkpoint") << QStringList{"inspect", path("text.txt"), "--json"} << "error" << 2;
        QTest::newRow("git-lfs pointer") << QStringList{"inspect", path("pointer.safetensors"), "--json"} << "error" << 2;
        QTest::newRow("repair, nothing to do") << QStringList{"repair", sample("trained"), "-o", path("none"), "--json"} << "repair" << 0;
        QTest::newRow("repair, dry run") << QStringList{"repair", sample("prefix"), "--dry-run", "--json"} << "repair" << 0;
        QTest::newRow("repair") << QStringList{"repair", sample("prefix"), "-o", path("copy"), "--json"} << "repair" << 0;
        QTest::newRow("repair, over a file") << QStringList{"repair", sample("prefix"), "-o", path("text.txt"), "--json"} << "error" << 2;
        QTest::newRow("repair, to nowhere") << QStringList{"repair", sample("prefix"), "--json"} << "error" << 2;
        QTest::newRow("no command") << QStringList{"--json"} << "error" << 2;
        QTest::newRow("unknown command") << QStringList{"weigh", "--json"} << "error" << 2;
        QTest::newRow("unknown option") << QStringList{"inspect", path("good.safetensors"), "--json", "--fast"} << "error" << 2;
        QTest::newRow("no path") << QStringList{"inspect", "--json"} << "error" << 2;
        QTest::newRow("too many paths") << QStringList{"inspect", path("good.safetensors"), path("cut.safetensors"), "--json"} << "error" << 2;
    }
    void answersFitTheirSchema()
    {
        QFETCH(QStringList, arguments);
        QFETCH(QString, schema);
        QFETCH(int, status);
        const Answer answer = runCli(arguments);
        QCOMPARE(answer.status, status);
        QJsonParseError error;
        const QJsonDocument document = QJsonDocument::fromJson(answer.out, &error);
        QVERIFY2(error.error == QJsonParseError::NoError, qPrintable(error.errorString()));
        QCOMPARE(schemaDifferences(document.object(), schema), QStringList());
        QCOMPARE(answer.err.isEmpty(), status != 2);
    }

    void errorsNameTheirRule_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("rule");
        QTest::newRow("cut file") << "cut.safetensors" << "truncated";
        QTest::newRow("empty file") << "empty.safetensors" << "empty";
        QTest::newRow("git-lfs pointer") << "pointer.safetensors" << "git-lfs-pointer";
        QTest::newRow("not a checkpoint") << "text.txt" << "not-a-checkpoint";
    }
    void errorsNameTheirRule()
    {
        QFETCH(QString, file);
        QFETCH(QString, rule);
        const Answer answer = runCli({"inspect", path(file), "--json"});
        const QJsonObject error = QJsonDocument::fromJson(answer.out).object().value("error").toObject();
        QCOMPARE(error.value("rule").toString(), rule);
        QCOMPARE(error.value("path").toString(), path(file));
    }

    void inspectListsNameDTypeShapeAndHash()
    {
        const Answer answer = runCli({"inspect", "--json", "--sha256", path("good.safetensors")});
        const QJsonObject tensor = QJsonDocument::fromJson(answer.out).object().value("tensors").toArray().at(0).toObject();
        QCOMPARE(tensor.value("name").toString(), "w");
        QCOMPARE(tensor.value("dtype").toString(), "F32");
        QCOMPARE(tensor.value("shape").toArray(), (QJsonArray{2, 2}));
        QCOMPARE(tensor.value("nbytes").toInt(), 16);
        QCOMPARE(tensor.value("sha256").toString(), QString::fromLatin1(QCryptographicHash::hash(QByteArray(16, '\0'), QCryptographicHash::Sha256).toHex()));
    }

    /// The file's bytes are what tells it apart: a changed one is read anew.
    void statsRemembersAFileUntilItChanges()
    {
        const QTemporaryDir cache;
        const QByteArray before = qgetenv("XDG_CACHE_HOME");
        qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
        const auto restore = qScopeGuard([&before] { qputenv("XDG_CACHE_HOME", before); });
        const QDir kept(cache.filePath(QStringLiteral("weighbridge/analyses")));
        write("kept.safetensors", smallCheckpoint());
        const QStringList arguments{"stats", path("kept.safetensors"), "--json"};
        const Answer first = runCli(arguments);
        QCOMPARE(first.status, 0);
        QCOMPARE(kept.entryList(QDir::Files).size(), 1);
        QCOMPARE(runCli(arguments).out, first.out);
        QCOMPARE(kept.entryList(QDir::Files).size(), 1);
        QByteArray other = smallCheckpoint();
        other[other.size() - 1] = '\x3f';
        write("kept.safetensors", other);
        QVERIFY(runCli(arguments).out != first.out);
        QCOMPARE(kept.entryList(QDir::Files).size(), 2);
    }
    void withoutJsonAnErrorIsASentenceAndNothingElse()
    {
        const Answer answer = runCli({"inspect", path("empty.safetensors")});
        QCOMPARE(answer.status, 2);
        QCOMPARE(answer.out, QByteArray());
        QVERIFY(answer.err.startsWith("weighbridge-cli: "));
        QVERIFY(answer.err.contains("empty.safetensors"));
    }

    void whatIsLeftOfACutFileIsListedBesideItsError()
    {
        const Answer answer = runCli({"inspect", path("cut.safetensors"), "--json"});
        const QJsonObject document = QJsonDocument::fromJson(answer.out).object();
        QCOMPARE(answer.status, 2);
        QCOMPARE(document.value("error").toObject().value("rule").toString(), "truncated");
        QCOMPARE(schemaDifferences(document, "inspect"), QStringList());
        QVERIFY(document.value("tensors").toArray().at(0).toObject().value("lost").toBool());
        QVERIFY(runCli({"inspect", path("cut.safetensors")}).out.contains("lost"));
    }

    void aPathAfterTwoDashesMayLookLikeAnOption()
    {
        const Answer answer = runCli({"inspect", "--json", "--", "--absent"});
        QCOMPARE(answer.status, 2);
        const QJsonObject error = QJsonDocument::fromJson(answer.out).object().value("error").toObject();
        QVERIFY(error.value("rule").toString() != "usage");
    }

    void reportsAreWrittenByTheEndingOfTheirName_data()
    {
        QTest::addColumn<QString>("ending");
        QTest::addColumn<QByteArray>("beginning");
        QTest::newRow("Markdown") << "md" << QByteArray("# Not usable");
        QTest::newRow("HTML") << "html" << QByteArray("<!DOCTYPE html>");
        QTest::newRow("JSON") << "json" << QByteArray("{");
#ifdef WEIGHBRIDGE_HAS_WINDOW
        QTest::newRow("PDF") << "PDF" << QByteArray("%PDF-1.6");
#endif
    }
    void reportsAreWrittenByTheEndingOfTheirName()
    {
        QFETCH(QString, ending);
        QFETCH(QByteArray, beginning);
        const QString report = path("report." + ending);
        const Answer answer = runCli({"report", sample("never-loaded"), "-o", report});
        QCOMPARE(answer.err, QByteArray());
        QCOMPARE(answer.out, QByteArray());
        QCOMPARE(answer.status, 0);
        QFile file(report);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray content = file.readAll();
        QVERIFY2(content.startsWith(beginning), content.left(200).constData());
        if (ending != "PDF")
            QVERIFY(content.contains("bert.encoder.layer.2"));
    }

    void aReportThatCannotBeWrittenIsAnError_data()
    {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("no name") << QStringList{"report", path("good.safetensors")};
        QTest::newRow("unknown ending") << QStringList{"report", path("good.safetensors"), "-o", path("report.docx")};
        QTest::newRow("no such folder") << QStringList{"report", path("good.safetensors"), "-o", path("absent/report.md")};
        QTest::newRow("a folder") << QStringList{"report", path("good.safetensors"), "-o", m_folder.path() + "/."};
        QTest::newRow("not a checkpoint") << QStringList{"report", path("text.txt"), "-o", path("report.md")};
    }
    void aReportThatCannotBeWrittenIsAnError()
    {
        QFETCH(QStringList, arguments);
        const Answer answer = runCli(arguments);
        QCOMPARE(answer.status, 2);
        QVERIFY(answer.err.startsWith("weighbridge-cli: "));
        QVERIFY(!QFile::exists(path("report.docx")));
    }

    void helpAndVersionAreNoErrors()
    {
        for (const char* option : {"--help", "--version"}) {
            const Answer answer = runCli({option});
            QCOMPARE(answer.status, 0);
            QVERIFY(answer.out.contains("weighbridge-cli"));
            QCOMPARE(answer.err, QByteArray());
        }
    }

private:
    [[nodiscard]] QString path(const QString& name) const { return m_folder.filePath(name); }
    [[nodiscard]] static QString sample(const QString& name) { return QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/resources/samples/") + name; }
    void write(const QString& name, const QByteArray& bytes)
    {
        QFile file(path(name));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TstCli)
#include "tst_cli.moc"
