// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/views/trial_list.h"

#include "core/base/text.h"
#include "ui/models/tensor_texts.h"
#include "ui/views/text_label.h"

#include <QGridLayout>
#include <QVBoxLayout>

namespace weighbridge {

TrialList::TrialList(QWidget* parent)
    : QWidget(parent)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
}

void TrialList::setTrials(const std::vector<Trial>& trials)
{
    delete m_content;
    m_content = new QWidget;
    layout()->addWidget(m_content);
    auto* grid = new QGridLayout(m_content);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(3);
    grid->setColumnStretch(0, 1);
    for (size_t i = 0; i < trials.size(); ++i) {
        const Trial& trial = trials[i];
        const QString text = fromCore(trial.text, 200);
        const QString counts = tr("%1 of %2").arg(QString::fromStdString(groupDigits(trial.matched)), QString::fromStdString(groupDigits(trial.of)));
        const auto label = [&trial](const QString& words) {
            return new TextLabel(words, type::caption, trial.isTaken ? QFont::DemiBold : QFont::Normal, trial.isTaken ? Role::Matched : Role::Text);
        };
        auto* what = label(trial.isTaken ? QStringLiteral("✓ ") + text : text);
        what->setElided(Qt::ElideMiddle);
        what->setTextInteractionFlags(Qt::TextSelectableByMouse);
        what->setAccessibleName(text + QStringLiteral(": ") + counts);
        grid->addWidget(what, int(i), 0);
        grid->addWidget(label(counts), int(i), 1, Qt::AlignRight);
    }
}

} // namespace weighbridge
