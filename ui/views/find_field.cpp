// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/find_field.h"

#include "ui/glyphs.h"
#include "ui/theme.h"

#include <QAction>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr int pauseMs = 80;

} // namespace

FindField::FindField(QWidget* parent) : QLineEdit(parent), m_icon(addAction(glyphIcon(Glyph::Search, palette()), QLineEdit::LeadingPosition))
{
    m_icon->setToolTip(tr("layer 3   768,768   F16   status:missing   \"exact.name\""));
    m_icon->setText(tr("Find tensors"));
    setPlaceholderText(tr("Find name, dtype or shape"));
    setAccessibleName(tr("Find tensors"));
    setToolTip(tr("All terms must hold: layer 3, 768,768, F16, status:missing, \"exact.name\""));
    setAcceptDrops(false); // a file that is dropped here belongs to the window
    setFixedWidth(280);
    setHintPlace();
    m_pause.setSingleShot(true);
    m_pause.setInterval(pauseMs);
    connect(this, &QLineEdit::textChanged, &m_pause, qOverload<>(&QTimer::start));
    connect(&m_pause, &QTimer::timeout, this, [this] { Q_EMIT searched(text()); });
}

/// The key's name stands at the end of the line, wherever that is.
void FindField::setHintPlace()
{
    const int room = std::max(46, QFontMetrics(scaledFont(font(), type::axis)).horizontalAdvance(hint()) + 12);
    setTextMargins(isRightToLeft() ? room : 2, 0, isRightToLeft() ? 2 : room, 0);
}

QString FindField::hint() const
{
    return text().isEmpty() ? tr("Ctrl+F") : tr("Esc");
}

bool FindField::event(QEvent* event)
{
    // Escape is the window's shortcut for Stop; here it clears first.
    if (event->type() == QEvent::ShortcutOverride && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape) {
        event->accept();
        return true;
    }
    return QLineEdit::event(event);
}

void FindField::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && !text().isEmpty())
        clear();
    else if (event->key() == Qt::Key_Escape || event->key() == Qt::Key_Down || event->key() == Qt::Key_Return)
        Q_EMIT left();
    else
        QLineEdit::keyPressEvent(event);
}

void FindField::paintEvent(QPaintEvent* event)
{
    QLineEdit::paintEvent(event);
    QPainter painter(this);
    painter.setFont(scaledFont(font(), type::axis));
    painter.setPen(colour(Role::SecondText, palette()));
    painter.setLayoutDirection(Qt::LeftToRight);
    painter.drawText(rect().adjusted(9, 0, -9, 0), (isRightToLeft() ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, hint());
}

void FindField::changeEvent(QEvent* event)
{
    QLineEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_icon)
        m_icon->setIcon(glyphIcon(Glyph::Search, palette()));
    if (event->type() == QEvent::LayoutDirectionChange || event->type() == QEvent::FontChange)
        setHintPlace();
}

} // namespace weighbridge
