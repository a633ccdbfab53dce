// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/mainwindow.h"

#include "core/base/text.h"
#include "ui/cascade.h"
#include "ui/glyphs.h"
#include "ui/models/recent_files.h"
#include "ui/models/tensor_texts.h"
#include "ui/models/thumbnail.h"
#include "ui/plots/histogram_plot.h"
#include "ui/save_dialog.h"
#include "ui/theme.h"
#include "ui/views/address_dialog.h"
#include "ui/views/command_palette.h"
#include "ui/views/compare_page.h"
#include "ui/views/drop_overlay.h"
#include "ui/views/error_page.h"
#include "ui/views/find_field.h"
#include "ui/views/finding_delegate.h"
#include "ui/views/host_browser.h"
#include "ui/views/inspector.h"
#include "ui/views/job_bar.h"
#include "ui/views/load_strip.h"
#include "ui/views/loading_page.h"
#include "ui/views/report_dialogs.h"
#include "ui/views/select_alone.h"
#include "ui/views/settings_dialog.h"
#include "ui/views/start_page.h"
#include "ui/views/run_page.h"
#include "ui/views/structure_page.h"
#include "ui/views/tensor_actions.h"
#include "ui/views/tensor_view.h"
#include "ui/views/weights_page.h"

#include <QAbstractButton>
#include <QApplication>
#include <QClipboard>
#include <QCloseEvent>
#include <QKeyEvent>
#include <QMenuBar>
#include <QScreen>
#include <QSettings>
#include <QStackedWidget>
#include <QTabBar>
#include <QTableView>
#include <QToolBar>
#include <QToolButton>
#include <QTreeView>

namespace weighbridge {
namespace {

const auto geometryKey = QStringLiteral("window/geometry");
const auto themeKey = QStringLiteral("window/theme");
const auto exportFolderKey = QStringLiteral("window/exportFolder");

Glyph glyphOf(Severity severity)
{
    return severity == Severity::Error ? Glyph::Error : severity == Severity::Warning ? Glyph::Warning : Glyph::Matched;
}

} // namespace

MainWindow::MainWindow(const WindowContext& context, QWidget* parent)
    : QMainWindow(parent), m_context(context), m_document(context.calls), m_actions(this), m_tabs(new QTabBar), m_find(new FindField), m_stack(new QStackedWidget),
      m_startPage(new StartPage(context.recent, m_actions.open, m_actions.openFolder)), m_loadingPage(new LoadingPage(m_document)), m_errorPage(new ErrorPage),
      m_checkpointView(new CheckpointView(m_document, {m_actions.copyFix, m_actions.saveRepaired, m_actions.compareWith, m_actions.swapSides})), m_overlay(new DropOverlay(this)), m_jobBar(new JobBar(m_document))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setAcceptDrops(true);
    setMinimumSize(960, 600);
    for (QWidget* page : std::initializer_list<QWidget*>{m_startPage, m_loadingPage, m_errorPage, m_checkpointView})
        m_stack->addWidget(page);
    setCentralWidget(m_stack);
    setStatusBar(m_jobBar);
    m_jobBar->setResting(tr("Files are read on this machine; nothing is sent anywhere, unless you open an address."));
    m_actions.fill(*menuBar());
    buildToolBar();
    connectActions();
    connectDocument();
    connectReport(m_report, *m_jobBar);
    new TensorActions(m_actions, m_document, *m_checkpointView->structure()->tensors(), *m_jobBar, this);
    connect(&m_report, &ReportExport::activityChanged, this, &MainWindow::updateActions);
    readPreferences();
    restoreWindow();
    showRecent();
    showState();
    updateStop();
}

MainWindow::~MainWindow() = default;

void MainWindow::buildToolBar()
{
    QToolBar* bar = addToolBar(tr("Tools"));
    bar->setMovable(false);
    bar->setContextMenuPolicy(Qt::PreventContextMenu);
    bar->setIconSize(QSize(16, 16));
    bar->setFixedHeight(std::max(46, 2 * fontMetrics().height() + 10));
    // A button of its own for each action: it can be hidden while the menu's entry stays.
    const auto addButton = [bar](QAction* action, Qt::ToolButtonStyle style, const QString& text) {
        if (style != Qt::ToolButtonIconOnly)
            action->setIconText(text);
        auto* button = new QToolButton;
        button->setDefaultAction(action);
        button->setAutoRaise(true);
        button->setToolButtonStyle(style);
        button->setIconSize(bar->iconSize());
        button->setAccessibleName(text);
        button->setFocusPolicy(Qt::TabFocus);
        QAction* place = bar->addWidget(button); // it enables its widget, so it has to follow
        place->setEnabled(action->isEnabled());
        connect(action, &QAction::enabledChanged, place, &QAction::setEnabled);
        return place;
    };
    const auto addSpace = [bar] {
        auto* space = new QWidget; // the style sets the bar's own margins
        space->setFixedWidth(4);
        bar->addWidget(space);
    };
    addSpace();
    addButton(m_actions.open, Qt::ToolButtonTextBesideIcon, tr("Open…"));
    m_checkpointWidgets << addButton(m_actions.back, Qt::ToolButtonIconOnly, tr("Back"))
                        << addButton(m_actions.forward, Qt::ToolButtonIconOnly, tr("Forward"));
    QAction* separator = bar->addSeparator();
    m_tabs->setDrawBase(false);
    m_tabs->setFixedHeight(std::max(36, 2 * fontMetrics().height()));
    m_tabs->setExpanding(false);
    m_tabs->setUsesScrollButtons(false);
    m_tabs->setElideMode(Qt::ElideNone);
    m_tabs->setFocusPolicy(Qt::TabFocus);
    m_tabs->setIconSize(QSize(16, 16));
    m_tabs->setAccessibleName(tr("Pages"));
    for (const QAction* page : m_actions.pages)
        m_tabs->setTabToolTip(m_tabs->addTab(QString(page->text()).remove(u'&')), page->toolTip());
    m_checkpointWidgets << separator << bar->addWidget(m_tabs);
    auto* space = new QWidget;
    space->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    bar->addWidget(space);
    m_checkpointWidgets << bar->addWidget(m_find);
    m_checkpointWidgets << addButton(m_actions.exportReport, Qt::ToolButtonTextBesideIcon, tr("Export report…"));
    addSpace();
}

void MainWindow::connectActions()
{
    const auto on = [this](QAction* action, auto slot) { connect(action, &QAction::triggered, this, slot); };
    on(m_actions.open, [this] { askForFiles(); });
    on(m_actions.openFolder, [this] { askForFolder(); });
    on(m_actions.openAddress, [this] { open(askForAddress(this, m_context.recent)); });
    on(m_actions.openOnHost, [this] { open(askForHostPath(this, m_context.recent, HostPurpose::Open)); });
    on(m_actions.fetchValues, [this] { m_document.resumeStatistics(); });
    on(m_actions.openConfig, [this] { askForConfig(); });
    on(m_actions.openReference, [this] { useReference(askForCheckpoint(tr("Use a reference checkpoint"), tr("Use this folder"))); });
    on(m_actions.openReferenceOnHost, [this] { useReference(askForHostPath(this, m_context.recent, HostPurpose::Reference).value(0)); });
    on(m_actions.openStatistics, [this] { askForStatistics(); });
    on(m_actions.compareWith, [this] { compareWith(askForCheckpoint(tr("Compare with"), tr("Compare with this folder"))); });
    on(m_actions.compareWithHost, [this] { compareWith(askForHostPath(this, m_context.recent, HostPurpose::Compare).value(0)); });
    on(m_actions.exportReport, [this] { exportReport(this, m_report, reportSubject()); });
    on(m_actions.print, [this] { printReport(this, m_report, reportSubject()); });
    on(m_actions.newWindow, [this] { openInNewWindow({}); });
    on(m_actions.reload, [this] { m_document.reload(); });
    on(m_actions.closeWindow, [this] { close(); });
    on(m_actions.quit, [] { QApplication::closeAllWindows(); });
    on(m_actions.copyFix, [this] { copyFix(); });
    on(m_actions.saveRepaired, [this] { askForCopy(); });
    on(m_actions.find, [this] { m_find->setFocus(Qt::ShortcutFocusReason); m_find->selectAll(); });
    on(m_actions.palette, [this] { showPalette(); });
    on(m_actions.settings, [this] { showSettings(); });
    on(m_actions.run, [this] {
        setPage(CheckpointView::RunPageIndex);
        m_checkpointView->run()->run();
    });
    on(m_actions.asItLoads, [this] { m_checkpointView->structure()->tensors()->showView(View::AsItLoads); });
    on(m_actions.afterFix, [this] { m_checkpointView->structure()->tensors()->showView(View::AfterFix); });
    on(m_actions.onlyDifferences, [this] { m_checkpointView->compare()->setOnlyDifferences(m_actions.onlyDifferences->isChecked()); });
    on(m_actions.swapSides, [this] { m_checkpointView->compare()->document().swapSides(); });
    on(m_actions.inspector, [this] { m_checkpointView->structure()->toggleInspector(); });
    on(m_actions.fullScreen, [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    on(m_actions.resetLayout, [this] {
        m_checkpointView->structure()->resetLayout();
        m_checkpointView->compare()->resetLayout();
        m_checkpointView->run()->resetLayout();
    });
    on(m_actions.back, [this] { m_document.back(); });
    on(m_actions.forward, [this] { m_document.forward(); });
    on(m_actions.nextDeviation, [this] { goToDeviation(true); });
    on(m_actions.previousDeviation, [this] { goToDeviation(false); });
    on(m_actions.nextPanel, [this] { focusPanel(1); });
    on(m_actions.previousPanel, [this] { focusPanel(-1); });
    on(m_actions.stop, [this] { stopOrLeave(); });
    on(m_actions.clearRecent, [this] { m_context.recent.clear(); });
    on(m_actions.about, [this] { showAbout(); });
    on(m_actions.manual, [this] { showManual(); });
    on(m_actions.shortcuts, [this] { showShortcuts(); });
    for (int page = 0; page < m_actions.pages.size(); ++page)
        on(m_actions.pages[page], [this, page] { setPage(page); });
    for (int i = 0; i < m_actions.recent.size(); ++i)
        on(m_actions.recent[i], [this, i] { open({m_context.recent.files().value(i).path}); });
    const std::pair<QAction*, ThemeChoice> themes[] = {{m_actions.themeSystem, ThemeChoice::System}, {m_actions.themeLight, ThemeChoice::Light}, {m_actions.themeDark, ThemeChoice::Dark}};
    for (const auto& [action, choice] : themes) {
        action->setChecked(m_context.appearance.choice() == choice);
        on(action, [this, theme = choice] {
            m_context.settings.setValue(themeKey, int(theme));
            m_context.appearance.setChoice(theme);
        });
        connect(&m_context.appearance, &Appearance::changed, action, [this, button = action, theme = choice] { button->setChecked(m_context.appearance.choice() == theme); });
    }
}

void MainWindow::connectDocument()
{
    connect(&m_document, &Document::stateChanged, this, &MainWindow::showState);
    connect(&m_document, &Document::expectedChanged, this, &MainWindow::showState);
    connect(&m_document, &Document::pathsChanged, this, &MainWindow::showTitle);
    connect(&m_document, &Document::headerLoaded, this, [this] {
        m_context.recent.add(m_document.path());
        showState();
        m_checkpointView->mainPanel()->setFocus();
    });
    connect(&m_document, &Document::checked, this, [this] {
        showTabs();
        updateActions();
        remember();
    });
    connect(&m_document, &Document::selectionChanged, this, &MainWindow::updateActions);
    connect(&m_document, &Document::afterFixChanged, this, &MainWindow::updateActions);
    connect(&m_document, &Document::repairStarted, this, &MainWindow::updateActions);
    connect(&m_document, &Document::repaired, this, &MainWindow::updateActions);
    connect(m_checkpointView, &CheckpointView::openRequested, this, &MainWindow::open);
    connect(&m_context.recent, &QAbstractItemModel::modelReset, this, &MainWindow::showRecent);
    connect(&m_context.recent, &QAbstractItemModel::rowsInserted, this, &MainWindow::showRecent);
    connect(&m_context.recent, &QAbstractItemModel::rowsRemoved, this, &MainWindow::showRecent);
    connect(&m_context.recent, &QAbstractItemModel::rowsMoved, this, &MainWindow::showRecent);
    connect(m_startPage, &StartPage::openRequested, this, &MainWindow::open);
    connect(m_errorPage, &ErrorPage::tryAgain, &m_document, &Document::reload);
    connect(m_errorPage, &ErrorPage::openOther, m_actions.open, &QAction::trigger);
    connect(m_errorPage, &ErrorPage::helpRequested, m_actions.manual, &QAction::trigger);
    connect(m_tabs, &QTabBar::currentChanged, this, &MainWindow::setPage);
    TensorView* tensors = m_checkpointView->structure()->tensors();
    connect(m_find, &FindField::searched, this, &MainWindow::findText);
    connect(m_checkpointView->compare(), &ComparePage::readOut, m_jobBar, &JobBar::setReadOut);
    connect(m_checkpointView->compare(), &ComparePage::onlyDifferencesChanged, m_actions.onlyDifferences, &QAction::setChecked);
    ComparisonDocument* comparison = &m_checkpointView->compare()->document();
    connect(comparison, &ComparisonDocument::stateChanged, this, &MainWindow::updateActions);
    connect(comparison, &ComparisonDocument::activityChanged, m_jobBar, [this, comparison] { m_jobBar->setOther(comparison, comparison->activity(), [comparison] { comparison->cancel(); }); });
    connect(m_jobBar, &JobBar::busyChanged, this, &MainWindow::updateStop);
    connect(m_checkpointView->run(), &RunPage::runningChanged, this, &MainWindow::updateStop);
    connect(m_find, &FindField::left, this, &MainWindow::leaveFind);
    connect(tensors, &TensorView::filterRequested, m_find, &QLineEdit::setText);
    connect(tensors, &TensorView::selectionTextChanged, this, [this, tensors] { m_jobBar->setSelectionText(tensors->selectionText()); });
    connect(m_checkpointView->weights(), &WeightsPage::readOut, m_jobBar, &JobBar::setReadOut);
    connect(m_checkpointView->structure()->inspector()->tensorSection()->plot(), &Plot::readOut, m_jobBar, &JobBar::setReadOut);
}

QWidget* MainWindow::shownPage() const
{
    return m_stack->currentWidget();
}

void MainWindow::open(const QStringList& paths)
{
    m_document.open(paths);
    if (!m_document.pathB().isEmpty())
        setPage(CheckpointView::ComparePageIndex);
}

void MainWindow::showState()
{
    QWidget* page = m_startPage;
    switch (m_document.state()) {
    case Document::State::Empty: break;
    case Document::State::Loading: page = m_loadingPage; break;
    case Document::State::Loaded: page = m_checkpointView; break;
    case Document::State::Failed:
        page = m_errorPage;
        if (m_document.error())
            m_errorPage->setError(*m_document.error());
        break;
    }
    m_stack->setCurrentWidget(page);
    for (QAction* action : m_checkpointWidgets)
        action->setVisible(page != m_startPage);
    m_tabs->setEnabled(page == m_checkpointView);
    m_find->setEnabled(page == m_checkpointView);
    if (page != m_checkpointView)
        m_jobBar->setSelectionText({});
    else
        m_jobBar->setSelectionText(m_checkpointView->structure()->tensors()->selectionText());
    showTitle();
    showTabs();
    updateActions();
}

void MainWindow::showTitle()
{
    const QString path = m_document.path().isEmpty() ? m_document.configPath() : m_document.path();
    const QString names = m_document.pathB().isEmpty() ? fileName(path) : tr("%1, %2").arg(fileName(path), fileName(m_document.pathB()));
    setWindowFilePath(m_document.isElsewhere() ? QString() : m_document.path());
    setWindowTitle(path.isEmpty() ? tr("Weighbridge") : tr("%1 – Weighbridge").arg(names));
}

void MainWindow::showTabs()
{
    for (int page = 0; page < m_tabs->count(); ++page) {
        const auto worst = m_checkpointView->worstOf(CheckpointView::Page(page));
        const bool isFine = page == CheckpointView::StructurePageIndex && m_document.check() && m_document.check()->expected && !worst;
        QIcon icon;
        QString state;
        if (worst || isFine)
            icon = glyphIcon(worst ? glyphOf(*worst) : Glyph::Matched, palette());
        if (worst && *worst != Severity::Note)
            state = *worst == Severity::Error ? tr("has errors") : tr("has warnings");
        m_tabs->setTabIcon(page, m_document.state() == Document::State::Loaded ? icon : QIcon());
        m_tabs->setTabToolTip(page, state.isEmpty() ? m_actions.pages[page]->toolTip() : tr("%1; %2").arg(m_actions.pages[page]->toolTip(), state));
    }
}

void MainWindow::showRecent()
{
    const auto& files = m_context.recent.files();
    for (int i = 0; i < m_actions.recent.size(); ++i) {
        QAction* action = m_actions.recent[i];
        action->setVisible(i < files.size());
        if (i < files.size()) {
            action->setText(fileName(files[i].path).replace(u'&', QStringLiteral("&&")));
            action->setStatusTip(files[i].path);
        }
    }
    m_actions.clearRecent->setEnabled(!files.isEmpty());
}

void MainWindow::remember()
{
    const auto check = m_document.check();
    if (!check || m_document.path().isEmpty())
        return;
    m_thumbnailRunner.start<QByteArray>([rows = m_document.rows()](JobContext&) -> Result<QByteArray> { return thumbnailOf(*rows, RecentFiles::maximumCells); },
                                        [this, path = m_document.path(), verdict = QString::fromLatin1(name(check->verdict))](const Result<QByteArray>& cells) {
                                            m_context.recent.setVerdict(path, verdict, cells.value_or(QByteArray()));
                                        });
}

void MainWindow::setPage(int page)
{
    const QWidget* focused = QApplication::focusWidget();
    const bool takesFocus = focused && m_checkpointView->isAncestorOf(focused);
    m_checkpointView->setPage(CheckpointView::Page(page));
    if (m_tabs->currentIndex() != page)
        m_tabs->setCurrentIndex(page);
    if (takesFocus && !focused->isVisible()) // else Qt gives it to whatever comes next
        m_checkpointView->mainPanel()->setFocus(Qt::OtherFocusReason);
}

void MainWindow::updateActions()
{
    const bool isLoaded = m_document.state() == Document::State::Loaded;
    m_actions.back->setEnabled(m_document.canGoBack());
    m_actions.forward->setEnabled(m_document.canGoForward());
    m_actions.reload->setEnabled(m_document.state() != Document::State::Empty);
    m_actions.openConfig->setEnabled(isLoaded);
    for (QAction* action : {m_actions.openReference, m_actions.openReferenceOnHost})
        action->setEnabled(isLoaded);
    m_actions.openStatistics->setEnabled(m_document.checkpoint() != nullptr);
    for (QAction* action : {m_actions.compareWith, m_actions.compareWithHost})
        action->setEnabled(m_document.checkpoint() != nullptr);
    const bool isCompared = m_checkpointView->compare()->document().difference() != nullptr;
    m_actions.fetchValues->setEnabled(isLoaded && m_document.fetchesValues() && m_document.wasStopped());
    m_actions.fetchValues->setText(isLoaded && m_document.fetchesValues()
                                       ? tr("&Fetch all values (%1)").arg(QString::fromStdString(formatNbytes(m_document.totals().nbytes)))
                                       : tr("&Fetch all values"));
    m_actions.swapSides->setEnabled(isCompared);
    m_actions.onlyDifferences->setEnabled(isCompared);
    m_actions.afterFix->setEnabled(m_document.tree(View::AfterFix) != nullptr);
    const auto check = m_document.check();
    for (QAction* action : {m_actions.exportReport, m_actions.print})
        action->setEnabled(check && !m_report.isRunning());
    m_actions.copyFix->setEnabled(!m_document.fixToCopy().empty());
    m_actions.saveRepaired->setEnabled(m_document.canRepair());
    QList<QAction*> needCheckpoint{m_actions.run, m_actions.find, m_actions.asItLoads, m_actions.inspector, m_actions.nextDeviation, m_actions.previousDeviation};
    for (QAction* action : needCheckpoint + m_actions.pages)
        action->setEnabled(isLoaded);
}

void MainWindow::openInNewWindow(const QStringList& paths)
{
    auto* window = new MainWindow(m_context);
    const QRect inner = geometry();
    const QRect outer = frameGeometry();
    const QMargins frame(inner.left() - outer.left(), inner.top() - outer.top(), outer.right() - inner.right(), outer.bottom() - inner.bottom());
    window->setWindowState(window->windowState() & ~(Qt::WindowMaximized | Qt::WindowFullScreen));
    window->setGeometry(cascaded(outer, screen()->availableGeometry(), minimumSize().grownBy(frame)).marginsRemoved(frame));
    window->show();
    if (!paths.isEmpty())
        window->open(paths);
}

/// The field searches the page that is shown; from a page without a tree it goes to the tensors.
void MainWindow::findText(const QString& text)
{
    if (m_checkpointView->page() == CheckpointView::ComparePageIndex) {
        m_checkpointView->compare()->setFilterText(text);
        return;
    }
    m_checkpointView->structure()->tensors()->setFilterText(text);
    if (!text.isEmpty())
        setPage(CheckpointView::StructurePageIndex);
}

void MainWindow::goToDeviation(bool forward)
{
    if (m_checkpointView->page() == CheckpointView::ComparePageIndex)
        m_checkpointView->compare()->goToDeviation(forward);
    else
        m_checkpointView->structure()->tensors()->goToDeviation(forward);
}

ReportExport::Subject MainWindow::reportSubject()
{
    const bool isComparing = m_tabs->currentIndex() == CheckpointView::ComparePageIndex;
    return {m_document, isComparing ? &m_checkpointView->compare()->document() : nullptr};
}

void MainWindow::copyFix()
{
    QApplication::clipboard()->setText(QString::fromStdString(m_document.fixToCopy()));
    m_jobBar->showMessage(tr("Copied the Python of the fix"), 4000);
}

void MainWindow::focusPanel(int step)
{
    QList<QWidget*> panels;
    if (shownPage() == m_checkpointView) {
        const StructurePage* structure = m_checkpointView->structure();
        panels = {m_checkpointView->strip(), structure->findings(), structure->tensors()->tree(), structure->inspector()};
        panels << m_checkpointView->weights()->panels() << m_checkpointView->compare()->panels() << m_checkpointView->run()->panels() << m_find;
    } else {
        panels = {shownPage()};
    }
    panels.removeIf([](const QWidget* panel) { return !panel->isVisible(); });
    panels << m_tabs;
    const QWidget* focused = QApplication::focusWidget();
    const auto holdsFocus = [focused](const QWidget* panel) { return panel == focused || panel->isAncestorOf(focused); };
    const auto current = std::find_if(panels.begin(), panels.end(), holdsFocus);
    const auto at = current == panels.end() ? (step > 0 ? -1 : 0) : int(current - panels.begin());
    panels[(at + step + panels.size()) % panels.size()]->setFocus(step > 0 ? Qt::TabFocusReason : Qt::BacktabFocusReason);
}

void MainWindow::leaveFind()
{
    QTreeView* tree = m_checkpointView->page() == CheckpointView::ComparePageIndex ? m_checkpointView->compare()->tree() : m_checkpointView->structure()->tensors()->tree();
    tree->setFocus();
    if (!tree->currentIndex().isValid())
        selectAlone(*tree, tree->model()->index(0, 0));
}

/// What the page that is shown does comes first.
void MainWindow::stopOrLeave()
{
    if (m_checkpointView->run()->isRunning())
        m_checkpointView->run()->stop();
    else if (m_jobBar->isBusy())
        m_jobBar->stop();
    else if (isFullScreen())
        setWindowState(windowState() & ~Qt::WindowFullScreen);
}

void MainWindow::updateStop()
{
    m_actions.stop->setEnabled(m_checkpointView->run()->isRunning() || m_jobBar->isBusy() || isFullScreen());
}

void MainWindow::showPalette()
{
    auto* palette = new CommandPalette(QMainWindow::actions(), m_document, this);
    connect(palette, &CommandPalette::findingChosen, this, [this](int finding) {
        setPage(CheckpointView::StructurePageIndex);
        m_document.selectFinding(finding);
    });
    connect(palette, &CommandPalette::selectionChosen, this, [this](const Selection& selection) {
        m_find->clear(); // it might hide what was chosen
        if (m_checkpointView->page() > CheckpointView::WeightsPageIndex)
            setPage(CheckpointView::StructurePageIndex);
        m_document.select(selection);
    });
    palette->show();
}

void MainWindow::showSettings()
{
    auto* dialog = new SettingsDialog(m_context.settings, m_context.recent, this);
    connect(dialog, &SettingsDialog::changed, this, &MainWindow::readPreferences);
    dialog->show();
}

void MainWindow::readPreferences()
{
    m_document.setCheckedUnasked(Preferences(m_context.settings).checkedUnaskedNbytes());
}

void MainWindow::restoreWindow()
{
    const QSize room = screen()->availableSize() - QSize(8, 40); // for the frame, which is not known before the window is shown
    resize(std::min(1440, room.width()), std::min(900, room.height()));
    restoreGeometry(m_context.settings.value(geometryKey).toByteArray());
    setExportFolder(*this, m_context.settings.value(exportFolderKey).toString());
    m_checkpointView->structure()->restoreLayout(m_context.settings);
    m_checkpointView->compare()->restoreLayout(m_context.settings);
}

/// Enter presses a button that has the focus, as Space does: a file of the start page is opened by either.
void MainWindow::keyPressEvent(QKeyEvent* event)
{
    auto* button = qobject_cast<QAbstractButton*>(QApplication::focusWidget());
    if (button && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
        button->click();
    else
        QMainWindow::keyPressEvent(event);
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    m_context.settings.setValue(geometryKey, saveGeometry());
    m_context.settings.setValue(exportFolderKey, lastExportFolder(*this));
    m_checkpointView->structure()->saveLayout(m_context.settings);
    m_checkpointView->compare()->saveLayout(m_context.settings);
    m_document.cancel();
    QMainWindow::closeEvent(event);
}

void MainWindow::changeEvent(QEvent* event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange) {
        m_actions.updateIcons(palette());
        showTabs();
    } else if (event->type() == QEvent::WindowStateChange) {
        updateStop();
    }
}

} // namespace weighbridge
