// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/error.h"

#include <QWidget>

class QPushButton;

namespace weighbridge {

class Banner;
class PropertyGrid;
class TextLabel;

/// Nothing could be read: the sentence, where, what was expected and found, what can still be read, what to do.
class ErrorPage : public QWidget {
    Q_OBJECT
public:
    explicit ErrorPage(QWidget* parent = nullptr);

    void setError(const Error& error);
    [[nodiscard]] QString details() const; ///< as Copy details puts them

Q_SIGNALS:
    void tryAgain();
    void openOther();
    void helpRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    void updateIcon();

    Error m_error;
    Banner* m_banner;
    PropertyGrid* m_facts;
    TextLabel* m_fixTitle;
    TextLabel* m_fix;
    TextLabel* m_printedTitle;
    TextLabel* m_printed;
    QPushButton* m_copy;
};

} // namespace weighbridge
