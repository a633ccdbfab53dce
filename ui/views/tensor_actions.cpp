// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/tensor_actions.h"

#include "core/base/text.h"
#include "core/export/export_tensors.h"
#include "core/export/load_python.h"
#include "ui/models/tensor_texts.h"
#include "ui/save_dialog.h"
#include "ui/views/job_bar.h"
#include "ui/views/tensor_view.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QFileInfo>
#include <QMenu>
#include <QMessageBox>
#include <QTreeView>

namespace weighbridge {
namespace {

constexpr int messageMs = 4000;

QString countText(size_t tensors)
{
    return TensorActions::tr("%n tensor(s)", nullptr, int(tensors));
}

} // namespace

TensorActions::TensorActions(const Actions& actions, Document& document, TensorView& tensors, JobBar& bar, QWidget* window)
    : QObject(window), m_actions(actions), m_document(document), m_tensors(tensors), m_bar(bar), m_window(window)
{
    connect(m_actions.copyNames, &QAction::triggered, this, [this] { copyRows(TensorCopy::Names, tr("names")); });
    connect(m_actions.copyRows, &QAction::triggered, this, [this] { copyRows(TensorCopy::Rows, tr("rows")); });
    connect(m_actions.copyMarkdown, &QAction::triggered, this, [this] { copyRows(TensorCopy::Markdown, tr("a Markdown table")); });
    connect(m_actions.copyShapes, &QAction::triggered, this, [this] { copy(copiedShapes(*m_document.checkpoint(), m_tensors.selectedTensors()), tr("shapes")); });
    connect(m_actions.copyPython, &QAction::triggered, this, [this] {
        const CheckpointPtr checkpoint = m_document.checkpoint();
        copy(QString::fromStdString(pythonToLoad(*checkpoint, checkpoint->tensors[m_tensors.selectedTensors().front()])), tr("Python"));
    });
    connect(m_actions.exportTensors, &QAction::triggered, this, &TensorActions::askForExport);
    connect(&m_tensors, &TensorView::copyRequested, m_actions.copyNames, &QAction::trigger);
    connect(&m_tensors, &TensorView::menuRequested, this, [this](const QPoint& point) {
        auto* menu = new QMenu(m_window);
        menu->setAttribute(Qt::WA_DeleteOnClose);
        m_actions.fillTensorMenu(*menu);
        menu->popup(point);
    });
    connect(&m_tensors, &TensorView::selectionTextChanged, this, &TensorActions::update);
    connect(&m_document, &Document::stateChanged, this, &TensorActions::update);
    connect(&m_export, &TensorExport::activityChanged, this, &TensorActions::showProgress);
    connect(&m_export, &TensorExport::failed, this, &TensorActions::showError);
    connect(&m_export, &TensorExport::written, this, [this](const QString& path, qsizetype count) {
        m_bar.showMessage(tr("Wrote %1: %2").arg(QString::fromStdString(shown(QFileInfo(path).fileName().toStdString())), countText(size_t(count))), messageMs);
    });
    update();
}

void TensorActions::copy(const QString& text, const QString& what)
{
    QApplication::clipboard()->setText(text);
    m_bar.showMessage(tr("Copied: %1").arg(what), messageMs);
}

void TensorActions::copyRows(TensorCopy kind, const QString& what)
{
    copy(m_tensors.copied(kind), what);
}

void TensorActions::askForExport()
{
    const CheckpointPtr checkpoint = m_document.checkpoint();
    const std::vector<size_t> tensors = m_tensors.selectedTensors();
    QList<FileKind> kinds{{QStringLiteral("safetensors"), QStringLiteral("safetensors")}};
    const bool isOne = tensors.size() == 1;
    if (isOne)
        kinds = QList<FileKind>{{tr("NumPy array"), QStringLiteral("npy")}, {tr("Table of values"), QStringLiteral("csv")}} + kinds;
    const QString name = isOne ? fileNameFor(QString::fromStdString(checkpoint->tensors[tensors[0]].name)) : tr("selection");
    const QString path = askWhereToSave(m_window, tr("Export %1").arg(countText(tensors.size())), name, kinds);
    if (!path.isEmpty())
        m_export.save(checkpoint, tensors, path);
}

void TensorActions::showProgress()
{
    if (m_export.isRunning())
        m_bar.setOther(this, {tr("Writing tensors"), m_export.progress().done, m_export.progress().total, m_export.since()}, [this] { m_export.cancel(); });
    else
        m_bar.setOther(this, {}, {});
    update();
}

void TensorActions::showError(const Error& error)
{
    auto* box = new QMessageBox(QMessageBox::Warning, tr("Export tensors"), QString::fromStdString(shown(translated(error.message), 1000)),
                                QMessageBox::Close, m_window);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setTextFormat(Qt::PlainText);
    box->setInformativeText(QString::fromStdString(shown(translated(error.fix), 1000)));
    box->open();
}

void TensorActions::update()
{
    const CheckpointPtr checkpoint = m_document.state() == Document::State::Loaded ? m_document.checkpoint() : nullptr;
    const bool hasRows = m_document.state() == Document::State::Loaded && m_tensors.tree()->selectionModel()->hasSelection();
    for (QAction* action : {m_actions.copyNames, m_actions.copyRows, m_actions.copyMarkdown})
        action->setEnabled(hasRows);
    const std::vector<size_t> tensors = checkpoint && hasRows ? m_tensors.selectedTensors(2) : std::vector<size_t>();
    m_actions.copyShapes->setEnabled(!tensors.empty());
    m_actions.exportTensors->setEnabled(!tensors.empty() && !m_export.isRunning());
    m_actions.copyPython->setEnabled(tensors.size() == 1 && !pythonToLoad(*checkpoint, checkpoint->tensors[tensors.front()]).empty());
}

} // namespace weighbridge
