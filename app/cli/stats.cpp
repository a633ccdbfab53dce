// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "core/architecture/config.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/report/statistics_answer.h"
#include "core/statistics/all_statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include <fnmatch.h>

namespace weighbridge::cli {
namespace {

bool isWanted(const std::string& name, const std::vector<std::string>& globs)
{
    return globs.empty() || std::any_of(globs.begin(), globs.end(), [&name](const std::string& glob) { return fnmatch(glob.c_str(), name.c_str(), 0) == 0; });
}

void printText(const Checkpoint& checkpoint, const CheckpointStatistics& all, const std::vector<size_t>& wanted)
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

/// What the folder's config says about initialisation; nothing if there is none that can be read.
ConfigHints hintsBeside(const Checkpoint& checkpoint, JobContext& job)
{
    if (checkpoint.configPath.empty())
        return {};
    const auto config = loadConfig(checkpoint.configPath, job);
    return config ? hintsOf(config->root) : ConfigHints{};
}

int stats(const Arguments& arguments, JobContext& job)
{
    const auto opened = openCheckpoint(arguments.paths[0], job);
    if (!opened)
        return fail(opened.error(), arguments);
    const Checkpoint& checkpoint = **opened;
    std::vector<std::string> globs;
    for (const auto& [name, value] : arguments.options)
        if (name == "tensor")
            globs.push_back(value);
    std::vector<size_t> wanted;
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i)
        if (isWanted(checkpoint.tensors[i].name, globs))
            wanted.push_back(i);
    if (wanted.empty() && !checkpoint.tensors.empty())
        return fail(Error("usage", "No tensor has a name of that form.").at(checkpoint.path).fixedBy("weighbridge-cli inspect lists the names."), arguments);
    announceFetch(checkpoint, checkpoint.nbytes());
    const auto all = analyseCheckpoint(checkpoint, hintsBeside(checkpoint, job), 0, job);
    if (!all)
        return fail(all.error(), arguments);
    if (arguments.has("json"))
        printJson(statisticsAnswer(checkpoint, *all, wanted));
    else
        printText(checkpoint, *all, wanted);
    return 0;
}

} // namespace

Command statsCommand()
{
    return {"stats", "stats PATH [--tensor GLOB]... [--json]", {"json"}, {"tensor"}, 1, 1, &stats};
}

} // namespace weighbridge::cli
