// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "app/cli/terminal_progress.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/checkpoint/checksums.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/format/integrity.h"
#include "core/report/answers.h"
#include "core/report/inspect_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <optional>

namespace weighbridge::cli {
namespace {

/// Writes what has been gathered once it is a megabyte: a listing may have a million lines.
void flushIfLong(std::string& out)
{
    constexpr size_t longNbytes = 1024 * 1024;
    if (out.size() < longNbytes)
        return;
    std::fwrite(out.data(), 1, out.size(), stdout);
    out.clear();
}

void printText(const Checkpoint& checkpoint, const std::vector<std::string>& sha256)
{
    size_t width = 4;
    for (const TensorInfo& tensor : checkpoint.tensors)
        width = std::max(width, std::min<size_t>(tensor.name.size(), 80));
    std::string out = fmt::format("{}  {}\n{} tensors, {} parameters, {}\n\n", shown(checkpoint.path, 4096), checkpoint.format, checkpoint.tensors.size(),
                                  groupDigits(checkpoint.parameters()), formatNbytes(checkpoint.nbytes()));
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i) {
        const TensorInfo& tensor = checkpoint.tensors[i];
        fmt::format_to(std::back_inserter(out), "{:<{}}  {:<8} {:<20} {:>12}{}\n", shown(tensor.name), width, tensor.dtypeName(), formatShape(tensor.shape), formatNbytes(tensor.nbytes()),
                       tensor.isLost ? "  lost" : i < sha256.size() ? "  " + sha256[i] : "");
        if (const auto packed = checkpoint.packedWeights.find(tensor.name); packed != checkpoint.packedWeights.end())
            fmt::format_to(std::back_inserter(out), "{:<{}}  = {}\n", "", width, packed->second.asText());
        flushIfLong(out);
    }
    for (const Finding& finding : checkpoint.findings)
        fmt::format_to(std::back_inserter(out), "\n{}: {}\n    {}\n", name(finding.severity), finding.title, finding.explanation);
    std::fwrite(out.data(), 1, out.size(), stdout);
}

/// The answer with its tensors behind all else, one a line, each made when it is written.
void printAnswer(const Value& head, const Checkpoint& checkpoint, const std::vector<std::string>& sha256)
{
    endProgress();
    std::string out = toJson(head, 1);
    out.erase(out.find_last_of('}'));
    out += ",\n \"tensors\": [";
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i) {
        out += i == 0 ? "\n  " : ",\n  ";
        out += toJson(inspectTensorAnswer(checkpoint, checkpoint.tensors[i], i < sha256.size() ? sha256[i] : ""));
        flushIfLong(out);
    }
    out += "\n ]\n}\n";
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
        Value answer = inspectHeadAnswer(*error.partial);
        answer.set("error", *errorAnswer(error).find("error"));
        printAnswer(answer, *error.partial, {});
    } else {
        printText(*error.partial, {});
    }
    return fail(error, {});
}

/// What --sha256 and --expect-sha256 found out.
struct Integrity {
    std::vector<std::string> sha256;  ///< per tensor
    uint64_t comparedNbytes = 0;      ///< with checksums of the file's own
    std::vector<ComparedFile> files;  ///< of which somebody else has a sum
};

Error otherSum(const ComparedFile& file)
{
    const bool isOtherSize = file.sha256.empty();
    return Error("checksum", isOtherSize ? fmt::format("The file does not have the {} bytes that the {} gives.", *file.known.nbytes, file.known.source)
                                         : fmt::format("The sha256 of the file is not the one that is expected ({}): its bytes differ.", file.known.source))
        .at(file.path)
        .expecting(file.known.sha256)
        .finding(isOtherSize ? "another size" : file.sha256)
        .fixedBy("Download or copy the file again.");
}

/// Compares the files whose sums are known: with the one that was given, else with what lies beside them.
Result<void> compareFiles(const Checkpoint& checkpoint, const Arguments& arguments, JobContext& job, Integrity& out)
{
    const std::string given = arguments.value("expect-sha256");
    for (const FileEntry& file : checkpoint.files) {
        const bool isMain = file.path == (checkpoint.weightsPath.empty() ? checkpoint.path : checkpoint.weightsPath);
        std::optional<KnownSha256> known;
        if (!given.empty() && isMain) {
            auto parsed = knownSha256From(given, file.path);
            if (!parsed)
                return tl::unexpected(parsed.error());
            known = std::move(*parsed);
        } else if (arguments.has("sha256")) {
            known = knownSha256Of(file.path);
        }
        if (!known)
            continue;
        auto compared = compareFile(file.path, std::move(*known), job);
        if (!compared)
            return tl::unexpected(compared.error());
        out.files.push_back(std::move(*compared));
    }
    const auto other = std::find_if(out.files.begin(), out.files.end(), [](const ComparedFile& file) { return !file.isSame(); });
    return other == out.files.end() ? Result<void>() : failure(otherSum(*other));
}

Value integrityAnswer(const Checkpoint& checkpoint, const Integrity& integrity)
{
    Value::List files;
    for (const ComparedFile& file : integrity.files)
        files.push_back(Value::Map{{"path", file.path}, {"sha256", file.sha256}, {"expected", file.known.sha256}, {"source", file.known.source}, {"same", file.isSame()}});
    return Value::Map{{"checksum", checksumsOf(checkpoint)}, {"compared_nbytes", integrity.comparedNbytes}, {"files", std::move(files)}};
}

void printIntegrity(const Checkpoint& checkpoint, const Integrity& integrity)
{
    const std::string checksums = checksumsOf(checkpoint);
    if (checksums == "none")
        fmt::print("\nThis format has no checksum: nothing in the file would show that a value was changed.\n");
    else
        fmt::print("\nChecksums: {}; {} compared.\n", checksums, formatNbytes(integrity.comparedNbytes));
    for (const ComparedFile& file : integrity.files)
        fmt::print("sha256 {} {} ({})\n", file.isSame() ? "as expected:" : "differs:", shown(file.path, 4096), file.known.source);
}

int inspect(const Arguments& arguments, JobContext& job)
{
    const auto checkpoint = openCheckpoint(arguments.paths[0], job);
    if (!checkpoint)
        return checkpoint.error().partial ? inspectPartial(checkpoint.error(), arguments) : fail(checkpoint.error(), arguments);
    Integrity integrity;
    Result<void> values = compareFiles(**checkpoint, arguments, job, integrity);
    if (!values && values.error().rule == "usage")
        return fail(values.error(), arguments);
    if (arguments.has("sha256")) {
        const auto compared = compareChecksums(**checkpoint, job);
        integrity.comparedNbytes = compared.value_or(0);
        if (values && !compared)
            values = tl::unexpected(compared.error());
        auto hashes = sha256OfTensors(**checkpoint, job);
        if (!hashes)
            return fail(hashes.error(), arguments);
        integrity.sha256 = std::move(*hashes);
    }
    const bool isAsked = arguments.has("sha256") || arguments.has("expect-sha256");
    const auto error = damage(**checkpoint, values);
    if (arguments.has("json")) {
        Value answer = inspectHeadAnswer(**checkpoint);
        if (isAsked)
            answer.set("integrity", integrityAnswer(**checkpoint, integrity));
        if (error)
            answer.set("error", *errorAnswer(*error).find("error"));
        printAnswer(answer, **checkpoint, integrity.sha256);
    } else {
        endProgress();
        printText(**checkpoint, integrity.sha256);
        if (isAsked)
            printIntegrity(**checkpoint, integrity);
        if (error)
            std::fprintf(stderr, "weighbridge-cli: %s\n", error->message.c_str());
    }
    return error ? 2 : 0;
}

} // namespace

Command inspectCommand()
{
    return {"inspect", "inspect PATH [--json] [--sha256] [--expect-sha256 HEX|POINTER]", {"json", "sha256"}, {"expect-sha256"}, 1, 1, &inspect};
}

} // namespace weighbridge::cli
