// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/tensor_view.h"

#include "ui/glyphs.h"
#include "ui/models/tensor_texts.h"
#include "ui/theme.h"
#include "ui/views/empty_state.h"
#include "ui/views/open_nodes.h"
#include "ui/views/segments.h"
#include "ui/views/select_alone.h"
#include "ui/views/tensor_delegate.h"
#include "ui/views/text_label.h"

#include "core/base/text.h"

#include <QApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QStackedLayout>
#include <QToolButton>
#include <QTreeView>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr int sizeNeeds = 1360;   // width of the window from which on Size has room
constexpr int valuesNeed = 1320;
constexpr int twoStatesNeed = 1600; // in words; below, the second has its glyph and its count
constexpr int indentation = 13;
constexpr int longestDtype = 16;    ///< characters of a name that the writer chose
constexpr size_t openKept = 20'000; // nodes of trees whose open modules are looked up by name

QTreeView* makeTree()
{
    auto* tree = new QTreeView;
    tree->setLayoutDirection(Qt::LeftToRight); // names and numbers, which no language mirrors
    tree->setFrameShape(QFrame::NoFrame);
    tree->setUniformRowHeights(true);
    tree->setIndentation(indentation);
    tree->setAllColumnsShowFocus(true);
    tree->setMouseTracking(true);
    tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    tree->setTextElideMode(Qt::ElideMiddle);
    tree->setItemDelegate(new TensorDelegate(tree));
    tree->setAccessibleName(QTreeView::tr("Tensors"));
    QHeaderView* header = tree->header();
    header->setSectionsClickable(true);
    header->setSectionsMovable(true);
    header->setStretchLastSection(false);
    header->setMinimumSectionSize(40);
    header->setContextMenuPolicy(Qt::CustomContextMenu);
    header->setHighlightSections(false);
    return tree;
}

} // namespace

TensorView::TensorView(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_model(new TensorTreeModel(this)), m_tree(makeTree()), m_stack(new QStackedLayout), m_empty(new EmptyState),
      m_count(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_views(new Segments({tr("As it loads"), tr("After the fix")})), m_states(new QToolButton)
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_model->setValueSource({[this](int found) { return m_document.statistics(found); }, [this](int found) { return m_document.statisticsError(found); }});
    m_tree->setModel(m_model);
    m_tree->header()->setSectionResizeMode(TensorTreeModel::TensorColumn, QHeaderView::Stretch);
    m_tree->installEventFilter(this);

    m_states->setText(tr("All states") + QStringLiteral(" ▾"));
    m_states->setIcon(glyphIcon(Glyph::Filter, palette()));
    m_states->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_states->setAutoRaise(true);
    m_states->setToolTip(tr("Show only tensors in one state"));
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 4, 8, 2);
    head->setSpacing(12);
    auto* title = new TextLabel(tr("Tensors"), type::caption, QFont::DemiBold, Role::SecondText);
    head->addWidget(title);
    head->addWidget(m_count);
    head->addSpacing(6);
    head->addWidget(m_views);
    head->addStretch();
    head->addWidget(m_states);
    m_stack->addWidget(m_tree);
    m_stack->addWidget(m_empty);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addLayout(m_stack, 1);
    setColumnWidths();

    m_visible.setSingleShot(true);
    m_visible.setInterval(60);
    connect(&m_visible, &QTimer::timeout, this, &TensorView::requestVisible);
    connect(m_tree->verticalScrollBar(), &QScrollBar::valueChanged, &m_visible, qOverload<>(&QTimer::start));
    connect(m_tree, &QTreeView::expanded, &m_visible, qOverload<>(&QTimer::start));
    connect(m_tree, &QTreeView::collapsed, this, [this] { m_hasFolded = m_hasFolded || !m_following; });
    connect(&m_document, &Document::headerLoaded, this, [this] { m_hasFolded = false; });
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, &TensorView::takeCurrent);
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TensorView::takeCurrent);
    connect(m_tree->selectionModel(), &QItemSelectionModel::selectionChanged, this, &TensorView::selectionTextChanged);
    connect(m_tree->header(), &QHeaderView::customContextMenuRequested, this, &TensorView::columnMenu);
    connect(m_tree->header(), &QHeaderView::sectionClicked, this, [this](int section) {
        const auto [sortColumn, order] = m_model->nextSort(section);
        m_model->sort(sortColumn, order);
        m_tree->header()->setSortIndicatorShown(sortColumn >= 0);
        m_tree->header()->setSortIndicator(sortColumn, order);
    });
    connect(m_model, &TensorTreeModel::arranged, this, &TensorView::showArranged);
    connect(m_empty, &EmptyState::actionClicked, this, [this] { Q_EMIT filterRequested({}); });
    m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
    connect(m_tree, &QWidget::customContextMenuRequested, this, [this](const QPoint& point) { Q_EMIT menuRequested(m_tree->viewport()->mapToGlobal(point)); });
    connect(m_states, &QToolButton::clicked, this, &TensorView::statesMenu);
    connect(m_views, &Segments::chosen, this, [this](int index) { showView(index == 1 ? View::AfterFix : View::AsItLoads); });
    for (const auto signal : {&Document::headerLoaded, &Document::expectedChanged, &Document::checked})
        connect(&m_document, signal, this, &TensorView::showTree);
    connect(&m_document, &Document::afterFixChanged, this, &TensorView::showFix);
    connect(&m_document, &Document::statisticsReady, m_model, &TensorTreeModel::updateValues);
    connect(&m_document, &Document::selectionChanged, this, &TensorView::showSelection);
    showTree();
}

void TensorView::showView(View view)
{
    m_view = view == View::AfterFix && m_document.tree(View::AfterFix) ? view : View::AsItLoads;
    showTree();
}

void TensorView::showFix()
{
    if (m_view == View::AfterFix)
        showTree();
    else
        updateHead();
}

void TensorView::showTree()
{
    if (m_view == View::AfterFix && !m_document.tree(View::AfterFix))
        m_view = View::AsItLoads;
    m_scrolled = m_tree->verticalScrollBar()->value();
    if (m_shownTree && m_shownTree->size() <= openKept)
        for (const int node : openNodes(*m_tree))
            m_openNames.insert(m_shownTree->fullName(node));
    m_following = true;
    m_model->setTree(m_document.tree(m_view), m_document.modelOrigin());
    m_following = false;
    updateColumns();
}

/// The rows of another tree, filter or order have come.
void TensorView::showArranged()
{
    constexpr qsizetype openAll = 500;
    const auto tree = m_model->sharedTree();
    const bool isNewTree = tree != m_shownTree;
    const bool isFiltered = !m_model->filter().isEmpty();
    m_following = true;
    if (isFiltered && (isNewTree || m_filterIsNew) && m_model->shownTensors() <= openAll)
        m_tree->expandAll();
    else if ((isNewTree && !m_hasFolded) || (m_filterIsNew && !isFiltered))
        openByDefault({});
    if (isNewTree)
        openAgain();
    if (isNewTree && !isFiltered && !m_hasFolded)
        openWhileRoom();
    if (!isNewTree && m_filterIsNew && !isFiltered)
        for (const int node : std::exchange(m_openBefore, {}))
            m_tree->expand(m_model->indexOf(node));
    m_following = false;
    if (isNewTree)
        m_tree->verticalScrollBar()->setValue(m_scrolled);
    letGo(std::exchange(m_shownTree, tree));
    m_filterIsNew = false;
    updateHead();
    showSelection(m_document.selection());
    m_visible.start();
}

void TensorView::openByDefault(const QModelIndex& parent)
{
    // Nodes that open are few: the way to what deviates. An explicit stack, as deep as names have segments.
    std::vector<QModelIndex> open{parent};
    while (!open.empty()) {
        const QModelIndex index = open.back();
        open.pop_back();
        for (int row = 0; row < m_model->rowCount(index); ++row) {
            const QModelIndex child = m_model->index(row, 0, index);
            if (!child.data(TensorTreeModel::OpensByDefaultRole).toBool())
                continue;
            m_tree->expand(child);
            open.push_back(child);
        }
    }
}

/// Nearest first, as long as the view has empty lines for all that a module holds; layers that are alike stay folded.
void TensorView::openWhileRoom()
{
    const int lines = m_tree->viewport()->height() / std::max(1, m_tree->sizeHintForRow(0));
    int used = m_model->rowCount();
    for (const int node : openNodes(*m_tree))
        used += m_model->rowCount(m_model->indexOf(node));
    std::vector<QModelIndex> open{QModelIndex()};
    for (size_t i = 0; i < open.size() && used < lines; ++i) {
        const int count = m_model->rowCount(open[i]);
        if (open[i].isValid() && !m_tree->isExpanded(open[i])) {
            const auto kind = m_model->tree()->node(TensorTreeModel::nodeOf(open[i])).kind;
            if (kind == TensorNode::Kind::Fold || kind == TensorNode::Kind::Range || used + count > lines)
                continue;
            m_tree->expand(open[i]);
            used += count;
        }
        for (int row = 0; row < std::min(count, lines); ++row)
            open.push_back(m_model->index(row, 0, open[i]));
    }
}

/// A check in several stages makes several trees; what the user has opened stays open, and what was closed is not opened again.
void TensorView::openAgain()
{
    const auto names = std::exchange(m_openNames, {});
    const TensorTree* tree = m_model->tree();
    if (names.empty() || !tree || tree->size() > openKept)
        return;
    for (int node = 1; node < int(tree->size()); ++node)
        if (tree->node(node).children > 0 && names.contains(tree->fullName(node)))
            m_tree->expand(m_model->indexOf(node));
}

void TensorView::setFilterText(const QString& text)
{
    const TensorFilter filter(text.toStdString());
    if (m_model->filter().isEmpty() && !filter.isEmpty())
        m_openBefore = openNodes(*m_tree);
    m_filterIsNew = true;
    m_model->setFilter(filter);
}

/// Opens everything below, nearest first, up to what a view lays out without a pause.
void TensorView::openBelow(const QModelIndex& top)
{
    constexpr int most = 5'000;
    std::vector<QModelIndex> open{top};
    int rows = 0;
    for (size_t i = 0; i < open.size() && rows < most; ++i) {
        const int count = m_model->rowCount(open[i]);
        if (count == 0)
            continue;
        m_tree->expand(open[i]);
        rows += count;
        for (int row = 0; row < count; ++row)
            open.push_back(m_model->index(row, 0, open[i]));
    }
}

void TensorView::updateHead()
{
    const TensorRowsPtr rows = m_document.rows(m_view);
    const size_t all = rows ? rows->rows().size() : 0;
    const bool filtered = !m_model->filter().isEmpty();
    const QString total = QString::fromStdString(groupDigits(all));
    m_count->setFullText(filtered ? tr("%1 of %2 rows").arg(QString::fromStdString(groupDigits(uint64_t(m_model->shownTensors()))), total) : tr("%1 rows").arg(total));
    m_views->setVisible(m_document.tree(View::AfterFix) != nullptr);
    m_views->setCurrent(m_view == View::AfterFix ? 1 : 0);
    Q_EMIT viewShown(m_view);
    if (filtered && m_model->shownTensors() == 0)
        m_empty->setContent(tr("Nothing matches"), tr("Tensors that each term alone would leave: %1").arg(m_model->filterSummary()), tr("Clear the search"));
    else
        m_empty->setContent(tr("The file holds no tensors"), tr("What it does hold is listed under Checkpoint."));
    m_stack->setCurrentWidget(m_model->rowCount() == 0 ? static_cast<QWidget*>(m_empty) : m_tree);
    Q_EMIT selectionTextChanged();
}

void TensorView::showSelection(const Selection& selection)
{
    const QModelIndex index = selection.tensor.isValid() ? m_model->indexOfId(selection.tensor) : selection.module.isEmpty() ? QModelIndex() : m_model->indexOfModule(selection.module);
    if (!index.isValid() || index == m_tree->currentIndex().siblingAtColumn(0))
        return;
    m_following = true;
    selectAlone(*m_tree, index);
    m_following = false;
}

/// A row that only has the focus, as the first one when the tree gets it, is not what the user looks at.
void TensorView::takeCurrent()
{
    const QModelIndex current = m_tree->currentIndex();
    if (m_following || !m_tree->selectionModel()->isSelected(current))
        return;
    const TensorId id = m_model->idOf(current);
    if (id.isValid())
        m_document.select(id);
    else
        m_document.select(Selection{{}, current.siblingAtColumn(0).data(TensorTreeModel::FullNameRole).toString()});
}

void TensorView::requestVisible()
{
    QList<int> found;
    const int bottom = m_tree->viewport()->height();
    for (QModelIndex index = m_tree->indexAt(QPoint(0, 0)); index.isValid(); index = m_tree->indexBelow(index)) {
        if (m_tree->visualRect(index).top() > bottom)
            break;
        const int tensor = index.siblingAtColumn(0).data(TensorTreeModel::FoundIndexRole).toInt();
        if (tensor >= 0)
            found << tensor;
    }
    if (!found.isEmpty())
        m_document.requestStatistics(found);
}

void TensorView::goToDeviation(bool forward)
{
    const QModelIndex index = m_model->nextDeviation(m_tree->currentIndex(), forward);
    if (index.isValid())
        selectAlone(*m_tree, index);
}

QModelIndexList TensorView::selectedRows() const
{
    return m_tree->selectionModel()->selectedRows(TensorTreeModel::TensorColumn);
}

QString TensorView::selectionText() const
{
    const TensorRowsPtr rows = m_document.rows(m_view);
    if (!rows || rows->rows().empty())
        return {};
    return tr("%1 of %2 rows selected").arg(QString::fromStdString(groupDigits(uint64_t(selectedRows().size()))), QString::fromStdString(groupDigits(rows->rows().size())));
}

QString TensorView::copied(TensorCopy kind) const
{
    std::vector<int> columns;
    for (int column = TensorTreeModel::TensorColumn; column < TensorTreeModel::ValuesColumn; ++column)
        if (!m_tree->isColumnHidden(column))
            columns.push_back(column);
    return copiedRows(kind, selectedRows(), columns);
}

std::vector<size_t> TensorView::selectedTensors(size_t enough) const
{
    return m_model->foundBelow(selectedRows(), enough);
}

void TensorView::setColumnWidths()
{
    const QFont base = QApplication::font();
    m_tree->setFont(base);
    m_tree->header()->setFont(scaledFont(base, type::caption));
    const QFontMetrics bold(scaledFont(base, type::body, QFont::DemiBold));
    const QFontMetrics plain(base);
    const auto set = [this](int column, int width) { m_tree->header()->resizeSection(column, width); };
    const int secondState = m_hasTwoStates ? bold.horizontalAdvance(QStringLiteral("100")) + 14 + 6 + 10 : 0;
    set(TensorTreeModel::StatusColumn, bold.horizontalAdvance(QStringLiteral("100 never trained")) + 14 + 6 + 14 + secondState);
    set(TensorTreeModel::ExpectedColumn, plain.horizontalAdvance(QStringLiteral("30522 x 1024")) + 14);
    set(TensorTreeModel::FoundColumn, plain.horizontalAdvance(QStringLiteral("30522 x 1024")) + 14 + 14);
    set(TensorTreeModel::ParametersColumn, bold.horizontalAdvance(QStringLiteral("1 000 000 000")) + 12);
    set(TensorTreeModel::SizeColumn, bold.horizontalAdvance(QStringLiteral("1000 MiB")) + 14);
    set(TensorTreeModel::ValuesColumn, 52 + 24);
}

void TensorView::setRoom(int windowWidth)
{
    m_windowWidth = windowWidth;
    updateColumns();
}

void TensorView::updateColumns()
{
    const bool hasExpectation = m_document.rows() && m_document.rows()->hasExpectation();
    const auto tree = m_document.tree(m_view);
    if (const bool hasTwo = m_windowWidth >= twoStatesNeed && tree && statusParts(*tree, TensorTree::root).size() > 1;
        std::exchange(m_hasTwoStates, hasTwo) != hasTwo)
        setColumnWidths();
    const std::pair<int, bool> columns[] = {{TensorTreeModel::ExpectedColumn, hasExpectation},
                                           {TensorTreeModel::SizeColumn, m_windowWidth >= sizeNeeds},
                                           {TensorTreeModel::ValuesColumn, m_windowWidth >= valuesNeed}};
    for (const auto& [column, shown] : columns)
        m_tree->setColumnHidden(column, !m_chosenColumns.value(column, shown));
    // Of the dtypes that there are; one that differs is shown with the expected one.
    QString widest = QStringLiteral("BF16");
    for (const auto& [dtype, count] : m_document.totals().dtypes)
        if (const QString name = fromFile(dtype).left(longestDtype);
            m_tree->fontMetrics().horizontalAdvance(name) > m_tree->fontMetrics().horizontalAdvance(widest))
            widest = name;
    const auto& findings = m_document.findings();
    if (std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.rule == "dtype"; }))
        widest = QStringLiteral("BF16 → F32");
    m_tree->header()->resizeSection(TensorTreeModel::DTypeColumn, m_tree->fontMetrics().horizontalAdvance(widest) + 22);
}

void TensorView::columnMenu(const QPoint& point)
{
    QMenu menu(this);
    for (int column = TensorTreeModel::StatusColumn; column < TensorTreeModel::ColumnCount; ++column) {
        QAction* action = menu.addAction(m_model->headerData(column, Qt::Horizontal).toString());
        action->setCheckable(true);
        action->setChecked(!m_tree->isColumnHidden(column));
        connect(action, &QAction::toggled, this, [this, column](bool on) {
            m_chosenColumns[column] = on;
            m_tree->setColumnHidden(column, !on);
        });
    }
    menu.exec(m_tree->header()->mapToGlobal(point));
}

void TensorView::statesMenu()
{
    QMenu menu(this);
    connect(menu.addAction(tr("All states")), &QAction::triggered, this, [this] { Q_EMIT filterRequested({}); });
    menu.addSeparator();
    const std::pair<RowState, const char*> states[] = {
        {RowState::Matched, "matched"},    {RowState::Missing, "missing"},     {RowState::Unexpected, "unexpected"},
        {RowState::ShapeDiffers, "shape"}, {RowState::DTypeDiffers, "dtype"},  {RowState::Renamed, "renamed"},
        {RowState::Tied, "tied"},          {RowState::NeverTrained, "random"}, {RowState::NonFinite, "nan"}};
    for (const auto& [state, word] : states) {
        QAction* action = menu.addAction(stateWord(state));
        connect(action, &QAction::triggered, this, [this, typed = word] { Q_EMIT filterRequested(QStringLiteral("status:%1").arg(QLatin1String(typed))); });
    }
    menu.exec(m_states->mapToGlobal(QPoint(0, m_states->height())));
}

bool TensorView::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_tree && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        if (key->matches(QKeySequence::Copy)) {
            Q_EMIT copyRequested();
            return true;
        }
        if (key->key() == Qt::Key_Asterisk) {
            openBelow(m_tree->currentIndex());
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void TensorView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        m_states->setIcon(glyphIcon(Glyph::Filter, palette()));
}

} // namespace weighbridge
