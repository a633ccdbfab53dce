// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/cell_table_accessible.h"

#include <QWidget>

namespace weighbridge {
namespace {

class CellAccessible : public QAccessibleInterface, public QAccessibleTableCellInterface, public QAccessibleActionInterface {
public:
    CellAccessible(QWidget* widget, std::shared_ptr<CellGrid> grid, const CellGrid::Place& place) : m_widget(widget), m_grid(std::move(grid)), m_place(place) {}

    bool isValid() const override { return m_widget && m_grid->holds(m_place); }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* parent() const override { return m_widget ? QAccessible::queryAccessibleInterface(m_widget) : nullptr; }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::Cell; }
    void setText(QAccessible::Text, const QString&) override {}
    QString text(QAccessible::Text text) const override { return text == QAccessible::Name && isValid() ? m_grid->textOf(m_place) : QString(); }
    QRect rect() const override { return isValid() ? m_grid->rectOf(m_place) : QRect(); }
    QAccessible::State state() const override
    {
        QAccessible::State state;
        state.focusable = state.selectable = true;
        state.selected = isSelected();
        state.focused = m_widget && m_widget->hasFocus() && state.selected;
        return state;
    }
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        if (type == QAccessible::TableCellInterface)
            return static_cast<QAccessibleTableCellInterface*>(this);
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
    }

    bool isSelected() const override { return isValid() && m_grid->current() == m_place; }
    QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
    QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
    int columnIndex() const override { return m_place.second; }
    int rowIndex() const override { return m_place.first; }
    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    QAccessibleInterface* table() const override { return parent(); }

    QStringList actionNames() const override { return {pressAction()}; }
    void doAction(const QString& action) override
    {
        if (action == pressAction() && isValid())
            m_grid->activate(m_place);
    }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }

private:
    QPointer<QWidget> m_widget;
    std::shared_ptr<CellGrid> m_grid;
    CellGrid::Place m_place;
};

} // namespace

CellTableAccessible::CellTableAccessible(QWidget* widget, std::shared_ptr<CellGrid> grid) : QAccessibleWidget(widget, QAccessible::Table), m_grid(std::move(grid)) {}

CellTableAccessible::~CellTableAccessible()
{
    for (const QAccessible::Id cell : std::as_const(m_cells))
        QAccessible::deleteAccessibleInterface(cell);
}

void* CellTableAccessible::interface_cast(QAccessible::InterfaceType type)
{
    return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this) : QAccessibleWidget::interface_cast(type);
}

QList<QAccessibleInterface*> CellTableAccessible::selectedCells() const
{
    QAccessibleInterface* current = cellOf(m_grid->current());
    return current ? QList<QAccessibleInterface*>{current} : QList<QAccessibleInterface*>();
}

QAccessibleInterface* CellTableAccessible::cellOf(const CellGrid::Place& place) const
{
    if (!m_grid->holds(place))
        return nullptr;
    if (const auto known = m_cells.constFind(place); known != m_cells.constEnd())
        return QAccessible::accessibleInterface(*known);
    auto* cell = new CellAccessible(widget(), m_grid, place);
    m_cells.insert(place, QAccessible::registerAccessibleInterface(cell));
    return cell;
}

void announceCell(QWidget* widget)
{
    if (!QAccessible::isActive())
        return;
    QAccessibleInterface* table = QAccessible::queryAccessibleInterface(widget);
    QAccessibleInterface* cell = table ? table->focusChild() : nullptr;
    if (!cell)
        return;
    QAccessibleEvent focused(cell, QAccessible::Focus);
    QAccessible::updateAccessibility(&focused);
}

} // namespace weighbridge
