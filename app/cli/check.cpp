// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "app/cli/check_options.h"
#include "app/cli/table_text.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/diagnosis/check.h"
#include "core/remote/address.h"
#include "core/remote/ssh_address.h"
#include "core/report/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <utility>
#include <vector>

namespace weighbridge::cli {
namespace {

std::string indented(const std::string& text, size_t columns)
{
    std::string out;
    for (const std::string_view line : split(text, '\n'))
        out += line.empty() ? "\n" : fmt::format("{:{}}{}\n", "", columns, line);
    return out;
}

std::string findingText(const Finding& finding)
{
    std::string out = fmt::format("\n{}: {}  [{}]\n", name(finding.severity), finding.title, finding.rule);
    if (!finding.because.empty())
        out += fmt::format("    follows from {}\n", finding.because);
    if (!finding.explanation.empty())
        out += fmt::format("    {}\n", finding.explanation);
    for (const Trial& trial : finding.tried)
        out += fmt::format("    Tried: {}: {} of {}{}\n", shown(trial.text), groupDigits(trial.matched), groupDigits(trial.of), trial.isTaken ? ", taken" : "");
    if (!finding.fix.text.empty())
        out += fmt::format("    Fix: {}\n", finding.fix.text);
    if (finding.fix.coverageAfter)
        out += fmt::format("    After it {:.1f} % of the expected parameters load.\n", *finding.fix.coverageAfter < 1.0 ? std::min(*finding.fix.coverageAfter * 100, 99.9) : 100.0);
    if (!finding.fix.python.empty())
        out += "\n" + indented(std::string(finding.fix.python.substr(0, finding.fix.python.find_last_not_of('\n') + 1)), 8);
    return out;
}

std::string comparisonText(const CheckResult& result)
{
    const ComparisonTables tables = comparisonTables(result);
    return tableText("Missing", tables.missing) + tableText("Unexpected", tables.unexpected) + tableText("Mismatched", tables.mismatched, "expected {}, found {}");
}

std::string roomText(const MemoryNeed& need, const Device& device)
{
    const DeviceRoom room = deviceRoom(need, device);
    const std::string memory = room.nbytes == 0 ? "its memory is not known" : fmt::format("{} {}", formatNbytes(room.nbytes), room.isFree ? "free" : "in all");
    const std::string fits = room.nbytes == 0 ? "" : room.tooLarge.empty() ? ", room for all of these" : !room.holdsAny ? ", room for none of these" : fmt::format(", no room for: {}", fmt::join(room.tooLarge, ", "));
    return fmt::format("    {} ({}): {}{}\n", device.name, device.id, memory, fits);
}

std::string memoryText(const CheckResult& result)
{
    if (result.checkpoint->parameters() == 0)
        return {};
    const uint64_t available = result.availableMemory;
    std::string out = available > 0 ? fmt::format("\nMemory, with {} free on this machine\n", formatNbytes(available)) : std::string("\nMemory\n");
    for (const MemoryLine& line : memoryLines(result.memory, available))
        out += fmt::format("    {}: {}{}\n", line.use, formatNbytes(line.nbytes), line.fits ? "" : ", more than is free");
    for (const Device& device : result.cudaDevices)
        out += roomText(result.memory, device);
    return out;
}

void printText(const CheckResult& result, bool leavesValuesOut)
{
    std::string out = fmt::format("{}\n{}\n", result.sentence, result.subSentence);
    if (leavesValuesOut)
        out += "The values were not looked at, only names, shapes and dtypes; --values looks at them.\n";
    if (result.comparison) {
        out += fmt::format("\n{} of {} tensors match, {} of {} parameters load as they are\n", result.comparison->matchedTensors, result.comparison->expectedTensors,
                           groupDigits(result.comparison->matchedParameters), groupDigits(result.comparison->expectedParameters));
        out += result.expected->className.empty() ? fmt::format("Compared with {}\n", shown(result.expected->sourcePath, 4096))
                                                  : fmt::format("Expected: {} of {}\n", shown(result.expected->className), shown(result.expected->sourcePath, 4096));
    }
    for (const Finding& finding : result.findings)
        out += findingText(finding);
    if (result.comparison)
        out += comparisonText(result);
    out += memoryText(result);
    std::fwrite(out.data(), 1, out.size(), stdout);
}

int check(const Arguments& arguments, JobContext& job)
{
    const auto checkpoint = openCheckpoint(arguments.paths[0], job);
    if (!checkpoint)
        return fail(checkpoint.error(), arguments);
    CheckOptions options = checkOptions(arguments);
    options.environmentPath = arguments.value("env");
    options.values = arguments.has("values") || ((!isAddress((*checkpoint)->path) || isSshAddress((*checkpoint)->path)) && (*checkpoint)->nbytes() <= limits::checkedAtOnceNbytes);
    if (options.values)
        announceFetch(**checkpoint, (*checkpoint)->nbytes());
    const auto result = checkCheckpoint(*checkpoint, options, job);
    if (!result)
        return fail(result.error(), arguments);
    if (arguments.has("json"))
        printJson(checkAnswer(**result));
    else
        printText(**result, !options.values && !(*checkpoint)->tensors.empty());
    const auto& findings = (*result)->findings;
    return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) { return finding.severity == Severity::Error; }) ? 1 : 0;
}

} // namespace

Command checkCommand()
{
    return {"check", "check PATH [--config CONFIG] [--class NAME] [--against PATH] [--env FOLDER] [--values] [--json]", {"json", "values"}, {"config", "class", "against", "env"}, 1, 1, &check};
}

} // namespace weighbridge::cli
