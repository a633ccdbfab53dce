// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/address_dialog.h"

#include "core/base/text.h"
#include "core/remote/address.h"
#include "core/remote/ssh_address.h"
#include "ui/models/recent_files.h"
#include "ui/models/tensor_texts.h"
#include "ui/theme.h"
#include "ui/views/text_label.h"

#include <QApplication>
#include <QClipboard>
#include <QCompleter>
#include <QDialogButtonBox>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

constexpr int narrowest = 560;

/// What was copied in a browser, most likely in order to be opened here.
QString copiedAddress()
{
    const QString text = QApplication::clipboard()->text().trimmed();
    return text.size() < 2000 && isAddress(text.toStdString()) && cleanAddress(text.toStdString()) ? text : QString();
}

/// Addresses that were open before, and the folders and machines of those that ssh reaches: what one most likely begins with.
QStringList knownAddresses(const RecentFiles& recent)
{
    QStringList out;
    for (const RecentFile& file : recent.files()) {
        const auto address = isSshAddress(file.path.toStdString()) ? parseSshAddress(file.path.toStdString()) : failure("bad-address", "");
        if (isAddress(file.path.toStdString()))
            out << file.path;
        if (address)
            out << file.path.left(file.path.lastIndexOf(u'/') + 1) << QString::fromStdString(address->place()) + u'/';
    }
    out.removeDuplicates();
    out.sort();
    return out;
}

} // namespace

AddressDialog::AddressDialog(QWidget* parent, const RecentFiles& recent) : QDialog(parent), m_field(new QLineEdit(copiedAddress())), m_verdict(new TextLabel({}, type::body, QFont::Normal, Role::SecondText))
{
    setWindowTitle(tr("Open address"));
    setMinimumWidth(narrowest);
    m_field->setPlaceholderText(tr("hf:owner/model, ssh://host/path/to/model or https://host/path/model.safetensors"));
    m_field->setAccessibleName(tr("Address"));
    m_field->setClearButtonEnabled(true);
    m_field->selectAll();
    auto* known = new QCompleter(knownAddresses(recent), this);
    known->setCaseSensitivity(Qt::CaseInsensitive);
    m_field->setCompleter(known);
    m_verdict->setWordWrap(true);
    m_verdict->setMinimumHeight(2 * m_verdict->fontMetrics().lineSpacing()); // the dialog keeps its size while its text changes
    m_verdict->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_open = buttons->addButton(tr("Open"), QDialogButtonBox::AcceptRole);
    setPrimary(*m_open);
    m_open->setDefault(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 16);
    column->setSpacing(10);
    column->addWidget(new TextLabel(tr("A model of the hub, a file of any web server, or a file or folder of a machine that ssh reaches"), type::body, QFont::DemiBold));
    column->addWidget(m_field);
    column->addWidget(m_verdict);
    column->addSpacing(6);
    column->addWidget(buttons);
    connect(m_field, &QLineEdit::textChanged, this, &AddressDialog::judge);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    judge();
}

QString AddressDialog::address() const
{
    return m_field->text().trimmed();
}

void AddressDialog::judge()
{
    const std::string text = address().toStdString();
    const auto clean = isAddress(text) ? cleanAddress(text) : Result<std::string>(failure("bad-address", ""));
    m_open->setEnabled(clean.has_value());
    if (clean && isSshAddress(text))
        m_verdict->setFullText(tr("%1 is reached through ssh, and opened by weighbridge-cli there: values stay there, except those that you look at.").arg(QString::fromStdString(shown(hostOf(*clean)))));
    else if (clean)
        m_verdict->setFullText(tr("Only the header, the config and the tokenizer are fetched from %1; values when you look at them.").arg(QString::fromStdString(shown(hostOf(*clean)))));
    else if (isAddress(text))
        m_verdict->setFullText(fromCore(clean.error().message));
    else
        m_verdict->setFullText(tr("Nothing is sent anywhere before you press Open."));
}

QStringList askForAddress(QWidget* parent, const RecentFiles& recent)
{
    AddressDialog dialog(parent, recent);
    return dialog.exec() == QDialog::Accepted ? QStringList{dialog.address()} : QStringList();
}

QStringList droppedPaths(const QMimeData& data)
{
    QStringList paths;
    for (const QUrl& url : data.urls()) {
        if (url.isLocalFile())
            paths << url.toLocalFile();
        else if (const QString address = url.toString(QUrl::FullyEncoded); isAddress(address.toStdString()))
            paths << address;
    }
    if (const QString text = data.text().trimmed(); paths.isEmpty() && isAddress(text.toStdString()) && cleanAddress(text.toStdString()))
        paths << text;
    return paths;
}

} // namespace weighbridge
