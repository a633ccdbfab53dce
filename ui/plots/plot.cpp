// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/plots/plot.h"

#include "ui/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QMenu>
#include <QMessageBox>
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
    update();
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
    update();
}

void Plot::contextMenuEvent(QContextMenuEvent* event)
{
    QMenu menu(this);
    menu.addAction(tr("Copy picture"), this, &Plot::copyImage);
    menu.addAction(tr("Save picture…"), this, &Plot::saveAs);
    menu.addSeparator();
    menu.addAction(tr("Fit to the values"), this, &Plot::fit);
    menu.exec(event->globalPos());
}

void Plot::copyImage()
{
    QApplication::clipboard()->setPixmap(grab());
}

/// A name without a suffix gets that of the kind that is chosen; the dialog asks before it overwrites the file of that name.
void Plot::saveAs()
{
    QFileDialog dialog(this, tr("Save picture"), QString(), tr("SVG (*.svg);;PDF (*.pdf);;PNG (*.png)"));
    dialog.setAcceptMode(QFileDialog::AcceptSave);
    dialog.setDefaultSuffix(QStringLiteral("svg"));
    connect(&dialog, &QFileDialog::filterSelected, &dialog, [&dialog](const QString& filter) {
        dialog.setDefaultSuffix(filter.section(QLatin1String("*."), 1).section(QLatin1Char(')'), 0, 0));
    });
    dialog.selectFile(QStringLiteral("plot"));
    if (dialog.exec() != QDialog::Accepted || dialog.selectedFiles().isEmpty())
        return;
    if (const QString path = dialog.selectedFiles().constFirst(); !save(path))
        QMessageBox::warning(this, tr("Save picture"), tr("%1 cannot be written. Choose another folder.").arg(path));
}

bool Plot::save(const QString& path)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly))
        return false;
    const QString suffix = QFileInfo(path).suffix().toLower();
    const auto paintTo = [this](QPaintDevice& device) {
        QPainter painter;
        if (!painter.begin(&device))
            return false;
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setFont(font());
        paintPicture(painter, rect());
        return painter.end();
    };
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
        QImage image(size() * 2, QImage::Format_ARGB32_Premultiplied);
        image.setDevicePixelRatio(2);
        image.fill(colour(Role::Surface, palette()));
        painted = paintTo(image) && image.save(&file, "PNG");
    }
    return painted && file.commit();
}

} // namespace weighbridge
