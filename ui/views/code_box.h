// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QPlainTextEdit>

namespace weighbridge {

/// Python or what a loader prints: read-only, wrapped, as high as its text up to a limit.
class CodeBox : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit CodeBox(QWidget* parent = nullptr);
    void fitHeight();

protected:
    void resizeEvent(QResizeEvent* event) override;
};

} // namespace weighbridge
