// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/job_context.h"
#include "core/comparison/difference.h"
#include "core/diagnosis/check.h"
#include "core/report/report_document.h"
#include "core/report/report_plots.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weighbridge {

/// A file of a checkpoint with what tells it from another of the same name.
struct FileDigest {
    std::string path;      ///< relative to what was opened, where it lies below it
    uint64_t nbytes = 0;
    std::string format;
    std::string sha256;    ///< empty: not computed, `why` says why
    std::string why;
};

/// What the one who asks for a report knows and core does not.
struct ReportOptions {
    std::string program;   ///< "Weighbridge 1.0"
    std::string command;   ///< that makes the report again
    std::string date;      ///< "2026-11-22 14:02 UTC"; empty: now
    bool digests = true;   ///< read all files for their sha256
};

/// Everything that a report says, once; immutable. The outputs (core/report/output.h and the PDF) only give it a form.
struct Report {
    // One of the two: does it fit, or what is B to A.
    std::shared_ptr<const CheckResult> check; ///< verdict, findings, comparison with what is expected; its values if they were read
    std::shared_ptr<const Difference> difference;
    Spectra spectra;                          ///< of the check's findings about values
    std::vector<ReportedPair> pairPlots;          ///< of the difference
    std::string subject;                      ///< "sts-run-4/checkpoint-1200"
    std::string program;
    std::string command;
    std::string date;
    std::vector<FileDigest> files;
    std::vector<std::pair<std::string, std::string>> environment; ///< "System", "Debian GNU/Linux 12"
};

/// Up to this size values and sha256 are read without being asked for, as in the window.
inline constexpr uint64_t readUnaskedNbytes = 4ull * 1024 * 1024 * 1024;

/// Adds to a check, or to a comparison of A with B, what a report says besides. Error only `cancelled`; a file that cannot be read is said so in its row. Any thread.
[[nodiscard]] Result<Report> makeReport(std::shared_ptr<const CheckResult> check, const ReportOptions& options, JobContext& job);
[[nodiscard]] Result<Report> makeReport(std::shared_ptr<const Difference> difference, const ReportOptions& options, JobContext& job);

/// The last two parts of a path: says what a report is about, and nothing of who made it where.
[[nodiscard]] std::string subjectOf(const std::string& path);
/// A word of a command line as a POSIX shell takes it.
[[nodiscard]] std::string shellWord(const std::string& word);

/// The report block by block: the same for all outputs that people read.
[[nodiscard]] ReportDocument documentOf(const Report& report);

} // namespace weighbridge
