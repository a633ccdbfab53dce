// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/plot.h"

#include "ui/save_dialog.h"
#include "ui/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileInfo>
#include <QImage>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPainter>
#include <QPdfWriter>
#include <QSaveFile>
#include <QSvgGenerator>

#include <algorithm>

namespace weighbridge {

Plot::Plot(QWidget* parent) : QWidget(parent)
{
    setLayoutDirection(Qt::LeftToRight); // plots are the same in every language
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

QSize Plot::sizeHint() const
{
    const int line = fontMetrics().height();
    return {20 * line, 11 * line};
}

QSize Plot::minimumSizeHint() const
{
    const int line = fontMetrics().height();
    return {10 * line, 5 * line};
}

void Plot::clear(const QString& why)
{
    m_message = why;
    m_progress = 0;
    setAccessibleDescription(why);
    update();
}

void Plot::setProgress(double share)
{
    m_progress = std::clamp(share, 0.0, 1.0);
    update();
}

void Plot::showData(const QString& sentence)
{
    m_message.clear();
    setAccessibleDescription(sentence);
    QAccessibleEvent described(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&described);
    updateReadOut();
    update();
}

void Plot::paintMessage(QPainter& painter, const QRectF& area) const
{
    constexpr double barWidth = 120;
    constexpr double barHeight = 6;
    painter.setPen(colour(Role::SecondText, palette()));
    painter.setFont(scaledFont(font(), type::caption));
    painter.drawText(area, Qt::AlignCenter | Qt::TextWordWrap, m_message);
    if (m_progress <= 0)
        return;
    const QRectF bar(area.center().x() - barWidth / 2, area.center().y() + QFontMetricsF(painter.font()).height(), barWidth, barHeight);
    painter.fillRect(bar, colour(Role::Line, palette()));
    painter.fillRect(QRectF(bar.topLeft(), QSizeF(barWidth * m_progress, barHeight)), colour(Role::Accent, palette()));
}

void Plot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setLayoutDirection(Qt::LeftToRight); // it begins with the desktop's
    painter.setRenderHint(QPainter::Antialiasing);
    paintPicture(painter, rect());
    if (m_message.isEmpty() && m_pointer)
        paintPointer(painter);
    if (!hasFocus())
        return;
    painter.setPen(QPen(colour(Role::Accent, palette()), 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
}

void Plot::updateReadOut()
{
    Q_EMIT readOut(m_message.isEmpty() && m_pointer ? textAt(*m_pointer) : QString());
}

void Plot::mouseMoveEvent(QMouseEvent* event)
{
    m_pointer = event->position();
    updateReadOut();
}

void Plot::mouseDoubleClickEvent(QMouseEvent*)
{
    fit();
}

void Plot::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Space)
        fit();
    else
        QWidget::keyPressEvent(event);
}

void Plot::leaveEvent(QEvent*)
{
    m_pointer.reset();
    updateReadOut();
}

void Plot::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    menu.addAction(tr("Copy picture"), this, [this, point = m_pointer] { copyAt(point); }); // the menu takes the pointer away
    menu.addAction(tr("Save picture…"), this, &Plot::saveAs);
    menu.addSeparator();
    menu.addAction(tr("Fit to the values"), this, &Plot::fit);
    menu.exec(event->globalPos());
}

QString Plot::fileName() const
{
    const QString kind = accessibleName();
    if (m_title.isEmpty() || m_title.endsWith(kind, Qt::CaseInsensitive))
        return fileNameFor((m_title.isEmpty() ? kind : m_title).toLower());
    return fileNameFor(m_title) + u'-' + fileNameFor(kind.toLower());
}

/// Programs that take no picture get what it shows in words.
void Plot::copyAt(const std::optional<QPointF>& point)
{
    auto* copied = new QMimeData;
    copied->setImageData(image());
    QString text = m_title.isEmpty() ? accessibleDescription() : m_title + u'\n' + accessibleDescription();
    if (point)
        text += u'\n' + textAt(*point);
    copied->setText(text.trimmed());
    QApplication::clipboard()->setMimeData(copied);
}

void Plot::saveAs()
{
    const QList<FileKind> kinds{{QStringLiteral("SVG"), QStringLiteral("svg")}, {QStringLiteral("PDF"), QStringLiteral("pdf")}, {QStringLiteral("PNG"), QStringLiteral("png")}};
    const QString path = askWhereToSave(this, tr("Save picture"), fileName(), kinds);
    if (!path.isEmpty() && !save(path))
        QMessageBox::warning(this, tr("Save picture"), tr("%1 cannot be written. Choose another folder.").arg(path));
}

bool Plot::paintTo(QPaintDevice& device) const
{
    QPainter painter;
    if (!painter.begin(&device))
        return false;
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(font());
    paintPicture(painter, rect());
    return painter.end();
}

QImage Plot::image() const
{
    constexpr int scale = 2;
    QImage image(size() * scale, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(scale);
    image.fill(colour(Role::Surface, palette()));
    return paintTo(image) ? image : QImage();
}

bool Plot::save(const QString& path)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return false;
    const QString suffix = QFileInfo(path).suffix().toLower();
    bool painted = false;
    if (suffix == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setOutputDevice(&file);
        generator.setSize(size());
        generator.setViewBox(rect());
        generator.setTitle(m_title);
        generator.setDescription(accessibleDescription());
        painted = paintTo(generator);
    } else if (suffix == QLatin1String("pdf")) {
        QPdfWriter writer(&file);
        writer.setTitle(m_title);
        writer.setResolution(logicalDpiX());
        writer.setPageMargins({});
        writer.setPageSize(QPageSize(QSizeF(size()) / logicalDpiX(), QPageSize::Inch));
        painted = paintTo(writer);
    } else {
        painted = image().save(&file, "PNG");
    }
    return painted && file.commit();
}

} // namespace weighbridge
