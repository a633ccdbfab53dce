// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/address_dialog.h"

#include "core/base/text.h"
#include "core/remote/address.h"
#include "ui/theme.h"
#include "ui/views/text_label.h"

#include <QApplication>
#include <QClipboard>
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

} // namespace

AddressDialog::AddressDialog(QWidget* parent) : QDialog(parent), m_field(new QLineEdit(copiedAddress())), m_verdict(new TextLabel({}, type::body, QFont::Normal, Role::SecondText))
{
    setWindowTitle(tr("Open address"));
    setMinimumWidth(narrowest);
    m_field->setPlaceholderText(tr("hf:owner/model, or https://host/path/model.safetensors"));
    m_field->setAccessibleName(tr("Address"));
    m_field->setClearButtonEnabled(true);
    m_field->selectAll();
    m_verdict->setWordWrap(true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    m_open = buttons->addButton(tr("Open"), QDialogButtonBox::AcceptRole);
    m_open->setProperty("primary", true);
    m_open->setDefault(true);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 20, 20, 16);
    column->setSpacing(10);
    column->addWidget(new TextLabel(tr("A model or file of the hub, or of any web server"), type::body, QFont::DemiBold));
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
    if (clean)
        m_verdict->setText(tr("Only the header, the config and the tokenizer are fetched from %1; values when you look at them.").arg(QString::fromStdString(shown(hostOf(*clean)))));
    else if (isAddress(text))
        m_verdict->setText(QString::fromStdString(clean.error().message));
    else
        m_verdict->setText(tr("Nothing is sent anywhere before you press Open."));
}

QStringList askForAddress(QWidget* parent)
{
    AddressDialog dialog(parent);
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
