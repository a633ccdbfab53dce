// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/command_palette.h"

#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "ui/theme.h"

#include <QAction>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace weighbridge {
namespace {

enum ItemRole { KindRole = Qt::UserRole, ActionRole, FindingRole, SelectionRole };

constexpr size_t mostHits = 50;

/// The name at the left; what it is, or its key, at the right in the second text colour.
class EntryDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        painter->save();
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, colour(Role::Selection, option.palette));
        const QRect room = option.rect.adjusted(padding, 0, -padding, 0);
        const QString kind = index.data(KindRole).toString();
        const int right = option.fontMetrics.horizontalAdvance(kind) + padding;
        const bool mirrored = option.direction == Qt::RightToLeft;
        const QRect name = mirrored ? room.adjusted(right, 0, 0, 0) : room.adjusted(0, 0, -right, 0);
        painter->setFont(option.font);
        painter->setPen(colour(Role::Text, option.palette));
        painter->drawText(name, int(Qt::AlignVCenter | Qt::AlignLeading), option.fontMetrics.elidedText(index.data().toString(), Qt::ElideMiddle, name.width()));
        painter->setPen(colour(Role::SecondText, option.palette));
        painter->drawText(room, int(Qt::AlignVCenter) | int(mirrored ? Qt::AlignLeft : Qt::AlignRight), kind);
        painter->restore();
    }
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override { return {100, option.fontMetrics.height() + padding}; }

private:
    static constexpr int padding = 8;
};

bool fits(const QString& name, const QStringList& words)
{
    return std::all_of(words.begin(), words.end(), [&name](const QString& word) { return name.contains(word, Qt::CaseInsensitive); });
}

} // namespace

CommandPalette::CommandPalette(const QList<QAction*>& actions, Document& document, QWidget* parent)
    : QDialog(parent, Qt::Popup), m_document(document), m_field(new QLineEdit), m_list(new QListWidget)
{
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Command palette"));
    for (QAction* action : actions)
        m_actions << action;
    m_field->setPlaceholderText(tr("Command, finding, module or tensor"));
    m_field->setAccessibleName(tr("Command, finding, module or tensor"));
    m_field->installEventFilter(this);
    m_list->setAccessibleName(tr("Found"));
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setItemDelegate(new EntryDelegate(m_list));
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setUniformItemSizes(true);
    m_list->setFrameShape(QFrame::NoFrame);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 8);
    column->addWidget(m_field);
    column->addWidget(m_list);
    resize(std::clamp(fontMetrics().averageCharWidth() * 90, 460, parent->width() - 40), std::min(fontMetrics().height() * 26, parent->height() - 140));
    move(parent->mapToGlobal(QPoint((parent->width() - width()) / 2, 96)));
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::fill);
    connect(m_field, &QLineEdit::returnPressed, this, &CommandPalette::run);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::run);
    fill({});
    m_field->setFocus();
}

void CommandPalette::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setPen(colour(Role::SecondText, QDialog::palette()));
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
}

QListWidgetItem* CommandPalette::add(const QString& text, const QString& kind)
{
    auto* item = new QListWidgetItem(text, m_list);
    item->setData(KindRole, kind);
    item->setData(Qt::ToolTipRole, text.toHtmlEscaped());
    item->setData(Qt::AccessibleTextRole, QStringLiteral("%1, %2").arg(text, kind));
    return item;
}

void CommandPalette::fill(const QString& text)
{
    m_search.drop();
    m_list->clear();
    const QStringList words = text.simplified().split(u' ', Qt::SkipEmptyParts);
    addActions(words);
    addFindings(words);
    m_list->setCurrentRow(0);
    const auto tree = m_document.tree();
    if (words.isEmpty() || !tree)
        return;
    m_search.start<PaletteHits>([tree, wanted = text.toStdString()](JobContext& job) -> Result<PaletteHits> { return searchTree(*tree, wanted, mostHits, job); },
                                [this, tree](const Result<PaletteHits>& hits) {
                                    if (hits)
                                        addHits(tree, *hits);
                                });
}

void CommandPalette::addActions(const QStringList& words)
{
    for (qsizetype i = 0; i < m_actions.size(); ++i) {
        const QAction* action = m_actions[i];
        if (!action || !action->isEnabled() || !action->isVisible())
            continue;
        const QString name = QString(action->text()).remove(u'&');
        if (fits(name + QLatin1Char(' ') + action->statusTip(), words))
            add(name, action->shortcut().toString(QKeySequence::NativeText))->setData(ActionRole, i);
    }
}

void CommandPalette::addFindings(const QStringList& words)
{
    for (size_t i = 0; i < m_document.findings().size(); ++i) {
        const Finding& finding = m_document.findings()[i];
        const QString title = fromCore(finding.title);
        if (fits(title + QLatin1Char(' ') + QString::fromStdString(finding.rule), words))
            add(title, tr("finding"))->setData(FindingRole, int(i));
    }
}

void CommandPalette::addHits(const std::shared_ptr<const TensorTree>& tree, const PaletteHits& hits)
{
    for (const int node : hits.modules) {
        const QString name = fromFile(tree->fullName(node));
        add(name, tr("module"))->setData(SelectionRole, QVariant::fromValue(Selection{{}, name}));
    }
    for (const int node : hits.tensors)
        add(fromFile(tree->fullName(node)), statusText(*tree, node))->setData(SelectionRole, QVariant::fromValue(Selection{tree->tensor(node)->id, {}}));
    if (hits.tensors.size() == mostHits) {
        QListWidgetItem* more = add(tr("More than %1 tensors: type more, or use Find").arg(mostHits), {});
        more->setFlags(Qt::NoItemFlags);
    }
    if (!m_list->currentItem())
        m_list->setCurrentRow(0);
}

void CommandPalette::run()
{
    const QListWidgetItem* item = m_list->currentItem();
    if (!item || !(item->flags() & Qt::ItemIsEnabled))
        return;
    const QVariant action = item->data(ActionRole);
    const QVariant finding = item->data(FindingRole);
    const QVariant selection = item->data(SelectionRole);
    close();
    if (action.isValid() && m_actions[action.toInt()])
        m_actions[action.toInt()]->trigger();
    else if (finding.isValid())
        Q_EMIT findingChosen(finding.toInt());
    else if (selection.isValid())
        Q_EMIT selectionChosen(selection.value<Selection>());
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int page = std::max(1, m_list->viewport()->height() / std::max(1, m_list->sizeHintForRow(0)) - 1);
        const int step = key == Qt::Key_Down ? 1 : key == Qt::Key_Up ? -1 : key == Qt::Key_PageDown ? page : key == Qt::Key_PageUp ? -page : 0;
        if (step != 0) {
            m_list->setCurrentRow(std::clamp(m_list->currentRow() + step, 0, std::max(0, m_list->count() - 1)));
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace weighbridge
