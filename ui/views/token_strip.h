// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/run_answer.h"

#include <QWidget>

namespace weighbridge {

/// Tokens as pieces in a row that breaks at the right edge: the text above, the id below.
class TokenStrip : public QWidget {
    Q_OBJECT
public:
    explicit TokenStrip(QWidget* parent = nullptr);
    void setTokens(const QList<RunAnswer::Token>& tokens);

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override;
    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    /// Where each token lies at a width.
    [[nodiscard]] QList<QRect> places(int width) const;

    QList<RunAnswer::Token> m_tokens;
};

} // namespace weighbridge
