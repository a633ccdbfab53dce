// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What is dropped onto the window.
#include "ui/mainwindow.h"

#include "ui/models/tensor_texts.h"
#include "ui/views/address_dialog.h"
#include "ui/views/drop_overlay.h"
#include "ui/views/start_page.h"

#include <QDragEnterEvent>
#include <QMimeData>

#include <algorithm>

namespace weighbridge {

void MainWindow::offerDrop(const QStringList& paths)
{
    const bool isConfig = paths.size() == 1 && Document::isConfigPath(paths[0]);
    const QString names = paths.size() == 1 ? fileName(paths[0]) : tr("%1 and %n more", nullptr, int(paths.size()) - 1).arg(fileName(paths[0]));
    const bool isStatistics = std::all_of(paths.begin(), paths.end(), &Document::isStatisticsPath);
    if (isStatistics && m_document.checkpoint())
        m_overlay->offer(
            {tr("Use the statistics in %1").arg(names), tr("if they are of %1: its values need not be read").arg(fileName(m_document.path()))});
    else if (isConfig && m_document.checkpoint())
        m_overlay->offer({tr("Check against %1").arg(names), tr("the config replaces the expectation")});
    else if (paths.size() == 1 && m_document.checkpoint())
        m_overlay->offer({tr("Compare with %1").arg(fileName(m_document.path())), tr("%1 becomes B").arg(names)},
                         {tr("Open instead"), tr("in this window, Shift for a new one")});
    else
        m_overlay->offer({tr("Open %1").arg(names), tr("It is only read, never changed and never executed.")});
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const QStringList paths = droppedPaths(*event->mimeData());
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    m_startPage->setDropHighlighted(true);
    if (shownPage() != m_startPage)
        offerDrop(paths);
}

void MainWindow::dragMoveEvent(QDragMoveEvent* event)
{
    m_overlay->setPoint(event->position().toPoint());
    event->acceptProposedAction();
}

void MainWindow::dragLeaveEvent(QDragLeaveEvent*)
{
    m_overlay->hide();
    m_startPage->setDropHighlighted(false);
}

void MainWindow::dropEvent(QDropEvent* event)
{
    const QStringList paths = droppedPaths(*event->mimeData());
    m_overlay->setPoint(event->position().toPoint());
    const bool compares = m_overlay->isVisible() && m_overlay->target() == DropOverlay::Target::Upper;
    m_overlay->hide();
    m_startPage->setDropHighlighted(false);
    if (paths.isEmpty())
        return;
    event->acceptProposedAction();
    if (event->modifiers() & Qt::ShiftModifier) {
        openInNewWindow(paths);
    } else if (compares) {
        compareWith(paths[0]);
    } else {
        open(paths);
    }
}

} // namespace weighbridge
