// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QScrollArea>
#include <QScrollBar>

namespace weighbridge {

/// A column that scrolls where the window is too low for it, so that nothing in it is squeezed. `ground`: Base for paper, Window for panels beside it.
inline QScrollArea* scrolled(QWidget* content, const QString& name, QPalette::ColorRole ground)
{
    auto* area = new QScrollArea;
    area->setAccessibleName(name);
    area->setFrameShape(QFrame::StyledPanel); // room for the ring of the focus
    area->setWidgetResizable(true);
    area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    area->setMinimumWidth(content->minimumWidth() + area->verticalScrollBar()->sizeHint().width() + 2 * area->frameWidth());
    area->setMaximumWidth(content->maximumWidth());
    area->viewport()->setBackgroundRole(ground);
    content->setBackgroundRole(ground);
    area->setWidget(content);
    return area;
}

} // namespace weighbridge
