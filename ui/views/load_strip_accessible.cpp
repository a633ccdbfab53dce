// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The load strip as a table for screen readers: a row each for Expected, Found and After fix, a column per cell.
#include "ui/models/tensor_texts.h"
#include "ui/views/cell_table_accessible.h"
#include "ui/views/load_strip.h"

#include <algorithm>

namespace weighbridge {
namespace {

class StripGrid : public CellGrid {
public:
    explicit StripGrid(LoadStrip* strip) : m_strip(strip) {}

    int rows() const override { return int(m_strip->strip().rows.size()); }
    int columns() const override { return m_strip->strip().positions; }
    bool holds(const Place& place) const override
    {
        return place.first >= 0 && place.first < rows() && place.second >= 0 && place.second < columns()
            && m_strip->strip().rows[size_t(place.first)].cells[size_t(place.second)].tensors > 0;
    }
    QString textOf(const Place& place) const override { return m_strip->describe(place.first, place.second); }
    QRect rectOf(const Place& place) const override
    {
        const QRect cell = m_strip->cellRect(place.first, place.second);
        return {m_strip->mapToGlobal(cell.topLeft()), cell.size()};
    }
    Place placeAt(const QPoint& point) const override { return m_strip->cellAt(m_strip->mapFromGlobal(point)); }
    Place current() const override { return {m_strip->currentRow(), m_strip->currentPosition()}; }
    QString rowText(int row) const override { return m_strip->rowText(row); }
    QString columnText(int column) const override
    {
        const auto& groups = m_strip->strip().groups;
        const auto group = std::find_if(groups.begin(), groups.end(), [column](const StripGroup& candidate) { return column < candidate.end; });
        return group == groups.end() ? QString() : fromCore(group->label);
    }
    void activate(const Place& place) override { m_strip->moveTo(place.first, place.second); }

private:
    LoadStrip* m_strip;
};

QAccessibleInterface* makeStripTable(const QString&, QObject* object)
{
    auto* strip = qobject_cast<LoadStrip*>(object);
    return strip ? new CellTableAccessible(strip, std::make_shared<StripGrid>(strip)) : nullptr;
}

} // namespace

void installLoadStripAccessible()
{
    static const bool installed = [] {
        QAccessible::installFactory(makeStripTable);
        return true;
    }();
    Q_UNUSED(installed)
}

} // namespace weighbridge
