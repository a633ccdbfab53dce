// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/finding.h"

#include <QWidget>

namespace weighbridge {

/// The edits that a rule tried, one a line: what it is and how many tensors fitted. The one that was taken stands out by tick, weight and
/// colour.
class TrialList : public QWidget {
    Q_OBJECT
public:
    explicit TrialList(QWidget* parent = nullptr);
    void setTrials(const std::vector<Trial>& trials);

private:
    QWidget* m_content = nullptr;
};

} // namespace weighbridge
