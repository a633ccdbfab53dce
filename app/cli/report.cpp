// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "core/checkpoint/open_checkpoint.h"
#include "core/report/output.h"

#include <fmt/format.h>

namespace weighbridge::cli {
namespace {

/// The command line that makes the report again.
std::string commandOf(const Arguments& arguments)
{
    std::string out = "weighbridge-cli report";
    for (const std::string& path : arguments.paths)
        out += " " + shellWord(path);
    for (const auto& [name, value] : arguments.options)
        out += fmt::format(" {}{}{}{}", name.size() == 1 ? "-" : "--", name, value.empty() ? "" : " ", value.empty() ? "" : shellWord(value));
    return out;
}

CheckOptions checkOptions(const Arguments& arguments)
{
    CheckOptions options;
    options.configPath = arguments.value("config");
    options.className = arguments.value("class");
    options.againstPath = arguments.value("against");
    return options;
}

Result<void> writeAs(const Report& report, const std::string& path, JobContext& job)
{
    return writeReport(report, path, job);
}

int report(const Arguments& arguments, JobContext& job)
{
    const std::string path = arguments.value("o");
    if (path.empty())
        return fail(Error("usage", "The report needs a name.").fixedBy("Give it with -o FILE; its ending (.pdf, .html, .md, .json) says what it is to be."), arguments);
    const auto written = openCheckpoint(arguments.paths[0], job)
                             .and_then([&](const CheckpointPtr& checkpoint) {
                                 CheckOptions options = checkOptions(arguments);
                                 options.values = !arguments.has("no-values") && (arguments.has("values") || checkpoint->nbytes() <= readUnaskedNbytes);
                                 return checkCheckpoint(checkpoint, options, job);
                             })
                             .and_then([&](const std::shared_ptr<const CheckResult>& check) {
                                 return makeReport(check, {"Weighbridge " WEIGHBRIDGE_VERSION, commandOf(arguments), {}, !arguments.has("no-values")}, job);
                             })
                             .and_then([&](const Report& made) { return writeAs(made, path, job); });
    return written ? 0 : fail(written.error(), arguments);
}

} // namespace

Command reportCommand()
{
    return {"report", "report PATH [--config CONFIG] [--class NAME] [--against PATH] [--values | --no-values] -o FILE.{pdf,html,md,json}", {"values", "no-values"}, {"config", "class", "against", "o"}, 1, 1, &report};
}

} // namespace weighbridge::cli
