// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"

#include <QStatusBar>
#include <QTimer>

#include <functional>
#include <vector>

class QProgressBar;
class QPushButton;

namespace weighbridge {

class TextLabel;

/// The status bar: what runs and how far, what the selection is, and at the right what the pointer reads.
class JobBar : public QStatusBar {
    Q_OBJECT
public:
    explicit JobBar(Document& document, QWidget* parent = nullptr);

    void setSelectionText(const QString& text);
    void setReadOut(const QString& text);      ///< empty: the file's format and size
    /// A job besides the document's, shown before those; with an empty `what` it has ended. Its owner, which outlives the bar, tells it from others.
    void setOther(const QObject* owner, const Document::Activity& activity, std::function<void()> stop);
    void setResting(const QString& text);      ///< with no checkpoint open
    [[nodiscard]] bool isBusy() const { return m_isBusy; } ///< something runs that stop() ends
    void stop();                               ///< ends the job that is shown; what has come stays

Q_SIGNALS:
    void busyChanged(bool busy);

private:
    struct OtherJob {
        const QObject* owner;
        Document::Activity activity;
        std::function<void()> stop;
    };

    void showActivity();
    [[nodiscard]] QString statisticsText() const;

    Document& m_document;
    std::vector<OtherJob> m_others; ///< the one that began first is shown
    TextLabel* m_done;
    TextLabel* m_what;
    QProgressBar* m_bar;
    TextLabel* m_numbers;
    QPushButton* m_stop;
    TextLabel* m_selection;
    TextLabel* m_right;
    QTimer m_patience;
    QDateTime m_loadBegan;
    QString m_opened;
    QString m_resting;
    bool m_isBusy = false;
};

} // namespace weighbridge
