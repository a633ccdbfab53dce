// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/theme.h"

#include "ui/quiet_style.h"

#include <QApplication>
#include <QEvent>
#include <QFontDatabase>
#include <QFontMetricsF>
#include <QPushButton>
#include <QToolTip>
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

/// Fusion's default reaches 18:1; more, as black on white or yellow on black, is the wish of a high-contrast desktop.
bool isHighContrast(const QPalette& palette)
{
    return contrast(palette.color(QPalette::Window), palette.color(QPalette::WindowText)) > 19;
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

} // namespace

QColor colour(Role role, const QPalette& palette)
{
    // Not by the window colour, which is Base in the palettes of some views.
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

void setPrimary(QPushButton& button, bool on)
{
    button.setProperty("primary", on);
    QFont font = button.font();
    font.setWeight(on ? QFont::DemiBold : QFont::Normal);
    button.setFont(font);
    button.updateGeometry();
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
    if (chosen != QApplication::palette()) {
        m_applying = true;
        QApplication::setPalette(chosen);
        QToolTip::setPalette(chosen);
        m_applying = false;
    }
    Q_EMIT changed();
}

} // namespace weighbridge
