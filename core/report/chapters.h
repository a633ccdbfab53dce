// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/report/figures.h"
#include "core/report/name_table.h"
#include "core/report/report.h"

#include <string>
#include <vector>

/// The parts of a report, one function each, in the order in which documentOf() calls them.
namespace weighbridge {

/// What the parts share.
struct ReportParts {
    const Report& report;
    TensorRowsPtr rows;
    TensorRowsPtr afterFix;          ///< null without a fix
    std::vector<std::string> chapterOf; ///< anchor of each finding's chapter; empty: it has none
    std::vector<ReportBlock> blocks;
    int chapters = 0;

    [[nodiscard]] const CheckResult& check() const { return *report.check; }
    template <typename T>
    void add(T block) { blocks.emplace_back(std::move(block)); }
    void addHeading(std::string text) { add(HeadingBlock{HeadingBlock::Section, std::move(text), {}, {}, {}}); }
    void addText(std::string text, ParagraphBlock::Kind kind = ParagraphBlock::Kind::Body) { add(ParagraphBlock{kind, std::move(text)}); }
    /// Begins a chapter; gives its anchor.
    std::string addChapter(std::string text, std::string glyph = {}, bool isLong = false);
};

void addFrontPage(ReportParts& parts);
void addFindingChapters(ReportParts& parts);
void addComparisonChapter(ReportParts& parts);  ///< missing, unexpected, mismatched; repeated layers merged
void addTensorChapter(ReportParts& parts);      ///< every tensor by its full name
void addDifference(ReportParts& parts, const Difference& difference); ///< front page and chapters of A against B
void addIntegrityChapter(ReportParts& parts);   ///< files, versions, environment, command

/// Whether a finding has a chapter of its own: consequences and short notes are said where the findings are listed.
[[nodiscard]] bool hasChapter(const Finding& finding);
[[nodiscard]] std::string glyphOf(Severity severity);
/// Names with what stands beside them under these heads.
[[nodiscard]] TableBlock tableOf(const NameTable& names, const std::vector<std::string>& heads);
/// Rows of two columns without a head: what, and its value.
[[nodiscard]] TableBlock factTable(const std::vector<std::pair<std::string, std::string>>& facts);

} // namespace weighbridge
