// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/diagnosis/check.h"
#include "ui/models/tree_model_base.h"

#include <QStringList>

#include <memory>
#include <utility>
#include <vector>

namespace weighbridge {

/// The findings: root causes as rows, root cause first; what follows from one (`because`) are its children.
/// While there is no check, the reader's own findings. A QListView shows the roots; ConsequencesRole has the children as lines.
class FindingsModel : public TreeModelBase {
    Q_OBJECT

public:
    enum Role {
        SeverityRole = Qt::UserRole, ///< int, Severity
        GlyphRole,                   ///< QString: "status-error", "status-warning", "status-note"
        LineRole,                    ///< QString, how it is known; the second line
        CoverageBeforeRole,          ///< double 0..1, or invalid: there is no bar without both
        CoverageAfterRole,           ///< double 0..1, or invalid
        ConsequencesRole,            ///< QStringList: "From this: 103 missing"; counted from the comparison if no finding says it
        ConsequenceGlyphsRole,       ///< QStringList, parallel: the glyph of each
        FindingRole,                 ///< int: index into findings(); select it with Document::selectFinding()
    };

    explicit FindingsModel(QObject* parent = nullptr);
    void setFindings(std::shared_ptr<const CheckResult> check);
    void setFindings(CheckpointPtr checkpoint); ///< the reader's, before the check
    [[nodiscard]] const std::vector<Finding>& findings() const;
    [[nodiscard]] QModelIndex indexOfFinding(int finding) const;

    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;

protected:
    [[nodiscard]] int childCountOf(int node) const override;
    [[nodiscard]] int childOf(int node, int row) const override;
    [[nodiscard]] int parentOf(int node) const override;
    [[nodiscard]] int rowOf(int node) const override;

private:
    void hang();
    [[nodiscard]] std::pair<QStringList, QStringList> consequences(int node) const; ///< lines, glyphs
    [[nodiscard]] bool isNamesCause(int node) const;
    void addCounts(std::pair<QStringList, QStringList>& out) const;

    std::shared_ptr<const CheckResult> m_check;
    CheckpointPtr m_checkpoint;
    std::vector<std::vector<int>> m_children; ///< per node; node i + 1 is finding i
    std::vector<int> m_parent;
    std::vector<int> m_row;
};

} // namespace weighbridge
