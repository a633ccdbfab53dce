// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/glyphs.h"

#include <QAbstractButton>

#include <optional>

namespace weighbridge {

/// A line of the start page that opens something: thumbnail of the load strip, title, second line, verdict, key.
class StartRow : public QAbstractButton {
    Q_OBJECT
public:
    struct Content {
        QString title;
        QString text;
        QByteArray cells;              ///< RowState each, for the thumbnail; empty: a quiet outline
        std::optional<Glyph> glyph;
        QString verdict;
        QString key;                   ///< "Ctrl+1"
        bool isMissing = false;        ///< the file is gone: greyed
    };

    explicit StartRow(const Content& content, QWidget* parent = nullptr);
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    Content m_content;
};

} // namespace weighbridge
