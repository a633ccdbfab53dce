// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/host_browser.h"

#include "core/base/text.h"
#include "core/remote/ssh_hosts.h"
#include "ui/glyphs.h"
#include "ui/models/host_folder_model.h"
#include "ui/models/recent_files.h"
#include "ui/models/tensor_texts.h"
#include "ui/views/empty_state.h"
#include "ui/views/select_alone.h"
#include "ui/views/text_label.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHeaderView>
#include <QIdentityProxyModel>
#include <QKeyEvent>
#include <QLineEdit>
#include <QPushButton>
#include <QShortcut>
#include <QStackedWidget>
#include <QToolButton>
#include <QTreeView>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

/// Names with a glyph before them: what can be gone into, what can be opened.
class WithGlyphs : public QIdentityProxyModel {
public:
    WithGlyphs(HostFolderModel* model, QObject* parent)
        : QIdentityProxyModel(parent)
        , m_model(model)
    {
        setSourceModel(model);
    }

    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override
    {
        if (role != Qt::DecorationRole || index.column() != HostFolderModel::NameColumn)
            return QIdentityProxyModel::data(index, role);
        return m_model->item(index.row()).isFolder ? m_folder : m_file;
    }
    /// They have the text's colour.
    void makeIcons(const QPalette& colours)
    {
        m_folder = glyphIcon(Glyph::Folder, colours);
        m_file = glyphIcon(Glyph::Report, colours);
    }

private:
    HostFolderModel* m_model;
    QIcon m_folder, m_file;
};

/// An address as it is written into the fields: without the scheme, a path as people write it where that can be read again.
QString writtenPlace(const SshAddress& address)
{
    return QString::fromStdString(address.place().substr(std::string_view("ssh://").size()));
}

QString writtenPath(const SshAddress& address)
{
    if (shown(address.path, address.path.size()) == address.path)
        return QString::fromStdString(address.path).replace(u'%', QStringLiteral("%25"));
    return QString::fromStdString(address.text().substr(address.place().size()));
}

/// "box", "ssh://me@box:22/a", and "box:/a" or "box:~/a" as scp has it.
Result<SshAddress> addressFrom(const QString& machine, const QString& folder)
{
    QString text = machine.trimmed();
    if (!isSshAddress(text.toStdString())) {
        const qsizetype colon = std::max(text.indexOf(QLatin1String(":/")), text.indexOf(QLatin1String(":~/")));
        if (colon > 0)
            text = text.left(colon) + (text[colon + 1] == u'/' ? QString() : QStringLiteral("/")) + text.mid(colon + 1);
        text.prepend(QStringLiteral("ssh://"));
    }
    if (text.indexOf(u'/', 6) < 0)
        text += folder.startsWith(u'/') ? folder : u'/' + folder;
    return parseSshAddress(text.toStdString());
}

QPushButton* plainButton(const QString& text)
{
    auto* button = new QPushButton(text);
    button->setAutoDefault(false); // Enter belongs to the field that has the keyboard
    return button;
}

QToolButton* wayButton(const QString& text, const QString& tip, const QKeySequence& key)
{
    auto* button = new QToolButton;
    button->setText(text);
    button->setToolTip(QStringLiteral("%1 (%2)").arg(tip, key.toString(QKeySequence::NativeText)));
    button->setShortcut(key);
    button->setFocusPolicy(Qt::TabFocus);
    return button;
}

} // namespace

HostBrowser::HostBrowser(QWidget* parent, const RecentFiles& recent, HostPurpose purpose, List list)
    : QDialog(parent)
    , m_list(list ? std::move(list) : List(&hostFolder))
    , m_model(new HostFolderModel(this))
    , m_machine(new QComboBox)
    , m_connect(plainButton(tr("Connect")))
    , m_up(wayButton(tr("Up"), tr("To the folder above"), QKeySequence(QStringLiteral("Alt+Up"))))
    , m_home(wayButton(tr("Home"), tr("To your home folder there"), QKeySequence(QStringLiteral("Alt+Home"))))
    , m_reload(wayButton(tr("Reload"), tr("List the folder anew"), QKeySequence(QStringLiteral("F5"))))
    , m_folder(new QLineEdit)
    , m_filter(new QLineEdit)
    , m_all(new QCheckBox(tr("All files")))
    , m_names(new QTreeView)
    , m_empty(new EmptyState)
    , m_stack(new QStackedWidget)
    , m_count(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText))
    , m_stop(plainButton(tr("Stop")))
    , m_openFolder(plainButton({}))
    , m_open(plainButton({}))
{
    setWords(purpose);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 16);
    column->setSpacing(10);
    column->addLayout(makePlace());
    column->addLayout(makeWays());
    column->addWidget(makeNames(), 1);
    column->addLayout(makeButtons());
    offerHosts(recent);
    connect(m_model, &HostFolderModel::arranged, this, &HostBrowser::showNames);
    connect(&m_runner, &JobRunner::progressed, this, [this](const Progress& progress) { showMessage(m_empty->title(), fromCore(progress.what)); });
    showMessage(tr("Not connected"), tr("The system's ssh connects, with your keys and its config; weighbridge-cli must be installed on the machine. "
                                        "Nothing is sent before you press Connect."));
    updateButtons();
    m_machine->setFocus();
    m_machine->lineEdit()->selectAll(); // another one is written in its place
    resize(fontMetrics().averageCharWidth() * 120, fontMetrics().height() * 34);
}

void HostBrowser::setWords(HostPurpose purpose)
{
    const bool opens = purpose == HostPurpose::Open;
    setWindowTitle(opens                             ? tr("Open on another machine")
                   : purpose == HostPurpose::Compare ? tr("Compare with one on another machine")
                                                     : tr("Use a reference on another machine"));
    m_open->setText(opens ? tr("Open") : purpose == HostPurpose::Compare ? tr("Compare") : tr("Use"));
    m_openFolder->setText(opens ? tr("Open this folder") : purpose == HostPurpose::Compare ? tr("Compare with this folder") : tr("Use this folder"));
}

QLayout* HostBrowser::makePlace()
{
    m_machine->setEditable(true);
    m_machine->setInsertPolicy(QComboBox::NoInsert);
    m_machine->setAccessibleName(tr("Machine"));
    m_machine->lineEdit()->setPlaceholderText(tr("A name of ssh's config, host or user@host:port"));
    auto* row = new QHBoxLayout;
    auto* label = new TextLabel(tr("Machine"), type::body, QFont::DemiBold);
    row->addWidget(label);
    row->addWidget(m_machine, 1);
    row->addWidget(m_connect);
    const auto connectNow = [this] { connectTo(m_machine->currentText()); };
    connect(m_connect, &QPushButton::clicked, this, connectNow);
    connect(m_machine->lineEdit(), &QLineEdit::returnPressed, this, connectNow);
    connect(m_machine, &QComboBox::editTextChanged, this, &HostBrowser::updateButtons);
    return row;
}

QLayout* HostBrowser::makeWays()
{
    m_folder->setAccessibleName(tr("Folder"));
    m_filter->setAccessibleName(tr("Find a name"));
    m_filter->setPlaceholderText(tr("Find a name"));
    m_filter->setClearButtonEnabled(true);
    m_filter->setFixedWidth(fontMetrics().averageCharWidth() * 26);
    m_all->setToolTip(tr("Also files that no format is known by, and names that begin with a dot"));
    auto* row = new QHBoxLayout;
    for (QToolButton* button : {m_up, m_home, m_reload})
        row->addWidget(button);
    row->addWidget(m_folder, 1);
    row->addWidget(m_filter);
    row->addWidget(m_all);
    connect(m_up, &QToolButton::clicked, this, &HostBrowser::goUp);
    connect(m_home, &QToolButton::clicked, this, &HostBrowser::goHome);
    connect(m_reload, &QToolButton::clicked, this, &HostBrowser::reload);
    connect(m_folder, &QLineEdit::returnPressed, this, &HostBrowser::goToFolderField);
    connect(m_filter, &QLineEdit::textChanged, m_model, &HostFolderModel::setFilter);
    connect(m_filter, &QLineEdit::returnPressed, this, [this] { m_names->setFocus(); });
    connect(m_all, &QCheckBox::toggled, m_model, &HostFolderModel::setShowsAll);
    return row;
}

QWidget* HostBrowser::makeNames()
{
    auto* withGlyphs = new WithGlyphs(m_model, m_names);
    withGlyphs->makeIcons(palette());
    m_names->setModel(withGlyphs);
    connect(this, &HostBrowser::coloursChanged, withGlyphs, [this, withGlyphs] { withGlyphs->makeIcons(palette()); });
    m_names->setAccessibleName(tr("Names in the folder"));
    m_names->setFrameShape(QFrame::NoFrame); // the place where it stands has one
    m_names->setRootIsDecorated(false);
    m_names->setUniformRowHeights(true);
    m_names->setAllColumnsShowFocus(true);
    m_names->setSortingEnabled(true);
    m_names->setIconSize(QSize(16, 16));
    QHeaderView* header = m_names->header();
    header->setFont(scaledFont(font(), type::caption));
    header->setSortIndicator(HostFolderModel::NameColumn, Qt::AscendingOrder);
    header->setStretchLastSection(false);
    header->setSectionResizeMode(HostFolderModel::NameColumn, QHeaderView::Stretch);
    const int width = fontMetrics().averageCharWidth();
    header->resizeSection(HostFolderModel::KindColumn, 24 * width);
    header->resizeSection(HostFolderModel::SizeColumn, 14 * width);
    header->resizeSection(HostFolderModel::ChangedColumn, 22 * width);
    connect(m_names, &QTreeView::activated, this, [this](const QModelIndex& index) { activate(index.row()); });
    connect(m_names->selectionModel(), &QItemSelectionModel::currentChanged, this, &HostBrowser::updateButtons);
    new QShortcut(Qt::Key_Backspace, m_names, this, &HostBrowser::goUp, Qt::WidgetShortcut);
    connect(m_empty, &EmptyState::actionClicked, this, &HostBrowser::reload);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_names);
    m_stack->setFrameShape(QFrame::StyledPanel);
    return m_stack;
}

QLayout* HostBrowser::makeButtons()
{
    m_open->setProperty("primary", true);
    m_openFolder->setToolTip(tr("Takes the folder as a model: its config, its weights in however many files"));
    auto* cancel = plainButton(tr("Cancel"));
    auto* row = new QHBoxLayout;
    row->addWidget(m_count, 1);
    for (QPushButton* button : {m_stop, m_openFolder, m_open, cancel})
        row->addWidget(button);
    connect(m_stop, &QPushButton::clicked, this, [this] { m_runner.cancel(); });
    connect(m_openFolder, &QPushButton::clicked, this, &HostBrowser::chooseFolder);
    connect(m_open, &QPushButton::clicked, this, [this] { activate(currentRow()); });
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    return row;
}

/// Machines that something was opened on, the last one first, each with the folder of it; then those of ssh's config.
void HostBrowser::offerHosts(const RecentFiles& recent)
{
    for (const RecentFile& file : recent.files()) {
        auto address = isSshAddress(file.path.toStdString()) ? parseSshAddress(file.path.toStdString()) : failure("bad-address", "");
        if (!address || m_machine->findText(writtenPlace(*address)) >= 0)
            continue;
        address->path.resize(std::max<size_t>(address->path.rfind('/'), 1));
        m_machine->addItem(writtenPlace(*address), writtenPath(*address));
    }
    m_hostsRunner.start<std::vector<std::string>>([](JobContext&) -> Result<std::vector<std::string>> { return knownSshHosts(); },
                                                  [this](const Result<std::vector<std::string>>& hosts) {
                                                      const QString written = m_machine->currentText();
                                                      const bool wasSelected = m_machine->lineEdit()->hasSelectedText();
                                                      for (const std::string& host : hosts.value_or(std::vector<std::string>{}))
                                                          if (m_machine->findText(QString::fromStdString(host)) < 0)
                                                              m_machine->addItem(QString::fromStdString(host));
                                                      m_machine->setEditText(written); // the first item would become the text
                                                      if (wasSelected)
                                                          m_machine->lineEdit()->selectAll();
                                                  });
}

void HostBrowser::connectTo(const QString& machine)
{
    const int known = m_machine->findText(machine);
    const QString folder = known < 0 ? QString() : m_machine->itemData(known).toString();
    auto address = addressFrom(machine, folder.isEmpty() ? QStringLiteral("/~") : folder);
    if (!address) {
        showMessage(tr("Not connected"), errorText(address.error()));
        return;
    }
    m_machine->setEditText(writtenPlace(*address));
    go(std::move(*address));
}

void HostBrowser::go(SshAddress address, const std::string& select)
{
    m_asked = address;
    m_select = select;
    m_model->clear();
    m_shown = {};
    m_folder->setText(writtenPath(address));
    showMessage(tr("Listing %1").arg(fromFile(address.path)), tr("Asking %1").arg(fromFile(address.host)));
    m_runner.start<HostFolder>([list = m_list, address = std::move(address)](JobContext& job) { return list(address, job); },
                               [this](Result<HostFolder> folder) { take(std::move(folder)); });
    updateButtons();
}

void HostBrowser::take(Result<HostFolder> folder)
{
    if (!folder) {
        const Error& error = folder.error();
        const bool wasStopped = error.rule == "cancelled";
        const QString said = error.found.empty() ? QString() : QStringLiteral("\n") + longText(error.found);
        showMessage(wasStopped ? tr("Stopped") : tr("It cannot be listed"), wasStopped ? QString() : errorText(error) + said, tr("Try again"));
        updateButtons();
        return;
    }
    m_shown = m_asked;
    m_shown.path = folder->path;
    if (!folder->file.empty())
        m_select = folder->file;
    m_folder->setText(writtenPath(m_shown));
    if (!m_filter->text().isEmpty())
        m_filter->clear(); // it was of the folder before
    m_model->setNames(std::move(folder->names));
}

/// The rows are new: names, or why there are none.
void HostBrowser::showNames()
{
    if (m_shown.host.empty() || m_model->isArranging())
        return;
    if (m_model->rowCount() == 0 && m_model->total() == 0)
        showMessage(tr("The folder is empty"), {});
    else if (m_model->rowCount() == 0)
        showMessage(m_filter->text().isEmpty() ? tr("No checkpoint and no folder here") : tr("Nothing here has such a name"),
                    m_all->isChecked() ? QString() : tr("%n name(s) are not shown; tick All files to see them.", nullptr, int(m_model->total())));
    else
        m_stack->setCurrentWidget(m_names);
    const bool hadFocus = m_filter->hasFocus() || m_all->hasFocus();
    const int row = std::max(0, m_model->rowNamed(m_select));
    if (m_model->rowCount() > 0)
        selectAlone(*m_names, m_names->model()->index(row, 0));
    if (m_model->rowCount() > 0 && !hadFocus)
        m_names->setFocus();
    updateButtons();
}

void HostBrowser::showMessage(const QString& title, const QString& text, const QString& action)
{
    m_empty->setContent(title, text, action);
    m_stack->setCurrentWidget(m_empty);
}

QString HostBrowser::message() const
{
    return m_stack->currentWidget() == m_names ? QString() : m_empty->title() + u'\n' + m_empty->text();
}

int HostBrowser::currentRow() const
{
    return m_stack->currentWidget() == m_names ? m_names->currentIndex().row() : -1;
}

void HostBrowser::updateButtons()
{
    const bool isThere = !m_shown.host.empty() && !isListing();
    const int row = isThere ? currentRow() : -1;
    m_connect->setEnabled(!m_machine->currentText().trimmed().isEmpty());
    m_up->setEnabled(isThere && m_shown.path != "/");
    m_home->setEnabled(!m_asked.host.empty() && !isListing());
    m_reload->setEnabled(!m_asked.host.empty() && !isListing());
    m_folder->setEnabled(!m_asked.host.empty());
    m_stop->setVisible(isListing());
    m_openFolder->setEnabled(isThere && m_model->holdsCheckpoint());
    m_open->setEnabled(row >= 0);
    QString count;
    if (isThere && m_model->matching() > m_model->rowCount())
        count = tr("The first %1 of %2 names; find one to see the others").arg(m_model->rowCount()).arg(m_model->matching());
    else if (isThere)
        count = tr("%1 of %2 names").arg(m_model->rowCount()).arg(m_model->total());
    m_count->setFullText(count);
}

void HostBrowser::goToFolderField()
{
    auto address = parseSshAddress(m_asked.place() + (m_folder->text().startsWith(u'/') ? "" : "/") + m_folder->text().toStdString());
    if (address)
        go(std::move(*address));
    else
        showMessage(tr("It cannot be listed"), fromCore(address.error().message));
}

void HostBrowser::goUp()
{
    SshAddress above = m_shown;
    const size_t slash = above.path.rfind('/');
    if (above.host.empty() || above.path == "/" || slash == std::string::npos)
        return;
    const std::string from = above.path.substr(slash + 1);
    above.path.resize(std::max<size_t>(slash, 1));
    go(std::move(above), from);
}

void HostBrowser::goHome()
{
    SshAddress home = m_asked;
    home.path = "/~";
    go(std::move(home));
}

void HostBrowser::reload()
{
    if (m_asked.host.empty())
        return;
    const int row = currentRow();
    go(m_shown.host.empty() ? m_asked : m_shown, row >= 0 ? m_model->item(row).name : std::string());
}

void HostBrowser::activate(int row)
{
    if (row < 0 || row >= m_model->rowCount())
        return;
    const HostItem& item = m_model->item(row);
    if (!item.isFolder)
        return chooseFile(item.name);
    SshAddress inside = m_shown;
    inside.path += (inside.path.ends_with('/') ? "" : "/") + item.name;
    go(std::move(inside));
}

void HostBrowser::chooseFile(const std::string& name)
{
    m_shown.path += (m_shown.path.ends_with('/') ? "" : "/") + name;
    chooseFolder();
}

void HostBrowser::chooseFolder()
{
    m_chosen = QString::fromStdString(m_shown.text());
    accept();
}

void HostBrowser::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape && isListing())
        m_runner.cancel(); // the dialog goes with the next one
    else
        QDialog::keyPressEvent(event);
}

void HostBrowser::changeEvent(QEvent* event)
{
    QDialog::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        Q_EMIT coloursChanged();
}

QStringList askForHostPath(QWidget* parent, const RecentFiles& recent, HostPurpose purpose)
{
    HostBrowser browser(parent, recent, purpose);
    return browser.exec() == QDialog::Accepted ? QStringList{browser.address()} : QStringList();
}

} // namespace weighbridge
