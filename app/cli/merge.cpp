// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"
#include "app/cli/print_statistics.h"
#include "core/base/json.h"
#include "core/base/new_file.h"
#include "core/statistics/statistics_part.h"

#include <numeric>

namespace weighbridge::cli {
namespace {

int merge(const Arguments& arguments, JobContext& job)
{
    const auto merged = mergeParts(arguments.paths, job);
    if (!merged)
        return fail(merged.error(), arguments);
    if (const std::string out = arguments.value("o"); !out.empty()) {
        const auto written = NewFile::create(out).and_then(
            [&](NewFile file) { return file.write(toJson(mergedDocument(*merged))).and_then([&file] { return file.finish(); }); });
        if (!written)
            return fail(written.error(), arguments);
        if (!arguments.has("json"))
            return 0;
    }
    std::vector<size_t> all(merged->checkpoint.tensors.size());
    std::iota(all.begin(), all.end(), size_t(0));
    printStatistics(merged->checkpoint, merged->statistics, all, arguments);
    return 0;
}

} // namespace

Command mergeCommand()
{
    return {"merge", "merge PART.json... [--json] [-o FILE]", {"json"}, {"o"}, 1, mostParts, &merge};
}

} // namespace weighbridge::cli
