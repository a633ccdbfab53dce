// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/selection.h"

namespace weighbridge {

bool SelectionHistory::add(const Selection& selection)
{
    if (selection == current())
        return false;
    m_entries.resize(m_position + 1);
    m_entries.append(selection);
    if (m_entries.size() > maximum)
        m_entries.removeFirst();
    m_position = m_entries.size() - 1;
    return true;
}

bool SelectionHistory::back()
{
    if (!canGoBack())
        return false;
    --m_position;
    return true;
}

bool SelectionHistory::forward()
{
    if (!canGoForward())
        return false;
    ++m_position;
    return true;
}

void SelectionHistory::clear()
{
    m_entries.clear();
    m_position = -1;
}

void SelectionHistory::translate(const std::function<TensorId(TensorId)>& translate)
{
    for (Selection& entry : m_entries)
        entry.tensor = translate(entry.tensor);
}

} // namespace weighbridge
