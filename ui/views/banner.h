// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/glyphs.h"

#include <QWidget>

class QPushButton;

namespace weighbridge {

class TextLabel;

/// A message inside a view, at its top: glyph, text, at most two text buttons. Never modal, never over the data.
class Banner : public QWidget {
    Q_OBJECT
public:
    explicit Banner(QWidget* parent = nullptr);

    /// Shows it. An empty button text hides that button.
    void showMessage(Glyph glyph, const QString& text, const QString& first = {}, const QString& second = {});
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void firstClicked();
    void secondClicked();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Glyph m_glyph = Glyph::Note;
    TextLabel* m_text;
    QPushButton* m_first;
    QPushButton* m_second;
};

} // namespace weighbridge
