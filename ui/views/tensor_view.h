// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/document.h"
#include "ui/models/tensor_copy.h"
#include "ui/models/tensor_tree_model.h"

#include <QTimer>
#include <QWidget>

#include <unordered_set>

class QStackedLayout;
class QToolButton;
class QTreeView;

namespace weighbridge {

class EmptyState;
class Segments;
class TextLabel;

/// The tensor tree with its head line: how many rows, `As it loads | After the fix`, the filter of states.
class TensorView : public QWidget {
    Q_OBJECT
public:
    explicit TensorView(Document& document, QWidget* parent = nullptr);

    void setFilterText(const QString& text);
    void showView(View view);
    [[nodiscard]] View view() const { return m_view; }
    void goToDeviation(bool forward);
    /// The selected rows as they are copied; groups stand in tables with their sums.
    [[nodiscard]] QString copied(TensorCopy kind) const;
    /// Indices into Checkpoint::tensors of what is selected or shown below it, in the file's order; not all if there are `enough`.
    [[nodiscard]] std::vector<size_t> selectedTensors(size_t enough = SIZE_MAX) const;
    /// Size and Values give way in narrow windows, unless the user chose otherwise in the head's menu.
    void setRoom(int windowWidth);

    [[nodiscard]] QTreeView* tree() const { return m_tree; }
    [[nodiscard]] TensorTreeModel* model() const { return m_model; }
    [[nodiscard]] QString selectionText() const; ///< "1 of 207 rows selected"

Q_SIGNALS:
    void filterRequested(const QString& text); ///< the states menu writes into the find field
    void selectionTextChanged();
    void viewShown(weighbridge::View view);
    void copyRequested();                      ///< Ctrl+C in the tree
    void menuRequested(const QPoint& globalPoint);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void showTree();
    void showArranged();
    void showFix();
    void openWhileRoom();
    void openByDefault(const QModelIndex& parent);
    void openAgain();
    void openBelow(const QModelIndex& top);
    void showSelection(const Selection& selection);
    void takeCurrent();
    void requestVisible();
    void updateHead();
    void setColumnWidths();
    void updateColumns();
    void columnMenu(const QPoint& point);
    void statesMenu();
    [[nodiscard]] QModelIndexList selectedRows() const;

    Document& m_document;
    TensorTreeModel* m_model;
    QTreeView* m_tree;
    QStackedLayout* m_stack;
    EmptyState* m_empty;
    TextLabel* m_count;
    Segments* m_views;
    QToolButton* m_states;
    QTimer m_visible;
    View m_view = View::AsItLoads;
    bool m_following = false; ///< the document's selection is being shown
    std::shared_ptr<const TensorTree> m_shownTree;
    bool m_filterIsNew = false;
    bool m_hasFolded = false; ///< the user has closed a module of this checkpoint
    int m_scrolled = 0;
    std::unordered_set<std::string> m_openNames; ///< modules that were open in the tree before
    std::vector<int> m_openBefore; ///< nodes that were open before a filter was set
    int m_windowWidth = 1440;
    bool m_hasTwoStates = false; ///< some group shows a second state
    QHash<int, bool> m_chosenColumns; ///< by the user: column, shown
};

} // namespace weighbridge
