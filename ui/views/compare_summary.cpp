// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/compare_summary.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "ui/models/difference_model.h"
#include "ui/theme.h"
#include "ui/models/tensor_texts.h"
#include "ui/views/compare_delegate.h"
#include "ui/views/text_label.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QListWidget>
#include <QTreeWidget>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>

namespace weighbridge {
namespace {

constexpr size_t mostFields = 200;

QString valueText(const std::optional<Value>& value)
{
    if (!value)
        return QStringLiteral("–");
    return fromFile(value->isString() ? *value->string() : toJson(*value));
}

/// "a, b, c, …"
QString examplesOf(const ComparisonOverview::Kind& kind, const QString& separator)
{
    QStringList words;
    for (const std::string& example : kind.examples)
        words << fromFile(example).replace(QLatin1String(" -> "), QStringLiteral(" → "));
    if (kind.hasMore)
        words << QStringLiteral("…");
    return words.join(separator);
}

} // namespace

CompareSummary::CompareSummary(QWidget* parent)
    : QWidget(parent), m_count(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_kinds(new QListWidget), m_fieldsCount(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText)), m_fields(new QTreeWidget),
      m_tokens(new TextLabel({}, type::caption, QFont::Normal, Role::SecondText))
{
    const auto head = [](const QString& title, TextLabel* detail) {
        auto* row = new QHBoxLayout;
        row->setContentsMargins(12, 8, 12, 6);
        row->setSpacing(8);
        row->addWidget(new TextLabel(title, type::caption, QFont::DemiBold, Role::SecondText));
        row->addWidget(detail, 1);
        detail->setElided(Qt::ElideRight);
        return row;
    };
    for (QWidget* list : std::initializer_list<QWidget*>{m_kinds, m_fields})
        list->setLayoutDirection(Qt::LeftToRight); // names and numbers, which no language mirrors
    m_kinds->setFrameShape(QFrame::NoFrame);
    m_kinds->setItemDelegate(new KindDelegate(m_kinds));
    m_kinds->setMouseTracking(true);
    m_kinds->setResizeMode(QListView::Adjust);
    m_kinds->setAccessibleName(tr("Kinds of differences"));
    m_kinds->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_fields->setFrameShape(QFrame::NoFrame);
    m_fields->setRootIsDecorated(false);
    m_fields->setUniformRowHeights(true);
    m_fields->setIndentation(0);
    m_fields->header()->setFont(scaledFont(font(), type::caption));
    m_fields->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_fields->setHeaderLabels({tr("field"), tr("A"), tr("B")});
    m_fields->header()->setSectionResizeMode(QHeaderView::Stretch);
    m_fields->setAccessibleName(tr("Fields of the config that differ"));
    m_fieldsCount->setElided(Qt::ElideRight);
    m_tokens->setWordWrap(true);
    m_tokens->setContentsMargins(12, 0, 12, 10);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(head(tr("Differences"), m_count));
    column->addWidget(new HairLine);
    column->addWidget(m_kinds, 3);
    column->addWidget(new HairLine);
    column->addLayout(head(tr("Config"), m_fieldsCount));
    auto* fields = new QHBoxLayout;
    fields->setContentsMargins(9, 0, 9, 0); // the cells have 3 of their own
    fields->addWidget(m_fields);
    column->addLayout(fields, 2);
    column->addWidget(new HairLine);
    auto* tokensHead = new TextLabel(tr("Tokenizer"), type::caption, QFont::DemiBold, Role::SecondText);
    tokensHead->setContentsMargins(12, 8, 12, 4);
    column->addWidget(tokensHead);
    column->addWidget(m_tokens);
    connect(m_kinds, &QListWidget::itemSelectionChanged, this, [this] {
        const auto chosen = m_kinds->selectedItems();
        Q_EMIT statesChosen(chosen.isEmpty() ? DifferenceModel::allStates : 1u << chosen.front()->data(KindDelegate::StateRole).toUInt());
    });
}

void CompareSummary::setDifference(const Difference& difference, const ComparisonOverview& overview)
{
    m_fields->clear();
    showKinds(kindsOf(difference, overview));
    showFields(difference);
    showTokens(difference.tokenizer);
}

std::vector<CompareSummary::Kind> CompareSummary::kindsOf(const Difference& difference, const ComparisonOverview& overview)
{
    std::vector<Kind> out;
    const auto add = [&](PairState state, const QString& title, const QString& text) {
        if (const size_t pairs = overview.of(state).pairs; pairs > 0)
            out.push_back({state, title.arg(QString::fromStdString(groupDigits(pairs))), text});
    };
    const auto names = [&](PairState state) { return examplesOf(overview.of(state), QStringLiteral(", ")); };
    add(PairState::Changed, tr("%1 with other values"), difference.relation.movedMost.empty() ? QString() : tr("%1 moved most").arg(fromFile(difference.relation.movedMost.front())));
    add(PairState::ShapeDiffers, tr("%1 of another shape"), names(PairState::ShapeDiffers));
    add(PairState::DTypeDiffers, tr("%1 of another dtype"), difference.hasValues ? tr("The values are the same but for rounding.") : QString());
    add(PairState::Renamed, tr("%1 renamed"), examplesOf(overview.of(PairState::Renamed), QStringLiteral("; ")));
    add(PairState::OnlyInB, tr("%1 only in B"), names(PairState::OnlyInB));
    add(PairState::OnlyInA, tr("%1 only in A"), names(PairState::OnlyInA));
    add(PairState::Same, difference.hasValues ? tr("%1 identical") : tr("%1 alike"), difference.hasValues ? QString() : tr("Not all values are compared."));
    return out;
}

/// What is chosen stays chosen while values come, as long as there is such a kind.
void CompareSummary::showKinds(const std::vector<Kind>& kinds)
{
    const auto differing = std::count_if(kinds.begin(), kinds.end(), [](const Kind& kind) { return kind.state != PairState::Same; });
    m_count->setFullText(differing == 1 ? tr("1 kind") : tr("%1 kinds").arg(differing));
    const int chosen = m_kinds->selectedItems().isEmpty() ? -1 : m_kinds->selectedItems().front()->data(KindDelegate::StateRole).toInt();
    {
        const QSignalBlocker quiet(m_kinds);
        m_kinds->clear();
        for (const Kind& kind : kinds) {
            auto* item = new QListWidgetItem(kind.title, m_kinds);
            item->setData(KindDelegate::StateRole, int(kind.state));
            item->setData(KindDelegate::TextRole, kind.text);
            item->setToolTip(kind.text);
            if (int(kind.state) == chosen)
                m_kinds->setCurrentItem(item);
        }
    }
    if (chosen >= 0 && m_kinds->selectedItems().isEmpty())
        Q_EMIT statesChosen(DifferenceModel::allStates);
}

void CompareSummary::showFields(const Difference& difference)
{
    const FieldsDifference& config = difference.config;
    if (!config.hasA || !config.hasB) {
        m_fieldsCount->setFullText(config.hasA ? tr("B has none") : config.hasB ? tr("A has none") : tr("none beside A or B"));
        return;
    }
    m_fieldsCount->setFullText(tr("%1 of %2 fields differ").arg(config.differing.size()).arg(config.fields));
    const int rowHeight = int(std::lround(QFontInfo(m_fields->font()).pixelSize() * 1.77));
    for (size_t i = 0; i < std::min(mostFields, config.differing.size()); ++i) {
        const FieldDifference& field = config.differing[i];
        auto* item = new QTreeWidgetItem(m_fields, {fromFile(field.field), valueText(field.a), valueText(field.b)});
        item->setSizeHint(0, QSize(0, rowHeight));
        for (int column = 0; column < 3; ++column)
            item->setToolTip(column, item->text(column));
    }
}

void CompareSummary::showTokens(const TokenizerDifference& tokenizer)
{
    const auto grouped = [](size_t count) { return QString::fromStdString(groupDigits(count)); };
    if (tokenizer.tokensA == 0 || tokenizer.tokensB == 0)
        m_tokens->setFullText(tokenizer.tokensA + tokenizer.tokensB == 0 ? tr("None beside A or B.") : tokenizer.tokensA == 0 ? tr("A has none.") : tr("B has none."));
    else if (tokenizer.isSame())
        m_tokens->setFullText(tr("Same %1 tokens in the same order.").arg(grouped(tokenizer.tokensA)));
    else
        m_tokens->setFullText(tr("%1 added, %2 removed, %3 moved.").arg(grouped(tokenizer.added), grouped(tokenizer.removed), grouped(tokenizer.moved)));
}

} // namespace weighbridge
