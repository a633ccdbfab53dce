// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QScrollArea>

class QAction;
class QVBoxLayout;

namespace weighbridge {

class RecentFiles;

/// Where one begins: drop zone, what can be dropped, samples, recent files.
class StartPage : public QScrollArea {
    Q_OBJECT
public:
    StartPage(RecentFiles& recent, QAction* open, QAction* openFolder, QWidget* parent = nullptr);

    void setDropHighlighted(bool on);

Q_SIGNALS:
    void openRequested(const QStringList& paths);

private:
    void fillRecent();
    void fillSamples();

    RecentFiles& m_recent;
    QWidget* m_dropZone;
    QWidget* m_samplesBlock;
    QVBoxLayout* m_samples;
    QWidget* m_recentBlock;
    QVBoxLayout* m_recentRows;
};

} // namespace weighbridge
