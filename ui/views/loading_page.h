// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"

#include <QTimer>
#include <QWidget>

class QProgressBar;
class QPushButton;

namespace weighbridge {

class PropertyGrid;
class TextLabel;

/// While the header is read: what, how far, Cancel. Nothing is shown before 200 ms, so that small files do not flash.
class LoadingPage : public QWidget {
    Q_OBJECT
public:
    explicit LoadingPage(Document& document, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void showProgress();

    Document& m_document;
    QTimer m_patience;
    QWidget* m_content;
    TextLabel* m_title;
    TextLabel* m_text;
    QProgressBar* m_bar;
    TextLabel* m_numbers;
    PropertyGrid* m_facts;
    QPushButton* m_cancel;
};

/// "41.2 of 126 MiB" for bytes, "39 of 104" for tensors; empty while nothing is known.
[[nodiscard]] QString progressText(const Document::Activity& activity);

} // namespace weighbridge
