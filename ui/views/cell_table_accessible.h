// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include <QAccessible>
#include <QAccessibleWidget>
#include <QHash>
#include <QPointer>
#include <QRect>
#include <QString>

#include <memory>
#include <utility>

namespace weighbridge {

/// A painted widget's cells as screen readers see them: rows and columns with gaps. GUI thread.
class CellGrid {
public:
    using Place = std::pair<int, int>; ///< row, column; -1, -1: none
    static constexpr Place nowhere{-1, -1};

    virtual ~CellGrid() = default;
    [[nodiscard]] virtual int rows() const = 0;
    [[nodiscard]] virtual int columns() const = 0;
    [[nodiscard]] virtual bool holds(const Place& place) const = 0;   ///< false for any place outside, too
    [[nodiscard]] virtual QString textOf(const Place& place) const = 0;
    [[nodiscard]] virtual QRect rectOf(const Place& place) const = 0; ///< on the screen
    [[nodiscard]] virtual Place placeAt(const QPoint& point) const = 0; ///< of a point on the screen
    [[nodiscard]] virtual Place current() const = 0;
    [[nodiscard]] virtual QString rowText(int row) const = 0;
    [[nodiscard]] virtual QString columnText(int column) const = 0;
    virtual void activate(const Place& place) = 0;
};

/// A table for screen readers over a widget's cells. Those are made when they are asked for and kept until the widget goes.
class CellTableAccessible : public QAccessibleWidget, public QAccessibleTableInterface {
public:
    CellTableAccessible(QWidget* widget, std::shared_ptr<CellGrid> grid);
    ~CellTableAccessible() override;

    void* interface_cast(QAccessible::InterfaceType type) override;

    // As many children as the table has cells would be too many to list: they are reached by row and column.
    int childCount() const override { return 0; }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* focusChild() const override { return cellOf(m_grid->current()); }
    QAccessibleInterface* childAt(int x, int y) const override { return cellOf(m_grid->placeAt(QPoint(x, y))); }

    QAccessibleInterface* cellAt(int row, int column) const override { return cellOf({row, column}); }
    int rowCount() const override { return m_grid->rows(); }
    int columnCount() const override { return m_grid->columns(); }
    QString rowDescription(int row) const override { return row >= 0 && row < rowCount() ? m_grid->rowText(row) : QString(); }
    QString columnDescription(int column) const override { return column >= 0 && column < columnCount() ? m_grid->columnText(column) : QString(); }
    QAccessibleInterface* caption() const override { return nullptr; }
    QAccessibleInterface* summary() const override { return nullptr; }
    int selectedCellCount() const override { return m_grid->holds(m_grid->current()) ? 1 : 0; }
    QList<QAccessibleInterface*> selectedCells() const override;
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
    QAccessibleInterface* cellOf(const CellGrid::Place& place) const; ///< null where there is no cell

    std::shared_ptr<CellGrid> m_grid;
    mutable QHash<CellGrid::Place, QAccessible::Id> m_cells; ///< those that were asked for
};

/// Says to screen readers that the widget's current cell is another one.
void announceCell(QWidget* widget);

} // namespace weighbridge
