// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// weighbridge-thumbnailer: a checkpoint's layer map as a small picture, for file managers. Headers are read, values are not.

#include "core/checkpoint/open_checkpoint.h"
#include "core/report/tensor_rows.h"
#include "ui/models/thumbnail.h"
#include "ui/theme.h"
#include "ui/views/thumbnail_paint.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QImage>
#include <QPainter>
#include <QSaveFile>

#include <cstdio>

#include <sys/resource.h>

using namespace weighbridge;

namespace {

constexpr int mostCells = 96;
constexpr int largest = 1024; ///< pixels

/// Folders are full of files that nobody asked to be opened: one that needs more than this gets no picture.
void limitResources()
{
    constexpr rlim_t seconds = 10;
    const rlimit time{seconds, seconds};
    setrlimit(RLIMIT_CPU, &time);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) // their shadow memory is larger
    constexpr rlim_t nbytes = rlim_t(4) << 30;
    const rlimit memory{nbytes, nbytes};
    setrlimit(RLIMIT_AS, &memory);
#endif
}

Result<QByteArray> cellsOf(const std::string& path)
{
    JobContext job;
    return openCheckpoint(path, job).and_then([&job](const CheckpointPtr& checkpoint) {
        return checkCheckpoint(checkpoint, {}, job).map([](const auto& check) { return thumbnailOf(*TensorRows::fromCheck(check), mostCells); });
    });
}

QImage picture(const QByteArray& cells, int size)
{
    QImage image(size, size, QImage::Format_ARGB32_Premultiplied);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    const double line = size / 64.0;
    const QRectF paper = QRectF(image.rect()).adjusted(line, line, -line, -line);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(colour(Role::Line, QApplication::palette()), line));
    painter.setBrush(colour(Role::Surface, QApplication::palette()));
    painter.drawRoundedRect(paper, 4 * line, 4 * line);
    painter.setRenderHint(QPainter::Antialiasing, false);
    paintThumbnail(painter, paper.adjusted(5 * line, 5 * line, -4 * line, -4 * line).toRect(), cells, size / 8.0, QApplication::palette());
    return image;
}

int fail(const QString& sentence)
{
    std::fprintf(stderr, "%s\n", qPrintable(sentence));
    return 1;
}

} // namespace

int main(int argc, char** argv)
{
    limitResources();
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("weighbridge-thumbnailer"));
    QApplication::setApplicationVersion(QStringLiteral(WEIGHBRIDGE_VERSION));
    QCommandLineParser parser;
    parser.setApplicationDescription(QStringLiteral("A checkpoint's layer map as a small picture."));
    parser.addHelpOption();
    parser.addVersionOption();
    const QCommandLineOption size({QStringLiteral("s"), QStringLiteral("size")}, QStringLiteral("Width and height of the picture."), QStringLiteral("pixels"), QStringLiteral("128"));
    parser.addOption(size);
    parser.addPositionalArgument(QStringLiteral("CHECKPOINT"), QStringLiteral("A file or folder."));
    parser.addPositionalArgument(QStringLiteral("PNG"), QStringLiteral("The picture that is written."));
    parser.process(application);
    const QStringList paths = parser.positionalArguments();
    const int pixels = parser.value(size).toInt();
    if (paths.size() != 2 || pixels < 16 || pixels > largest)
        return fail(QStringLiteral("Usage: weighbridge-thumbnailer [-s 16..1024] CHECKPOINT PNG"));

    Appearance appearance;
    appearance.setChoice(ThemeChoice::Light); // of the picture's own paper, whatever is behind it
    const auto cells = cellsOf(paths[0].toStdString());
    if (!cells)
        return fail(QString::fromStdString(cells.error().message));
    QSaveFile file(paths[1]);
    if (cells->isEmpty() || !file.open(QIODevice::WriteOnly) || !picture(*cells, pixels).save(&file, "PNG") || !file.commit())
        return fail(cells->isEmpty() ? QStringLiteral("The file holds no tensors.") : QStringLiteral("%1 cannot be written.").arg(paths[1]));
    return 0;
}
