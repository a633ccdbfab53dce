// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "core/base/interruptible_reads.h"
#include "core/base/json.h"
#include "core/base/new_file.h"
#include "core/base/text.h"
#include "core/base/unfinished_folder.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/infer_config.h"
#include "core/report/answers.h"

#include <fmt/format.h>

#include <cstdio>

namespace weighbridge::cli {
namespace {

std::string fieldLines(const char* title, const Value::Map& fields)
{
    std::string out = fields.empty() ? "" : fmt::format("\n{}\n", title);
    for (const auto& [path, value] : fields)
        out += fmt::format("    {} = {}\n", shown(path, 120), shown(toJson(value), 120));
    return out;
}

void printText(const InferredConfig& inferred, const std::string& written)
{
    std::string out = fmt::format("{} of model type {}: {} of {} expected tensors are there{}\n", inferred.className, inferred.modelType,
                                  inferred.matched, inferred.expected, inferred.isExact ? ", and none besides" : "; no known type fits exactly");
    if (!inferred.alternatives.empty())
        out += fmt::format("These have the same names and shapes: {}\n", fmt::join(inferred.alternatives, ", "));
    out += fieldLines("The shapes say", inferred.told);
    out += fieldLines("They cannot tell, and these values would do", inferred.untold);
    out += "\nNor can they tell the activation, the epsilon of the norms and what else has no tensor.\n";
    out += written.empty() ? "\n" + toJson(inferred.config, 2) + "\n" : fmt::format("\nWritten: {}\n", shown(written, 4096));
    std::fwrite(out.data(), 1, out.size(), stdout);
}

Result<void> write(const Value& config, const std::string& path)
{
    if (auto vacant = expectVacant(path); !vacant)
        return vacant;
    auto file = NewFile::create(path);
    if (!file)
        return tl::unexpected(file.error());
    return file->write(toJson(config, 2) + "\n").and_then([&file] { return file->finish(); });
}

int infer(const Arguments& arguments, JobContext& job)
{
    const InterruptibleReads reads(job);
    const auto checkpoint = openCheckpoint(arguments.paths[0], job);
    if (!checkpoint)
        return fail(checkpoint.error(), arguments);
    const auto inferred = inferConfig(foundTensors(**checkpoint), job);
    if (job.cancelled())
        return fail(cancelledError(), arguments);
    if (!inferred)
        return fail(Error("unknown-model-type", "The names and shapes are of no model type that is known here.")
                        .at(arguments.paths[0])
                        .fixedBy("Take config.json from where the weights were published."),
                    arguments);
    const std::string path = arguments.value("o");
    if (const auto written = path.empty() ? Result<void>() : write(inferred->config, path); !written)
        return fail(written.error(), arguments);
    if (arguments.has("json"))
        printJson(inferAnswer(*inferred));
    else
        printText(*inferred, path);
    return inferred->isExact ? 0 : 1;
}

} // namespace

Command inferCommand()
{
    return {"infer", "infer PATH [-o CONFIG] [--json]", {"json"}, {"o"}, 1, 1, &infer};
}

} // namespace weighbridge::cli
