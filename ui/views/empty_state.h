// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QWidget>

class QPushButton;

namespace weighbridge {

class TextLabel;

/// A view that has nothing to show: what is not there, what that means, and at most one action.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    explicit EmptyState(QWidget* parent = nullptr);

    void setContent(const QString& title, const QString& text, const QString& action = {});
    [[nodiscard]] QString title() const;
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void actionClicked();

private:
    TextLabel* m_title;
    TextLabel* m_text;
    QPushButton* m_action;
};

} // namespace weighbridge
