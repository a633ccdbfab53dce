// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "app/cli/check_options.h"
#include "core/base/text.h"
#include "core/base/unfinished_folder.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/check.h"
#include "core/report/repair_answer.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdio>

namespace weighbridge::cli {
namespace {

/// "5GB", "500MB" or a number of bytes.
Result<uint64_t> parseNbytes(const std::string& text)
{
    uint64_t number = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string unit = lowered(std::string(end, static_cast<size_t>(text.data() + text.size() - end)));
    const uint64_t factor = unit.empty() ? 1 : unit == "mb" ? 1'000'000 : unit == "gb" ? 1'000'000'000 : 0;
    if (failed != std::errc() || factor == 0 || number == 0 || number > UINT64_MAX / factor)
        return failure(Error("usage", fmt::format("{} is no size: 500MB, 5GB or a number of bytes is.", shown(text, 40))));
    return number * factor;
}

std::string fitText(const char* when, const std::optional<Fit>& fit)
{
    if (!fit)
        return {};
    return fmt::format("{}: {} of {} tensors match, {} missing, {} unexpected, {} of another shape\n", when, fit->matched, fit->expected, fit->missing.size(), fit->unexpected.size(), fit->mismatched.size());
}

void printText(const RepairPlan& plan, const SavedCopy* copy)
{
    std::string out = plan.steps.empty() ? "Nothing to repair; no copy was written.\n" : "";
    for (const RepairStep& step : plan.steps)
        out += fmt::format("{}  [{}]\n", step.text, step.rule);
    for (const std::string& assumption : plan.assumptions)
        out += fmt::format("assumed: {}.\n", assumption);
    out += fitText("Before", plan.before) + fitText("After", plan.steps.empty() ? std::nullopt : plan.after);
    for (const Finding& finding : plan.remaining)
        out += fmt::format("still: {}  [{}]\n", finding.title, finding.rule);
    if (copy)
        out += fmt::format("{}: {} in {} file{}, {} tensors read back and compared\n", shown(copy->path, 4096), formatNbytes(copy->nbytes), copy->files.size(), copy->files.size() == 1 ? "" : "s",
                           copy->verifiedTensors);
    std::fwrite(out.data(), 1, out.size(), stdout);
}

int answer(const RepairPlan& plan, const SavedCopy* copy, const Arguments& arguments)
{
    if (arguments.has("json"))
        printJson(repairAnswer(plan, copy));
    else
        printText(plan, copy);
    return plan.remaining.empty() && (!plan.after || plan.after->missing.empty()) ? 0 : 1;
}

int repair(const Arguments& arguments, JobContext& job)
{
    const std::string out = arguments.value("o");
    if (out.empty() && !arguments.has("dry-run"))
        return fail(Error("usage", "`repair` writes a copy and needs to know where: -o OUT.").fixedBy("Name a folder that does not exist yet, or use --dry-run."), arguments);
    SaveOptions save;
    if (arguments.has("max-shard-size")) {
        const auto nbytes = parseNbytes(arguments.value("max-shard-size"));
        if (!nbytes)
            return fail(nbytes.error(), arguments);
        save.maximumShardNbytes = *nbytes;
    }
    if (const auto vacant = out.empty() ? Result<void>() : expectVacant(out); !vacant)
        return fail(vacant.error(), arguments);
    const auto checkpoint = openCheckpoint(arguments.paths[0], job);
    if (!checkpoint)
        return fail(checkpoint.error(), arguments);
    const CheckOptions options = checkOptions(arguments);
    const auto check = checkCheckpoint(*checkpoint, options, job);
    if (!check)
        return fail(check.error(), arguments);
    const auto plan = planRepair(**check, job);
    if (!plan)
        return fail(plan.error(), arguments);
    if (arguments.has("dry-run") || plan->steps.empty())
        return answer(*plan, nullptr, arguments);
    const auto copy = saveRepaired(*plan, out, save, job);
    if (!copy)
        return fail(copy.error(), arguments);
    return answer(*plan, &*copy, arguments);
}

} // namespace

Command repairCommand()
{
    return {"repair", "repair PATH -o OUT [--dry-run] [--config CONFIG] [--class NAME] [--against PATH] [--max-shard-size 5GB] [--json]", {"json", "dry-run"},
            {"o", "config", "class", "against", "max-shard-size"}, 1, 1, &repair};
}

} // namespace weighbridge::cli
