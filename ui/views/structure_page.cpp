// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/structure_page.h"

#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "ui/text_scale.h"
#include "ui/views/banner.h"
#include "ui/views/finding_delegate.h"
#include "ui/views/inspector.h"
#include "ui/views/properties_panel.h"
#include "ui/views/tensor_view.h"
#include "ui/views/text_label.h"

#include <QHBoxLayout>
#include <QSettings>
#include <QSplitter>
#include <QTimer>
#include <QVBoxLayout>

namespace weighbridge {
namespace {

constexpr int inspectorNeeds = 1180; // below, the inspector is a page over the tree
constexpr int wide = 1360;
const auto columnsKey = QStringLiteral("layout/structure/columns");
const auto leftKey = QStringLiteral("layout/structure/left");

} // namespace

StructurePage::StructurePage(Document& document, QWidget* parent)
    : QWidget(parent), m_document(document), m_findingsModel(new FindingsModel(this)), m_findingsCount(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)),
      m_findings(new FindingsView), m_checkedLine(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_properties(new PropertiesPanel), m_banner(new Banner),
      m_tensors(new TensorView(document)), m_inspector(new Inspector(document)), m_columns(new QSplitter), m_left(new QSplitter(Qt::Vertical))
{
    auto* head = new QHBoxLayout;
    head->setContentsMargins(12, 8, 12, 7);
    head->setSpacing(8);
    head->addWidget(new TextLabel(tr("Findings"), type::caption, QFont::DemiBold, Role::SecondText));
    head->addWidget(m_findingsCount);
    head->addStretch();
    m_checkedLine->setWordWrap(true);
    m_checkedLine->setContentsMargins(12, 8, 12, 8);
    auto* findings = new QWidget;
    auto* findingsColumn = new QVBoxLayout(findings);
    findingsColumn->setContentsMargins(0, 0, 0, 0);
    findingsColumn->setSpacing(0);
    findingsColumn->addLayout(head);
    findingsColumn->addWidget(new HairLine);
    findingsColumn->addWidget(m_checkedLine);
    findingsColumn->addWidget(m_findings, 1);
    m_findings->setModel(m_findingsModel);

    auto* centre = new QWidget;
    auto* centreColumn = new QVBoxLayout(centre);
    centreColumn->setContentsMargins(0, 0, 0, 0);
    centreColumn->setSpacing(0);
    centreColumn->addWidget(m_banner);
    centreColumn->addWidget(m_tensors, 1);
    centre->setMinimumWidth(360);
    m_left->addWidget(findings);
    m_left->addWidget(m_properties);
    m_left->setMinimumWidth(220);
    m_left->setMaximumWidth(forText(420));
    m_inspector->setMinimumWidth(280);
    m_inspector->setMaximumWidth(forText(560));
    m_columns->addWidget(m_left);
    m_columns->addWidget(centre);
    m_columns->addWidget(m_inspector);
    for (QSplitter* splitter : {m_columns, m_left}) {
        splitter->setHandleWidth(1);
        splitter->setChildrenCollapsible(false);
    }
    m_columns->setStretchFactor(0, 0);
    m_columns->setStretchFactor(1, 1);
    m_columns->setStretchFactor(2, 0);
    m_left->setStretchFactor(0, 1);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_columns);

    for (const auto signal : {&Document::headerLoaded, &Document::expectedChanged, &Document::checked})
        connect(&m_document, signal, this, &StructurePage::showFindings);
    connect(&m_document, &Document::activityChanged, this, &StructurePage::showCheckProblem);
    connect(m_banner, &Banner::firstClicked, &m_document, &Document::reload);
    connect(m_findings->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& current) {
        if (current.isValid())
            m_document.selectFinding(current.data(FindingsModel::FindingRole).toInt());
    });
    connect(&m_document, &Document::findingSelected, this, [this](int finding) {
        const QModelIndex index = m_findingsModel->indexOfFinding(finding);
        if (!index.parent().isValid() && index != m_findings->currentIndex())
            m_findings->setCurrentIndex(index);
    });
    connect(m_inspector, &Inspector::showAfterFix, this, [this] { m_tensors->showView(View::AfterFix); });
    showFindings();
}

void StructurePage::showFindings()
{
    if (m_document.check())
        m_findingsModel->setFindings(m_document.check());
    else
        m_findingsModel->setFindings(m_document.checkpoint());
    const int count = m_findingsModel->rowCount();
    m_findingsCount->setFullText(count > 0 ? QString::number(count) : QString());
    m_properties->setCheckpoint(m_document.checkpoint().get(), m_document.totals(), m_document.check().get(), m_document.rows().get());
    showCheckProblem();
    if (count > 0 && m_document.selectedFinding() < 0 && m_document.check())
        m_document.selectFirstFinding(m_findingsModel->index(0, 0).data(FindingsModel::FindingRole).toInt());
    else if (m_document.selectedFinding() >= 0)
        m_findings->setCurrentIndex(m_findingsModel->indexOfFinding(m_document.selectedFinding()));
}

void StructurePage::showCheckProblem()
{
    const bool nothing = m_findingsModel->rowCount() == 0;
    m_checkedLine->setVisible(nothing);
    if (m_document.isChecking())
        m_checkedLine->setFullText(tr("Checking"));
    else if (m_document.checkError())
        m_checkedLine->setFullText(tr("Nothing found so far: the check did not come to its end."));
    else if (m_document.check() && !m_document.check()->expected)
        m_checkedLine->setFullText(tr("Nothing found. There was no config to compare with: drop one to see what is missing or unexpected."));
    else
        m_checkedLine->setFullText(tr("Nothing found. Names, shapes and dtypes were compared and all rules were run."));
    if (const auto& error = m_document.checkError())
        m_banner->showMessage(Glyph::Error, errorText(*error), tr("Reload   F5"));
    else
        m_banner->hide();
}

void StructurePage::toggleInspector()
{
    m_inspectorWanted = !m_inspector->isVisible();
    m_inspector->setVisible(m_inspectorWanted);
    if (m_isNarrow) // there is room for one of the two
        m_columns->widget(1)->setVisible(!m_inspectorWanted);
    Q_EMIT inspectorShown(m_inspectorWanted);
}

void StructurePage::resetLayout()
{
    const bool large = window()->width() >= wide;
    const int left = forText(large ? 258 : 236);
    const int right = forText(large ? 322 : 300);
    m_columns->setSizes({left, std::max(360, width() - left - right - 2), right});
    const int below = m_properties->sizeHint().height();
    m_left->setSizes({std::max(200, height() - std::max(190, below)), std::max(190, below)});
}

void StructurePage::saveLayout(QSettings& settings) const
{
    if (!m_laidOut)
        return;
    settings.setValue(columnsKey, m_columns->saveState());
    settings.setValue(leftKey, m_left->saveState());
}

void StructurePage::restoreLayout(const QSettings& settings)
{
    m_laidOut = m_columns->restoreState(settings.value(columnsKey).toByteArray());
    m_left->restoreState(settings.value(leftKey).toByteArray());
}

void StructurePage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const int room = window()->width();
    m_tensors->setRoom(room);
    const bool narrow = room < inspectorNeeds;
    if (narrow != m_isNarrow) {
        m_isNarrow = narrow;
        m_columns->widget(1)->setVisible(true);
        m_inspector->setVisible(!narrow && m_inspectorWanted);
        m_inspector->setMaximumWidth(narrow ? QWIDGETSIZE_MAX : forText(560));
        Q_EMIT inspectorShown(!m_inspector->isHidden());
    }
    layOutOnce();
}

/// A page that got its size while it was hidden is not resized when it is shown; one that did not is, before the timer.
void StructurePage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    QTimer::singleShot(0, this, &StructurePage::layOutOnce);
}

void StructurePage::layOutOnce()
{
    if (m_laidOut || !isVisible())
        return;
    m_laidOut = true;
    resetLayout();
}

} // namespace weighbridge
