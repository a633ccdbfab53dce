// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/commands.h"
#include "app/cli/table_text.h"

#include "core/base/json.h"
#include "core/base/text.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/comparison/difference.h"
#include "core/report/answers.h"
#include "core/report/difference_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>

namespace weighbridge::cli {
namespace {

constexpr size_t mostRows = 20;   ///< of changed tensors that are printed
constexpr size_t mostFields = 20;

std::string side(char letter, const Checkpoint& checkpoint)
{
    return fmt::format("{}  {}  ({}, {} tensors, {} parameters, {})\n", letter, shown(checkpoint.path, 4096), checkpoint.format, checkpoint.tensors.size(), groupDigits(checkpoint.parameters(), " "),
                       formatNbytes(checkpoint.nbytes()));
}

/// The tensors whose values differ, the one that moved most first.
std::string changedText(const Difference& difference)
{
    std::vector<size_t> rows = difference.rows(PairState::Changed);
    if (rows.empty())
        return {};
    const auto values = [&difference](size_t row) -> const ValueDifference& { return *difference.pairs[row].values; };
    std::stable_sort(rows.begin(), rows.end(), [&](size_t x, size_t y) { return values(x).relativeL2 > values(y).relativeL2; });
    std::string out = fmt::format("\n! Values differ ({})\n", rows.size());
    const size_t listed = std::min(rows.size(), mostRows);
    const auto nameOf = [&](size_t row) { return shown(difference.a->tensors[static_cast<size_t>(difference.pairs[row].a)].name, 80); };
    size_t width = 6;
    for (size_t i = 0; i < listed; ++i)
        width = std::max(width, nameOf(rows[i]).size());
    out += fmt::format("    {:<{}}  {:>10}  {:>8}  {:>10}  {:>10}  {:>9}  {}\n", "tensor", width, "change", "cosine", "max", "rmse", "elements", "first at");
    for (size_t i = 0; i < listed; ++i) {
        const ValueDifference& v = values(rows[i]);
        out += fmt::format("    {:<{}}  {:>8.3g} %  {:>8.5f}  {:>10.4g}  {:>10.4g}  {:>7.3g} %  [{}]\n", nameOf(rows[i]), width, v.relativeL2 * 100, v.cosine, v.maxAbs, v.rmse, v.changedFraction() * 100, fmt::join(v.firstChanged, ", "));
    }
    if (rows.size() > listed)
        out += fmt::format("    and {} more; --json has them all\n", rows.size() - listed);
    return out;
}

/// A rule with its layers' numbers left out, so that all layers count as one.
std::string ofAnyLayer(const std::string& rule)
{
    std::string out;
    for (const std::string_view part : split(rule, '.'))
        out += (out.empty() ? "" : ".") + (!part.empty() && part.find_first_not_of("0123456789") == std::string_view::npos ? std::string("{n}") : std::string(part));
    return out;
}

std::string structureText(const Difference& difference)
{
    NameTable onlyA, onlyB, shape, dtype, unread;
    std::map<std::string, size_t> renames;
    for (const TensorPair& pair : difference.pairs) {
        const TensorInfo* a = pair.a >= 0 ? &difference.a->tensors[static_cast<size_t>(pair.a)] : nullptr;
        const TensorInfo* b = pair.b >= 0 ? &difference.b->tensors[static_cast<size_t>(pair.b)] : nullptr;
        if (!a || !b) {
            (a ? onlyA : onlyB).add((a ? a : b)->name, {formatShape((a ? a : b)->shape)});
            continue;
        }
        const PairState state = stateOf(pair);
        if (state == PairState::ShapeDiffers)
            shape.add(a->name, {fmt::format("{} -> {}{}", formatShape(a->shape), formatShape(b->shape), pair.axes.empty() ? "" : pair.valuesDiffer() ? " (transposed, values differ)" : " (transposed)")});
        if (pair.dtypeDiffers)
            dtype.add(a->name, {fmt::format("{} -> {}", a->dtypeName(), b->dtypeName())});
        if (pair.isRenamed())
            ++renames[ofAnyLayer(pair.rule)];
        if (!pair.valuesError.empty() && !pair.shapeDiffers)
            unread.add(a->name, {pair.valuesError});
    }
    std::string out = tableText("- Only in A", onlyA) + tableText("+ Only in B", onlyB) + tableText("! Shape differs", shape) + tableText("! dtype differs", dtype) + tableText("? Not compared", unread);
    if (!renames.empty())
        out += "\n~ Renamed\n";
    for (const auto& [rule, count] : renames)
        out += fmt::format("    {:>5}  {}\n", count, rule);
    return out;
}

std::string fieldsText(const char* head, const FieldsDifference& fields)
{
    if (fields.differing.empty() || !fields.hasA || !fields.hasB)
        return {};
    const auto text = [](const std::optional<Value>& value) { return value ? shown(toJson(*value), 60) : std::string("-"); };
    std::string out = fmt::format("\n{}: {} of {} fields differ\n", head, fields.differing.size(), fields.fields);
    for (size_t i = 0; i < std::min(fields.differing.size(), mostFields); ++i) {
        const FieldDifference& field = fields.differing[i];
        out += fmt::format("    {}: {} -> {}\n", shown(field.field, 80), text(field.a), text(field.b));
    }
    if (fields.differing.size() > mostFields)
        out += fmt::format("    and {} more; --json has them all\n", fields.differing.size() - mostFields);
    return out;
}

std::string tokenizerText(const TokenizerDifference& tokenizer)
{
    if (tokenizer.tokensA == 0 || tokenizer.tokensB == 0 || tokenizer.isSame())
        return {};
    std::string out = fmt::format("\nTokenizer: {} added, {} removed, {} moved ({} tokens in A, {} in B)\n", tokenizer.added, tokenizer.removed, tokenizer.moved, tokenizer.tokensA, tokenizer.tokensB);
    for (size_t i = 0; i < std::min<size_t>(tokenizer.tokens.size(), 10); ++i) {
        const TokenDifference& token = tokenizer.tokens[i];
        out += token.a < 0 ? fmt::format("    + {} (id {})\n", shown(token.token, 60), token.b) : token.b < 0 ? fmt::format("    - {} (id {})\n", shown(token.token, 60), token.a)
                                                                                                     : fmt::format("    ~ {} ({} -> {})\n", shown(token.token, 60), token.a, token.b);
    }
    return out;
}

void printText(const Difference& difference)
{
    const Relation& relation = difference.relation;
    std::string out = fmt::format("{}\n{}{}\n{}{}", relation.sentence, relation.subSentence, relation.subSentence.empty() ? "" : "\n", side('A', *difference.a), side('B', *difference.b));
    out += changedText(difference) + structureText(difference) + fieldsText("Config", difference.config) + tokenizerText(difference.tokenizer);
    if (difference.a->format == difference.b->format) // what two formats say of themselves always differs
        out += fieldsText("Metadata", difference.metadata);
    if (!difference.hasValues)
        out += "\nValues were not compared; --values does.\n";
    std::fwrite(out.data(), 1, out.size(), stdout);
}

/// A number that is not negative.
Result<double> toleranceOf(const Arguments& arguments, const std::string& name)
{
    const std::string text = arguments.value(name);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!text.empty() && (error != std::errc() || end != text.data() + text.size() || !(value >= 0) || std::isinf(value)))
        return failure(Error("usage", fmt::format("--{} takes a number of 0 or more, not {}.", name, shown(text))));
    return value;
}

int diff(const Arguments& arguments, JobContext& job)
{
    const auto atol = toleranceOf(arguments, "atol");
    const auto rtol = toleranceOf(arguments, "rtol");
    if (!atol || !rtol)
        return fail((atol ? rtol : atol).error(), arguments);
    const auto a = openCheckpoint(arguments.paths[0], job);
    if (!a)
        return fail(a.error(), arguments);
    const auto b = openCheckpoint(arguments.paths[1], job);
    if (!b)
        return fail(b.error(), arguments);
    DifferenceOptions options;
    options.values = arguments.has("values") || arguments.has("atol") || arguments.has("rtol");
    options.atol = *atol;
    options.rtol = *rtol;
    const auto difference = differenceOf(*a, *b, options, job);
    if (!difference)
        return fail(difference.error(), arguments);
    Value answer = arguments.has("json") ? differenceAnswer(*difference) : Value();
    const TensorPair* unreadable = difference->unreadable();
    if (unreadable) {
        const Error error("unreadable", fmt::format("The values of {} cannot be compared: {}", shown(difference->a->tensors[static_cast<size_t>(unreadable->a)].name), unreadable->valuesError));
        answer.set("error", *errorAnswer(error).find("error"));
        fmt::print(stderr, "weighbridge-cli: {}\n", error.message);
    }
    if (arguments.has("json"))
        printJson(answer);
    else
        printText(*difference);
    return unreadable ? 2 : difference->hasDifferences() ? 1 : 0;
}

} // namespace

Command diffCommand()
{
    return {"diff", "diff A B [--values] [--atol X --rtol Y] [--json]", {"json", "values"}, {"atol", "rtol"}, 2, 2, &diff};
}

} // namespace weighbridge::cli
