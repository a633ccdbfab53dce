// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/theme.h"

#include <QApplication>
#include <QEvent>
#include <QFontDatabase>
#include <QFontMetricsF>
#include <QPainter>
#include <QProxyStyle>
#include <QStyleOption>
#include <QWidget>

#include <array>
#include <cmath>

// Q_INIT_RESOURCE must stand outside every namespace; a static library's resources are dropped without it.
static void initWeighbridgeResources()
{
    Q_INIT_RESOURCE(weighbridge);
}

namespace weighbridge {
namespace {

/// Fusion without the lines under the menus' letters (Alt and the letter still work) and without the tool bar's margins.
class QuietStyle : public QProxyStyle {
public:
    QuietStyle() : QProxyStyle(QStringLiteral("Fusion")) {}
    int styleHint(StyleHint hint, const QStyleOption* option, const QWidget* widget, QStyleHintReturn* data) const override
    {
        // Qt's pictures of dialog buttons are black in either theme.
        return hint == SH_UnderlineShortcut || hint == SH_DialogButtonBox_ButtonsHaveIcons ? 0 : QProxyStyle::styleHint(hint, option, widget, data);
    }
    void drawPrimitive(PrimitiveElement element, const QStyleOption* option, QPainter* painter, const QWidget* widget) const override
    {
        if (element == PE_IndicatorCheckBox)
            return drawCheckBox(*option, *painter);
        // Delegates fill their own cells; Fusion's gradient under a focused row would show through before the first.
        if (element == PE_PanelItemViewRow && (option->state & State_Selected))
            painter->fillRect(option->rect, option->palette.color(QPalette::Highlight));
        else
            QProxyStyle::drawPrimitive(element, option, painter, widget);
    }
    /// Fusion's frame is a shade of the window's colour, which on a dark window cannot be seen.
    static void drawCheckBox(const QStyleOption& option, QPainter& painter)
    {
        const bool isOn = option.state & (State_On | State_NoChange);
        const QColor ink = colour(option.state & State_Enabled ? (isOn ? Role::Accent : Role::SecondText) : Role::Line, option.palette);
        const QRectF box = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5);
        painter.save();
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(ink, 1));
        painter.setBrush(isOn ? ink : colour(Role::Surface, option.palette));
        painter.drawRoundedRect(box, 3, 3);
        painter.setPen(QPen(colour(Role::OnAccent, option.palette), box.width() * 0.14, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        const auto at = [&box](double x, double y) { return QPointF(box.left() + x * box.width(), box.top() + y * box.height()); };
        if (option.state & State_On)
            painter.drawPolyline(QPolygonF{at(0.24, 0.52), at(0.43, 0.71), at(0.76, 0.3)});
        else if (option.state & State_NoChange)
            painter.drawLine(at(0.26, 0.5), at(0.74, 0.5));
        painter.restore();
    }
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override
    {
        // The line under the selected tab lies on the tool bar's own.
        return metric == PM_ToolBarItemMargin || metric == PM_ToolBarFrameWidth ? 0 : QProxyStyle::pixelMetric(metric, option, widget);
    }
};

struct RoleColours {
    Role role;
    QRgb light;
    QRgb dark;
};

// Text and marks keep 4.5:1 (marks 3:1) on every background that they meet.
constexpr std::array table{
    RoleColours{Role::Surface, 0xffffffff, 0xff1d2124},
    RoleColours{Role::Window, 0xfff2f3f1, 0xff16191b},
    RoleColours{Role::Sunken, 0xffe6e9e6, 0xff111416},
    RoleColours{Role::Code, 0xfff6f7f5, 0xff15181a},
    RoleColours{Role::Selection, 0xffd3e8f0, 0xff173d4e},
    RoleColours{Role::Hover, 0xffeef4f6, 0xff252c30},
    RoleColours{Role::Line, 0xffd3d8d4, 0xff353c40},
    RoleColours{Role::Grid, 0xffe7eae7, 0xff2a3034},
    RoleColours{Role::Text, 0xff1a1f1d, 0xffe6e9e7},
    RoleColours{Role::SecondText, 0xff545d59, 0xffa3ada8},
    RoleColours{Role::Accent, 0xff0a6787, 0xff5db9d8},
    RoleColours{Role::OnAccent, 0xffffffff, 0xff0b1b22},
    RoleColours{Role::Matched, 0xff2e6b50, 0xff83c5a4},
    RoleColours{Role::Missing, 0xffb3202c, 0xffff938a},
    RoleColours{Role::Unexpected, 0xff9c4a00, 0xfff5a45c},
    RoleColours{Role::Mismatched, 0xff735900, 0xffe2c14c},
    RoleColours{Role::Renamed, 0xff5b45b8, 0xffbca8ff},
    RoleColours{Role::Random, 0xffa3186e, 0xfff58cc8},
    RoleColours{Role::Trained, 0xff5f8fa8, 0xff6fa3bc},
    RoleColours{Role::ErrorBanner, 0xfffbeaea, 0xff3a2022},
    RoleColours{Role::WarningBanner, 0xfffbf1e2, 0xff382a18},
    RoleColours{Role::SuccessBanner, 0xffe5f1ea, 0xff1b3328},
    RoleColours{Role::NoteBanner, 0xffe6f0f4, 0xff182f39},
    RoleColours{Role::Shade0, 0xffeef3f5, 0xff22313a},
    RoleColours{Role::Shade1, 0xffcfdfe6, 0xff28414e},
    RoleColours{Role::Shade2, 0xffa9c6d3, 0xff2f5566},
    RoleColours{Role::Shade3, 0xff7ea9bc, 0xff37697e},
    RoleColours{Role::Shade4, 0xff3b748c, 0xff639db4},
    RoleColours{Role::Shade5, 0xff1d5873, 0xff94c6d9},
};

constexpr const RoleColours& row(Role role)
{
    return table[size_t(role)];
}

constexpr bool tableIsInOrder()
{
    for (size_t i = 0; i < table.size(); ++i) {
        if (size_t(table[i].role) != i)
            return false;
    }
    return true;
}
static_assert(tableIsInOrder());

double luminance(const QColor& colour)
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

/// WCAG 2.1 contrast ratio, 1 to 21.
double contrast(const QColor& a, const QColor& b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

/// Fusion's default reaches 18:1; only pure black on white or white on black is the wish of a high-contrast desktop.
bool isHighContrast(const QPalette& palette)
{
    return contrast(palette.color(QPalette::Window), palette.color(QPalette::WindowText)) > 20;
}

QColor fromHighContrast(Role role, const QPalette& palette)
{
    switch (role) {
    case Role::Surface:
    case Role::Code:
        return palette.color(QPalette::Base);
    case Role::Window:
    case Role::Sunken:
    case Role::ErrorBanner:
    case Role::WarningBanner:
    case Role::SuccessBanner:
    case Role::NoteBanner:
    case Role::OnAccent:
        return palette.color(QPalette::Window);
    case Role::Selection:
    case Role::Hover: {
        // Our delegates keep the text colour on a selection, so the selection must stay near the background.
        QColor tint = palette.color(QPalette::Highlight);
        tint.setAlphaF(role == Role::Selection ? 0.35F : 0.15F);
        return tint;
    }
    case Role::Shade0:
    case Role::Shade1:
    case Role::Shade2:
    case Role::Shade3:
    case Role::Shade4:
    case Role::Shade5: {
        // Pale for those that carry the text colour, strong for those that carry the surface's.
        constexpr std::array<float, 6> shares{0.0F, 0.1F, 0.2F, 0.3F, 0.75F, 1.0F};
        QColor tint = palette.color(QPalette::WindowText);
        tint.setAlphaF(shares[size_t(role) - size_t(Role::Shade0)]);
        return tint;
    }
    default:
        return palette.color(QPalette::WindowText);
    }
}

QPalette paletteOf(bool dark)
{
    const auto of = [dark](Role role) { return QColor::fromRgb(dark ? row(role).dark : row(role).light); };
    QPalette palette;
    palette.setColor(QPalette::Window, of(Role::Window));
    palette.setColor(QPalette::WindowText, of(Role::Text));
    palette.setColor(QPalette::Base, of(Role::Surface));
    palette.setColor(QPalette::AlternateBase, of(Role::Surface));
    palette.setColor(QPalette::Text, of(Role::Text));
    palette.setColor(QPalette::PlaceholderText, of(Role::SecondText));
    palette.setColor(QPalette::Button, of(Role::Window));
    palette.setColor(QPalette::ButtonText, of(Role::Text));
    palette.setColor(QPalette::BrightText, of(Role::Missing));
    palette.setColor(QPalette::Highlight, of(Role::Selection));
    palette.setColor(QPalette::HighlightedText, of(Role::Text));
    palette.setColor(QPalette::ToolTipBase, of(Role::Surface));
    palette.setColor(QPalette::ToolTipText, of(Role::Text));
    palette.setColor(QPalette::Link, of(Role::Accent));
    palette.setColor(QPalette::LinkVisited, of(Role::Accent));
    palette.setColor(QPalette::Light, of(Role::Surface));
    palette.setColor(QPalette::Midlight, of(Role::Hover));
    palette.setColor(QPalette::Mid, of(Role::Line));
    palette.setColor(QPalette::Dark, of(Role::Line));
    palette.setColor(QPalette::Shadow, of(Role::Line));
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText}) {
        QColor faded = of(Role::SecondText);
        faded.setAlphaF(0.6F);
        palette.setColor(QPalette::Disabled, role, faded);
    }
    return palette;
}

/// What the desktop asks for: it can be looked at only while there is none of ours. Every widget hears of it, so it is asked rarely.
QPalette desktopPalette()
{
    QApplication::setPalette(QPalette());
    return QApplication::palette();
}

QString styleSheetOf(const QPalette& palette)
{
    QString sheet = QStringLiteral(R"(
QToolBar { border: 0; border-bottom: 1px solid @line; background: @window; spacing: 4px; padding: 0 8px; }
QMenuBar { background: @window; border: 0; padding: 2px 8px; }
QMenuBar::item { padding: 4px 8px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: @selection; color: @text; }
QLineEdit { border: 1px solid @line; border-radius: 5px; padding: 3px 6px; background: @surface; color: @text; selection-background-color: @selection; selection-color: @text; }
QLineEdit:focus { border: 1px solid @accent; }
QPushButton { border: 1px solid @line; border-radius: 5px; padding: 5px 10px; background: @surface; color: @text; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @selection; }
QPushButton:focus { border: 2px solid @accent; padding: 4px 9px; }
QPushButton:disabled { color: @second; }
QPushButton[primary="true"] { background: @accent; color: @onaccent; border: 0; padding: 8px 14px; font-weight: 600; }
QPushButton[primary="true"]:focus { border: 2px solid @text; padding: 6px 12px; }
QPushButton[primary="true"]:disabled { background: @line; color: @second; }
QPushButton[link="true"] { border: 0; background: transparent; color: @accent; padding: 2px 4px; }
QPushButton[link="true"]:hover { text-decoration: underline; }
QPushButton[link="true"]:focus { border: 2px solid @accent; padding: 0 2px; }
QToolBar QToolButton { border: 1px solid transparent; border-radius: 5px; padding: 5px 8px; color: @text; background: transparent; }
QToolBar QToolButton:hover { background: @hover; border-color: @line; }
QToolBar QToolButton:pressed { background: @selection; }
QToolBar QToolButton:focus { border: 2px solid @accent; padding: 4px 7px; }
QToolBar QToolButton:disabled { color: @second; }
QToolButton:focus { border: 2px solid @accent; border-radius: 5px; }
QToolButton[segment="true"] { border: 0; border-radius: 4px; padding: 3px 9px; color: @second; background: transparent; }
QToolButton[segment="true"]:checked { background: @selection; color: @text; font-weight: 600; }
QToolButton[segment="true"]:focus { border: 2px solid @accent; padding: 1px 7px; }
weighbridge--Segments { border: 1px solid @line; border-radius: 5px; background: @surface; }
QToolBar QTabBar { background: transparent; }
QToolBar QTabBar::tab { padding: 0 12px; height: 34px; border: 0; border-bottom: 2px solid transparent; color: @second; background: transparent; }
QToolBar QTabBar::tab:hover { color: @text; }
QToolBar QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QToolBar QTabBar::tab:focus { background: @hover; }
QHeaderView { background: @surface; border: 0; }
QHeaderView::section { background: @surface; color: @second; border: 0; border-bottom: 1px solid @line; padding: 4px 7px; }
QHeaderView::section:hover { color: @text; }
QTreeView, QListView, QTableView { border: 0; background: @surface; }
QScrollArea { background: @surface; }
QScrollArea[panel="true"] { background: @window; }
QScrollArea { border: 2px solid transparent; }
QScrollArea:focus { border: 2px solid @accent; }
weighbridge--StartPage { background: @window; }
QSplitter::handle { background: @line; }
QMainWindow::separator { background: @line; width: 1px; height: 1px; }
QStatusBar { border-top: 1px solid @line; background: @window; color: @second; }
QStatusBar::item { border: 0; }
QPlainTextEdit { border: 1px solid @line; border-radius: 5px; background: @surface; color: @text; selection-background-color: @selection; selection-color: @text; }
QPlainTextEdit:focus { border: 1px solid @accent; }
QPlainTextEdit[code="true"] { background: @code; border: 1px solid @line; border-radius: 4px; padding: 4px; color: @text; }
QPlainTextEdit[code="true"]:focus { border-color: @accent; }
QProgressBar { border: 0; border-radius: 3px; background: @line; min-height: 6px; max-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
QToolTip { border: 1px solid @line; background: @surface; color: @text; padding: 4px; }
)");
    const std::pair<const char*, Role> names[] = {
        {"@selection", Role::Selection}, {"@surface", Role::Surface}, {"@onaccent", Role::OnAccent}, {"@accent", Role::Accent}, {"@second", Role::SecondText},
        {"@window", Role::Window}, {"@hover", Role::Hover}, {"@line", Role::Line}, {"@text", Role::Text}, {"@code", Role::Code},
    };
    for (const auto& [name, role] : names)
        sheet.replace(QLatin1String(name), colour(role, palette).name(QColor::HexArgb));
    return sheet;
}

} // namespace

QColor colour(Role role, const QPalette& palette)
{
    // Not by the window colour: a style sheet's background takes its place in the palettes of views.
    const QRgb highlight = palette.color(QPalette::Active, QPalette::Highlight).rgb();
    if (highlight == row(Role::Selection).light)
        return QColor::fromRgb(row(role).light);
    if (highlight == row(Role::Selection).dark)
        return QColor::fromRgb(row(role).dark);
    return fromHighContrast(role, palette);
}

QColor shadeColour(int step, const QPalette& palette)
{
    return colour(Role(int(Role::Shade0) + step), palette);
}

QColor shadeInk(int step, const QPalette& palette)
{
    return colour(step >= 4 ? Role::Surface : Role::Text, palette);
}

QFont scaledFont(const QFont& base, double factor, QFont::Weight weight)
{
    QFont font = base;
    if (base.pixelSize() > 0)
        font.setPixelSize(int(std::lround(base.pixelSize() * factor)));
    else
        font.setPointSizeF(base.pointSizeF() * factor);
    font.setWeight(weight);
    return font;
}

QFont fixedFont(const QFont& base, double factor)
{
    QFont font = scaledFont(base, factor);
    font.setFamilies(QFontDatabase::systemFont(QFontDatabase::FixedFont).families());
    font.setFixedPitch(true);
    return font;
}

QFont numberFont(const QFont& base)
{
    const QFontMetricsF metrics(base);
    const double width = metrics.horizontalAdvance(u'0');
    for (char16_t digit = u'1'; digit <= u'9'; ++digit) {
        if (std::abs(metrics.horizontalAdvance(QChar(digit)) - width) > 0.01)
            return fixedFont(base, 1);
    }
    return base;
}

Appearance::Appearance(QObject* parent) : QObject(parent)
{
    initWeighbridgeResources();
    QApplication::setStyle(new QuietStyle);
    // Without a desktop Qt falls back to "Sans Serif" 9: nobody's choice, and small.
    QFont font = QApplication::font();
    if (font.family() == QLatin1String("Sans Serif") && font.pointSize() == 9) {
        font.setPointSize(10);
        QApplication::setFont(font);
    }
    qApp->installEventFilter(this);
    m_desktop = desktopPalette();
    apply();
}

void Appearance::setChoice(ThemeChoice choice)
{
    m_choice = choice;
    apply();
}

bool Appearance::eventFilter(QObject* watched, QEvent* event)
{
    // The desktop changed its colours: sent to every window, one answer is enough.
    if (event->type() == QEvent::ThemeChange && !m_applying && watched->isWidgetType() && static_cast<QWidget*>(watched)->isWindow()) {
        m_applying = true;
        m_desktop = desktopPalette();
        m_applying = false;
        apply();
    }
    return false;
}

void Appearance::apply()
{
    QPalette chosen = m_desktop;
    if (m_choice != ThemeChoice::System || !isHighContrast(m_desktop))
        chosen = paletteOf(m_choice == ThemeChoice::Dark || (m_choice == ThemeChoice::System && m_desktop.color(QPalette::Window).lightness() < 128));
    if (const QString sheet = styleSheetOf(chosen); sheet != qApp->styleSheet() || chosen != QApplication::palette()) {
        m_applying = true;
        QApplication::setPalette(chosen);
        qApp->setStyleSheet(sheet);
        m_applying = false;
    }
    Q_EMIT changed();
}

} // namespace weighbridge
