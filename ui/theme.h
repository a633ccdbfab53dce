// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPalette>

class QPushButton;

namespace weighbridge {

/// What a colour is for. The values are one table in theme.cpp, light and dark side by side.
enum class Role {
    Surface, Window, Sunken, Code, Selection, Hover, Line, Grid,
    Text, SecondText, Accent, OnAccent,
    Matched, Missing, Unexpected, Mismatched, Renamed, Random, Trained,
    ErrorBanner, WarningBanner, SuccessBanner, NoteBanner,
    Shade0, Shade1, Shade2, Shade3, Shade4, Shade5, ///< the sequential scale; text on it: shadeInk()
};

/// The colour of a role under this palette: of our light or dark table if the palette is ours, else (a high-contrast
/// desktop) made from the palette alone.
[[nodiscard]] QColor colour(Role role, const QPalette& palette);

/// A step of the sequential scale, 0 to 5, and the colour of text on it.
[[nodiscard]] QColor shadeColour(int step, const QPalette& palette);
[[nodiscard]] QColor shadeInk(int step, const QPalette& palette);

/// Sizes are factors of the desktop's font, so that large-text desktops and 100-300 % work.
namespace type {
inline constexpr double readout = 2.0;
inline constexpr double verdict = 1.38;
inline constexpr double emptyTitle = 1.15;
inline constexpr double findingTitle = 1.08;
inline constexpr double body = 1.0;
inline constexpr double caption = 0.92;
inline constexpr double axis = 0.85;
} // namespace type

/// `base` times a factor of the table above.
[[nodiscard]] QFont scaledFont(const QFont& base, double factor, QFont::Weight weight = QFont::Normal);
/// The fixed font at a factor of `base`: Python, tensor names in running text, JSON.
[[nodiscard]] QFont fixedFont(const QFont& base, double factor);
/// `base`, or the fixed font if the digits of `base` differ in width: numbers in columns must line up.
[[nodiscard]] QFont numberFont(const QFont& base);

/// Makes a button the one of its page that is filled with the accent, or an ordinary one.
void setPrimary(QPushButton& button, bool on = true);

enum class ThemeChoice { System, Light, Dark };

/// Owns the application's palette and style. One object, made in main() and handed to the windows.
class Appearance : public QObject {
    Q_OBJECT
public:
    explicit Appearance(QObject* parent = nullptr);

    [[nodiscard]] ThemeChoice choice() const { return m_choice; }
    void setChoice(ThemeChoice choice);

Q_SIGNALS:
    void changed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void apply();

    ThemeChoice m_choice = ThemeChoice::System;
    QPalette m_desktop; ///< what it asks for, before ours takes its place
    bool m_applying = false;
};

} // namespace weighbridge
