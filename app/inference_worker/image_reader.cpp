// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/inference_worker/image_reader.h"

#include "core/base/text.h"

#include <QImageReader>

namespace weighbridge {

Result<inference::Image> readImage(const std::string& path)
{
    QImageReader reader(QString::fromStdString(path));
    QImage image = reader.read(); // not turned by EXIF: the reference is not either
    if (image.isNull()) {
        const bool isAbsent = reader.error() == QImageReader::FileNotFoundError;
        return failure(Error(isAbsent ? "not-found" : "usage", "This is no image that can be read: " + shown(reader.errorString().toStdString()) + ".").at(path));
    }
    image = image.convertToFormat(QImage::Format_RGB888);
    inference::Image out{image.width(), image.height(), {}};
    out.rgb.reserve(static_cast<size_t>(image.width()) * static_cast<size_t>(image.height()) * 3);
    for (int y = 0; y < image.height(); ++y)
        out.rgb.insert(out.rgb.end(), image.constScanLine(y), image.constScanLine(y) + static_cast<size_t>(image.width()) * 3);
    return out;
}

} // namespace weighbridge
