// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/code_box.h"

#include "ui/theme.h"

#include <QApplication>
#include <QTextOption>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr int mostLines = 14;

} // namespace

CodeBox::CodeBox(QWidget* parent) : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setProperty("code", true);
    viewport()->setAutoFillBackground(false); // the style fills the box
    setWordWrapMode(QTextOption::WrapAtWordBoundaryOrAnywhere);
    setVerticalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    setFont(fixedFont(QApplication::font(), type::caption));
}

void CodeBox::fitHeight()
{
    // The layout of plain text counts its height in lines.
    const int lines = std::clamp(int(document()->size().height()), 1, mostLines);
    setFixedHeight(lines * fontMetrics().lineSpacing() + int(2 * document()->documentMargin()) + 12);
}

void CodeBox::resizeEvent(QResizeEvent* event)
{
    QPlainTextEdit::resizeEvent(event);
    fitHeight();
}

} // namespace weighbridge
