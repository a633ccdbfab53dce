// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What the Help menu opens.
#include "ui/mainwindow.h"

#include "ui/views/error_page.h"
#include "ui/views/manual_window.h"

#include <QApplication>
#include <QMessageBox>

namespace weighbridge {

/// The page about what is shown: the error's rule, the finding, the format; on other pages than Structure that of the page.
QString MainWindow::manualPage() const
{
    const auto ofRule = [](const std::string& rule) { return QStringLiteral("rules/") + QString::fromStdString(rule); };
    if (shownPage() == m_errorPage && m_document.error())
        return ofRule(m_document.error()->rule);
    if (shownPage() != m_checkpointView)
        return QStringLiteral("index");
    switch (m_checkpointView->page()) {
    case CheckpointView::WeightsPageIndex:
        return QStringLiteral("weights");
    case CheckpointView::ComparePageIndex:
        return QStringLiteral("compare");
    case CheckpointView::RunPageIndex:
        return QStringLiteral("run");
    case CheckpointView::StructurePageIndex:
        break;
    }
    if (const int selected = m_document.selectedFinding(); selected >= 0)
        return ofRule(m_document.findings()[static_cast<size_t>(selected)].rule);
    return m_document.checkpoint() ? QStringLiteral("formats/") + QString::fromStdString(m_document.checkpoint()->format)
                                   : QStringLiteral("structure");
}

void MainWindow::showManual()
{
    auto* window = new ManualWindow(this);
    window->showPage(manualPage());
    window->show();
}

void MainWindow::showAbout()
{
    QMessageBox box(QMessageBox::NoIcon, tr("About Weighbridge"), tr("Weighbridge %1").arg(QApplication::applicationVersion()), QMessageBox::Ok,
                    this);
    box.setTextFormat(Qt::PlainText);
    box.setIconPixmap(QPixmap(QStringLiteral(":/icons/weighbridge-256.png")).scaled(64, 64, Qt::KeepAspectRatio, Qt::SmoothTransformation));
    box.setInformativeText(tr("Tells whether a model checkpoint carries what its papers say. Files are only read, never changed and never "
                              "executed.\n\nGNU General Public License, version 3 or later."));
    box.exec();
}

void MainWindow::showShortcuts()
{
    auto* window = new ManualWindow(this);
    window->showShortcuts(QMainWindow::actions());
    window->show();
}

} // namespace weighbridge
