// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"
#include "app/cli/print_statistics.h"
#include "core/statistics/statistics_part.h"

#include <numeric>

namespace weighbridge::cli {
namespace {

int merge(const Arguments& arguments, JobContext& job)
{
    const auto merged = mergeParts(arguments.paths, job);
    if (!merged)
        return fail(merged.error(), arguments);
    std::vector<size_t> all(merged->checkpoint.tensors.size());
    std::iota(all.begin(), all.end(), size_t(0));
    printStatistics(merged->checkpoint, merged->statistics, all, arguments);
    return 0;
}

} // namespace

Command mergeCommand()
{
    return {"merge", "merge PART.json... [--json]", {"json"}, {}, 1, mostParts, &merge};
}

} // namespace weighbridge::cli
