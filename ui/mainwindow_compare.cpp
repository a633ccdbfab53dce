// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Two checkpoints at once, and what the status bar says of the page that is shown.
#include "ui/mainwindow.h"

#include "core/base/text.h"
#include "ui/views/compare_page.h"
#include "ui/views/job_bar.h"
#include "ui/views/structure_page.h"
#include "ui/views/tensor_view.h"

#include <QTabBar>

#include <algorithm>

namespace weighbridge {
namespace {

QString bytesText(uint64_t nbytes)
{
    return QString::fromStdString(groupDigits(nbytes));
}

} // namespace

/// Two are compared; one alone is looked at, whatever page the last comparison left.
void MainWindow::open(const QStringList& paths)
{
    m_document.open(paths);
    if (!m_document.pathB().isEmpty())
        setPage(CheckpointView::ComparePageIndex);
    else if (m_checkpointView->page() == CheckpointView::ComparePageIndex)
        setPage(CheckpointView::StructurePageIndex);
    const auto checkpoints = std::count_if(paths.begin(), paths.end(), [](const QString& path) { return !Document::isConfigPath(path) && !Document::isStatisticsPath(path); });
    if (checkpoints > 2)
        m_jobBar->showMessage(tr("Two are compared; %n more left out", nullptr, int(checkpoints) - 2), 8000);
}

/// One after the other, so that it is clear which is which.
void MainWindow::compareTwo()
{
    const QString a = askForCheckpoint(tr("Compare: choose A, the one that B is compared with"), tr("Use this folder"));
    const QString b = a.isEmpty() ? QString() : askForCheckpoint(tr("Compare: choose B"), tr("Compare with this folder"));
    if (!b.isEmpty())
        open({a, b});
}

void MainWindow::compareWith(const QString& path)
{
    if (path.isEmpty())
        return;
    m_document.setPathB(path);
    setPage(CheckpointView::ComparePageIndex);
}

ReportExport::Subject MainWindow::reportSubject()
{
    const bool isComparing = m_tabs->currentIndex() == CheckpointView::ComparePageIndex;
    return {m_document, isComparing ? &m_checkpointView->compare()->document() : nullptr};
}

/// Rows that are selected are those of the tensor tree; a comparison has two files.
void MainWindow::showPageStatus()
{
    const auto page = m_checkpointView->page();
    const bool isShown = shownPage() == m_checkpointView;
    const bool hasTree = page == CheckpointView::StructurePageIndex || page == CheckpointView::WeightsPageIndex;
    m_jobBar->setSelectionText(isShown && hasTree ? m_checkpointView->structure()->tensors()->selectionText() : QString());
    const auto overview = m_checkpointView->compare()->document().overview();
    m_jobBar->setSubject(isShown && page == CheckpointView::ComparePageIndex && overview
                             ? tr("A %1 B   B %2 B").arg(bytesText(overview->nbytes[0]), bytesText(overview->nbytes[1]))
                             : QString());
}

} // namespace weighbridge
