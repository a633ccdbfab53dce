// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/quiet_style.h"

#include "ui/theme.h"

#include <QAbstractItemView>
#include <QPainter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QStyleOption>
#include <QTabBar>
#include <QToolBar>
#include <QToolButton>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr double corner = 5;
constexpr double ring = 2; ///< around what has the focus
constexpr int barHeight = 6;

enum class ButtonLook { Plain, Primary, Link };

bool has(const QWidget* widget, const char* property)
{
    return widget && widget->property(property).toBool();
}

ButtonLook lookOf(const QWidget* button)
{
    return has(button, "primary") ? ButtonLook::Primary : has(button, "link") ? ButtonLook::Link : ButtonLook::Plain;
}

bool isInToolBar(const QWidget* widget)
{
    return widget && qobject_cast<const QToolBar*>(widget->parentWidget());
}

bool isSegment(const QWidget* widget)
{
    return has(widget, "segment");
}

/// A list of Qt's own dialogs; ours have lines around them, and show the focus in their rows.
bool isFramedView(const QWidget* widget)
{
    const auto* view = qobject_cast<const QAbstractItemView*>(widget);
    return view && view->frameShape() != QFrame::NoFrame;
}

bool is(const QStyleOption& option, QStyle::StateFlag state)
{
    return option.state.testFlag(state);
}

void drawBox(QPainter* painter, const QRect& rect, const QBrush& ground, const QColor& edge, double width, double radius = corner)
{
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setBrush(ground);
    painter->setPen(edge.isValid() ? QPen(edge, width) : QPen(Qt::NoPen));
    const double half = edge.isValid() ? width / 2 : 0;
    painter->drawRoundedRect(QRectF(rect).adjusted(half, half, -half, -half), radius, radius);
    painter->restore();
}

void drawRing(QPainter* painter, const QRect& rect, const QPalette& palette, Role role = Role::Accent)
{
    drawBox(painter, rect, Qt::NoBrush, colour(role, palette), ring);
}

/// Fusion's frame is a shade of the window's colour, which on a dark window cannot be seen.
void drawCheckBox(const QStyleOption& option, QPainter& painter)
{
    const bool isOn = option.state & (QStyle::State_On | QStyle::State_NoChange);
    const QColor ink = colour(is(option, QStyle::State_Enabled) ? (isOn ? Role::Accent : Role::SecondText) : Role::Line, option.palette);
    const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(ink, 1));
    painter.setBrush(isOn ? ink : colour(Role::Surface, option.palette));
    painter.drawRoundedRect(box, 3, 3);
    painter.setPen(QPen(colour(Role::OnAccent, option.palette), box.width() * 0.14, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const auto at = [&box](double x, double y) { return QPointF(box.left() + x * box.width(), box.top() + y * box.height()); };
    if (is(option, QStyle::State_On))
        painter.drawPolyline(QPolygonF{at(0.24, 0.52), at(0.43, 0.71), at(0.76, 0.3)});
    else if (is(option, QStyle::State_NoChange))
        painter.drawLine(at(0.26, 0.5), at(0.74, 0.5));
    painter.restore();
}

void drawPushButton(const QStyleOption& option, QPainter* painter, const QWidget* widget)
{
    const QPalette& palette = option.palette;
    const bool isEnabled = is(option, QStyle::State_Enabled);
    const bool isFocused = is(option, QStyle::State_HasFocus);
    switch (lookOf(widget)) {
    case ButtonLook::Primary:
        drawBox(painter, option.rect, colour(isEnabled ? Role::Accent : Role::Line, palette), {}, 0);
        break;
    case ButtonLook::Link: break;
    case ButtonLook::Plain:
        drawBox(painter, option.rect, colour(is(option, QStyle::State_Sunken) ? Role::Selection : isEnabled && is(option, QStyle::State_MouseOver) ? Role::Hover : Role::Surface, palette),
                colour(Role::Line, palette), 1);
        break;
    }
    if (isFocused)
        drawRing(painter, option.rect, palette, lookOf(widget) == ButtonLook::Primary ? Role::Text : Role::Accent);
}

void drawLineEdit(const QStyleOption& option, QPainter* painter)
{
    if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(&option); frame && frame->lineWidth > 0)
        drawBox(painter, option.rect, colour(Role::Surface, option.palette), colour(is(option, QStyle::State_HasFocus) ? Role::Accent : Role::Line, option.palette), 1);
}

void drawProgress(QStyle::ControlElement element, const QStyleOption& option, QPainter* painter)
{
    const auto* bar = qstyleoption_cast<const QStyleOptionProgressBar*>(&option);
    QRect track = option.rect;
    track.setTop(track.center().y() - barHeight / 2 + 1);
    track.setHeight(barHeight);
    if (element == QStyle::CE_ProgressBarGroove || !bar)
        return drawBox(painter, track, colour(Role::Line, option.palette), {}, 0, barHeight / 2.0);
    const bool isKnown = bar->maximum > bar->minimum;
    const double share = isKnown ? double(bar->progress - bar->minimum) / double(bar->maximum - bar->minimum) : 1;
    QColor ink = colour(Role::Accent, option.palette);
    ink.setAlphaF(isKnown ? 1 : 0.35F); // how far is not known: quiet, and still, for nothing here moves by itself
    QRect done = track;
    done.setWidth(int(track.width() * std::clamp(share, 0.0, 1.0)));
    if (option.direction == Qt::RightToLeft)
        done.moveRight(track.right());
    if (done.width() > 0)
        drawBox(painter, done, ink, {}, 0, barHeight / 2.0);
}

/// The option with its text in another colour, whatever the group.
template <typename Option>
Option inked(const Option& option, QPalette::ColorRole role, Role ink)
{
    Option out(option);
    out.palette.setColor(role, colour(ink, option.palette));
    out.state &= ~QStyle::State_HasFocus; // the ring says it
    return out;
}

} // namespace

QuietStyle::QuietStyle() : QProxyStyle(QStringLiteral("Fusion")) {}

/// No lines under the menus' letters (Alt and the letter still work); Qt's pictures of dialog buttons are black in either theme.
int QuietStyle::styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const
{
    return hint == SH_UnderlineShortcut || hint == SH_DialogButtonBox_ButtonsHaveIcons ? 0 : QProxyStyle::styleHint(hint, option, widget, data);
}

int QuietStyle::pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const
{
    switch (metric) {
    case PM_ToolBarItemMargin: // the line under the selected tab lies on the tool bar's own
    case PM_ToolBarFrameWidth:
    case PM_MenuBarPanelWidth:
    case PM_MenuBarItemSpacing:
    case PM_ButtonShiftHorizontal:
    case PM_ButtonShiftVertical: return 0;
    case PM_ToolBarItemSpacing: return 4;
    case PM_MenuBarHMargin: return 8;
    case PM_MenuBarVMargin: return 2;
    case PM_HeaderMargin: return 7;
    case PM_DefaultFrameWidth:
        if (isFramedView(widget) || qobject_cast<const QScrollArea*>(widget))
            return int(ring);
        if (qobject_cast<const QAbstractItemView*>(widget))
            return 0;
        return qobject_cast<const QPlainTextEdit*>(widget) ? 4 : QProxyStyle::pixelMetric(metric, option, widget);
    default: return QProxyStyle::pixelMetric(metric, option, widget);
    }
}

QSize QuietStyle::sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& contents, const QWidget* widget) const
{
    switch (type) {
    case CT_PushButton:
        switch (lookOf(widget)) {
        case ButtonLook::Primary: return contents + QSize(28, 16);
        case ButtonLook::Link: return contents + QSize(8, 4);
        case ButtonLook::Plain: return contents + QSize(22, 12);
        }
        return contents;
    case CT_ToolButton:
        if (isSegment(widget))
            return contents + QSize(18, 6);
        return isInToolBar(widget) ? contents + QSize(18, 12) : QProxyStyle::sizeFromContents(type, option, contents, widget);
    case CT_LineEdit: {
        const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option);
        return frame && frame->lineWidth > 0 ? contents + QSize(14, 8) : QProxyStyle::sizeFromContents(type, option, contents, widget);
    }
    case CT_TabBarTab: return isInToolBar(widget) ? QSize(contents.width(), widget->height()) : QProxyStyle::sizeFromContents(type, option, contents, widget);
    case CT_MenuBarItem: return contents + QSize(16, 8);
    default: return QProxyStyle::sizeFromContents(type, option, contents, widget);
    }
}

QRect QuietStyle::subElementRect(SubElement element, const QStyleOption* option, const QWidget* widget) const
{
    if (element == SE_LineEditContents)
        if (const auto* frame = qstyleoption_cast<const QStyleOptionFrame*>(option); frame && frame->lineWidth > 0)
            return option->rect.adjusted(7, 4, -7, -4);
    return QProxyStyle::subElementRect(element, option, widget);
}

void QuietStyle::drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    const QPalette& palette = option->palette;
    switch (element) {
    case PE_IndicatorCheckBox: return drawCheckBox(*option, *painter);
    case PE_PanelLineEdit: return drawLineEdit(*option, painter);
    case PE_Frame: return drawFrame(*option, painter, widget);
    case PE_PanelStatusBar: return painter->fillRect(QRect(option->rect.topLeft(), QSize(option->rect.width(), 1)), colour(Role::Line, palette));
    case PE_FrameStatusBarItem:
    case PE_PanelMenuBar: return;
    case PE_FrameFocusRect:
        if (qobject_cast<const QPushButton*>(widget) || qobject_cast<const QToolButton*>(widget))
            return; // they have a ring
        if (!widget || qobject_cast<const QAbstractItemView*>(widget)) { // a tree's row; Fusion fills it with a gradient
            painter->setBrush(Qt::NoBrush);
            painter->setPen(colour(Role::Accent, palette));
            return painter->drawRect(option->rect.adjusted(0, 0, -1, -1));
        }
        break;
    case PE_PanelItemViewRow: // delegates fill their own cells; Fusion's gradient under a focused row would show through before the first
        if (is(*option, State_Selected))
            return painter->fillRect(option->rect, palette.color(QPalette::Highlight));
        break;
    default: break;
    }
    QProxyStyle::drawPrimitive(element, option, painter, widget);
}

/// Of scroll areas (nothing, or the ring) and boxes of text.
void QuietStyle::drawFrame(const QStyleOption& option, QPainter* painter, const QWidget* widget) const
{
    const bool isFocused = is(option, State_HasFocus);
    if (const auto* area = qobject_cast<const QScrollArea*>(widget)) {
        painter->fillRect(option.rect, option.palette.color(area->viewport()->backgroundRole()));
        if (isFocused)
            drawRing(painter, option.rect, option.palette);
    } else if (qobject_cast<const QPlainTextEdit*>(widget)) {
        drawBox(painter, option.rect, colour(has(widget, "code") ? Role::Code : Role::Surface, option.palette), colour(isFocused ? Role::Accent : Role::Line, option.palette), 1);
    } else if (isFramedView(widget)) {
        drawBox(painter, option.rect, Qt::NoBrush, colour(isFocused ? Role::Accent : Role::Line, option.palette), isFocused ? ring : 1, 0);
    } else if (!qobject_cast<const QAbstractItemView*>(widget)) {
        QProxyStyle::drawPrimitive(PE_Frame, &option, painter, widget);
    }
}

void QuietStyle::drawControl(ControlElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const
{
    const QPalette& palette = option->palette;
    const QRect& rect = option->rect;
    switch (element) {
    case CE_PushButtonBevel: return drawPushButton(*option, painter, widget);
    case CE_PushButtonLabel: return drawPushButtonLabel(*option, painter, widget);
    case CE_ToolBar:
        painter->fillRect(rect, palette.color(QPalette::Window));
        return painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), colour(Role::Line, palette));
    case CE_MenuBarEmptyArea: return painter->fillRect(rect, palette.color(QPalette::Window));
    case CE_MenuBarItem: return drawMenuBarItem(*option, painter);
    case CE_TabBarTabShape:
    case CE_TabBarTabLabel:
        if (isInToolBar(widget))
            return drawTab(element, *option, painter, widget);
        break;
    case CE_HeaderSection:
    case CE_HeaderEmptyArea:
        painter->fillRect(rect, colour(Role::Surface, palette));
        return painter->fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), colour(Role::Line, palette));
    case CE_HeaderLabel: return drawHeaderLabel(*option, painter, widget);
    case CE_Splitter: return painter->fillRect(rect, colour(Role::Line, palette));
    case CE_ProgressBarGroove:
    case CE_ProgressBarContents: return drawProgress(element, *option, painter);
    default: break;
    }
    QProxyStyle::drawControl(element, option, painter, widget);
    if (element == CE_TabBarTabLabel && is(*option, State_HasFocus))
        drawRing(painter, rect, palette);
}

void QuietStyle::drawPushButtonLabel(const QStyleOption& option, QPainter* painter, const QWidget* widget) const
{
    const auto* button = qstyleoption_cast<const QStyleOptionButton*>(&option);
    const ButtonLook look = lookOf(widget);
    const Role ink = !is(option, State_Enabled) ? Role::SecondText : look == ButtonLook::Primary ? Role::OnAccent : look == ButtonLook::Link ? Role::Accent : Role::Text;
    const QStyleOptionButton label = inked(*button, QPalette::ButtonText, ink);
    painter->save();
    QFont font = painter->font();
    font.setUnderline(look == ButtonLook::Link && is(option, State_MouseOver) && is(option, State_Enabled));
    painter->setFont(font);
    if (label.icon.isNull() || label.text.isEmpty())
        QProxyStyle::drawControl(CE_PushButtonLabel, &label, painter, widget);
    else
        drawIconAndText(label, painter);
    painter->restore();
}

/// Fusion parts the two on right-to-left desktops.
void QuietStyle::drawIconAndText(const QStyleOptionButton& label, QPainter* painter) const
{
    constexpr int gap = 6;
    const bool isEnabled = is(label, State_Enabled);
    const int textWidth = painter->fontMetrics().size(Qt::TextShowMnemonic, label.text).width();
    QRect both(0, 0, label.iconSize.width() + gap + textWidth, label.rect.height());
    both.moveCenter(label.rect.center());
    const QRect icon(both.left(), both.center().y() - label.iconSize.height() / 2, label.iconSize.width(), label.iconSize.height());
    label.icon.paint(painter, visualRect(label.direction, both, icon), Qt::AlignCenter, isEnabled ? QIcon::Normal : QIcon::Disabled);
    const QRect text = visualRect(label.direction, both, both.adjusted(label.iconSize.width() + gap, 0, 0, 0));
    proxy()->drawItemText(painter, text, Qt::AlignCenter | Qt::TextHideMnemonic, label.palette, isEnabled, label.text, QPalette::ButtonText);
}

void QuietStyle::drawComplexControl(ComplexControl control, const QStyleOptionComplex* option, QPainter* painter, const QWidget* widget) const
{
    if (control == CC_ToolButton && (isInToolBar(widget) || isSegment(widget)))
        return drawToolButton(*option, painter, widget);
    QProxyStyle::drawComplexControl(control, option, painter, widget);
    if ((control == CC_ToolButton || control == CC_ComboBox) && is(*option, State_HasFocus))
        drawRing(painter, option->rect, option->palette);
}

void QuietStyle::drawToolButton(const QStyleOptionComplex& option, QPainter* painter, const QWidget* widget) const
{
    const auto* button = qstyleoption_cast<const QStyleOptionToolButton*>(&option);
    const QPalette& palette = option.palette;
    const bool isOn = is(option, State_On);
    const bool isEnabled = is(option, State_Enabled);
    if (is(option, State_Sunken) || (isSegment(widget) && isOn))
        drawBox(painter, option.rect, colour(Role::Selection, palette), {}, 0);
    else if (!isSegment(widget) && isEnabled && is(option, State_MouseOver))
        drawBox(painter, option.rect, colour(Role::Hover, palette), colour(Role::Line, palette), 1);
    if (is(option, State_HasFocus))
        drawRing(painter, option.rect, palette);
    QStyleOptionToolButton label = inked(*button, QPalette::ButtonText, !isEnabled || (isSegment(widget) && !isOn) ? Role::SecondText : Role::Text);
    if (isSegment(widget) && isOn)
        label.font.setWeight(QFont::DemiBold);
    if (button->toolButtonStyle != Qt::ToolButtonIconOnly)
        label.rect.adjust(isSegment(widget) ? 2 : 8, 0, isSegment(widget) ? -2 : -8, 0);
    QProxyStyle::drawControl(CE_ToolButtonLabel, &label, painter, widget);
}

/// The pages in the tool bar: a line under the one that is shown.
void QuietStyle::drawTab(ControlElement element, const QStyleOption& option, QPainter* painter, const QWidget* widget) const
{
    const auto* tab = qstyleoption_cast<const QStyleOptionTab*>(&option);
    const bool isSelected = is(option, State_Selected);
    if (element == CE_TabBarTabLabel) {
        const QStyleOptionTab label = inked(*tab, QPalette::WindowText, isSelected || is(option, State_MouseOver) ? Role::Text : Role::SecondText);
        return QProxyStyle::drawControl(element, &label, painter, widget);
    }
    if (isSelected)
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom() - 1, option.rect.width(), 2), colour(Role::Accent, option.palette));
    if (is(option, State_HasFocus))
        drawRing(painter, option.rect, option.palette);
}

void QuietStyle::drawHeaderLabel(const QStyleOption& option, QPainter* painter, const QWidget* widget) const
{
    const Role ink = is(option, State_MouseOver) ? Role::Text : Role::SecondText;
    const auto draw = [&](const auto& header) {
        const auto label = inked(header, QPalette::ButtonText, ink);
        painter->save();
        painter->setLayoutDirection(header.direction); // it begins with the desktop's
        QProxyStyle::drawControl(CE_HeaderLabel, &label, painter, widget);
        painter->restore();
    };
    if (const auto* newer = qstyleoption_cast<const QStyleOptionHeaderV2*>(&option)) // it says how to elide
        draw(*newer);
    else if (const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(&option))
        draw(*header);
}

void QuietStyle::drawMenuBarItem(const QStyleOption& option, QPainter* painter) const
{
    const auto* item = qstyleoption_cast<const QStyleOptionMenuItem*>(&option);
    painter->fillRect(option.rect, option.palette.color(QPalette::Window));
    if (is(option, State_Selected) && is(option, State_Enabled))
        drawBox(painter, option.rect, colour(Role::Selection, option.palette), {}, 0);
    constexpr int flags = Qt::AlignCenter | Qt::TextHideMnemonic | Qt::TextDontClip | Qt::TextSingleLine;
    proxy()->drawItemText(painter, option.rect, flags, option.palette, is(option, State_Enabled), item->text, QPalette::WindowText);
}

} // namespace weighbridge
