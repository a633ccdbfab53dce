// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/image_input.h"

#include "core/base/resources.h"
#include "ui/views/text_label.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QImageReader>
#include <QLabel>
#include <QMimeData>
#include <QToolButton>
#include <QUrl>

namespace weighbridge {
namespace {

constexpr int pictureHeight = 72;

QString samplePath()
{
    return QString::fromStdString(resourceFolder()) + QStringLiteral("/samples/lorry.png");
}

/// Small, with its proportions; the file may be large, so this is not for the GUI thread.
Result<QImage> readSmall(const QString& path)
{
    QImageReader reader(path);
    const QImage image = reader.read();
    if (image.isNull())
        return failure("usage", reader.errorString().toStdString());
    return image.scaledToHeight(2 * pictureHeight, Qt::SmoothTransformation);
}

} // namespace

ImageInput::ImageInput(QWidget* parent) : QWidget(parent), m_picture(new QLabel), m_name(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_button(new QToolButton)
{
    setAcceptDrops(true);
    m_picture->setMinimumHeight(pictureHeight);
    m_picture->setAccessibleName(tr("Image"));
    m_name->setElided(Qt::ElideMiddle);
    m_button->setText(tr("Choose an image…"));
    auto* line = new QHBoxLayout;
    line->setContentsMargins(0, 0, 0, 0);
    line->addWidget(m_name, 1);
    line->addWidget(m_button);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_picture);
    layout->addLayout(line);
    connect(m_button, &QToolButton::clicked, this, &ImageInput::choose);
    setPath({});
}

void ImageInput::setPath(const QString& path)
{
    m_path = path;
    m_name->setFullText(path.isEmpty() ? tr("Sample: a lorry") : QFileInfo(path).fileName());
    m_runner.start<QImage>([file = fileOrSample()](JobContext&) { return readSmall(file); }, [this](Result<QImage> image) { show(std::move(image)); });
}

QString ImageInput::fileOrSample() const
{
    return m_path.isEmpty() ? samplePath() : m_path;
}

void ImageInput::show(Result<QImage> image)
{
    if (!image) {
        m_picture->setText(tr("This is no image that can be read."));
        return;
    }
    QPixmap pixmap = QPixmap::fromImage(*image);
    pixmap.setDevicePixelRatio(2);
    m_picture->setPixmap(pixmap);
}

void ImageInput::choose()
{
    if (const QString path = QFileDialog::getOpenFileName(this, tr("Choose an image"), m_path, tr("Images (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff);;All files (*)")); !path.isEmpty())
        setPath(path);
}

void ImageInput::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->urls().size() == 1 && event->mimeData()->urls().first().isLocalFile())
        event->acceptProposedAction();
}

void ImageInput::dropEvent(QDropEvent* event)
{
    setPath(event->mimeData()->urls().first().toLocalFile());
    event->acceptProposedAction();
}

} // namespace weighbridge
