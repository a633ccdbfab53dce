// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/actions.h"

#include "ui/glyphs.h"

#include <QAction>
#include <QActionGroup>
#include <QCoreApplication>
#include <QMenu>
#include <QMenuBar>

namespace weighbridge {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("weighbridge::Actions", text);
}

QAction* make(QWidget* window, const char* text, const QList<QKeySequence>& keys, const char* tip)
{
    auto* action = new QAction(tr(text), window);
    action->setShortcuts(keys);
    const QString sentence = tr(tip);
    action->setStatusTip(sentence);
    action->setToolTip(keys.isEmpty() ? sentence : QStringLiteral("%1 (%2)").arg(sentence, keys.first().toString(QKeySequence::NativeText)));
    window->addAction(action);
    return action;
}

QKeySequence key(const char* text)
{
    return QKeySequence(QString::fromLatin1(text));
}

} // namespace

Actions::Actions(QWidget* w)
    : open(make(w, QT_TR_NOOP("&Open…"), {QKeySequence::Open}, QT_TR_NOOP("Open checkpoints and configs")))
    , openFolder(make(w, QT_TR_NOOP("Open &folder…"), {key("Ctrl+Shift+O")}, QT_TR_NOOP("Open a model folder or a sharded checkpoint")))
    , openAddress(make(w, QT_TR_NOOP("Open &address…"), {key("Ctrl+Alt+O")},
                       QT_TR_NOOP("Open a model of the hub, a file of a web server, or what lies on another machine")))
    , openOnHost(make(w, QT_TR_NOOP("Open on another &machine…"), {key("Ctrl+Alt+M")},
                      QT_TR_NOOP("Look around on a machine that ssh reaches, and open what lies there")))
    , openConfig(make(w, QT_TR_NOOP("Use a &config…"), {key("Ctrl+Shift+K")}, QT_TR_NOOP("Compare the checkpoint with another config")))
    , openReference(make(w, QT_TR_NOOP("Use a &reference checkpoint…"), {key("Ctrl+Shift+R")},
                         QT_TR_NOOP("Compare names and shapes with another checkpoint instead of a config")))
    , openReferenceOnHost(make(w, QT_TR_NOOP("Use a r&eference on another machine…"), {key("Ctrl+Alt+R")},
                               QT_TR_NOOP("Compare names and shapes with a checkpoint on a machine that ssh reaches, instead of a config")))
    , openStatistics(make(w, QT_TR_NOOP("Use s&tatistics…"), {key("Ctrl+Shift+T")},
                          QT_TR_NOOP("Show statistics that stats -o or merge -o computed, instead of reading the values")))
    , compareTwo(make(w, QT_TR_NOOP("Compare t&wo…"), {key("Ctrl+Shift+D")}, QT_TR_NOOP("Choose two checkpoints and compare them")))
    , compareWith(make(w, QT_TR_NOOP("Compare &with…"), {key("Ctrl+D")}, QT_TR_NOOP("Compare names, shapes and values with another checkpoint")))
    , compareWithHost(make(w, QT_TR_NOOP("Compare with &one on another machine…"), {key("Ctrl+Alt+D")},
                           QT_TR_NOOP("Look around on a machine that ssh reaches, and compare with a checkpoint there")))
    , newWindow(make(w, QT_TR_NOOP("&New window"), {QKeySequence::New}, QT_TR_NOOP("Open another window")))
    , reload(make(w, QT_TR_NOOP("Re&load"), {key("F5")}, QT_TR_NOOP("Read the file anew")))
    , exportReport(
          make(w, QT_TR_NOOP("&Export report…"), {key("Ctrl+Shift+E")}, QT_TR_NOOP("Write what was found to a PDF, web page, Markdown or JSON file")))
    , print(make(w, QT_TR_NOOP("&Print report…"), {QKeySequence::Print}, QT_TR_NOOP("Print what was found")))
    , closeWindow(make(w, QT_TR_NOOP("&Close window"), {QKeySequence::Close}, QT_TR_NOOP("Close this window")))
    , quit(make(w, QT_TR_NOOP("&Quit"), {key("Ctrl+Q")}, QT_TR_NOOP("Close all windows")))
    , saveRepaired(make(w, QT_TR_NOOP("&Save repaired copy…"), {key("Ctrl+Shift+S")},
                        QT_TR_NOOP("Write a copy in which the fixes are made; the file stays as it is")))
    , saveReadable(make(w, QT_TR_NOOP("Save what is reada&ble…"), {key("Ctrl+Alt+S")},
                        QT_TR_NOOP("Write the tensors of a damaged file that are whole to a new one")))
    , exportTensors(
          make(w, QT_TR_NOOP("E&xport tensors…"), {key("Ctrl+E")}, QT_TR_NOOP("Write the selected tensors to a .npy, CSV or safetensors file")))
    , copyNames(make(w, QT_TR_NOOP("&Copy names"), {QKeySequence::Copy}, QT_TR_NOOP("Copy the names of the selected tensors")))
    , copyRows(make(w, QT_TR_NOOP("Copy &rows"), {key("Ctrl+Shift+C")}, QT_TR_NOOP("Copy the selected rows, separated by tabs")))
    , copyMarkdown(make(w, QT_TR_NOOP("Copy as &Markdown"), {key("Ctrl+Shift+M")}, QT_TR_NOOP("Copy the selected rows as a Markdown table")))
    , copyShapes(make(w, QT_TR_NOOP("Copy &shape"), {key("Ctrl+Shift+H")}, QT_TR_NOOP("Copy the shapes of the selected tensors as lists")))
    , copyPython(make(w, QT_TR_NOOP("Copy P&ython"), {key("Ctrl+Shift+P")}, QT_TR_NOOP("Copy Python that loads just the selected tensor")))
    , copyFix(make(w, QT_TR_NOOP("Copy &fix"), {key("Ctrl+Shift+F")}, QT_TR_NOOP("Copy the Python that repairs the checkpoint")))
    , find(make(w, QT_TR_NOOP("&Find"), {QKeySequence::Find}, QT_TR_NOOP("Find tensors by name, dtype, shape or state")))
    , palette(make(w, QT_TR_NOOP("Command &palette…"), {key("Ctrl+K")}, QT_TR_NOOP("Find a command, a finding, a module or a tensor by its name")))
    , asItLoads(make(w, QT_TR_NOOP("&As it loads"), {key("Ctrl+L")}, QT_TR_NOOP("Show the tensors as a loader sees them now")))
    , afterFix(make(w, QT_TR_NOOP("After the &fix"), {key("Ctrl+Shift+L")}, QT_TR_NOOP("Show the tensors as a loader would see them after the fix")))
    , onlyDifferences(make(w, QT_TR_NOOP("Only &differences"), {key("D")}, QT_TR_NOOP("Leave out what is the same in A and B")))
    , swapSides(make(w, QT_TR_NOOP("&Swap A and B"), {key("Ctrl+Shift+X")}, QT_TR_NOOP("Compare the other way round")))
    , inspector(make(w, QT_TR_NOOP("&Inspector"), {key("F4")}, QT_TR_NOOP("Show or hide the inspector")))
    , fullScreen(make(w, QT_TR_NOOP("F&ull screen"), {key("F11")}, QT_TR_NOOP("Use the whole screen")))
    , resetLayout(make(w, QT_TR_NOOP("&Reset layout"), {key("Ctrl+Shift+0")}, QT_TR_NOOP("Give all panels their first sizes")))
    , themeSystem(make(w, QT_TR_NOOP("Like the &desktop"), {key("Ctrl+F9")}, QT_TR_NOOP("Follow the desktop's light or dark colours")))
    , themeLight(make(w, QT_TR_NOOP("&Light"), {key("Ctrl+F10")}, QT_TR_NOOP("Light colours")))
    , themeDark(make(w, QT_TR_NOOP("&Dark"), {key("Ctrl+F11")}, QT_TR_NOOP("Dark colours")))
    , back(make(w, QT_TR_NOOP("&Back"), {key("Alt+Left"), key("Backspace")}, QT_TR_NOOP("Go back to what was selected before")))
    , forward(make(w, QT_TR_NOOP("&Forward"), {key("Alt+Right")}, QT_TR_NOOP("Go forward again")))
    , nextDeviation(make(w, QT_TR_NOOP("&Next deviation"), {key("F8")}, QT_TR_NOOP("Select the next tensor that deviates")))
    , previousDeviation(make(w, QT_TR_NOOP("&Previous deviation"), {key("Shift+F8")}, QT_TR_NOOP("Select the previous tensor that deviates")))
    , nextPanel(make(w, QT_TR_NOOP("Next pane&l"), {key("F6")}, QT_TR_NOOP("Move the keyboard to the next panel")))
    , previousPanel(make(w, QT_TR_NOOP("Previous p&anel"), {key("Shift+F6")}, QT_TR_NOOP("Move the keyboard to the previous panel")))
    , run(make(w, QT_TR_NOOP("&Run the sample"), {key("Ctrl+R")}, QT_TR_NOOP("Run the sample input through the checkpoint")))
    , fetchValues(make(w, QT_TR_NOOP("&Fetch all values"), {key("Ctrl+Shift+V")},
                       QT_TR_NOOP("Fetch the values of all tensors from the address and compute their statistics")))
    , stop(make(w, QT_TR_NOOP("&Stop"), {key("Esc")}, QT_TR_NOOP("Stop what is being read; what has come stays")))
    , clearRecent(make(w, QT_TR_NOOP("&Clear this list"), {key("Ctrl+Shift+Del")}, QT_TR_NOOP("Forget the recent files")))
    , settings(make(w, QT_TR_NOOP("Se&ttings…"), {key("Ctrl+,")}, QT_TR_NOOP("Language, what is computed unasked, what is remembered, the limits")))
    , about(make(w, QT_TR_NOOP("&About Weighbridge"), {key("Shift+F1")}, QT_TR_NOOP("Version and licence")))
    , manual(make(w, QT_TR_NOOP("&Manual"), {key("F1")}, QT_TR_NOOP("Open the manual at what is shown")))
    , shortcuts(make(w, QT_TR_NOOP("&Keyboard shortcuts"), {key("Ctrl+F1")}, QT_TR_NOOP("List all keys")))
    , themes(new QActionGroup(w))
{
    pages = {make(w, QT_TR_NOOP("&Structure"), {key("Alt+1")}, QT_TR_NOOP("Layer tree, shapes, dtypes and findings")),
             make(w, QT_TR_NOOP("&Weights"), {key("Alt+2")}, QT_TR_NOOP("Statistics and histograms of the values")),
             make(w, QT_TR_NOOP("&Compare"), {key("Alt+3")}, QT_TR_NOOP("Compare with another checkpoint")),
             make(w, QT_TR_NOOP("&Run"), {key("Alt+4")}, QT_TR_NOOP("Run a sample through the checkpoint"))};
    for (int i = 1; i <= 9; ++i) {
        recent << make(w, QT_TR_NOOP("Recent file"), {QKeySequence(QStringLiteral("Ctrl+%1").arg(i))}, QT_TR_NOOP("Open a file that was open before"));
        recent.last()->setVisible(false);
    }
    for (QAction* theme : {themeSystem, themeLight, themeDark}) {
        theme->setCheckable(true);
        themes->addAction(theme);
    }
    onlyDifferences->setCheckable(true);
    inspector->setCheckable(true);
    inspector->setChecked(true);
    fullScreen->setCheckable(true);
    auto* views = new QActionGroup(w);
    for (QAction* view : {asItLoads, afterFix}) {
        view->setCheckable(true);
        views->addAction(view);
    }
    updateIcons(w->palette());
}

void Actions::updateIcons(const QPalette& colours) const
{
    open->setIcon(glyphIcon(Glyph::Open, colours));
    openFolder->setIcon(glyphIcon(Glyph::Folder, colours));
    compareTwo->setIcon(glyphIcon(Glyph::Compare, colours));
    palette->setIcon(glyphIcon(Glyph::Search, colours));
    exportReport->setIcon(glyphIcon(Glyph::Report, colours));
    back->setIcon(glyphIcon(Glyph::Back, colours));
    forward->setIcon(glyphIcon(Glyph::Forward, colours));
    reload->setIcon(glyphIcon(Glyph::Reload, colours));
    saveRepaired->setIcon(glyphIcon(Glyph::Save, colours));
    saveReadable->setIcon(glyphIcon(Glyph::Save, colours));
    exportTensors->setIcon(glyphIcon(Glyph::Save, colours));
    copyFix->setIcon(glyphIcon(Glyph::Copy, colours));
}

void Actions::fillTensorMenu(QMenu& menu) const
{
    menu.addActions({copyNames, copyRows, copyMarkdown, copyShapes, copyPython});
    menu.addSeparator();
    menu.addAction(exportTensors);
}

void Actions::fill(QMenuBar& bar) const
{
    const auto add = [](QMenu* menu, std::initializer_list<QAction*> actions) {
        for (QAction* action : actions) {
            if (action)
                menu->addAction(action);
            else
                menu->addSeparator();
        }
        menu->setToolTipsVisible(true);
        return menu;
    };
    QMenu* file = add(bar.addMenu(tr("&File")), {open, openFolder, openAddress, openOnHost});
    QMenu* recentMenu = file->addMenu(tr("Open &recent"));
    recentMenu->addActions(recent);
    recentMenu->addSeparator();
    recentMenu->addAction(clearRecent);
    add(file, {nullptr, openConfig, openReference, openReferenceOnHost, openStatistics, nullptr, compareTwo, compareWith, compareWithHost, nullptr,
               reload, saveRepaired, saveReadable, exportTensors, exportReport, print, nullptr, closeWindow, quit});
    add(bar.addMenu(tr("&Edit")), {copyNames, copyRows, copyMarkdown, copyShapes, copyPython, copyFix, nullptr, find, nullptr, settings});
    QMenu* view = add(bar.addMenu(tr("&View")), {asItLoads, afterFix, nullptr, onlyDifferences, swapSides, nullptr, inspector, fullScreen, resetLayout, nullptr});
    add(view->addMenu(tr("&Theme")), {themeSystem, themeLight, themeDark});
    QMenu* go = add(bar.addMenu(tr("&Go")), {back, forward, nullptr});
    go->addActions(pages);
    add(go, {nullptr, nextDeviation, previousDeviation, nullptr, nextPanel, previousPanel});
    add(bar.addMenu(tr("&Tools")), {palette, nullptr, run, fetchValues, stop});
    add(bar.addMenu(tr("&Window")), {newWindow});
    add(bar.addMenu(tr("&Help")), {manual, shortcuts, nullptr, about});
}

} // namespace weighbridge
