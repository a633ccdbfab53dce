// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QList>
#include <QWidget>

class QAction;
class QTextBrowser;

namespace weighbridge {

/// The manual (docs/manual, installed as share/weighbridge/manual) in a window of its own, with back, forward and contents. Web
/// addresses are opened by the desktop, and only when they are clicked.
class ManualWindow : public QWidget {
    Q_OBJECT
public:
    explicit ManualWindow(QWidget* parent = nullptr);

    /// A page by its path below the manual ("rules/key-prefix"), the contents if there is no such page.
    void showPage(const QString& page);
    /// The keys of all actions that have one.
    void showShortcuts(const QList<QAction*>& actions);
    /// Keys of single views and dialogs, which are no actions, and what they do.
    [[nodiscard]] static QList<std::pair<QStringList, QString>> keysOfViews();
    [[nodiscard]] QTextBrowser* browser() const { return m_browser; }

private:
    QTextBrowser* m_browser;
};

} // namespace weighbridge
