// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "ui/models/tensor_filter.h"

#include "core/base/checked.h"
#include "core/base/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace weighbridge {
namespace {

constexpr uint32_t bit(RowState state)
{
    return 1u << static_cast<unsigned>(state);
}

struct StatusWord {
    std::string_view word;
    uint32_t states;
};

constexpr std::array<StatusWord, 17> statusWords{{
    {"matched", bit(RowState::Matched)},
    {"tied", bit(RowState::Tied)},
    {"renamed", bit(RowState::Renamed)},
    {"ignored", bit(RowState::Ignored)},
    {"missing", bit(RowState::Missing)},
    {"unexpected", bit(RowState::Unexpected)},
    {"shape", bit(RowState::ShapeDiffers)},
    {"dtype", bit(RowState::DTypeDiffers)},
    {"mismatched", bit(RowState::ShapeDiffers) | bit(RowState::DTypeDiffers)},
    {"random", bit(RowState::NeverTrained)},
    {"never", bit(RowState::NeverTrained)},
    {"nan", bit(RowState::NonFinite)},
    {"zero", bit(RowState::AllZero)},
    {"undecidable", bit(RowState::Undecidable)},
    {"lost", bit(RowState::Lost)},
    {"present", bit(RowState::Present)},
    {"deviating", ~(bit(RowState::Present) | bit(RowState::Matched) | bit(RowState::Tied) | bit(RowState::Ignored) | bit(RowState::Renamed))},
}};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isNumber(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), isDigit);
}

/// Words at blanks; a quoted part is one word with its quotes. `30522 x 384`, as shapes are shown, becomes one word.
std::vector<std::string> words(std::string_view text)
{
    std::vector<std::string> out;
    while (!text.empty()) {
        if (text[0] == ' ' || text[0] == '\t' || text[0] == '\n') {
            text.remove_prefix(1);
            continue;
        }
        const size_t end = text[0] == '"' ? text.find('"', 1) : text.find_first_of(" \t\n");
        const size_t length = end == std::string_view::npos ? text.size() : end + (text[0] == '"' ? 1 : 0);
        out.emplace_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    const auto isSize = [](const std::string& word) { return word.find_first_not_of("0123456789*x") == std::string::npos && word.back() != 'x'; };
    for (size_t i = 1; i + 1 < out.size();) {
        if (out[i] == "x" && isSize(out[i - 1]) && isSize(out[i + 1])) {
            out[i - 1] += "x" + out[i + 1];
            out.erase(out.begin() + std::ptrdiff_t(i), out.begin() + std::ptrdiff_t(i) + 2);
        } else {
            ++i;
        }
    }
    return out;
}

/// Sizes separated by ',' or 'x'; false if it is no such list.
bool parseShape(std::string_view text, std::vector<int64_t>& shape)
{
    std::string separated(text);
    std::replace(separated.begin(), separated.end(), 'x', ',');
    for (const std::string_view size : split(separated, ',')) {
        int64_t number = -1;
        if (size != "*" && (!isNumber(size) || std::from_chars(size.data(), size.data() + size.size(), number).ec != std::errc()))
            return false;
        shape.push_back(number);
    }
    return true;
}

/// 10M, 4k, 1.5G: the amount in units of 1 with steps of `step`; false if it is none.
bool parseAmount(std::string_view text, uint64_t step, uint64_t& amount)
{
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || number < 0)
        return false;
    std::string unit = lowered(std::string_view(end, static_cast<size_t>(text.data() + text.size() - end)));
    for (const std::string_view suffix : {"ib", "b"})
        if (unit.ends_with(suffix))
            unit.resize(unit.size() - suffix.size());
    constexpr std::string_view units = "kmgt";
    if (unit.size() > 1 || (unit.size() == 1 && units.find(unit[0]) == std::string_view::npos))
        return false;
    for (size_t i = 0; !unit.empty() && i <= units.find(unit[0]); ++i)
        number *= static_cast<double>(step);
    amount = number >= 1.8e19 ? UINT64_MAX : static_cast<uint64_t>(number);
    return true;
}

void parseStatus(std::string_view value, FilterTerm& term)
{
    term.kind = FilterTerm::Kind::Status;
    for (const std::string_view word : split(value, ',')) {
        const auto known = std::find_if(statusWords.begin(), statusWords.end(), [word](const StatusWord& candidate) { return candidate.word == word; });
        if (known == statusWords.end())
            term.problem = "status: takes matched, renamed, missing, unexpected, shape, dtype, random, nan, zero or deviating";
        else
            term.states |= known->states;
    }
}

/// size>10M, params<=1k; false if it is no such comparison.
bool parseComparison(std::string_view word, FilterTerm& term)
{
    const size_t sign = word.find_first_of("<>=");
    if (sign == std::string_view::npos)
        return false;
    const std::string_view key = word.substr(0, sign);
    const bool isSize = key == "size";
    if (!isSize && key != "params" && key != "parameters")
        return false;
    term.kind = isSize ? FilterTerm::Kind::Size : FilterTerm::Kind::Parameters;
    term.comparison = word[sign];
    std::string_view value = word.substr(sign + 1);
    if (value.starts_with('=') && term.comparison != '=') {
        term.comparison = term.comparison == '<' ? 'l' : 'g';
        value.remove_prefix(1);
    }
    if (!parseAmount(value, isSize ? 1024 : 1000, term.amount))
        term.problem = "a number is expected here, as in size>10M";
    return true;
}

/// dtype:, shape:, status:, origin:, name:; false if there is no such key.
bool parseKey(std::string_view word, FilterTerm& term)
{
    const size_t colon = word.find(':');
    if (colon == std::string_view::npos)
        return false;
    const std::string_view key = word.substr(0, colon);
    const std::string_view value = word.substr(colon + 1);
    term.needle = value;
    if (key == "status" || key == "state") {
        parseStatus(value, term);
    } else if (key == "shape") {
        term.kind = FilterTerm::Kind::Dimensions;
        if (!parseShape(value, term.shape))
            term.problem = "shape: takes sizes as in 768,768 or *,768";
    } else if (key == "dtype") {
        term.kind = FilterTerm::Kind::DType;
    } else if (key == "origin") {
        term.kind = FilterTerm::Kind::Origin;
        if (value != "random" && value != "trained" && value != "constant" && value != "undecidable")
            term.problem = "origin: takes random, trained, constant or undecidable";
    } else {
        return key == "name";
    }
    return true;
}

bool isDTypeName(std::string_view lower)
{
    const auto dtypes = allDTypes();
    return std::any_of(dtypes.begin(), dtypes.end(), [lower](const DTypeInfo& dtype) { return dtype.dtype != DType::Unknown && lowered(dtype.name) == lower; });
}

FilterTerm parseTerm(const std::string& word)
{
    FilterTerm term;
    term.text = word;
    if (word[0] == '"') {
        term.kind = FilterTerm::Kind::ExactName;
        term.needle = word.substr(1, word.size() - 1 - (word.size() > 1 && word.back() == '"' ? 1 : 0));
        return term;
    }
    const std::string lower = lowered(word);
    if (parseKey(lower, term) || parseComparison(lower, term))
        return term;
    term.needle = lower;
    if (isNumber(lower))
        term.kind = FilterTerm::Kind::Number;
    else if (isDTypeName(lower))
        term.kind = FilterTerm::Kind::DType;
    else if (lower.find_first_of(",x") != std::string::npos && parseShape(lower, term.shape))
        term.kind = FilterTerm::Kind::Dimensions;
    return term;
}

bool isSameLetter(char a, char lower)
{
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == lower;
}

bool isSameIgnoringCase(std::string_view text, std::string_view lower)
{
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), isSameLetter);
}

bool containsIgnoringCase(std::string_view text, std::string_view lowerNeedle)
{
    return std::search(text.begin(), text.end(), lowerNeedle.begin(), lowerNeedle.end(), isSameLetter) != text.end();
}

bool containsNumber(std::string_view text, std::string_view number)
{
    for (size_t at = text.find(number); at != std::string_view::npos; at = text.find(number, at + 1)) {
        const size_t end = at + number.size();
        if ((at == 0 || !isDigit(text[at - 1])) && (end == text.size() || !isDigit(text[end])))
            return true;
    }
    return false;
}

bool fitsShape(const Shape& shape, const std::vector<int64_t>& wanted)
{
    return std::equal(shape.begin(), shape.end(), wanted.begin(), wanted.end(), [](int64_t size, int64_t want) { return want < 0 || size == want; });
}

bool compares(uint64_t value, char comparison, uint64_t amount)
{
    switch (comparison) {
    case '<': return value < amount;
    case 'l': return value <= amount;
    case '>': return value > amount;
    case 'g': return value >= amount;
    default: return value == amount;
    }
}

} // namespace

TensorFilter::TensorFilter(std::string_view text)
{
    for (const std::string& word : words(text))
        if (word != "\"" && word != "\"\"")
            m_terms.push_back(parseTerm(word));
}

bool TensorFilter::accepts(const FilterTerm& term, const TensorRows& rows, const TensorRow& row, const OriginOfTensor& origin)
{
    if (!term.problem.empty())
        return false;
    const TensorInfo* found = rows.foundOf(row);
    const ExpectedTensor* expected = rows.expectedOf(row);
    const auto inEitherName = [&](const auto& test) { return test(row.name) || (found && found->name != row.name && test(found->name)); };
    switch (term.kind) {
    case FilterTerm::Kind::Name: return inEitherName([&](std::string_view name) { return containsIgnoringCase(name, term.needle); });
    case FilterTerm::Kind::ExactName: return inEitherName([&](std::string_view name) { return name.find(term.needle) != std::string_view::npos; });
    case FilterTerm::Kind::Number: return inEitherName([&](std::string_view name) { return containsNumber(name, term.needle); });
    case FilterTerm::Kind::DType:
        return (found && isSameIgnoringCase(found->dtypeName(), term.needle)) || (expected && expected->dtype != DType::Unknown && isSameIgnoringCase(name(expected->dtype), term.needle));
    case FilterTerm::Kind::Dimensions: return (found && fitsShape(found->shape, term.shape)) || (expected && fitsShape(expected->shape, term.shape));
    case FilterTerm::Kind::Status: return (term.states >> static_cast<unsigned>(row.state)) & 1u;
    case FilterTerm::Kind::Origin: return found && origin && origin(row.found) == term.needle;
    case FilterTerm::Kind::Size: return compares(row.nbytes, term.comparison, term.amount);
    case FilterTerm::Kind::Parameters: return compares(row.elements, term.comparison, term.amount);
    }
    return false;
}

bool TensorFilter::narrows(const TensorFilter& other) const
{
    const auto implies = [](const FilterTerm& narrow, const FilterTerm& wide) {
        const bool isText = narrow.kind == wide.kind && (narrow.kind == FilterTerm::Kind::Name || narrow.kind == FilterTerm::Kind::ExactName);
        return isText ? narrow.needle.find(wide.needle) != std::string::npos : narrow.text == wide.text;
    };
    return std::all_of(other.m_terms.begin(), other.m_terms.end(), [&](const FilterTerm& wide) {
        return std::any_of(m_terms.begin(), m_terms.end(), [&](const FilterTerm& narrow) { return implies(narrow, wide); });
    });
}

std::optional<FilterHits> findTensors(const TensorFilter& filter, const TensorRows& rows, const OriginOfTensor& origin, const JobContext& job, const FilterHits* within)
{
    constexpr size_t rowsBetweenLooks = 4096;
    const size_t count = rows.rows().size();
    FilterHits hits;
    hits.kept.resize(count);
    for (size_t i = 0; i < count; ++i) {
        if (i % rowsBetweenLooks == 0 && job.cancelled())
            return std::nullopt;
        if (within && !within->kept[i])
            continue;
        const bool all = std::all_of(filter.terms().begin(), filter.terms().end(), [&](const FilterTerm& term) { return TensorFilter::accepts(term, rows, rows.rows()[i], origin); });
        hits.kept[i] = all;
        hits.count += all ? 1 : 0;
    }
    if (hits.count > 0)
        return hits;
    hits.perTerm.resize(filter.terms().size());
    for (size_t i = 0; i < count * filter.terms().size(); ++i) {
        if (i % rowsBetweenLooks == 0 && job.cancelled())
            return std::nullopt;
        hits.perTerm[i / count] += TensorFilter::accepts(filter.terms()[i / count], rows, rows.rows()[i % count], origin) ? 1 : 0;
    }
    return hits;
}

} // namespace weighbridge
