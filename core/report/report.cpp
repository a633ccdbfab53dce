// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/report/report.h"

#include "core/base/files.h"
#include "core/base/sha256.h"
#include "core/base/text.h"
#include "core/checkpoint/host_digests.h"
#include "core/remote/address.h"
#include "core/remote/ssh_address.h"
#include "core/report/chapters.h"
#include "core/report/environment.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace weighbridge {
namespace {

/// Relative to the folder of what was opened; a name alone for what lies elsewhere.
std::string relativePath(const Checkpoint& checkpoint, const std::string& path)
{
    const std::filesystem::path file(path);
    const std::filesystem::path whole(checkpoint.path);
    const auto folder = isFolder(checkpoint.path) ? whole : whole.parent_path();
    const auto relative = file.lexically_relative(folder);
    return relative.empty() || relative.native().starts_with("..") || relative == "." ? file.filename().string() : relative.string();
}

Result<std::string> sha256Of(const ByteSource& source, JobContext& job, uint64_t before, uint64_t total)
{
    constexpr uint64_t block = 1024 * 1024;
    std::vector<std::byte> buffer(block);
    Sha256 hash;
    for (uint64_t at = 0; at < source.nbytes(); at += block) {
        if (job.cancelled())
            return failure(cancelledError());
        const auto part = std::span(buffer).first(static_cast<size_t>(std::min(block, source.nbytes() - at)));
        if (const auto read = source.readAt(at, part); !read)
            return tl::unexpected(read.error());
        hash.update(part);
        job.report({"Computing sha256", before + at + part.size(), total});
    }
    return hash.finish();
}

/// The checkpoint's own files and those of its shards, each once.
std::vector<FileEntry> filesOf(const Checkpoint& checkpoint, const std::string& configPath)
{
    std::vector<FileEntry> out = checkpoint.files;
    const auto isKnown = [&out](const std::string& path) { return std::any_of(out.begin(), out.end(), [&path](const FileEntry& entry) { return entry.path == path; }); };
    for (const Shard& shard : checkpoint.shards)
        if (shard.source && !isKnown(shard.path))
            out.push_back({shard.path, shard.source->nbytes(), shard.format});
    if (!configPath.empty() && !isKnown(configPath))
        out.push_back({configPath, 0, "config"});
    return out;
}

/// `side` stands before the names of the files where there are two checkpoints.
Result<std::vector<FileDigest>> digestsOf(const Checkpoint& checkpoint, const std::string& configPath, const std::string& side, const ReportOptions& options, JobContext& job)
{
    std::vector<FileDigest> out;
    const std::vector<FileEntry> files = filesOf(checkpoint, configPath);
    uint64_t total = 0;
    for (const FileEntry& file : files)
        total += file.nbytes;
    uint64_t done = 0;
    for (const FileEntry& file : files) {
        FileDigest& digest = out.emplace_back(FileDigest{side + relativePath(checkpoint, file.path), file.nbytes, file.format, {}, {}});
        const auto source = openFile(file.path);
        digest.nbytes = source ? (*source)->nbytes() : file.nbytes;
        const bool isFetched = isAddress(file.path) && !isSshAddress(file.path); // through ssh the sum is computed there
        if (!options.digests || isFetched) {
            digest.why = options.digests ? "not computed: it was not fetched" : "not computed";
            continue;
        }
        const auto there = isSshAddress(file.path) ? sha256OfFileThere(file.path, job) : std::nullopt;
        auto hash = there ? *there : source.and_then([&](const SourcePtr& opened) { return sha256Of(*opened, job, done, total); });
        if (!hash && hash.error().rule == "cancelled")
            return tl::unexpected(hash.error());
        (hash ? digest.sha256 : digest.why) = hash ? *hash : "cannot be read";
        done += file.nbytes;
    }
    return out;
}

Report reportWith(const ReportOptions& options)
{
    Report report;
    report.program = options.program;
    report.command = options.command;
    report.date = options.date.empty() ? utcNow() : options.date;
    report.environment = environment();
    return report;
}

void addCheck(ReportParts& parts)
{
    const std::shared_ptr<const CheckResult>& check = parts.report.check;
    parts.rows = TensorRows::fromCheck(check, View::AsItLoads, check->values ? &check->values->origin : nullptr);
    parts.afterFix = TensorRows::fromCheck(check, View::AfterFix);
    int chapter = 0;
    for (const Finding& finding : check->findings)
        parts.chapterOf.push_back(hasChapter(finding) ? fmt::format("chapter-{}", ++chapter) : "");
    addFrontPage(parts);
    addFindingChapters(parts);
    addComparisonChapter(parts);
    addTensorChapter(parts);
}

} // namespace

std::string subjectOf(const std::string& path)
{
    std::filesystem::path whole(path);
    if (!whole.has_filename())
        whole = whole.parent_path();
    const auto full = std::filesystem::path(absolutePath(whole.string())).lexically_normal();
    const std::string parent = full.parent_path().filename().string();
    return parent.empty() ? full.filename().string() : parent + "/" + full.filename().string();
}

std::string shellWord(const std::string& word)
{
    const bool isPlain = !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("_-./=:,+@%").find(c) != std::string_view::npos;
    });
    if (isPlain)
        return word;
    std::string out = "'";
    for (const char c : word)
        out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return out + "'";
}

Result<Report> makeReport(std::shared_ptr<const CheckResult> check, const ReportOptions& options, JobContext& job)
{
    auto files = digestsOf(*check->checkpoint, check->config ? check->config->path : "", "", options, job);
    if (!files)
        return tl::unexpected(files.error());
    auto spectra = spectraOf(*check, job);
    if (!spectra)
        return tl::unexpected(spectra.error());
    Report report = reportWith(options);
    report.spectra = std::move(*spectra);
    report.subject = subjectOf(check->checkpoint->path);
    report.files = std::move(*files);
    report.check = std::move(check);
    return report;
}

Result<Report> makeReport(std::shared_ptr<const Difference> difference, const ReportOptions& options, JobContext& job)
{
    Report report = reportWith(options);
    for (const auto& [side, checkpoint] : {std::pair("A: ", difference->a), std::pair("B: ", difference->b)}) {
        const auto files = digestsOf(*checkpoint, "", side, options, job);
        if (!files)
            return tl::unexpected(files.error());
        report.files.insert(report.files.end(), files->begin(), files->end());
    }
    auto plots = plotsOf(*difference, job);
    if (!plots)
        return tl::unexpected(plots.error());
    report.pairPlots = std::move(*plots);
    report.subject = fmt::format("{} and {}", subjectOf(difference->a->path), subjectOf(difference->b->path));
    report.difference = std::move(difference);
    return report;
}

std::string ReportParts::addChapter(std::string text, std::string glyph, bool isLong)
{
    const std::string number = fmt::format("{}", ++chapters);
    std::string anchor = "chapter-" + number;
    add(HeadingBlock{HeadingBlock::Chapter, std::move(text), std::move(glyph), number, anchor, isLong});
    return anchor;
}

ReportDocument documentOf(const Report& report)
{
    ReportParts parts{report, nullptr, nullptr, {}, {}};
    if (report.difference)
        addDifference(parts, *report.difference);
    else
        addCheck(parts);
    addIntegrityChapter(parts);
    ReportDocument document;
    document.subject = shown(report.subject);
    document.title = fmt::format("{}: {}", document.subject, report.difference ? report.difference->relation.sentence : report.check->sentence);
    document.program = report.program;
    document.date = report.date;
    document.blocks = std::move(parts.blocks);
    return document;
}

} // namespace weighbridge
