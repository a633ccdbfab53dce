// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QProxyStyle>

class QStyleOptionButton;

namespace weighbridge {

/// Fusion, quieter: flat, hairlines in place of frames, round corners on controls alone, a ring around what has the focus. Colours come from the
/// palette at the time of painting. A style and not a style sheet, because Qt goes through every widget's rules anew when a window is made
/// and when the colours change.
///
/// Properties of widgets that it knows: "primary" (setPrimary()) and "link" (QPushButton), "segment" (QToolButton), "code" (QPlainTextEdit).
class QuietStyle : public QProxyStyle {
    Q_OBJECT
public:
    QuietStyle();

    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const override;
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override;
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const override;
    QRect subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const override;
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override;
    void drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const override;

private:
    void drawPushButtonLabel(const QStyleOption& option, QPainter* painter, const QWidget* widget) const;
    void drawIconAndText(const QStyleOptionButton& label, QPainter* painter) const;
    void drawToolButton(const QStyleOptionComplex& option, QPainter* painter, const QWidget* widget) const;
    void drawTab(ControlElement element, const QStyleOption& option, QPainter* painter, const QWidget* widget) const;
    void drawHeaderLabel(const QStyleOption& option, QPainter* painter, const QWidget* widget) const;
    void drawMenuBarItem(const QStyleOption& option, QPainter* painter) const;
    void drawFrame(const QStyleOption& option, QPainter* painter, const QWidget* widget) const;
};

} // namespace weighbridge
