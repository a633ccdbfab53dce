// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"

#include "app/cli/check_options.h"
#include "core/base/json.h"
#include "core/base/new_file.h"
#include "core/base/resources.h"
#include "core/base/text.h"
#include "core/base/worker_process.h"
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

/// Has weighbridge-pdf draw the document and writes what it sends.
Result<void> writePdf(const Report& report, const Arguments& arguments, JobContext& job)
{
    auto file = NewFile::create(arguments.value("o"));
    if (!file)
        return tl::unexpected(file.error());
    WorkerOptions options;
    options.program = siblingProgram("weighbridge-pdf");
    auto worker = WorkerProcess::start(options);
    if (!worker) {
        Error error = worker.error();
        error.fix = "A PDF is drawn by weighbridge-pdf, which comes with the desktop program. A name that ends in .html, .md or .json needs nothing else.";
        return failure(std::move(error));
    }
    auto sent = (*worker)->sendJson(Value::Map{{"page", arguments.value("page")}, {"document", toValue(documentOf(report))}}, job);
    if (!sent)
        return sent;
    for (;;) {
        const auto frame = (*worker)->receive(job);
        if (!frame)
            return tl::unexpected(frame.error());
        if (frame->kind == FrameKind::Bytes) {
            if (auto written = file->write(frame->payload); !written)
                return written;
            continue;
        }
        const auto answer = parseJson(frame->text());
        const Value* error = answer ? answer->value.find("error") : nullptr;
        if (!answer || error)
            return failure(error ? errorFromValue(*error) : answer.error());
        return file->finish();
    }
}

bool isPdf(const std::string& path)
{
    return lowered(path).ends_with(".pdf");
}

Result<void> write(const Report& report, const Arguments& arguments, JobContext& job)
{
    const std::string path = arguments.value("o");
    return isPdf(path) ? writePdf(report, arguments, job) : writeReport(report, path, job);
}

Result<Report> reportOfCheck(const Arguments& arguments, const ReportOptions& options, JobContext& job)
{
    return openCheckpoint(arguments.paths[0], job)
        .and_then([&](const CheckpointPtr& checkpoint) {
            CheckOptions check = checkOptions(arguments);
            check.values = options.digests && (arguments.has("values") || checkpoint->nbytes() <= readUnaskedNbytes);
            return checkCheckpoint(checkpoint, check, job);
        })
        .and_then([&](const std::shared_ptr<const CheckResult>& check) { return makeReport(check, options, job); });
}

Result<Report> reportOfDifference(const Arguments& arguments, const ReportOptions& options, JobContext& job)
{
    const auto a = openCheckpoint(arguments.paths[0], job);
    const auto b = a ? openCheckpoint(arguments.paths[1], job) : a;
    if (!b)
        return tl::unexpected(b.error());
    DifferenceOptions difference;
    difference.values = options.digests && (arguments.has("values") || (*a)->nbytes() + (*b)->nbytes() <= readUnaskedNbytes);
    return differenceOf(*a, *b, difference, job).and_then([&](Difference&& found) { return makeReport(std::make_shared<const Difference>(std::move(found)), options, job); });
}

int report(const Arguments& arguments, JobContext& job)
{
    if (arguments.value("o").empty())
        return fail(Error("usage", "The report needs a name.").fixedBy("Give it with -o FILE; its ending (.pdf, .html, .md, .json) says what it is to be."), arguments);
    if (!isPdf(arguments.value("o")) && !outputFor(arguments.value("o")))
        return fail(unknownEnding(arguments.value("o")), arguments);
    const ReportOptions options{"Weighbridge " WEIGHBRIDGE_VERSION, commandOf(arguments), {}, !arguments.has("no-values")};
    const auto made = arguments.paths.size() == 2 ? reportOfDifference(arguments, options, job) : reportOfCheck(arguments, options, job);
    const auto written = made ? write(*made, arguments, job) : tl::unexpected(made.error());
    return written ? 0 : fail(written.error(), arguments);
}

} // namespace

Command reportCommand()
{
    return {"report", "report PATH [B] [--config CONFIG] [--class NAME] [--against PATH] [--values | --no-values] [--page A4|Letter] -o FILE.{pdf,html,md,json}", {"values", "no-values"}, {"config", "class", "against", "page", "o"}, 1, 2, &report};
}

} // namespace weighbridge::cli
