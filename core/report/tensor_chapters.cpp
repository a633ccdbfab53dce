// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/axis.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/report/chapters.h"
#include "core/report/name_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t maximumQuietRows = 2000;   ///< of tensors with which all is well; those that deviate are all named
constexpr size_t maximumMetadata = 60;

void addNames(ReportParts& parts, const char* head, const char* what, const NameTable& names, const std::vector<std::string>& heads)
{
    if (names.count() == 0)
        return;
    parts.addHeading(fmt::format("{} ({})", head, groupDigits(names.count())));
    parts.addText(what);
    parts.add(tableOf(names, heads));
}

std::string shapeOrDash(const std::vector<int64_t>* shape)
{
    return shape ? formatShape(*shape) : "–";
}

std::string dtypeText(const ExpectedTensor* wanted, const TensorInfo* found)
{
    if (!found)
        return wanted->dtype == DType::Unknown ? "–" : std::string(name(wanted->dtype));
    return shown(found->dtypeName());
}

std::string stdText(const CheckpointStatistics& values, int found)
{
    const auto* analysis = found < 0 ? nullptr : &values.tensors[static_cast<size_t>(found)];
    return analysis && *analysis && (*analysis)->statistics.finite > 0 ? formatNumber((*analysis)->statistics.std) : "–";
}

std::vector<TableCell> tensorRow(const ReportParts& parts, const TensorRow& row)
{
    const ExpectedTensor* wanted = parts.rows->expectedOf(row);
    const TensorInfo* found = parts.rows->foundOf(row);
    TableCell name{shown(row.name, 4096)};
    if (found && found->name != row.name)
        name.more = "in the file " + shown(found->name, 4096);
    std::vector<TableCell> cells{std::move(name), {std::string(word(row.state)), {}, std::string(glyphName(row.state))}};
    if (parts.rows->hasExpectation())
        cells.push_back({wanted ? formatShape(*wanted) : "–"});
    cells.push_back({shapeOrDash(found ? &found->shape : nullptr)});
    cells.push_back({dtypeText(wanted, found)});
    if (parts.check().values)
        cells.push_back({stdText(*parts.check().values, row.found)});
    return cells;
}

} // namespace

TableBlock tableOf(const NameTable& names, const std::vector<std::string>& heads)
{
    TableBlock table;
    table.columns = {{"Tensor", TableColumn::Kind::Name}};
    for (const std::string& head : heads)
        table.columns.push_back({head, TableColumn::Kind::Number});
    for (NameTable::Row& row : names.rows()) {
        std::vector<TableCell> cells{{std::move(row.names)}};
        for (std::string& detail : row.details)
            cells.push_back({std::move(detail)});
        table.rows.push_back(std::move(cells));
    }
    return table;
}

void addComparisonChapter(ReportParts& parts)
{
    const ComparisonTables tables = comparisonTables(parts.check());
    if (tables.missing.count() + tables.unexpected.count() + tables.mismatched.count() == 0)
        return;
    parts.addChapter("Expected against found");
    parts.addText("Layers that repeat are in one row: {0–2, 5} are the layers 0, 1, 2 and 5.");
    addNames(parts, "Mismatched", "The shapes differ. Loaders refuse these, or leave them out when they are told to ignore mismatched sizes.", tables.mismatched,
             {"Expected", "Found"});
    addNames(parts, "Missing", "The model expects them, the file does not hold them. Loaders fill them with random values.", tables.missing, {"Expected"});
    addNames(parts, "Unexpected", "The file holds them, the model has no place for them. Loaders leave them out.", tables.unexpected, {"Found"});
}

void addTensorChapter(ReportParts& parts)
{
    const std::vector<TensorRow>& rows = parts.rows->rows();
    if (rows.empty())
        return;
    parts.addChapter("All tensors", {}, true);
    TableBlock table;
    table.columns = {{"Tensor", TableColumn::Kind::Name}, {"Status", TableColumn::Kind::Text}};
    if (parts.rows->hasExpectation())
        table.columns.push_back({"Expected", TableColumn::Kind::Number});
    table.columns.push_back({"Found", TableColumn::Kind::Number});
    table.columns.push_back({"dtype", TableColumn::Kind::Text});
    if (parts.check().values)
        table.columns.push_back({"std", TableColumn::Kind::Number});
    size_t quiet = 0;
    for (const TensorRow& row : rows) {
        if (!deviates(row.state) && ++quiet > maximumQuietRows)
            continue;
        table.rows.push_back(tensorRow(parts, row));
    }
    if (quiet > maximumQuietRows)
        parts.addText(fmt::format("All {} that deviate are here, and the first {} of the others; {} more of those are left out.", groupDigits(rows.size() - quiet), groupDigits(maximumQuietRows),
                                  groupDigits(quiet - maximumQuietRows)));
    parts.add(std::move(table));
}

void addIntegrityChapter(ReportParts& parts)
{
    parts.addChapter("Integrity, versions, environment");
    parts.addHeading("Files");
    TableBlock files;
    files.columns = {{"File", TableColumn::Kind::Name}, {"Bytes", TableColumn::Kind::Number}, {"sha256", TableColumn::Kind::Text, 0.78}};
    for (const FileDigest& file : parts.report.files)
        files.rows.push_back({{shown(file.path)}, {groupDigits(file.nbytes)}, {file.sha256.empty() ? file.why : file.sha256}});
    parts.add(std::move(files));

    std::vector<std::pair<std::string, std::string>> metadata;
    if (const Value::Map* entries = parts.report.check ? parts.check().checkpoint->metadata.map() : nullptr)
        for (size_t i = 0; i < std::min(entries->size(), maximumMetadata); ++i)
            metadata.emplace_back(shown((*entries)[i].first, 60), shown((*entries)[i].second.string() ? *(*entries)[i].second.string() : toJson((*entries)[i].second)));
    if (!metadata.empty()) {
        parts.addHeading("What the file says of itself");
        parts.add(factTable(metadata));
    }

    std::vector<std::pair<std::string, std::string>> environment{{"Made by", parts.report.program}, {"Date", parts.report.date}};
    environment.insert(environment.end(), parts.report.environment.begin(), parts.report.environment.end());
    parts.addHeading("Versions and environment");
    parts.add(factTable(environment));
    if (!parts.report.command.empty()) {
        parts.addHeading("The same report again");
        parts.add(CodeBlock{"sh", parts.report.command});
    }
}

} // namespace weighbridge
