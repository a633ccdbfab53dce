// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/remote/host_files.h"
#include "ui/jobs/job_runner.h"

#include <QDialog>

#include <functional>

class QCheckBox;
class QComboBox;
class QLineEdit;
class QPushButton;
class QStackedWidget;
class QToolButton;
class QTreeView;

namespace weighbridge {

class EmptyState;
class HostFolderModel;
class RecentFiles;
class TextLabel;

/// What becomes of the address that is chosen: the words of the dialog.
enum class HostPurpose : uint8_t { Open, Compare, Reference };

/// Looks around in the folders of another machine, and gives the address of what is to be opened there. Connects only when it is told to; nothing
/// of it waits on the GUI thread, and leaving the dialog ends the waiting.
class HostBrowser : public QDialog {
    Q_OBJECT
public:
    /// What lies in a folder; a test puts its own in. Called on a pool thread.
    using List = std::function<Result<HostFolder>(const SshAddress& folder, JobContext& job)>;

    HostBrowser(QWidget* parent, const RecentFiles& recent, HostPurpose purpose = HostPurpose::Open, List list = {});

    /// "gpu-box", "me@gpu-box:2222", an ssh address with a path, or "gpu-box:/runs" as scp has it.
    void connectTo(const QString& machine);
    void goUp();
    void goHome();
    void reload();
    /// A folder is gone into, a file chosen.
    void activate(int row);
    /// The address that was chosen; empty until the dialog is accepted.
    [[nodiscard]] QString address() const { return m_chosen; }
    [[nodiscard]] QComboBox* machine() const { return m_machine; }
    [[nodiscard]] QLineEdit* folder() const { return m_folder; }
    [[nodiscard]] QLineEdit* filter() const { return m_filter; }
    [[nodiscard]] QCheckBox* showsAll() const { return m_all; }
    [[nodiscard]] QTreeView* names() const { return m_names; }
    [[nodiscard]] QPushButton* openButton() const { return m_open; }
    [[nodiscard]] QPushButton* openFolderButton() const { return m_openFolder; }
    [[nodiscard]] HostFolderModel* model() const { return m_model; }
    [[nodiscard]] bool isListing() const { return m_runner.isRunning(); }
    [[nodiscard]] QString message() const; ///< what stands in the place of the names; empty while they are shown

Q_SIGNALS:
    void coloursChanged();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    QLayout* makePlace();
    QLayout* makeWays();
    QWidget* makeNames();
    QLayout* makeButtons();
    void setWords(HostPurpose purpose);
    void offerHosts(const RecentFiles& recent);
    void go(SshAddress address, const std::string& select = {});
    void goToFolderField();
    void take(Result<HostFolder> folder);
    void showNames();
    void showMessage(const QString& title, const QString& text, const QString& action = {});
    void updateButtons();
    void chooseFile(const std::string& name);
    void chooseFolder();
    [[nodiscard]] int currentRow() const;

    List m_list;
    HostFolderModel* m_model;
    JobRunner m_runner;
    JobRunner m_hostsRunner;
    SshAddress m_asked;   ///< what is being listed, or was last
    SshAddress m_shown;   ///< the folder whose names are there; no host: none yet
    std::string m_select; ///< the name to select when the names come
    QString m_chosen;
    QComboBox* m_machine;
    QPushButton* m_connect;
    QToolButton* m_up;
    QToolButton* m_home;
    QToolButton* m_reload;
    QLineEdit* m_folder;
    QLineEdit* m_filter;
    QCheckBox* m_all;
    QTreeView* m_names;
    EmptyState* m_empty;
    QStackedWidget* m_stack;
    TextLabel* m_count;
    QPushButton* m_stop;
    QPushButton* m_openFolder;
    QPushButton* m_open;
};

/// The address that is chosen; none if the dialog is left.
[[nodiscard]] QStringList askForHostPath(QWidget* parent, const RecentFiles& recent, HostPurpose purpose);

} // namespace weighbridge
