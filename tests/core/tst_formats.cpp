// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The contract of every format: walks the registry, so a new format is tested before anyone writes a test for it.
// Its samples and golden listings stand in tests/data/formats.json.
#include "core/checkpoint/open_checkpoint.h"
#include "core/format/format.h"
#include "tests/support/format_samples.h"
#include "tests/support/listing.h"

#include <QDirIterator>
#include <QtTest>

#include <random>
#include <set>

using namespace weighbridge;
using namespace weighbridge::test;

namespace {

/// Opens bytes as if they were the file at `path`, without writing them anywhere.
Result<Checkpoint> openBytes(const QByteArray& bytes, const QString& path)
{
    const auto data = std::as_bytes(std::span(bytes.constData(), static_cast<size_t>(bytes.size())));
    JobContext job;
    return openSource(memorySource({data.begin(), data.end()}, path.toStdString()), job);
}

bool probes(const Format& format, const QByteArray& bytes, const QString& name)
{
    const auto data = std::as_bytes(std::span(bytes.constData(), static_cast<size_t>(bytes.size())));
    const auto source = memorySource({data.begin(), data.end()}, name.toStdString());
    return format.probe({name.toStdString(), false, data.first(std::min<size_t>(data.size(), 4096)), data.size(), source});
}

/// Copies a folder; the path of the copy of one of its files.
QString copyOf(const QString& folder, const TemporaryFolder& copy, const QString& file)
{
    for (QDirIterator part(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); part.hasNext();) {
        const QString path = part.next();
        copy.write(QDir(folder).relativeFilePath(path), readFile(path));
    }
    return QString::fromStdString(copy.path(QDir(folder).relativeFilePath(file)));
}

} // namespace

class TstFormats : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idsAreUnique()
    {
        std::set<std::string_view> ids;
        for (const Format* format : allFormats())
            QVERIFY2(ids.insert(format->info().id).second, format->info().id.data());
    }

    void everyFormatHasAPageInTheManual()
    {
        const QString manual = QStringLiteral(WEIGHBRIDGE_SOURCE_DIR "/docs/manual/");
        const QByteArray index = test::readFile(manual + "formats.md");
        for (const Format* format : allFormats()) {
            const QByteArray id = QByteArray::fromStdString(std::string(format->info().id));
            QVERIFY2(test::readFile(manual + "formats/" + id + ".md").contains("Format `" + id + "`."), id.constData());
            QVERIFY2(index.contains("(formats/" + id + ".md)"), id.constData());
        }
    }

    void everyFormatHasASample()
    {
        std::set<QString> known;
        for (const FormatSample& sample : formatSamples())
            known.insert(sample.format);
        for (const Format* format : allFormats()) {
            const QString id = QString::fromUtf8(format->info().id.data(), static_cast<qsizetype>(format->info().id.size()));
            QVERIFY2(known.count(id) == 1, qPrintable(id + QStringLiteral(" has no sample in tests/data/formats.json")));
        }
    }

    void listsItsSamples_data() { addFormatSamples(); }
    void listsItsSamples()
    {
        QFETCH(QString, format);
        QFETCH(QString, path);
        QFETCH(QString, golden);
        JobContext job;
        const auto checkpoint = openCheckpoint(path.toStdString(), job);
        QVERIFY2(checkpoint.has_value(), checkpoint ? "" : checkpoint.error().message.c_str());
        QCOMPARE(QString::fromStdString((*checkpoint)->format), format);
        const QByteArray difference = differsFromGolden(golden, listing(**checkpoint));
        QVERIFY2(difference.isEmpty(), difference.constData());
    }

    void probesSayNoToNoiseAndNothing()
    {
        std::mt19937 random(7);
        for (int round = 0; round < 200; ++round) {
            QByteArray bytes(round % 64, '\0');
            for (char& byte : bytes)
                byte = static_cast<char>(random());
            for (const Format* format : allFormats())
                QVERIFY2(!probes(*format, bytes, QStringLiteral("noise")), format->info().id.data());
        }
    }

    void aCutFileIsNeverAccepted_data() { addFormatSamples(); }
    void aCutFileIsNeverAccepted()
    {
        QFETCH(QString, golden);
        QFETCH(QString, path);
        if (QFileInfo(path).isDir())
            return; // its files are samples of their own formats, or cut below
        const QByteArray whole = readFile(path);
        QVERIFY(!whole.isEmpty());
        const auto samples = formatSamples();
        const auto invisible = std::find_if(samples.begin(), samples.end(), [&golden](const FormatSample& sample) { return sample.golden == golden; })->invisibleCuts;
        for (qsizetype size = 0; size < whole.size(); ++size) {
            if (invisible.count(size) > 0)
                continue;
            const auto checkpoint = openBytes(whole.left(size), path);
            // padding alone may be gone: then the tensors are whole, and it is said
            const bool isSaid = !checkpoint || std::any_of(checkpoint->findings.begin(), checkpoint->findings.end(), [](const Finding& finding) { return finding.rule == "truncated"; });
            QVERIFY2(isSaid, qPrintable(QStringLiteral("accepted when cut at byte %1 of %2").arg(size).arg(whole.size())));
            QVERIFY(checkpoint || !checkpoint.error().message.empty());
        }
    }

    void aCutPartOfAFolderHasAnAnswer_data() { addFormatSamples(); }
    void aCutPartOfAFolderHasAnAnswer()
    {
        QFETCH(QString, path);
        if (!QFileInfo(path).isDir())
            return;
        for (QDirIterator part(path, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); part.hasNext();) {
            const TemporaryFolder copy;
            const QString cut = copyOf(path, copy, part.next());
            const qsizetype size = QFileInfo(cut).size();
            for (const qsizetype at : {qsizetype{0}, qsizetype{1}, size / 3, size / 2, size - 8, size - 1}) {
                if (at < 0 || at >= size || !QFile::resize(cut, at))
                    continue;
                JobContext job;
                const auto checkpoint = openCheckpoint(copy.path(), job);
                QVERIFY2(checkpoint || !checkpoint.error().message.empty(), qPrintable(cut));
                QFile(cut).remove();
                QFile::copy(part.filePath(), cut);
            }
        }
    }

    void aFlippedHeaderByteNeverBreaksTheReader_data() { addFormatSamples(); }
    void aFlippedHeaderByteNeverBreaksTheReader()
    {
        QFETCH(QString, path);
        QFETCH(QString, format);
        if (QFileInfo(path).isDir())
            return;
        const QByteArray whole = readFile(path);
        const bool isSlow = format.contains(QStringLiteral("h5")) || format.contains(QStringLiteral("keras")) || format.contains(QStringLiteral("hdf5"));
        const qsizetype last = std::min<qsizetype>(whole.size(), 600);
        for (qsizetype at = 0; at < last; at += isSlow ? 41 : 1) {
            QByteArray bytes = whole;
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << (at % 8)));
            const auto checkpoint = openBytes(bytes, path); // an answer of either kind: what counts is that there is one
            QVERIFY(checkpoint.has_value() || !checkpoint.error().message.empty());
        }
    }
};

QTEST_APPLESS_MAIN(TstFormats)
#include "tst_formats.moc"
