// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The model map as a table for screen readers. A kind of tensor takes two columns, its weight's and its bias's, so that a cell's column
// follows from its place. Cells are made when they are asked for and kept by Qt's cache until the view goes.
#include "ui/views/model_map_view.h"

#include "core/base/text.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QPointer>

#include <algorithm>

namespace weighbridge {
namespace {

class MapTable;

class MapCellAccessible : public QAccessibleInterface, public QAccessibleTableCellInterface {
public:
    MapCellAccessible(ModelMapView* view, const MapPlace& place) : m_view(view), m_place(place) {}

    bool isValid() const override { return m_view && m_view->map() && m_view->map()->rowAt(m_place) >= 0; }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(m_view); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::Cell; }
    void setText(QAccessible::Text, const QString&) override {}
    QString text(QAccessible::Text text) const override { return text == QAccessible::Name && isValid() ? m_view->describe(m_place) : QString(); }
    QRect rect() const override
    {
        const QRect cell = isValid() ? m_view->cellRect(m_place) : QRect();
        return {m_view->viewport()->mapToGlobal(cell.topLeft()), cell.size()};
    }
    QAccessible::State state() const override
    {
        QAccessible::State state;
        state.focusable = state.selectable = true;
        state.focused = m_view->hasFocus() && isSelected();
        state.selected = isSelected();
        return state;
    }
    void* interface_cast(QAccessible::InterfaceType type) override { return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this) : nullptr; }

    bool isSelected() const override { return m_view->current() == m_place; }
    QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
    QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
    int columnIndex() const override { return m_place.column * 2 + int(m_place.slot); }
    int rowIndex() const override { return m_place.line; }
    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    QAccessibleInterface* table() const override { return parent(); }

private:
    QPointer<ModelMapView> m_view;
    MapPlace m_place;
};

class MapTable : public QAccessibleWidget, public QAccessibleTableInterface {
public:
    explicit MapTable(ModelMapView* view) : QAccessibleWidget(view, QAccessible::Table), m_view(view) {}
    ~MapTable() override
    {
        for (const QAccessible::Id cell : std::as_const(m_cells))
            QAccessible::deleteAccessibleInterface(cell);
    }

    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this) : QAccessibleWidget::interface_cast(type);
    }

    // As many children as the table has cells would be too many to list: they are reached by row and column.
    int childCount() const override { return 0; }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* focusChild() const override { return m_view->current().isValid() ? cellOf(m_view->current()) : nullptr; }
    QAccessibleInterface* childAt(int x, int y) const override
    {
        const MapPlace place = m_view->placeAt(m_view->viewport()->mapFromGlobal(QPoint(x, y)));
        return place.isValid() ? cellOf(place) : nullptr;
    }

    QAccessibleInterface* cellAt(int row, int column) const override
    {
        const MapPlace place{row, column / 2, MapSlot(column % 2)};
        return column >= 0 && m_view->map() && m_view->map()->rowAt(place) >= 0 ? cellOf(place) : nullptr;
    }
    int rowCount() const override { return m_view->map() ? int(m_view->map()->lines.size()) : 0; }
    int columnCount() const override
    {
        size_t most = 0;
        if (m_view->map())
            for (const MapBlock& block : m_view->map()->blocks)
                most = std::max(most, block.columns.size());
        return int(most) * 2;
    }
    QString rowDescription(int row) const override { return row >= 0 && row < rowCount() ? QString::fromStdString(shown(m_view->map()->lines[size_t(row)].label)) : QString(); }
    /// Of the layers; modules beside them have kinds of their own, which their cells say.
    QString columnDescription(int column) const override
    {
        const MapBlock* layers = m_view->map() ? m_view->map()->layers() : nullptr;
        return layers && column >= 0 && size_t(column / 2) < layers->columns.size() ? QString::fromStdString(shown(layers->columns[size_t(column / 2)].kind)) : QString();
    }
    QAccessibleInterface* caption() const override { return nullptr; }
    QAccessibleInterface* summary() const override { return nullptr; }
    int selectedCellCount() const override { return m_view->current().isValid() ? 1 : 0; }
    QList<QAccessibleInterface*> selectedCells() const override { return m_view->current().isValid() ? QList<QAccessibleInterface*>{cellOf(m_view->current())} : QList<QAccessibleInterface*>(); }
    int selectedColumnCount() const override { return 0; }
    int selectedRowCount() const override { return 0; }
    QList<int> selectedColumns() const override { return {}; }
    QList<int> selectedRows() const override { return {}; }
    bool isColumnSelected(int) const override { return false; }
    bool isRowSelected(int) const override { return false; }
    bool selectRow(int) override { return false; }
    bool selectColumn(int) override { return false; }
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int) override { return false; }
    void modelChange(QAccessibleTableModelChangeEvent*) override {}

private:
    QAccessibleInterface* cellOf(const MapPlace& place) const
    {
        const auto key = std::pair(place.line, place.column * 2 + int(place.slot));
        const auto known = m_cells.constFind(key);
        if (known != m_cells.constEnd())
            return QAccessible::accessibleInterface(*known);
        auto* cell = new MapCellAccessible(m_view, place);
        m_cells.insert(key, QAccessible::registerAccessibleInterface(cell));
        return cell;
    }

    ModelMapView* m_view;
    mutable QHash<std::pair<int, int>, QAccessible::Id> m_cells; ///< those that were asked for
};

QAccessibleInterface* makeMapTable(const QString&, QObject* object)
{
    auto* view = qobject_cast<ModelMapView*>(object);
    return view ? new MapTable(view) : nullptr;
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
