// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/print_statistics.h"

#include "core/base/text.h"
#include "core/report/statistics_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace weighbridge::cli {
namespace {

void printText(const Checkpoint& checkpoint, const CheckpointStatistics& all, std::span<const size_t> wanted)
{
    size_t width = 4;
    for (const size_t i : wanted)
        width = std::max(width, std::min<size_t>(shown(checkpoint.tensors[i].name).size(), 80));
    std::string out = fmt::format("{}\n\n", all.origin.summary);
    for (const size_t i : wanted) {
        const std::string name = shown(checkpoint.tensors[i].name);
        if (!all.tensors[i]) {
            out += fmt::format("{:<{}}  {}\n", name, width, all.tensors[i].error().message);
            continue;
        }
        const TensorStatistics& s = all.tensors[i]->statistics;
        out += fmt::format("{:<{}}  mean {:>11.4g}  std {:>10.4g}  min {:>10.4g}  max {:>10.4g}{}{}  {}\n", name, width, s.mean, s.std, s.min, s.max,
                           s.nan > 0 ? fmt::format("  {} NaN", s.nan) : "", s.inf > 0 ? fmt::format("  {} infinite", s.inf) : "", all.origin.tensors[i].sentence);
    }
    std::fwrite(out.data(), 1, out.size(), stdout);
}

} // namespace

void printStatistics(const Checkpoint& checkpoint, const CheckpointStatistics& all, std::span<const size_t> wanted, const Arguments& arguments)
{
    if (arguments.has("json"))
        printJson(statisticsAnswer(checkpoint, all, wanted));
    else
        printText(checkpoint, all, wanted);
}

} // namespace weighbridge::cli
