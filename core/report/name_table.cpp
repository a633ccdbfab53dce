// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/name_table.h"

#include "core/base/text.h"
#include "core/diagnosis/layer_names.h"

namespace weighbridge {

void NameTable::add(std::string_view name, const std::vector<std::string>& details)
{
    ++m_count;
    const auto [entry, isNew] = m_groupOf.emplace(details, m_groups.size());
    if (isNew)
        m_groups.push_back({details, {}});
    m_groups[entry->second].names.push_back(shown(name));
}

std::vector<NameTable::Row> NameTable::rows() const
{
    std::vector<Row> out;
    for (const Group& group : m_groups)
        for (std::string& names : mergedNames(group.names))
            out.push_back({std::move(names), group.details});
    return out;
}

ComparisonTables comparisonTables(const CheckResult& result)
{
    ComparisonTables out;
    if (!result.comparison)
        return out;
    for (const Match& match : result.comparison->matches) {
        const ExpectedTensor* wanted = match.expected >= 0 ? &result.expected->tensors[static_cast<size_t>(match.expected)] : nullptr;
        const TensorInfo* found = match.found >= 0 ? &result.checkpoint->tensors[static_cast<size_t>(match.found)] : nullptr;
        if (match.ignored)
            continue;
        if (match.status == Status::Missing)
            out.missing.add(wanted->name, {formatShape(*wanted)});
        else if (match.status == Status::Unexpected)
            out.unexpected.add(found->name, {formatShape(found->shape)});
        else if (match.status == Status::ShapeDiffers)
            out.mismatched.add(wanted->name, {formatShape(*wanted), formatShape(match.sources.empty() ? found->shape : match.convertedShape)});
    }
    return out;
}

} // namespace weighbridge
