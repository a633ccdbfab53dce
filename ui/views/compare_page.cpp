// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/compare_page.h"

#include "core/base/text.h"
#include "core/remote/address.h"
#include "core/remote/ssh_address.h"
#include "core/report/report.h"
#include "ui/models/numbers.h"
#include "ui/models/tensor_texts.h"
#include "ui/plots/axis.h"
#include "ui/plots/change_plots.h"
#include "ui/plots/pair_plot.h"
#include "ui/text_scale.h"
#include "ui/views/compare_delegate.h"
#include "ui/views/compare_summary.h"
#include "ui/views/empty_state.h"
#include "ui/views/load_strip.h"
#include "ui/views/open_nodes.h"
#include "ui/views/segments.h"
#include "ui/views/select_alone.h"
#include "ui/views/text_label.h"

#include <QAction>
#include <QApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QListWidget>
#include <QSettings>
#include <QSplitter>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace weighbridge {
namespace {

constexpr int wideFrom = 1360; ///< pixels

const auto columnsKey = QStringLiteral("layout/compare/columns");
const auto onlyDifferencesKey = QStringLiteral("compare/onlyDifferences");

/// While values come, what sums up all pairs is made anew each time up to so many.
constexpr size_t mostPairsAtOnce = 5000;

QTreeView* makeTree(QAbstractItemModel* model)
{
    auto* tree = new QTreeView;
    tree->setModel(model);
    tree->setItemDelegate(new CompareDelegate(tree));
    tree->setLayoutDirection(Qt::LeftToRight); // names and numbers, which no language mirrors
    tree->setFrameShape(QFrame::NoFrame);
    tree->setUniformRowHeights(true);
    tree->setIndentation(13);
    tree->setTreePosition(DifferenceModel::TensorColumn);
    tree->setAllColumnsShowFocus(true);
    tree->setMouseTracking(true);
    tree->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    tree->setAccessibleName(ComparePage::tr("Tensors of A and B"));
    QHeaderView* header = tree->header();
    header->setStretchLastSection(false);
    header->setMinimumSectionSize(26);
    header->setHighlightSections(false);
    header->setSectionResizeMode(DifferenceModel::TensorColumn, QHeaderView::Stretch);
    const QFont base = QApplication::font();
    header->setFont(scaledFont(base, type::caption));
    const QFontMetrics metrics(base);
    const std::pair<int, const char*> widths[] = {{DifferenceModel::AColumn, "30522 x 384"},    {DifferenceModel::BColumn, "30522 x 384"},
                                                  {DifferenceModel::DTypeColumn, "F32 > Q8_0"}, {DifferenceModel::ChangeColumn, "0.00000 %"},
                                                  {DifferenceModel::BarColumn, "0.01 to 20 %"}, {DifferenceModel::CosineColumn, "-0.000000"}};
    for (const auto& [column, widest] : widths)
        header->resizeSection(column, std::max(metrics.horizontalAdvance(QString::fromLatin1(widest)) + 14, header->sectionSizeHint(column)));
    header->resizeSection(DifferenceModel::SignColumn, 28);
    return tree;
}

TextLabel* caption(const QString& text)
{
    return new TextLabel(text, type::caption, QFont::DemiBold, Role::SecondText);
}

} // namespace

ComparePage::ComparePage(QAction* compareWith, QWidget* parent)
    : QWidget(parent), m_model(new DifferenceModel(this)), m_tree(makeTree(m_model)), m_summary(new CompareSummary), m_empty(new EmptyState), m_strip(new LoadStrip), m_count(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)),
      m_filter(new Segments({tr("All"), tr("Only differences")})), m_name(new TextLabel), m_facts(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_choice(new Segments({tr("Overlaid"), tr("Scatter A, B"), tr("Heat map")})),
      m_plots(new QStackedWidget), m_overlaid(new PairPlot(PairPlot::Kind::Overlaid)), m_scatter(new PairPlot(PairPlot::Kind::Scatter)), m_map(new ChangeMap), m_difference(new PairPlot(PairPlot::Kind::Difference)),
      m_depth(new ChangeOverDepth), m_columns(new QSplitter), m_content(new QWidget), m_stack(new QStackedWidget)
{
    m_summary->setMinimumWidth(220);
    m_summary->setMaximumWidth(forText(420));
    m_columns->addWidget(m_summary);
    m_columns->addWidget(makeCentre());
    m_columns->addWidget(makeInspector());
    m_columns->setHandleWidth(1);
    m_columns->setChildrenCollapsible(false);
    m_columns->setStretchFactor(0, 0);
    m_columns->setStretchFactor(1, 7);
    m_columns->setStretchFactor(2, 3);
    m_stack->addWidget(m_empty);
    auto* content = new QVBoxLayout(m_content);
    content->setContentsMargins(0, 0, 0, 0);
    content->setSpacing(0);
    content->addWidget(m_strip);
    content->addWidget(m_columns, 1);
    m_stack->addWidget(m_content);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_stack);

    connect(m_empty, &EmptyState::actionClicked, compareWith, &QAction::trigger);
    connect(&m_document, &ComparisonDocument::stateChanged, this, &ComparePage::showState);
    connect(&m_document, &ComparisonDocument::structureReady, this, &ComparePage::showStructure);
    connect(&m_document, &ComparisonDocument::pairsCompared, this, &ComparePage::showPairs);
    connect(&m_document, &ComparisonDocument::valuesReady, this, &ComparePage::showValues);
    connect(&m_document, &ComparisonDocument::selectionChanged, this, &ComparePage::showSelection);
    connect(&m_document, &ComparisonDocument::plotsChanged, this, &ComparePage::showPlots);
    connect(m_model, &DifferenceModel::arranged, this, &ComparePage::showArranged);
    connect(m_filter, &Segments::chosen, this, [this](int index) { setOnlyDifferences(index == 1); });
    connect(m_summary, &CompareSummary::statesChosen, this, [this](unsigned states) {
        m_states = states;
        applyFilter();
        selectFirstOf(states);
    });
    connect(m_choice, &Segments::chosen, m_plots, &QStackedWidget::setCurrentIndex);
    connect(m_tree->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& current) {
        if (const int pair = m_model->pairOf(current); pair >= 0 && !m_following)
            m_document.select(pair);
    });
    connect(m_map, &ChangeMap::activated, &m_document, &ComparisonDocument::select);
    connect(m_strip, &LoadStrip::activated, &m_document, [this](StripRow::Kind, int pair) { m_document.select(pair); });
    m_strip->setAccessibleName(tr("Tensors of A over those of B"));
    for (Plot* plot : std::initializer_list<Plot*>{m_overlaid, m_scatter, m_map, m_difference, m_depth})
        connect(plot, &Plot::readOut, this, &ComparePage::readOut);
    showState();
    showPlots();
}

QWidget* ComparePage::makeCentre()
{
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 4, 8, 2);
    head->setSpacing(12);
    head->addWidget(caption(tr("Tensors")));
    head->addWidget(m_count);
    head->addWidget(m_filter);
    head->addStretch();
    auto* centre = new QWidget;
    centre->setAutoFillBackground(true);
    centre->setBackgroundRole(QPalette::Base);
    centre->setMinimumWidth(480);
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head);
    column->addWidget(m_tree, 1);
    return centre;
}

QWidget* ComparePage::makeInspector()
{
    m_name->setFixed(true);
    m_name->setElided(Qt::ElideMiddle);
    m_facts->setWordWrap(true);
    m_choice->setAccessibleName(tr("Plot of the selected pair"));
    for (QWidget* plot : std::initializer_list<QWidget*>{m_overlaid, m_scatter, m_map})
        m_plots->addWidget(plot);
    auto* inspector = new QWidget;
    inspector->setAutoFillBackground(true);
    inspector->setBackgroundRole(QPalette::Base);
    inspector->setMinimumWidth(340);
    inspector->setMaximumWidth(forText(700));
    auto* column = new QVBoxLayout(inspector);
    column->setContentsMargins(14, 12, 14, 12);
    column->setSpacing(6);
    column->addWidget(m_name);
    column->addWidget(m_facts);
    column->addWidget(new HairLine);
    column->addWidget(m_choice, 0, Qt::AlignLeft);
    column->addWidget(m_plots, 5);
    column->addWidget(new HairLine);
    column->addWidget(m_difference, 3);
    column->addWidget(new HairLine);
    column->addWidget(caption(tr("Change over depth")));
    column->addWidget(m_depth, 4);
    return inspector;
}

QWidget* ComparePage::mainPanel() const
{
    return m_document.difference() ? static_cast<QWidget*>(m_tree) : m_empty;
}

QList<QWidget*> ComparePage::panels() const
{
    return {m_strip, m_summary->kinds(), m_tree, m_plots->currentWidget(), m_difference, m_depth};
}

void ComparePage::showState()
{
    const auto state = m_document.state();
    if (state == ComparisonDocument::State::Empty)
        m_empty->setContent(tr("Nothing to compare with yet"),
                            tr("Drop a second checkpoint on the upper half of the window, or open two files together. Any two formats can be "
                               "compared. File > Compare with one on another machine takes one that ssh reaches."),
                            tr("Compare with…"));
    else if (state == ComparisonDocument::State::Failed && m_document.error())
        m_empty->setContent(tr("B cannot be compared"), fromCore(m_document.error()->message, 500), tr("Compare with another…"));
    else if (state == ComparisonDocument::State::Opening)
        m_empty->setContent(tr("Opening B"), tr("Names and shapes first, then the values."));
    const QWidget* focused = QApplication::focusWidget();
    const bool hadFocus = focused && (focused == m_empty || m_empty->isAncestorOf(focused));
    m_stack->setCurrentWidget(m_document.difference() ? m_content : static_cast<QWidget*>(m_empty));
    if (hadFocus && m_document.difference())
        m_tree->setFocus();
    showCount();
}

void ComparePage::showCount()
{
    const auto difference = m_document.difference();
    if (!difference)
        return;
    QString text = tr("%1 of %2").arg(m_model->shownPairs()).arg(difference->pairs.size());
    if (m_document.state() == ComparisonDocument::State::Stopped)
        text += tr(", values stopped at %1").arg(m_document.comparedPairs());
    else if (m_document.state() == ComparisonDocument::State::Compared)
        text += tr(", compared in %1 s").arg(fixedText(m_document.seconds(), m_document.seconds() < 10 ? 2 : 0));
    m_count->setFullText(text);
}

void ComparePage::showStructure()
{
    m_openBefore.clear();
    m_following = true;
    m_model->setDifference(m_document.difference(), m_document.rows());
    m_following = false;
    showOverview(*m_document.overview());
    showSelection();
}

bool ComparePage::isFiltered() const
{
    return m_onlyDifferences || m_states != DifferenceModel::allStates || !m_text.isEmpty();
}

/// Other rows are there: of another difference, after a filter, or when all values have come. What is open stays open.
void ComparePage::showArranged(bool isNew)
{
    constexpr int openAll = 500;
    m_following = true;
    if (isNew && isFiltered() && m_model->shownPairs() <= openAll)
        m_tree->expandAll();
    else if (isNew)
        openOutermost();
    if (!isFiltered())
        for (const int node : std::exchange(m_openBefore, {}))
            m_tree->expand(m_model->indexOf(node));
    m_following = false;
    showCount();
    showSelection();
    if (isNew)
        m_tree->scrollTo(m_tree->currentIndex());
}

/// As long as a view lays them out without a pause. One by one: expandToDepth() closes what is open below.
void ComparePage::openOutermost()
{
    constexpr int most = 5'000;
    int rows = 0;
    for (int row = 0; row < m_model->rowCount(); ++row)
        rows += m_model->rowCount(m_model->index(row, 0));
    for (int row = 0; rows <= most && row < m_model->rowCount(); ++row)
        if (const QModelIndex top = m_model->index(row, 0); m_model->rowCount(top) > 0)
            m_tree->expand(top);
}

void ComparePage::showPairs(const std::vector<int>& pairs)
{
    m_model->updatePairs(pairs);
    if (m_document.difference()->pairs.size() <= mostPairsAtOnce)
        showOverview(ComparisonOverview(*m_document.difference()));
    if (std::find(pairs.begin(), pairs.end(), m_document.selected()) != pairs.end())
        showSelection();
}

void ComparePage::showValues()
{
    m_following = true;
    m_model->finish(m_document.difference(), m_document.rows());
    m_following = false;
    showOverview(*m_document.overview());
    showSelection();
}

/// All but the tree and the selected pair.
void ComparePage::showOverview(const ComparisonOverview& overview)
{
    m_summary->setDifference(*m_document.difference(), overview);
    m_map->setTable(overview.table);
    m_depth->setTable(overview.table);
    showStrip(overview.strip);
}

void ComparePage::showStrip(std::shared_ptr<const Strip> strip)
{
    const auto difference = m_document.difference();
    // two machines may have the same names
    const auto labelOf = [](const Checkpoint& checkpoint) {
        const std::string machine = isSshAddress(checkpoint.path) ? hostOf(checkpoint.path) + ": " : std::string();
        return fromFile(machine + subjectOf(checkpoint.path));
    };
    LoadStrip::Labels labels;
    labels[size_t(StripRow::Kind::A)] = labelOf(*difference->a);
    labels[size_t(StripRow::Kind::B)] = labelOf(*difference->b);
    m_strip->setStrip(std::move(strip), labels, [this](StripRow::Kind, int pair) { return describe(pair); });
    m_strip->setSelectedRow(m_document.selected());
}

QString ComparePage::describe(int index) const
{
    const auto difference = m_document.difference();
    if (!difference || index < 0)
        return {};
    const TensorPair& pair = difference->pairs[size_t(index)];
    const TensorInfo& tensor = pair.a >= 0 ? difference->a->tensors[size_t(pair.a)] : difference->b->tensors[size_t(pair.b)];
    const QString state =
        pair.values && !pair.values->isSame() ? tr("changed by %1").arg(changeText(pair.values->relativeL2)) : fromCore(name(stateOf(pair)));
    return tr("%1, %2, %3").arg(fromFile(tensor.name), shapeText(tensor.shape), state);
}

void ComparePage::setOnlyDifferences(bool on)
{
    m_onlyDifferences = on;
    m_filter->setCurrent(on ? 1 : 0);
    applyFilter();
    Q_EMIT onlyDifferencesChanged(on);
}

/// A kind that is chosen shows its first pair, unless the selected one is of it.
void ComparePage::selectFirstOf(unsigned states)
{
    const auto difference = m_document.difference();
    const auto isOf = [&](int pair) { return (states & (1u << unsigned(stateOf(difference->pairs[size_t(pair)])))) != 0; };
    if (!difference || (m_document.selected() >= 0 && isOf(m_document.selected())))
        return;
    for (int pair = 0; pair < int(difference->pairs.size()); ++pair)
        if (isOf(pair))
            return m_document.select(pair);
}

void ComparePage::setFilterText(const QString& text)
{
    m_text = text;
    applyFilter();
}

void ComparePage::applyFilter()
{
    if (!std::exchange(m_wasFiltered, isFiltered()) && m_wasFiltered)
        m_openBefore = openNodes(*m_tree);
    m_following = true;
    m_model->setFilter(m_states & (m_onlyDifferences ? DifferenceModel::differences : DifferenceModel::allStates), m_text);
    m_following = false;
}

void ComparePage::goToDeviation(bool forward)
{
    const auto difference = m_document.difference();
    if (!difference)
        return;
    const int count = int(difference->pairs.size());
    for (int step = 1; step <= count; ++step) {
        const int pair = ((m_document.selected() + (forward ? step : -step)) % count + count) % count;
        if (stateOf(difference->pairs[size_t(pair)]) != PairState::Same) {
            m_document.select(pair);
            return;
        }
    }
}

void ComparePage::showSelection()
{
    const auto difference = m_document.difference();
    const int selected = m_document.selected();
    m_map->setSelectedPair(selected);
    m_strip->setSelectedRow(selected);
    if (!difference || selected < 0) {
        m_name->setFullText({});
        m_facts->setFullText({});
        return;
    }
    const TensorPair& pair = difference->pairs[size_t(selected)];
    m_name->setFullText(fromFile(pair.a >= 0 ? difference->a->tensors[size_t(pair.a)].name : difference->b->tensors[size_t(pair.b)].name));
    m_facts->setFullText(factsOf(pair).join(QStringLiteral("   ")));
    const QModelIndex index = m_model->indexOfPair(selected);
    if (index.isValid() && m_model->pairOf(m_tree->currentIndex()) != selected) {
        m_following = true;
        selectAlone(*m_tree, index);
        m_following = false;
    }
}

QStringList ComparePage::factsOf(const TensorPair& pair) const
{
    const auto difference = m_document.difference();
    const TensorInfo* a = pair.a >= 0 ? &difference->a->tensors[size_t(pair.a)] : nullptr;
    const TensorInfo* b = pair.b >= 0 ? &difference->b->tensors[size_t(pair.b)] : nullptr;
    QStringList facts;
    facts << (a && b ? a->dtypeName() == b->dtypeName() ? tr("%1 in both").arg(fromFile(a->dtypeName()))
                                                        : tr("%1 in A, %2 in B").arg(fromFile(a->dtypeName()), fromFile(b->dtypeName()))
                     : fromFile((a ? a : b)->dtypeName()))
          << (a && b && a->shape != b->shape ? tr("%1 in A, %2 in B").arg(shapeText(a->shape), shapeText(b->shape)) : shapeText((a ? a : b)->shape));
    if (!pair.axes.empty())
        facts << tr("transposed");
    if (pair.isRenamed())
        facts << tr("in B: %1 (%2)").arg(fromFile(b->name), fromCore(pair.rule).replace(QLatin1String(" -> "), QStringLiteral(" → ")));
    if (!pair.valuesError.empty())
        facts << fromCore(pair.valuesError);
    if (!pair.values)
        return facts;
    facts << tr("cosine %1").arg(fixedText(pair.values->cosine, 5))
          << (pair.values->isSame() ? tr("no element differs")
                                    : tr("%1 of elements differ").arg(percentText(pair.values->changed, pair.values->count)));
    QStringList index;
    for (const int64_t i : pair.values->firstChanged)
        index << QString::number(i);
    if (!index.isEmpty())
        facts << tr("first at [%1]").arg(index.join(QStringLiteral(", ")));
    return facts;
}

void ComparePage::showPlots()
{
    const auto& plots = m_document.plots();
    if (!plots) {
        const auto difference = m_document.difference();
        const int selected = m_document.selected();
        const bool isPair = difference && selected >= 0 && difference->pairs[size_t(selected)].isPair();
        const QString why = selected < 0                         ? tr("No tensor is selected")
                            : !isPair                            ? tr("Only one side has this tensor")
                            : !m_document.plotsError().isEmpty() ? m_document.plotsError()
                                                                 : tr("Reading the values");
        for (PairPlot* plot : {m_overlaid, m_scatter, m_difference})
            plot->clear(why);
        return;
    }
    const TensorPair& pair = m_document.difference()->pairs[size_t(m_document.selected())];
    const QString title = m_name->fullText();
    const QString note = plots->sampled < plots->count ? tr("sampled %1 of %2").arg(QString::fromStdString(groupDigits(plots->sampled)), QString::fromStdString(groupDigits(plots->count))) : QString();
    m_overlaid->setHistograms(title, plots->histograms, {tr("A std %1").arg(numberText(plots->stdA)), tr("B std %1").arg(numberText(plots->stdB))}, note);
    m_scatter->setDensity(title, plots->density, note);
    m_difference->setHistograms(title, plots->histograms, pair.values ? QStringList{tr("rmse %1").arg(numberText(pair.values->rmse)), tr("max %1").arg(numberText(pair.values->maxAbs))} : QStringList(), note);
}

void ComparePage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_laidOut)
        return;
    m_laidOut = true;
    resetLayout();
}

void ComparePage::resetLayout()
{
    const bool isWide = width() >= wideFrom;
    const int left = forText(isWide ? 258 : 220);
    const int right = forText(isWide ? 432 : 350);
    m_columns->setSizes({left, width() - left - right, right});
}

/// In a narrow window the names need the room of the bars, which repeat the numbers beside them.
void ComparePage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_tree->setColumnHidden(DifferenceModel::BarColumn, width() < wideFrom);
}

void ComparePage::saveLayout(QSettings& settings) const
{
    settings.setValue(onlyDifferencesKey, m_onlyDifferences);
    if (m_laidOut)
        settings.setValue(columnsKey, m_columns->saveState());
}

void ComparePage::restoreLayout(const QSettings& settings)
{
    setOnlyDifferences(settings.value(onlyDifferencesKey, false).toBool());
    if (settings.contains(columnsKey))
        m_laidOut = m_columns->restoreState(settings.value(columnsKey).toByteArray());
}

} // namespace weighbridge
