// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"
#include "app/cli/tensor_globs.h"

#include "app/cli/print_statistics.h"
#include "core/architecture/config.h"
#include "core/base/json.h"
#include "core/base/new_file.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/remote/address.h"
#include "core/statistics/analysis_store.h"
#include "core/statistics/statistics_part.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge::cli {
namespace {

/// The folder's config, which says how its weights were initialised; null if there is none that can be read.
Value configBeside(const Checkpoint& checkpoint, JobContext& job)
{
    if (checkpoint.configPath.empty())
        return {};
    const auto config = loadConfig(checkpoint.configPath, job);
    return config ? config->root : Value();
}

/// Everything of one part, or of all tensors, into a file that `merge` and the window read.
int computePart(const Checkpoint& checkpoint, const Arguments& arguments, JobContext& job)
{
    const auto part = parsePartNumber(arguments.has("part") ? arguments.value("part") : "1/1");
    if (!part)
        return fail(part.error(), arguments);
    if (arguments.value("o").empty() || arguments.has("tensor") || arguments.has("json"))
        return fail(Error("usage", "What -o and --part write is of all tensors, and goes to a file.")
                        .fixedBy("weighbridge-cli stats PATH --part K/N -o part-K.json"),
                    arguments);
    const Value config = configBeside(checkpoint, job);
    const std::vector<size_t> tensors = tensorsOfPart(checkpoint, *part);
    std::vector<Result<TensorAnalysis>> analyses(tensors.size(), failure(cancelledError()));
    uint64_t nbytes = 0;
    for (const size_t index : tensors)
        nbytes += checkpoint.tensors[index].nbytes();
    announceFetch(checkpoint, nbytes);
    const auto keep = [&](size_t index, Result<TensorAnalysis> analysis) {
        analyses[static_cast<size_t>(std::lower_bound(tensors.begin(), tensors.end(), index) - tensors.begin())] = std::move(analysis);
    };
    const std::string& out = arguments.value("o");
    const auto written =
        computeStatisticsOf(checkpoint, hintsOf(config), tensors, 0, job, keep)
            .and_then([&] { return NewFile::create(out); })
            .and_then([&](NewFile file) {
                return file.write(toJson(partDocument(subjectOf(checkpoint, config), checkpoint, *part, tensors, analyses))).and_then([&file] {
                    return file.finish();
                });
            });
    return written ? 0 : fail(written.error(), arguments);
}

int stats(const Arguments& arguments, JobContext& job)
{
    const auto opened = openCheckpoint(arguments.paths[0], job);
    if (!opened)
        return fail(opened.error(), arguments);
    const Checkpoint& checkpoint = **opened;
    if (arguments.has("part") || arguments.has("o"))
        return computePart(checkpoint, arguments, job);
    const auto wanted = wantedTensors(checkpoint, arguments);
    if (!wanted)
        return fail(wanted.error(), arguments);
    announceFetch(checkpoint, checkpoint.nbytes());
    // what tells whether a file is the one that was analysed takes some reads, which over a network may be as slow as all of them
    AnalysisStore store(isAddress(checkpoint.path) ? std::string() : analysisFolder());
    const auto all = analyseCheckpoint(checkpoint, hintsOf(configBeside(checkpoint, job)), 0, job, &store);
    if (!all)
        return fail(all.error(), arguments);
    printStatistics(checkpoint, *all, *wanted, arguments);
    return 0;
}

} // namespace

Command statsCommand()
{
    return {"stats", "stats PATH [--tensor GLOB]... [--json] [-o FILE [--part K/N]]", {"json"}, {"tensor", "part", "o"}, 1, 1, &stats};
}

} // namespace weighbridge::cli
