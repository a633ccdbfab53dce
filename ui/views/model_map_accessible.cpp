// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The model map as a table for screen readers. A kind of tensor takes two columns, its weight's and its bias's, so that a cell's column
// follows from its place.
#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "ui/views/cell_table_accessible.h"
#include "ui/views/model_map_view.h"

#include <algorithm>

namespace weighbridge {
namespace {

class MapGrid : public CellGrid {
public:
    explicit MapGrid(ModelMapView* view) : m_view(view) {}

    int rows() const override { return m_view->map() ? int(m_view->map()->lines.size()) : 0; }
    int columns() const override
    {
        size_t most = 0;
        if (m_view->map())
            for (const MapBlock& block : m_view->map()->blocks)
                most = std::max(most, block.columns.size());
        return int(most) * 2;
    }
    bool holds(const Place& place) const override { return place.second >= 0 && m_view->map() && m_view->map()->rowAt(mapPlace(place)) >= 0; }
    QString textOf(const Place& place) const override { return m_view->describe(mapPlace(place)); }
    QRect rectOf(const Place& place) const override
    {
        const QRect cell = m_view->cellRect(mapPlace(place));
        return {m_view->viewport()->mapToGlobal(cell.topLeft()), cell.size()};
    }
    Place placeAt(const QPoint& point) const override { return gridPlace(m_view->placeAt(m_view->viewport()->mapFromGlobal(point))); }
    Place current() const override { return gridPlace(m_view->current()); }
    QString rowText(int row) const override { return fromCore(m_view->map()->lines[size_t(row)].label); }
    /// Of the layers; modules beside them have kinds of their own, which their cells say.
    QString columnText(int column) const override
    {
        const MapBlock* layers = m_view->map() ? m_view->map()->layers() : nullptr;
        return layers && size_t(column / 2) < layers->columns.size() ? QString::fromStdString(shown(layers->columns[size_t(column / 2)].kind)) : QString();
    }
    void activate(const Place& place) override { m_view->activate(mapPlace(place)); }

private:
    static MapPlace mapPlace(const Place& place) { return {place.first, place.second / 2, MapSlot(place.second % 2)}; }
    static Place gridPlace(const MapPlace& place) { return place.isValid() ? Place(place.line, place.column * 2 + int(place.slot)) : nowhere; }

    ModelMapView* m_view;
};

QAccessibleInterface* makeMapTable(const QString&, QObject* object)
{
    auto* view = qobject_cast<ModelMapView*>(object);
    return view ? new CellTableAccessible(view, std::make_shared<MapGrid>(view)) : nullptr;
}

} // namespace

void installModelMapAccessible()
{
    static const bool installed = [] {
        QAccessible::installFactory(makeMapTable);
        return true;
    }();
    Q_UNUSED(installed)
}

} // namespace weighbridge
