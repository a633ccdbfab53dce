// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "ui/models/comparison_overview.h"

#include <QWidget>

#include <vector>

class QListWidget;
class QTreeWidget;

namespace weighbridge {

class TextLabel;

/// The left column of the Compare page: kinds of differences with their numbers, fields of the config that differ, the tokenizer.
class CompareSummary : public QWidget {
    Q_OBJECT
public:
    explicit CompareSummary(QWidget* parent = nullptr);
    void setDifference(const Difference& difference, const ComparisonOverview& overview);
    [[nodiscard]] QListWidget* kinds() const { return m_kinds; }

Q_SIGNALS:
    /// A kind was chosen, or (all of DifferenceModel::allStates) none any more.
    void statesChosen(unsigned states);

private:
    struct Kind {
        PairState state;
        QString title, text;
    };
    [[nodiscard]] static std::vector<Kind> kindsOf(const Difference& difference, const ComparisonOverview& overview);
    void showKinds(const std::vector<Kind>& kinds);
    void showFields(const Difference& difference);
    void showTokens(const TokenizerDifference& tokenizer);

    TextLabel* m_count;
    QListWidget* m_kinds;
    TextLabel* m_fieldsCount;
    QTreeWidget* m_fields;
    TextLabel* m_tokens;
};

} // namespace weighbridge
