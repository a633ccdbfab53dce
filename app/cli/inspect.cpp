// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/format/format.h"
#include "core/report/answers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <optional>

namespace weighbridge::cli {
namespace {

void printText(const Checkpoint& checkpoint, const std::vector<std::string>& sha256)
{
    size_t width = 4;
    for (const TensorInfo& tensor : checkpoint.tensors)
        width = std::max(width, std::min<size_t>(shown(tensor.name).size(), 80));
    std::string out = fmt::format("{}  {}\n{} tensors, {} parameters, {}\n\n", shown(checkpoint.path, 4096), checkpoint.format, checkpoint.tensors.size(),
                                  groupDigits(checkpoint.parameters()), formatNbytes(checkpoint.nbytes()));
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i) {
        const TensorInfo& tensor = checkpoint.tensors[i];
        out += fmt::format("{:<{}}  {:<8} {:<20} {:>12}{}\n", shown(tensor.name), width, tensor.dtypeName(), formatShape(tensor.shape), formatNbytes(tensor.nbytes()),
                           tensor.isLost ? "  lost" : i < sha256.size() ? "  " + sha256[i] : "");
    }
    for (const Finding& finding : checkpoint.findings)
        out += fmt::format("\n{}: {}\n    {}\n", name(finding.severity), finding.title, finding.explanation);
    std::fwrite(out.data(), 1, out.size(), stdout);
}

/// What could be read of a file that must not be used as it is: the listing stays, the status is that of an Error.
std::optional<Error> damage(const Checkpoint& checkpoint, const Result<void>& values)
{
    if (!values)
        return values.error();
    const auto found = std::find_if(checkpoint.findings.begin(), checkpoint.findings.end(), [](const Finding& finding) { return finding.severity == Severity::Error; });
    if (found == checkpoint.findings.end())
        return std::nullopt;
    return Error(found->rule, found->title + ". " + found->explanation).at(checkpoint.path).stillReadable(fmt::format("{} tensors are listed.", checkpoint.tensors.size())).fixedBy(found->fix.text);
}

/// What is left of a cut file, beside the Error.
int inspectPartial(const Error& error, const Arguments& arguments)
{
    if (arguments.has("json")) {
        Value answer = inspectAnswer(*error.partial, {});
        answer.set("error", *errorAnswer(error).find("error"));
        printJson(answer);
    } else {
        printText(*error.partial, {});
    }
    return fail(error, {});
}

int inspect(const Arguments& arguments, JobContext& job)
{
    const auto checkpoint = openCheckpoint(arguments.paths[0], job);
    if (!checkpoint)
        return checkpoint.error().partial ? inspectPartial(checkpoint.error(), arguments) : fail(checkpoint.error(), arguments);
    std::vector<std::string> sha256;
    Result<void> values;
    if (arguments.has("sha256")) {
        values = verifyChecksums(**checkpoint, job);
        for (const TensorInfo& tensor : (*checkpoint)->tensors) {
            const auto hash = sha256OfTensor(**checkpoint, tensor, job);
            if (!hash && hash.error().rule != "bad-dtype" && hash.error().rule != "unreadable")
                return fail(hash.error(), arguments);
            sha256.push_back(hash ? *hash : "");
        }
    }
    const auto error = damage(**checkpoint, values);
    if (arguments.has("json")) {
        Value answer = inspectAnswer(**checkpoint, sha256);
        if (error)
            answer.set("error", *errorAnswer(*error).find("error"));
        printJson(answer);
    } else {
        printText(**checkpoint, sha256);
        if (error)
            std::fprintf(stderr, "weighbridge-cli: %s\n", error->message.c_str());
    }
    return error ? 2 : 0;
}

} // namespace

Command inspectCommand()
{
    return {"inspect", "inspect PATH [--json] [--sha256]", {"json", "sha256"}, {}, 1, 1, &inspect};
}

} // namespace weighbridge::cli
