// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/axis.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/report/chapters.h"
#include "core/report/name_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr size_t maximumRows = 400; ///< of the tables inside a finding; the chapter with all tensors has the rest

std::string evidenceText(const Value& value)
{
    constexpr size_t longest = 160;
    if (value.isDouble())
        return formatNumber(value.number());
    if (value.integer())
        return *value.integer() < 0 ? fmt::format("{}", *value.integer()) : groupDigits(static_cast<uint64_t>(*value.integer()));
    return shown(value.string() ? *value.string() : toJson(value), longest);
}

void addEvidence(ReportParts& parts, const Finding& finding)
{
    std::vector<std::pair<std::string, std::string>> facts;
    for (const auto& [key, value] : finding.evidence) {
        std::string words = key;
        std::replace(words.begin(), words.end(), '_', ' ');
        facts.emplace_back(words, evidenceText(value));
    }
    if (facts.empty())
        return;
    parts.add(HeadingBlock{HeadingBlock::Part, "Evidence", {}, {}, {}});
    parts.add(factTable(facts));
}

/// What was tried and how much of it fitted; the one that the fix makes is marked.
void addTried(ReportParts& parts, const Finding& finding)
{
    if (finding.tried.empty())
        return;
    TableBlock table;
    table.columns = {{"Tried", TableColumn::Kind::Text, 0.6}, {"Tensors that fit", TableColumn::Kind::Number}, {"", TableColumn::Kind::Text, 0.2}};
    for (const Trial& trial : finding.tried)
        table.rows.push_back({{shown(trial.text)}, {fmt::format("{} of {}", groupDigits(trial.matched), groupDigits(trial.of))}, {trial.isTaken ? "taken" : ""}});
    parts.add(HeadingBlock{HeadingBlock::Part, "What was tried", {}, {}, {}});
    parts.add(std::move(table));
}

class ValueTable {
public:
    ValueTable(const Checkpoint& checkpoint, const CheckpointStatistics& values, const Siblings& siblings) : m_checkpoint(checkpoint), m_values(values), m_siblings(siblings) {}

    TableBlock of(const std::vector<size_t>& tensors) const
    {
        TableBlock table;
        table.columns = {{"Tensor", TableColumn::Kind::Name}, {"Shape", TableColumn::Kind::Number}, {"std", TableColumn::Kind::Number}, {"Kurtosis", TableColumn::Kind::Number},
                         {"NaN, Inf", TableColumn::Kind::Number}, {"Origin", TableColumn::Kind::Text, 0.3}, {"Sibling’s std", TableColumn::Kind::Number}};
        for (size_t i = 0; i < std::min(tensors.size(), maximumRows); ++i)
            table.rows.push_back(row(tensors[i]));
        constexpr std::ptrdiff_t notFinite = 4;
        if (std::none_of(table.rows.begin(), table.rows.end(), [](const auto& cells) { return cells[notFinite].text != "0"; })) {
            table.columns.erase(table.columns.begin() + notFinite);
            for (auto& cells : table.rows)
                cells.erase(cells.begin() + notFinite);
        }
        return table;
    }

private:
    [[nodiscard]] std::vector<TableCell> row(size_t tensor) const
    {
        const TensorInfo& info = m_checkpoint.tensors[tensor];
        const auto& analysis = m_values.tensors[tensor];
        if (!analysis)
            return {{shown(info.name), analysis.error().message}, {formatShape(info.shape)}, {}, {}, {}, {}, {}};
        const TensorStatistics& s = analysis->statistics;
        const Origin& origin = m_values.origin.tensors[tensor];
        const std::vector<size_t> siblings = m_siblings.of(tensor);
        const bool isConstant = s.finite > 0 && s.min == s.max;
        return {{shown(info.name)},
                {formatShape(info.shape)},
                {s.finite ? formatNumber(s.std) : "–"},
                {s.finite && !isConstant ? formatNumber(s.kurtosis) : "–"},
                {groupDigits(s.nan + s.inf)},
                originCell(origin, isConstant, s.min),
                {siblings.empty() ? "–" : formatNumber(m_values.tensors[siblings[0]]->statistics.std)}};
    }

    /// "normal(0, 0.02)", and below it what that comes from: "initializer_range".
    [[nodiscard]] static TableCell originCell(const Origin& origin, bool isConstant, double constant)
    {
        if (isConstant)
            return {fmt::format("constant {:g}", constant), {}, "status-random"};
        const size_t end = origin.scheme.find("), ");
        TableCell cell{origin.scheme.empty() ? std::string(name(origin.verdict)) : origin.scheme.substr(0, end == std::string::npos ? end : end + 1)};
        if (end != std::string::npos)
            cell.more = origin.scheme.substr(end + 3);
        if (origin.verdict == OriginVerdict::Random)
            cell.glyph = "status-random";
        return cell;
    }

    const Checkpoint& m_checkpoint;
    const CheckpointStatistics& m_values;
    const Siblings& m_siblings;
};

/// Finding's tensors, and what stands in the same modules: norms at 1 and biases at 0 belong to a layer that was never loaded.
std::vector<size_t> withModules(const Checkpoint& checkpoint, const CheckpointStatistics& values, std::vector<size_t> tensors)
{
    std::unordered_set<std::string> layers;
    for (const size_t tensor : tensors)
        layers.insert(moduleOf(checkpoint.tensors[tensor].name));
    std::unordered_set<size_t> known(tensors.begin(), tensors.end());
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i)
        if (!known.contains(i) && values.tensors[i] && values.tensors[i]->features.isConstant && layers.contains(moduleOf(checkpoint.tensors[i].name)))
            tensors.push_back(i);
    return tensors;
}

void addValues(ReportParts& parts, const Finding& finding, bool hasMap)
{
    const Checkpoint& checkpoint = *parts.check().checkpoint;
    const CheckpointStatistics& values = *parts.check().values;
    if (hasMap)
        if (auto map = mapFigure(parts.rows, values))
            parts.add(std::move(*map));
    std::vector<size_t> tensors = tensorsOf(checkpoint, finding);
    const Siblings siblings(checkpoint, values);
    if (auto figure = valuesFigure(checkpoint, values, siblings, parts.report.spectra, plottedTensors(checkpoint, finding)))
        parts.add(std::move(*figure));
    if (finding.rule == "never-loaded-layer")
        tensors = withModules(checkpoint, values, std::move(tensors));
    if (tensors.empty())
        return;
    parts.add(HeadingBlock{HeadingBlock::Part, fmt::format("Tensors ({})", groupDigits(tensors.size())), {}, {}, {}});
    parts.add(ValueTable(checkpoint, values, siblings).of(tensors));
    if (tensors.size() > maximumRows)
        parts.addText(fmt::format("The first {} of {}; the last chapters name them all.", maximumRows, groupDigits(tensors.size())), ParagraphBlock::Kind::Caption);
}

void addNames(ReportParts& parts, const Finding& finding)
{
    if (finding.tensors.empty())
        return;
    std::unordered_map<std::string_view, const TensorInfo*> byName;
    for (const TensorInfo& tensor : parts.check().checkpoint->tensors)
        byName.emplace(tensor.name, &tensor);
    NameTable names;
    for (const std::string& name : finding.tensors) {
        const auto found = byName.find(name);
        names.add(name, {found == byName.end() ? "–" : formatShape(found->second->shape)});
    }
    TableBlock table;
    table.columns = {{"Tensor", TableColumn::Kind::Name}, {"Shape in the file", TableColumn::Kind::Number}};
    const std::vector<NameTable::Row> rows = names.rows();
    for (size_t i = 0; i < std::min(rows.size(), maximumRows); ++i)
        table.rows.push_back({{rows[i].names}, {rows[i].details[0]}});
    parts.add(HeadingBlock{HeadingBlock::Part, fmt::format("Tensors ({})", groupDigits(names.count())), {}, {}, {}});
    parts.add(std::move(table));
    if (rows.size() > maximumRows)
        parts.addText(fmt::format("The first {} rows of {}; the chapter on all tensors names them all.", maximumRows, groupDigits(rows.size())), ParagraphBlock::Kind::Caption);
}

void addFix(ReportParts& parts, const Fix& fix)
{
    if (fix.text.empty() && fix.python.empty())
        return;
    parts.add(HeadingBlock{HeadingBlock::Part, "Fix", {}, {}, {}});
    std::string text = fix.text;
    if (fix.coverageAfter)
        text += fmt::format(" After it {} of the expected parameters load.", *fix.coverageAfter >= 1 ? "100 %" : fmt::format("{:.1f} %", std::min(*fix.coverageAfter * 100, 99.9)));
    parts.addText(text);
    if (!fix.python.empty())
        parts.add(CodeBlock{"python", fix.python.substr(0, fix.python.find_last_not_of('\n') + 1)});
}

} // namespace

bool hasChapter(const Finding& finding)
{
    return finding.because.empty() && (finding.severity != Severity::Note || !finding.tensors.empty() || !finding.fix.python.empty());
}

void addFindingChapters(ReportParts& parts)
{
    bool hasMap = false;
    for (const Finding& finding : parts.check().findings) {
        if (!hasChapter(finding))
            continue;
        parts.addChapter(finding.title, glyphOf(finding.severity));
        parts.addText(finding.explanation, ParagraphBlock::Kind::Lead);
        if (parts.check().values && isAboutValues(finding)) {
            addValues(parts, finding, !hasMap);
            hasMap = true;
        } else {
            addNames(parts, finding);
        }
        addTried(parts, finding);
        addFix(parts, finding.fix);
        addEvidence(parts, finding);
    }
}

} // namespace weighbridge
