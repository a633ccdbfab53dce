// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/axis.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/report/chapters.h"
#include "core/report/figures.h"
#include "core/report/name_table.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr size_t maximumFields = 200;

const TensorInfo* sideA(const Difference& difference, const TensorPair& pair)
{
    return pair.a >= 0 ? &difference.a->tensors[static_cast<size_t>(pair.a)] : nullptr;
}

const TensorInfo* sideB(const Difference& difference, const TensorPair& pair)
{
    return pair.b >= 0 ? &difference.b->tensors[static_cast<size_t>(pair.b)] : nullptr;
}

/// 0 and 100 only when exact.
std::string percentText(double fraction)
{
    if (fraction == 0)
        return "0\u202f%";
    return fmt::format("{}\u202f%", formatNumber(fraction < 1 ? std::min(fraction * 100, 99.9) : fraction * 100));
}

std::string sideText(const Checkpoint& checkpoint)
{
    return fmt::format("{}\n{}, {} tensors, {} parameters, {}", shown(subjectOf(checkpoint.path)), checkpoint.format, groupDigits(checkpoint.tensors.size()), groupDigits(checkpoint.parameters()),
                       formatNbytes(checkpoint.nbytes()));
}

const char* glyphOf(PairState state)
{
    switch (state) {
    case PairState::OnlyInA: return "status-missing";
    case PairState::OnlyInB: return "status-unexpected";
    case PairState::ShapeDiffers: return "status-shape";
    case PairState::Changed: return "status-warning";
    case PairState::DTypeDiffers: return "status-dtype";
    case PairState::Renamed: return "status-renamed";
    case PairState::Same: return "status-ok";
    }
    return "";
}

void addFigure(ReportParts& parts, std::optional<FigureBlock> figure)
{
    if (figure)
        parts.add(std::move(*figure));
}

void addValues(ReportParts& parts, const Difference& difference)
{
    std::vector<const TensorPair*> changed;
    for (const TensorPair& pair : difference.pairs)
        if (pair.valuesDiffer())
            changed.push_back(&pair);
    if (changed.empty())
        return;
    std::stable_sort(changed.begin(), changed.end(), [](const TensorPair* x, const TensorPair* y) { return x->values->relativeL2 > y->values->relativeL2; });
    parts.addChapter(fmt::format("Values that differ ({})", groupDigits(changed.size())));
    const ChangeTable moved = changeTable(difference);
    addFigure(parts, changeDepthFigure(moved));
    addFigure(parts, changeMapFigure(moved));
    for (FigureBlock& figure : pairFigures(difference, parts.report.pairPlots))
        parts.add(std::move(figure));
    parts.addText("The tensor that moved most comes first. Change: |B − A| / |A|, L2 norms. Elements: the share that differs.");
    TableBlock table;
    const auto number = [](const char* head) { return TableColumn{head, TableColumn::Kind::Number}; };
    table.columns = {{"Tensor", TableColumn::Kind::Name}, number("Change"), number("Cosine"), number("Largest"), number("RMSE"), number("Elements"), number("First at")};
    for (const TensorPair* pair : changed) {
        const ValueDifference& v = *pair->values;
        table.rows.push_back({{shown(sideA(difference, *pair)->name, 4096)}, {percentText(v.relativeL2)}, {fmt::format("{:.5f}", v.cosine)}, {formatNumber(v.maxAbs)}, {formatNumber(v.rmse)},
                              {percentText(v.changedFraction())}, {v.firstChanged.empty() ? "–" : fmt::format("{}", fmt::join(v.firstChanged, ", "))}});
    }
    parts.add(std::move(table));
}

void addNames(ReportParts& parts, const char* head, const NameTable& names, const std::vector<std::string>& columns)
{
    if (names.count() == 0)
        return;
    parts.addHeading(fmt::format("{} ({})", head, groupDigits(names.count())));
    TableBlock table = tableOf(names, columns);
    parts.add(std::move(table));
}

void addStructure(ReportParts& parts, const Difference& difference)
{
    NameTable onlyA, onlyB, shape, dtype, renamed, unread;
    for (const TensorPair& pair : difference.pairs) {
        const TensorInfo* a = sideA(difference, pair);
        const TensorInfo* b = sideB(difference, pair);
        if (!a || !b) {
            (a ? onlyA : onlyB).add((a ? a : b)->name, {formatShape((a ? a : b)->shape)});
            continue;
        }
        if (stateOf(pair) == PairState::ShapeDiffers)
            shape.add(a->name, {formatShape(a->shape), formatShape(b->shape)});
        if (pair.dtypeDiffers)
            dtype.add(a->name, {shown(a->dtypeName()), shown(b->dtypeName())});
        if (pair.isRenamed())
            renamed.add(a->name, {shown(pair.rule)});
        if (!pair.valuesError.empty() && !pair.shapeDiffers)
            unread.add(a->name, {pair.valuesError});
    }
    if (onlyA.count() + onlyB.count() + shape.count() + dtype.count() + renamed.count() + unread.count() == 0)
        return;
    parts.addChapter("Names, shapes, dtypes");
    addNames(parts, "− Only in A", onlyA, {"Shape"});
    addNames(parts, "+ Only in B", onlyB, {"Shape"});
    addNames(parts, "! Shape differs", shape, {"A", "B"});
    addNames(parts, "! dtype differs", dtype, {"A", "B"});
    addNames(parts, "~ Renamed", renamed, {"How"});
    addNames(parts, "? Not compared", unread, {"Why"});
}

void addFields(ReportParts& parts, const char* head, const FieldsDifference& fields)
{
    if (fields.differing.empty() || !fields.hasA || !fields.hasB)
        return;
    const auto text = [](const std::optional<Value>& value) { return value ? shown(toJson(*value), 200) : std::string("–"); };
    parts.addHeading(fmt::format("{}: {} of {} fields differ", head, fields.differing.size(), fields.fields));
    TableBlock table;
    table.columns = {{"Field", TableColumn::Kind::Text, 0.34}, {"A", TableColumn::Kind::Text, 0.33}, {"B", TableColumn::Kind::Text, 0.33}};
    for (size_t i = 0; i < std::min(fields.differing.size(), maximumFields); ++i)
        table.rows.push_back({{shown(fields.differing[i].field, 120)}, {text(fields.differing[i].a)}, {text(fields.differing[i].b)}});
    parts.add(std::move(table));
}

void addTokens(ReportParts& parts, const TokenizerDifference& tokenizer)
{
    if (tokenizer.tokensA == 0 || tokenizer.tokensB == 0 || tokenizer.isSame())
        return;
    parts.addHeading(fmt::format("Tokenizer: {} added, {} removed, {} moved", groupDigits(tokenizer.added), groupDigits(tokenizer.removed), groupDigits(tokenizer.moved)));
    TableBlock table;
    table.columns = {{"Token", TableColumn::Kind::Text, 0.6}, {"Id in A", TableColumn::Kind::Number}, {"Id in B", TableColumn::Kind::Number}};
    const auto id = [](int64_t number) { return number < 0 ? std::string("–") : fmt::format("{}", number); };
    for (size_t i = 0; i < std::min(tokenizer.tokens.size(), maximumFields); ++i)
        table.rows.push_back({{shown(tokenizer.tokens[i].token, 100)}, {id(tokenizer.tokens[i].a)}, {id(tokenizer.tokens[i].b)}});
    parts.add(std::move(table));
}

void addSurroundings(ReportParts& parts, const Difference& difference)
{
    const bool isOneFormat = difference.a->format == difference.b->format; // what two formats say of themselves always differs
    const auto differ = [](const FieldsDifference& fields) { return !fields.differing.empty() && fields.hasA && fields.hasB; };
    if (!differ(difference.config) && !(isOneFormat && differ(difference.metadata)) && (difference.tokenizer.isSame() || difference.tokenizer.tokensA == 0 || difference.tokenizer.tokensB == 0))
        return;
    parts.addChapter("Config, tokenizer, metadata");
    addFields(parts, "Config", difference.config);
    addTokens(parts, difference.tokenizer);
    if (isOneFormat)
        addFields(parts, "Metadata", difference.metadata);
}

void addPairs(ReportParts& parts, const Difference& difference)
{
    constexpr size_t maximumQuietRows = 2000;
    parts.addChapter("All tensors", {}, true);
    TableBlock table;
    table.columns = {{"Tensor", TableColumn::Kind::Name}, {"State", TableColumn::Kind::Text}, {"A", TableColumn::Kind::Number}, {"B", TableColumn::Kind::Number}};
    size_t quiet = 0;
    for (const TensorPair& pair : difference.pairs) {
        const PairState state = stateOf(pair);
        if (state == PairState::Same && ++quiet > maximumQuietRows)
            continue;
        const TensorInfo* a = sideA(difference, pair);
        const TensorInfo* b = sideB(difference, pair);
        const auto place = [](const TensorInfo* tensor) { return tensor ? fmt::format("{} {}", formatShape(tensor->shape), shown(tensor->dtypeName())) : std::string("–"); };
        TableCell name{shown((a ? a : b)->name, 4096)};
        if (a && b && a->name != b->name)
            name.more = "in B " + shown(b->name, 4096);
        table.rows.push_back({std::move(name), {std::string(weighbridge::name(state)), {}, glyphOf(state)}, {place(a)}, {place(b)}});
    }
    if (quiet > maximumQuietRows)
        parts.addText(fmt::format("All that differ are here, and the first {} of those that are the same; {} more are left out.", groupDigits(maximumQuietRows), groupDigits(quiet - maximumQuietRows)));
    parts.add(std::move(table));
}

void addFrontPage(ReportParts& parts, const Difference& difference)
{
    const Relation& relation = difference.relation;
    parts.add(TitleBlock{"Comparison report", difference.hasDifferences() ? "status-note" : "verdict-usable", relation.sentence, relation.subSentence});
    const auto count = [&difference](PairState state) { return groupDigits(difference.rows(state).size()); };
    const auto pairs = static_cast<size_t>(std::count_if(difference.pairs.begin(), difference.pairs.end(), [](const TensorPair& pair) { return pair.isPair(); }));
    ReadoutsBlock readouts;
    readouts.readouts.push_back({fmt::format("{} of {}", groupDigits(pairs), groupDigits(difference.pairs.size())), "tensors are on both sides"});
    readouts.readouts.push_back({difference.hasValues ? count(PairState::Changed) : "–", difference.hasValues ? "pairs differ in their values" : "values were not compared"});
    readouts.readouts.push_back({count(PairState::ShapeDiffers), "pairs differ in shape"});
    readouts.readouts.push_back({fmt::format("{} + {}", count(PairState::OnlyInA), count(PairState::OnlyInB)), "only in A, only in B"});
    parts.add(std::move(readouts));
    addFigure(parts, comparisonStripFigure(difference));
    std::vector<std::pair<std::string, std::string>> facts{{"A", sideText(*difference.a)}, {"B", sideText(*difference.b)}};
    const auto compared = static_cast<size_t>(std::count_if(difference.pairs.begin(), difference.pairs.end(), [](const TensorPair& pair) { return pair.values.has_value(); }));
    std::string values = difference.hasValues ? "all compared" : compared > 0 ? fmt::format("stopped: those of {} of {} pairs were compared", groupDigits(compared), groupDigits(pairs)) : "not compared: only names, shapes and dtypes were";
    if (difference.atol > 0 || difference.rtol > 0)
        values += fmt::format(", the same up to {} + {} |B|", formatNumber(difference.atol), formatNumber(difference.rtol));
    facts.emplace_back("Values", std::move(values));
    if (!parts.report.command.empty())
        facts.emplace_back("Made again by", parts.report.command);
    parts.addHeading("What was compared");
    parts.add(factTable(facts));
    parts.addHeading("Contents");
    parts.add(ContentsBlock{});
}

} // namespace

void addDifference(ReportParts& parts, const Difference& difference)
{
    addFrontPage(parts, difference);
    addValues(parts, difference);
    addStructure(parts, difference);
    addSurroundings(parts, difference);
    addPairs(parts, difference);
}

} // namespace weighbridge
