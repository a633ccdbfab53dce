// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/findings_model.h"

#include "core/base/text.h"
#include "ui/jobs/job_runner.h"
#include "ui/models/tensor_texts.h"

#include <algorithm>
#include <array>
#include <utility>

namespace weighbridge {
namespace {

QString glyph(Severity severity)
{
    return QLatin1String("status-") + QLatin1String(name(severity));
}

/// "missing" and "unexpected" findings are shown with the tensors' glyph, all others with that of their severity.
QString consequenceGlyph(const Finding& finding)
{
    for (const RowState state : {RowState::Missing, RowState::Unexpected})
        if (finding.rule == word(state))
            return QString::fromUtf8(glyphName(state).data(), qsizetype(glyphName(state).size()));
    return glyph(finding.severity);
}

} // namespace

FindingsModel::FindingsModel(QObject* parent) : TreeModelBase(parent)
{
    hang();
}

void FindingsModel::setFindings(std::shared_ptr<const CheckResult> check)
{
    beginResetModel();
    letGo(std::exchange(m_check, std::move(check)), std::exchange(m_checkpoint, nullptr));
    hang();
    endResetModel();
}

void FindingsModel::setFindings(CheckpointPtr checkpoint)
{
    beginResetModel();
    letGo(std::exchange(m_check, nullptr), std::exchange(m_checkpoint, std::move(checkpoint)));
    hang();
    endResetModel();
}

const std::vector<Finding>& FindingsModel::findings() const
{
    static const std::vector<Finding> none;
    return m_check ? m_check->findings : m_checkpoint ? m_checkpoint->findings : none;
}

QModelIndex FindingsModel::indexOfFinding(int finding) const
{
    return finding < 0 || static_cast<size_t>(finding) >= findings().size() ? QModelIndex() : indexOf(finding + 1);
}

/// A finding hangs below the first root that its `because` names; one level, so that a circle of them cannot hide any.
void FindingsModel::hang()
{
    const std::vector<Finding>& all = findings();
    m_children.assign(all.size() + 1, {});
    m_parent.assign(all.size() + 1, 0);
    m_row.assign(all.size() + 1, -1);
    for (size_t i = 0; i < all.size(); ++i) {
        const auto cause = std::find_if(all.begin(), all.end(), [&](const Finding& other) { return other.because.empty() && other.rule == all[i].because; });
        if (!all[i].because.empty() && cause != all.end())
            m_parent[i + 1] = int(cause - all.begin()) + 1;
        std::vector<int>& siblings = m_children[static_cast<size_t>(m_parent[i + 1])];
        m_row[i + 1] = int(siblings.size());
        siblings.push_back(int(i) + 1);
    }
}

int FindingsModel::columnCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : 1;
}

QVariant FindingsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int node = nodeOf(index);
    const Finding& finding = findings()[static_cast<size_t>(node - 1)];
    switch (role) {
    case Qt::DisplayRole:
        return fromCore(finding.title);
    case Qt::ToolTipRole:
    case LineRole:
        return longText(translated(finding.explanation));
    case Qt::AccessibleTextRole:
        return tr("%1: %2. %3").arg(tr(name(finding.severity)), fromCore(finding.title), longText(translated(finding.explanation)));
    case SeverityRole: return int(finding.severity);
    case GlyphRole: return m_parent[static_cast<size_t>(node)] == 0 ? glyph(finding.severity) : consequenceGlyph(finding);
    case CoverageBeforeRole: return finding.fix.coverageAfter && m_check && m_check->comparison ? QVariant(m_check->comparison->coverage()) : QVariant();
    case CoverageAfterRole: return finding.fix.coverageAfter ? QVariant(*finding.fix.coverageAfter) : QVariant();
    case ConsequencesRole: return consequences(node).first;
    case ConsequenceGlyphsRole: return consequences(node).second;
    case FindingRole: return node - 1;
    default: return {};
    }
}

std::pair<QStringList, QStringList> FindingsModel::consequences(int node) const
{
    std::pair<QStringList, QStringList> out;
    for (const int child : m_children[static_cast<size_t>(node)]) {
        const Finding& finding = findings()[static_cast<size_t>(child - 1)];
        out.first.append(tr("From this: %1").arg(fromCore(finding.title)));
        out.second.append(consequenceGlyph(finding));
    }
    if (out.first.isEmpty() && isNamesCause(node))
        addCounts(out);
    return out;
}

/// Whether it is the root cause whose fix is at hand: then the missing and unexpected tensors follow from it.
bool FindingsModel::isNamesCause(int node) const
{
    return m_check && m_check->comparison && m_check->afterFix && m_check->fixedFinding == node - 1;
}

void FindingsModel::addCounts(std::pair<QStringList, QStringList>& out) const
{
    constexpr std::array statuses{std::pair(Status::Missing, RowState::Missing), std::pair(Status::Unexpected, RowState::Unexpected)};
    for (const auto& [status, state] : statuses) {
        const size_t before = m_check->comparison->rows(status).size();
        const size_t after = m_check->afterFix->comparison->rows(status).size();
        if (before <= after)
            continue;
        const QString count = QString::fromStdString(groupDigits(before - after));
        out.first.append(tr("From this: %1 %2").arg(count, stateWord(state)));
        out.second.append(QString::fromUtf8(glyphName(state).data(), qsizetype(glyphName(state).size())));
    }
}

int FindingsModel::childCountOf(int node) const
{
    return int(m_children[static_cast<size_t>(node)].size());
}

int FindingsModel::childOf(int node, int row) const
{
    return m_children[static_cast<size_t>(node)][static_cast<size_t>(row)];
}

int FindingsModel::parentOf(int node) const
{
    return m_parent[static_cast<size_t>(node)];
}

int FindingsModel::rowOf(int node) const
{
    return m_row[static_cast<size_t>(node)];
}

} // namespace weighbridge
