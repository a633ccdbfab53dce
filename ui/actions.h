// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QList>
#include <QObject>

class QAction;
class QActionGroup;
class QMenu;
class QMenuBar;

namespace weighbridge {

/// All actions of a window. Each has a menu entry, a key, a tooltip and a status tip; the table in actions.cpp is the list of keys.
struct Actions {
    explicit Actions(QWidget* window);
    /// File, Edit, View, Go, Tools, Window, Help. `recent` go below File > Open recent.
    void fill(QMenuBar& bar) const;
    /// The menu of the tensor tree's rows.
    void fillTensorMenu(QMenu& menu) const;
    /// Icons have the text colour, so a change of theme makes them anew.
    void updateIcons(const QPalette& palette) const;

    QAction *open, *openFolder, *openAddress, *openOnHost, *openConfig, *openReference, *openReferenceOnHost, *openStatistics, *compareTwo,
        *compareWith, *compareWithHost, *newWindow, *reload, *exportReport, *print, *closeWindow, *quit;
    QAction *saveRepaired, *saveReadable, *exportTensors;
    QAction *copyNames, *copyRows, *copyMarkdown, *copyShapes, *copyPython, *copyFix, *find, *palette;
    QAction *asItLoads, *afterFix, *onlyDifferences, *swapSides, *inspector, *fullScreen, *resetLayout;
    QAction *themeSystem, *themeLight, *themeDark;
    QAction *back, *forward, *nextDeviation, *previousDeviation, *nextPanel, *previousPanel;
    QAction *run, *fetchValues, *stop, *clearRecent, *settings, *about;
    QAction *manual, *shortcuts;
    QList<QAction*> pages;   ///< Structure, Weights, Compare, Run
    QList<QAction*> recent;  ///< nine, hidden while unused
    QActionGroup* themes;
};

} // namespace weighbridge
