// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/text.h"
#include "core/report/chapters.h"
#include "core/report/name_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace weighbridge {
namespace {

std::string digits(uint64_t number)
{
    return groupDigits(number);
}

size_t countWhere(const TensorRows& rows, std::initializer_list<RowState> states)
{
    return static_cast<size_t>(std::count_if(rows.rows().begin(), rows.rows().end(), [&states](const TensorRow& row) {
        return std::find(states.begin(), states.end(), row.state) != states.end();
    }));
}

uint64_t parametersNeverTrained(const TensorRows& rows)
{
    uint64_t out = 0;
    for (const TensorRow& row : rows.rows())
        if (const TensorInfo* found = row.state == RowState::NeverTrained ? rows.foundOf(row) : nullptr)
            out += found->elements();
    return out;
}

/// Where everything loads, what is worth a number is how much of it was trained.
ReadoutsBlock::Readout shareOfParameters(const ReportParts& parts)
{
    const CheckResult& check = parts.check();
    const Comparison& comparison = *check.comparison;
    const uint64_t all = check.checkpoint->parameters();
    const uint64_t untrained =
        check.values && comparison.matchedParameters == comparison.expectedParameters ? std::min(all, parametersNeverTrained(*parts.rows)) : 0;
    if (untrained > 0)
        return {formatPercent(all - untrained, all), "of the parameters are trained"};
    return {formatPercent(comparison.matchedParameters, comparison.expectedParameters), "of the expected parameters load as they are"};
}

ReadoutsBlock readouts(const ReportParts& parts)
{
    const CheckResult& check = parts.check();
    ReadoutsBlock out;
    if (check.comparison) {
        const ComparisonTables tables = comparisonTables(check);
        out.readouts.push_back({fmt::format("{} of {}", digits(check.comparison->matchedTensors), digits(check.comparison->expectedTensors)), "tensors match in name and shape"});
        out.readouts.push_back(shareOfParameters(parts));
        if (!check.values)
            out.readouts.push_back({digits(tables.missing.count()), fmt::format("missing, {} unexpected, {} of another shape", digits(tables.unexpected.count()), digits(tables.mismatched.count()))});
    } else {
        out.readouts.push_back({digits(check.checkpoint->tensors.size()), "tensors in the file"});
        out.readouts.push_back({digits(check.checkpoint->parameters()), "parameters"});
        if (!check.values)
            out.readouts.push_back({formatNbytes(check.checkpoint->nbytes()), "of values"});
    }
    if (check.values) {
        out.readouts.push_back({digits(countWhere(*parts.rows, {RowState::NeverTrained})), "tensors look never trained"});
        out.readouts.push_back({digits(countWhere(*parts.rows, {RowState::NonFinite})), "tensors with NaN or Inf"});
    } else {
        out.readouts.push_back({digits(check.findings.size()), "findings; values were not read"});
    }
    return out;
}

/// As much of a text as is read at a glance: up to the end of a sentence.
std::string beginningOf(const std::string& text)
{
    constexpr size_t enough = 260;
    if (text.size() <= enough)
        return text;
    const size_t stop = text.rfind(". ", enough);
    return stop == std::string::npos ? text : text.substr(0, stop + 1);
}

void addFindings(ReportParts& parts)
{
    const std::vector<Finding>& findings = parts.check().findings;
    parts.addHeading("Findings");
    if (findings.empty()) {
        std::vector<std::string> titles;
        for (const Rule* rule : allRules())
            titles.emplace_back(rule->info().title);
        parts.addText(fmt::format("Nothing found. What was looked at: {}.", fmt::join(titles, "; ")));
        return;
    }
    TableBlock table;
    table.columns = {{"", TableColumn::Kind::Number}, {"", TableColumn::Kind::Glyph}, {"Finding and evidence", TableColumn::Kind::Text, 0.62}, {"What to do", TableColumn::Kind::Text, 0.38}};
    for (size_t i = 0; i < findings.size(); ++i) {
        const Finding& finding = findings[i];
        const std::string& link = parts.chapterOf[i];
        std::string evidence = link.empty() ? finding.explanation : beginningOf(finding.explanation);
        if (!finding.because.empty())
            evidence = fmt::format("Follows from {}. {}", finding.because, evidence);
        table.rows.push_back({{fmt::format("{}", i + 1), {}, {}, {}},
                              {{}, {}, glyphOf(finding.severity), {}},
                              {finding.title, evidence, {}, link, true},
                              {finding.fix.text, {}, {}, {}}});
    }
    parts.add(std::move(table));
}

std::string dtypesOf(const Checkpoint& checkpoint)
{
    std::map<std::string_view, uint64_t> elements;
    for (const TensorInfo& tensor : checkpoint.tensors)
        elements[tensor.dtypeName()] += tensor.elements();
    std::vector<std::pair<uint64_t, std::string_view>> sorted;
    for (const auto& [name, count] : elements)
        sorted.emplace_back(count, name);
    std::sort(sorted.rbegin(), sorted.rend());
    std::vector<std::string> out;
    constexpr size_t maximum = 4;
    for (size_t i = 0; i < std::min(sorted.size(), maximum); ++i)
        out.push_back(fmt::format("{} {}", digits(sorted[i].first), shown(sorted[i].second)));
    if (sorted.size() > maximum)
        out.push_back(fmt::format("{} more dtypes", sorted.size() - maximum));
    return fmt::format("{}", fmt::join(out, ", "));
}

void addWhatWasChecked(ReportParts& parts)
{
    const CheckResult& check = parts.check();
    const Checkpoint& checkpoint = *check.checkpoint;
    std::vector<std::pair<std::string, std::string>> facts;
    facts.emplace_back("Checkpoint", fmt::format("{}\n{}, {} tensors, {} parameters: {}", shown(parts.report.subject), checkpoint.format, digits(checkpoint.tensors.size()), digits(checkpoint.parameters()), dtypesOf(checkpoint)));
    const auto weights = std::find_if(parts.report.files.begin(), parts.report.files.end(), [&checkpoint](const FileDigest& file) {
        return !checkpoint.shards.empty() && checkpoint.shards[0].path.ends_with(file.path);
    });
    if (weights != parts.report.files.end() && checkpoint.shards.size() == 1 && !weights->sha256.empty())
        facts.emplace_back("sha256", weights->sha256);
    if (check.expected)
        facts.emplace_back(check.expected->isStrict ? "Its own metadata" : check.expected->source == "reference" ? "Reference" : "Config",
                           fmt::format("{}{}{}", shown(subjectOf(check.expected->sourcePath)), check.expected->className.empty() ? "" : ", " + shown(check.expected->className),
                                       fmt::format(": {} tensors, {} parameters", digits(check.expected->tensors.size()), digits(check.expected->parameters()))));
    if (!check.looksLike.empty())
        facts.emplace_back("The names look like", check.looksLike);
    facts.emplace_back("Values", check.values ? "all read, none sampled" : "not read: only the header was checked");
    if (!parts.report.command.empty())
        facts.emplace_back("Made again by", parts.report.command);
    parts.addHeading("What was checked");
    parts.add(factTable(facts));
}

const char* verdictGlyph(Verdict verdict)
{
    return verdict == Verdict::Usable ? "verdict-usable" : verdict == Verdict::UsableAfterFix ? "verdict-after-fix" : "verdict-not-usable";
}

} // namespace

std::string glyphOf(Severity severity)
{
    return std::string("status-") + name(severity);
}

TableBlock factTable(const std::vector<std::pair<std::string, std::string>>& facts)
{
    TableBlock table;
    table.columns = {{"", TableColumn::Kind::Text, 0.2}, {"", TableColumn::Kind::Text, 0.8}};
    for (const auto& [what, value] : facts) {
        const size_t end = value.find('\n');
        table.rows.push_back({{what, {}, {}, {}}, {value.substr(0, end), end == std::string::npos ? "" : value.substr(end + 1), {}, {}}});
    }
    return table;
}

void addFrontPage(ReportParts& parts)
{
    const CheckResult& check = parts.check();
    parts.add(TitleBlock{"Checkpoint report", verdictGlyph(check.verdict), check.sentence, check.subSentence});
    parts.add(readouts(parts));
    if (auto strip = stripFigure(*parts.rows, parts.afterFix.get()))
        parts.add(std::move(*strip));
    addFindings(parts);
    addWhatWasChecked(parts);
    parts.addHeading("Contents");
    parts.add(ContentsBlock{});
}

} // namespace weighbridge
