// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// WCAG 2.1: text has a contrast of 4.5 with every background that it meets, marks have 3. Computed from the theme that the window uses.
#include "tests/support/patience.h"
#include "tests/support/watched_application.h"
#include "ui/theme.h"

#include <QEvent>
#include <QHash>
#include <QTest>
#include <QWidget>

#include <cmath>

using namespace weighbridge;

namespace {

double luminance(const QColor& colour)
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const auto [darker, lighter] = std::minmax({luminance(a), luminance(b)});
    return (lighter + 0.05) / (darker + 0.05);
}

struct Pair {
    const char* what;
    Role ink;
    std::vector<Role> backgrounds;
    double least;
};

const std::vector<Role> everywhere{Role::Surface, Role::Window, Role::Selection, Role::Hover};
const std::vector<Role> banners{Role::ErrorBanner, Role::WarningBanner, Role::SuccessBanner, Role::NoteBanner};

const Pair pairs[] = {
    {"text", Role::Text, everywhere, 4.5},
    {"text on banners", Role::Text, banners, 4.5},
    {"text in code", Role::Text, {Role::Code, Role::Sunken}, 4.5},
    {"second text", Role::SecondText, everywhere, 4.5},
    {"links on banners", Role::Accent, banners, 4.5},
    {"accent", Role::Accent, everywhere, 4.5},
    {"primary button", Role::OnAccent, {Role::Accent}, 4.5},
    {"matched", Role::Matched, everywhere, 4.5},
    {"missing", Role::Missing, everywhere, 4.5},
    {"unexpected", Role::Unexpected, everywhere, 4.5},
    {"mismatched", Role::Mismatched, everywhere, 4.5},
    {"renamed", Role::Renamed, everywhere, 4.5},
    {"never trained", Role::Random, everywhere, 4.5},
    {"trained cells", Role::Trained, {Role::Surface, Role::Window}, 3.0},
};

} // namespace

/// How often a widget hears of an event.
class Heard : public QObject {
public:
    explicit Heard(QWidget* widget) { widget->installEventFilter(this); }
    bool eventFilter(QObject*, QEvent* event) override
    {
        ++m_counts[event->type()];
        return false;
    }
    [[nodiscard]] int of(QEvent::Type type) const { return m_counts.value(type); }
    void forget() { m_counts.clear(); }

private:
    QHash<QEvent::Type, int> m_counts;
};

class TestTheme : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Each round through all widgets costs the GUI thread.
    void aSwitchGoesThroughTheWidgetsOnce()
    {
        Appearance appearance;
        appearance.setChoice(ThemeChoice::Light);
        QWidget window;
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        Heard heard(&window);
        appearance.setChoice(ThemeChoice::Dark);
        QCOMPARE(QApplication::palette().color(QPalette::Window), colour(Role::Window, QApplication::palette()));
        QVERIFY(QApplication::palette().color(QPalette::Window).lightness() < 128);
        QTRY_COMPARE(heard.of(QEvent::PaletteChange), 1);
        QCOMPARE(heard.of(QEvent::StyleChange), 0); // would ask every widget for its size again
        heard.forget();
        appearance.setChoice(ThemeChoice::Dark);
        QCoreApplication::processEvents();
        QCOMPARE(heard.of(QEvent::PaletteChange) + heard.of(QEvent::StyleChange), 0);
    }

    void theDesktopsColoursComeBack()
    {
        Appearance appearance;
        const QColor system = QApplication::palette().color(QPalette::Window);
        for (const ThemeChoice choice : {ThemeChoice::Dark, ThemeChoice::Light, ThemeChoice::System})
            appearance.setChoice(choice);
        QCOMPARE(QApplication::palette().color(QPalette::Window), system);
    }

    void inksCanBeRead_data()
    {
        QTest::addColumn<int>("theme");
        QTest::addColumn<int>("pair");
        for (const ThemeChoice theme : {ThemeChoice::Light, ThemeChoice::Dark})
            for (size_t i = 0; i < std::size(pairs); ++i)
                QTest::addRow("%s, %s", theme == ThemeChoice::Light ? "light" : "dark", pairs[i].what) << int(theme) << int(i);
    }
    void inksCanBeRead()
    {
        QFETCH(int, theme);
        QFETCH(int, pair);
        Appearance appearance;
        appearance.setChoice(ThemeChoice(theme));
        const Pair& wanted = pairs[size_t(pair)];
        for (const Role background : wanted.backgrounds) {
            const double found = contrast(colour(wanted.ink, QApplication::palette()), colour(background, QApplication::palette()));
            QVERIFY2(found >= wanted.least, qPrintable(QStringLiteral("%1 on background %2: %3").arg(QLatin1String(wanted.what)).arg(int(background)).arg(found)));
        }
    }
    void numbersInMapCellsCanBeRead_data()
    {
        QTest::addColumn<int>("theme");
        QTest::newRow("light") << int(ThemeChoice::Light);
        QTest::newRow("dark") << int(ThemeChoice::Dark);
    }
    void numbersInMapCellsCanBeRead()
    {
        QFETCH(int, theme);
        Appearance appearance;
        appearance.setChoice(ThemeChoice(theme));
        for (int step = 0; step < 6; ++step)
            QVERIFY2(contrast(shadeInk(step, QApplication::palette()), shadeColour(step, QApplication::palette())) >= 4.5, qPrintable(QString::number(step)));
    }
    void paletteRolesCanBeReadToo_data() { numbersInMapCellsCanBeRead_data(); }
    void paletteRolesCanBeReadToo()
    {
        QFETCH(int, theme);
        Appearance appearance;
        appearance.setChoice(ThemeChoice(theme));
        const QPalette palette = QApplication::palette();
        const std::pair<QPalette::ColorRole, QPalette::ColorRole> used[] = {{QPalette::WindowText, QPalette::Window}, {QPalette::Text, QPalette::Base}, {QPalette::ButtonText, QPalette::Button},
                                                                            {QPalette::HighlightedText, QPalette::Highlight}, {QPalette::ToolTipText, QPalette::ToolTipBase},
                                                                            {QPalette::PlaceholderText, QPalette::Base}, {QPalette::Link, QPalette::Base}};
        for (const auto& [ink, background] : used)
            QVERIFY2(contrast(palette.color(ink), palette.color(background)) >= 4.5, qPrintable(QString::number(int(ink))));
    }
};

WATCHED_TEST_MAIN(TestTheme)
#include "tst_theme.moc"
