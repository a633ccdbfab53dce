// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/text_label.h"

#include <QApplication>
#include <QEvent>
#include <QPainter>

namespace weighbridge {

TextLabel::TextLabel(const QString& text, double factor, QFont::Weight weight, Role role, QWidget* parent)
    : QLabel(parent), m_factor(factor), m_weight(weight), m_role(role)
{
    setTextFormat(Qt::PlainText);
    setForegroundRole(QPalette::WindowText); // on a surface it would be Text, which has no role of ours
    applyTheme();
    setFullText(text);
}

void TextLabel::setRole(Role role)
{
    m_role = role;
    applyTheme();
}

void TextLabel::setFixed(bool on)
{
    m_fixed = on;
    applyTheme();
}

void TextLabel::setElided(Qt::TextElideMode mode)
{
    m_elideMode = mode;
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    elide();
}

void TextLabel::setFullText(const QString& text)
{
    m_fullText = text;
    setAccessibleName(text);
    elide();
}

QSize TextLabel::minimumSizeHint() const
{
    return m_elideMode == Qt::ElideNone ? QLabel::minimumSizeHint() : QSize(40, fontMetrics().height());
}

QSize TextLabel::sizeHint() const
{
    return m_elideMode == Qt::ElideNone ? QLabel::sizeHint() : QSize(fontMetrics().horizontalAdvance(m_fullText) + 4, fontMetrics().height());
}

void TextLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (!m_applying && (event->type() == QEvent::PaletteChange || event->type() == QEvent::StyleChange))
        applyTheme();
}

void TextLabel::resizeEvent(QResizeEvent* event)
{
    QLabel::resizeEvent(event);
    elide();
}

void TextLabel::applyTheme()
{
    m_applying = true;
    const QFont base = QApplication::font();
    if (const QFont own = m_fixed ? fixedFont(base, m_factor) : scaledFont(base, m_factor, m_weight); own != font() || !testAttribute(Qt::WA_SetFont))
        setFont(own);
    // A palette of its own is asked for anew by the style sheet, so only where the colour is another.
    if (const QColor ink = colour(m_role, QApplication::palette()); ink != palette().color(QPalette::WindowText) || !testAttribute(Qt::WA_SetPalette)) {
        QPalette own = palette();
        own.setColor(QPalette::WindowText, ink);
        setPalette(own);
    }
    m_applying = false;
    elide();
}

void TextLabel::elide()
{
    if (m_elideMode == Qt::ElideNone) {
        setText(m_fullText);
        return;
    }
    const QString fitting = fontMetrics().elidedText(m_fullText, m_elideMode, width());
    setText(fitting);
    setToolTip(fitting == m_fullText ? QString() : m_fullText.toHtmlEscaped());
}

QString breakable(QString name)
{
    const QChar zeroWidthSpace(0x200b);
    return name.replace(u'.', QStringLiteral(".") + zeroWidthSpace).replace(u'_', QStringLiteral("_") + zeroWidthSpace);
}

HairLine::HairLine(QWidget* parent) : QWidget(parent)
{
    setFixedHeight(1);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void HairLine::paintEvent(QPaintEvent*)
{
    QPainter(this).fillRect(rect(), colour(Role::Line, palette()));
}

} // namespace weighbridge
