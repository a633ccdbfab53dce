// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/actions.h"
#include "ui/models/document.h"
#include "ui/report/report_export.h"
#include "ui/views/checkpoint_view.h"

#include <QMainWindow>

class QSettings;
class QStackedWidget;
class QTabBar;

namespace weighbridge {

class Appearance;
class DropOverlay;
class ErrorPage;
class FindField;
class JobBar;
class LoadingPage;
class RecentFiles;
class StartPage;

/// What all windows share; made in main() and alive as long as any window.
struct WindowContext {
    Appearance& appearance;
    QSettings& settings;
    RecentFiles& recent;
    CoreCalls calls;
};

/// A window: menus, tool bar, pages, status bar, drops. What is shown is a Document; the views follow its signals.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    explicit MainWindow(const WindowContext& context, QWidget* parent = nullptr);
    ~MainWindow() override;

    void open(const QStringList& paths);
    [[nodiscard]] Document& document() { return m_document; }
    [[nodiscard]] CheckpointView& checkpointView() { return *m_checkpointView; }
    [[nodiscard]] const Actions& actions() const { return m_actions; }
    [[nodiscard]] QWidget* shownPage() const; ///< start, loading, error or the checkpoint's view
    [[nodiscard]] ReportExport& reportExport() { return m_report; }
    [[nodiscard]] QTabBar* tabs() const { return m_tabs; }

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dragMoveEvent(QDragMoveEvent* event) override;
    void dragLeaveEvent(QDragLeaveEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void buildToolBar();
    void connectActions();
    void connectDocument();
    void showState();
    void showTitle();
    void showTabs();
    void showRecent();
    void remember();
    void setPage(int page);
    void updateActions();
    void offerDrop(const QStringList& paths);
    void openInNewWindow(const QStringList& paths);
    [[nodiscard]] QString startFolder() const;
    void askForFiles();
    void askForFolder();
    void askForConfig();
    [[nodiscard]] QString askForCheckpoint(const QString& title, const QString& folderButton);
    void useReference(const QString& path);
    void askForStatistics();
    void compareWith(const QString& path);
    void findText(const QString& text);
    void goToDeviation(bool forward);
    [[nodiscard]] ReportExport::Subject reportSubject();
    void copyFix();
    void askForCopy();
    void focusPanel(int step);
    void leaveFind();
    void stopOrLeave();
    void updateStop();
    void showPalette();
    void showSettings();
    void readPreferences();
    void showAbout();
    [[nodiscard]] QString manualPage() const;
    void showManual();
    void showShortcuts();
    void restoreWindow();

    WindowContext m_context;
    Document m_document;
    ReportExport m_report;
    JobRunner m_thumbnailRunner;
    Actions m_actions;
    QTabBar* m_tabs;
    FindField* m_find;
    QList<QAction*> m_checkpointWidgets; ///< of the tool bar, shown while a checkpoint is open
    QStackedWidget* m_stack;
    StartPage* m_startPage;
    LoadingPage* m_loadingPage;
    ErrorPage* m_errorPage;
    CheckpointView* m_checkpointView;
    DropOverlay* m_overlay;
    JobBar* m_jobBar;
};

} // namespace weighbridge
