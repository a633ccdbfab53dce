// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The program that file managers start for each checkpoint of a folder.
#include "tests/support/event_watch.h"

#include <QImage>
#include <QProcess>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

class TestThumbnailer : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    [[nodiscard]] QString picture() const { return m_folder.filePath(QStringLiteral("thumbnail.png")); }

    /// Its exit status; -1 if it crashed or hung.
    [[nodiscard]] int run(const QStringList& arguments) const
    {
        QProcess program;
        program.start(QStringLiteral(WEIGHBRIDGE_BIN_DIR "/weighbridge-thumbnailer"), arguments);
        return program.waitForFinished(30'000) && program.exitStatus() == QProcess::NormalExit ? program.exitCode() : -1;
    }
    static QSet<QRgb> colours(const QImage& image)
    {
        QSet<QRgb> out;
        for (int y = 0; y < image.height(); ++y)
            for (int x = 0; x < image.width(); ++x)
                out << image.pixel(x, y);
        return out;
    }

private Q_SLOTS:
    void cleanup() { QFile::remove(picture()); }

    void aCheckpointGetsAPictureOfTheSizeThatIsAskedFor()
    {
        QCOMPARE(run({QStringLiteral("-s"), QStringLiteral("256"), QStringLiteral(WEIGHBRIDGE_SAMPLES "/trained/model.safetensors"), picture()}), 0);
        const QImage good(picture());
        QCOMPARE(good.size(), QSize(256, 256));
        QVERIFY(good.pixelColor(0, 0).alpha() < 128); // the paper's corner is round
        // names that nobody expects have another colour than those that match
        QCOMPARE(run({QStringLiteral("-s"), QStringLiteral("256"), QStringLiteral(WEIGHBRIDGE_SAMPLES "/prefix/pytorch_model.bin"), picture()}), 0);
        QVERIFY(!(colours(QImage(picture())) - colours(good)).isEmpty());
    }

    void whatCannotBeReadGetsNone_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("text") << QByteArray("hello");
        QTest::newRow("no tensors") << QByteArray("\x02\0\0\0\0\0\0\0{}", 10);
        QTest::newRow("absurd header") << QByteArray("\xff\xff\xff\xff\xff\xff\xff\x7f{", 9);
    }
    void whatCannotBeReadGetsNone()
    {
        QFETCH(QByteArray, bytes);
        const QString path = m_folder.filePath(QStringLiteral("model.safetensors"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
        file.close();
        QCOMPARE(run({path, picture()}), 1);
        QVERIFY(!QFile::exists(picture()));
    }

    void absurdSizesAreRefused()
    {
        for (const char* size : {"0", "-5", "100000", "x"})
            QCOMPARE(run({QStringLiteral("-s"), QLatin1String(size), QStringLiteral(WEIGHBRIDGE_SAMPLES "/trained/model.safetensors"), picture()}), 1);
        QVERIFY(!QFile::exists(picture()));
    }
};

WATCHED_GUILESS_MAIN(TestThumbnailer)
#include "tst_thumbnailer.moc"
