// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/comparison/comparison.h"

#include "core/comparison/conversion.h"
#include "core/comparison/loader_names.h"
#include "core/comparison/pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

namespace weighbridge {
namespace {

std::vector<Pattern> compileAll(const std::vector<std::string>& expressions)
{
    std::vector<Pattern> out;
    for (const std::string& expression : expressions)
        if (auto pattern = Pattern::compile(expression))
            out.push_back(std::move(*pattern));
    return out;
}

bool anyOccursIn(const std::vector<Pattern>& patterns, std::string_view text)
{
    return std::any_of(patterns.begin(), patterns.end(), [text](const Pattern& pattern) { return pattern.occursIn(text); });
}

/// Where one key of the checkpoint goes.
struct Target {
    int expected = -1;
    std::string name; ///< after the renames; empty if they changed nothing
    std::string rule;
    const LoaderConversion* conversion = nullptr;
    size_t source = 0; ///< which of the conversion's sources it is
};

/// A key that has come to its target.
struct Arrival {
    int found = -1;
    std::string rule;
    const LoaderConversion* conversion = nullptr;
    size_t source = 0;
};

class Matcher {
public:
    Matcher(const ExpectedModel& expected, const std::vector<FoundTensor>& found) : m_expected(expected), m_found(found)
    {
        m_places.reserve(expected.tensors.size());
        for (size_t i = 0; i < expected.tensors.size(); ++i)
            m_places.try_emplace(expected.tensors[i].name, static_cast<int>(i));
        m_rows.resize(expected.tensors.size());
        m_arrivals.resize(expected.tensors.size());
        m_isReference = expected.source == "reference";
        if (m_isReference)
            return;
        for (const LoaderRename& rename : expected.renames)
            if (auto pattern = Pattern::compile(rename.pattern))
                m_renamings.emplace_back(Renaming(std::move(*pattern), rename.replacement, rename.scope, expected.baseModelPrefix), &rename);
        for (const LoaderConversion& conversion : expected.conversions)
            if (auto pattern = Pattern::compile(conversion.pattern); pattern && !conversion.targets.empty())
                m_conversions.emplace_back(Renaming(std::move(*pattern), conversion.targets.front(), conversion.scope, expected.baseModelPrefix), &conversion);
    }

    Comparison run(JobContext& job)
    {
        for (size_t i = 0; i < m_found.size(); ++i) {
            if (i % 4096 == 0 && job.cancelled())
                break;
            place(static_cast<int>(i), m_isReference ? Target{placeOf(m_found[i].name)} : targetOf(m_found[i].name));
        }
        for (size_t i = 0; i < m_arrivals.size(); ++i)
            settle(static_cast<int>(i));
        Comparison out;
        out.expectedTensors = m_rows.size();
        out.expectedParameters = m_expected.parameters();
        fillRows();
        if (!m_isReference) {
            tie();
            ignore();
        }
        count(out);
        out.matches = std::move(m_rows);
        std::sort(m_unexpected.begin(), m_unexpected.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
        for (auto& [order, match] : m_unexpected)
            out.matches.push_back(std::move(match));
        return out;
    }

private:
    [[nodiscard]] int placeOf(std::string_view name) const
    {
        const auto found = m_places.find(name);
        return found == m_places.end() ? -1 : found->second;
    }

    /// `rule` grows by what was done. base_model_prefix is taken off if that gives an expected name, else put before the key if that does.
    [[nodiscard]] int withBasePrefix(std::string_view key, std::string& rule) const
    {
        const std::string& base = m_expected.baseModelPrefix;
        // The loader takes off the prefix and whatever character follows it.
        if (key.starts_with(base) && key.size() > base.size())
            if (const int place = placeOf(key.substr(base.size() + 1)); place >= 0) {
                rule += fmt::format("{}prefix {}. taken off", rule.empty() ? "" : ", ", base);
                return place;
            }
        if (const int place = placeOf(fmt::format("{}.{}", base, key)); place >= 0) {
            rule += fmt::format("{}prefix {}. added", rule.empty() ? "" : ", ", base);
            return place;
        }
        return placeOf(key);
    }

    [[nodiscard]] Target targetOf(const std::string& original) const
    {
        Target out;
        std::string key = original;
        const auto note = [&out](const std::string& rule) { out.rule += (out.rule.empty() ? "" : ", ") + rule; };
        for (const auto& [renaming, rename] : m_renamings)
            if (renaming.apply(key))
                note(rename->rule);
        for (const auto& [renaming, conversion] : m_conversions)
            if (const auto source = renaming.apply(key)) {
                note(conversion->rule);
                out.conversion = conversion;
                out.source = *source;
                break;
            }
        out.expected = withBasePrefix(key, out.rule);
        if (out.expected < 0 && !out.rule.empty() && placeOf(original) >= 0) {
            // A checkpoint that has the new names already.
            key = original;
            out = {};
            out.expected = withBasePrefix(original, out.rule);
        }
        if (key != original)
            out.name = std::move(key);
        return out;
    }

    void place(int found, Target target)
    {
        if (target.expected >= 0)
            m_arrivals[static_cast<size_t>(target.expected)].push_back({found, std::move(target.rule), target.conversion, target.source});
        else if (target.conversion)
            for (const std::string& other : target.conversion->targets)
                m_unexpected.emplace_back(found, unexpected(found, replacedEverywhere(target.name, target.conversion->targets.front(), other)));
        else
            m_unexpected.emplace_back(found, unexpected(found, std::move(target.name)));
    }

    static std::string replacedEverywhere(std::string text, const std::string& what, const std::string& with)
    {
        for (size_t at = what.empty() ? std::string::npos : text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
            text.replace(at, what.size(), with);
        return text;
    }

    /// Gives an expected tensor what has arrived for it: the first in the loader's order, or what a conversion makes of all.
    void settle(int expected)
    {
        auto& arrivals = m_arrivals[static_cast<size_t>(expected)];
        if (arrivals.empty())
            return;
        if (arrivals.size() > 1)
            std::stable_sort(arrivals.begin(), arrivals.end(), [this](const Arrival& a, const Arrival& b) { return comesBefore(nameOf(a.found), nameOf(b.found)); });
        if (arrivals.front().conversion) {
            convert(expected, arrivals);
            return;
        }
        Match& row = m_rows[static_cast<size_t>(expected)];
        row.found = arrivals.front().found;
        row.rule = std::move(arrivals.front().rule);
        for (size_t i = 1; i < arrivals.size(); ++i) {
            // Two keys for one tensor: the loader says nothing of the later ones.
            Match loser = unexpected(arrivals[i].found, {});
            loser.ignored = true;
            m_unexpected.emplace_back(arrivals[i].found, std::move(loser));
        }
    }

    [[nodiscard]] const std::string& nameOf(int found) const { return m_found[static_cast<size_t>(found)].name; }

    void convert(int expected, const std::vector<Arrival>& arrivals)
    {
        const LoaderConversion& conversion = *arrivals.front().conversion;
        const ExpectedTensor& wanted = m_expected.tensors[static_cast<size_t>(expected)];
        Collected collected;
        std::vector<int> sources;
        for (const Arrival& arrival : arrivals) {
            // One that is there under its own name takes part as a source of its own.
            const std::string source = arrival.conversion ? sourceName(arrival.source) : nameOf(arrival.found);
            auto place = std::find_if(collected.begin(), collected.end(), [&source](const auto& item) { return item.first == source; });
            if (place == collected.end())
                place = collected.insert(collected.end(), {source, {}});
            place->second.push_back(m_found[static_cast<size_t>(arrival.found)].shape);
            sources.push_back(arrival.found);
        }
        auto shapes = convertedShapes(conversion, std::move(collected), wanted.shape);
        if (!shapes) {
            Match& row = m_rows[static_cast<size_t>(expected)];
            row.sources = std::move(sources);
            row.rule = fmt::format("not {}: {}", conversion.rule, shapes.error().message);
            return;
        }
        for (const auto& [name, shape] : named(std::move(*shapes), wanted.name))
            deliver(name, shape, arrivals.front(), sources);
    }

    /// The targets' texts replaced by the names that they stand for in the tensor that was looked for.
    static std::vector<std::pair<std::string, Shape>> named(std::vector<std::pair<std::string, Shape>> shapes, const std::string& first)
    {
        for (const auto& [target, ignored] : shapes)
            if (const size_t at = first.find(target); at != std::string::npos) {
                const std::string before = first.substr(0, at);
                const std::string behind = first.substr(at + target.size());
                for (auto& [name, shape] : shapes)
                    name = fmt::format("{}{}{}", before, name, behind);
                break;
            }
        return shapes;
    }

    void deliver(const std::string& name, const Shape& shape, const Arrival& first, const std::vector<int>& sources)
    {
        const int place = placeOf(name);
        if (place < 0) {
            m_unexpected.emplace_back(first.found, unexpected(first.found, name));
            return;
        }
        Match& row = m_rows[static_cast<size_t>(place)];
        row.found = first.found;
        row.rule = first.rule;
        row.sources = sources;
        row.convertedShape = shape;
    }

    [[nodiscard]] static Match unexpected(int found, std::string renamedTo)
    {
        Match out;
        out.status = Status::Unexpected;
        out.found = found;
        out.renamedTo = std::move(renamedTo);
        return out;
    }

    /// A cast is no mismatch to the loader; against a reference, or where the model's dtype is fixed, it is worth a word.
    [[nodiscard]] bool dtypeDiffers(const ExpectedTensor& wanted, const FoundTensor& found) const
    {
        if (wanted.dtype == DType::Unknown || found.dtype == wanted.dtype)
            return false;
        return m_isReference || info(wanted.dtype).kind != info(found.dtype).kind;
    }

    void fillRows()
    {
        for (size_t i = 0; i < m_rows.size(); ++i) {
            Match& row = m_rows[i];
            const ExpectedTensor& wanted = m_expected.tensors[i];
            row.expected = static_cast<int>(i);
            if (row.found < 0) {
                row.status = Status::Missing;
                continue;
            }
            const FoundTensor& found = m_found[static_cast<size_t>(row.found)];
            const Shape& shape = row.sources.empty() ? found.shape : row.convertedShape;
            row.status = shape != wanted.shape ? Status::ShapeDiffers : dtypeDiffers(wanted, found) ? Status::DTypeDiffers : row.rule.empty() ? Status::Matched : Status::Renamed;
        }
    }

    /// Tied tensors: one that is there provides for the other. If both are absent, another target of the same source may provide.
    void tie()
    {
        const auto isMissing = [this](int place) { return place < 0 || (m_rows[static_cast<size_t>(place)].status == Status::Missing && !m_rows[static_cast<size_t>(place)].tied); };
        std::unordered_map<std::string_view, size_t> provided; // per source: targets behind the present one that are there
        for (const auto& [target, source] : m_expected.tied)
            if (!isMissing(placeOf(target)))
                ++provided[source];
        for (const auto& [target, source] : m_expected.tied) {
            const int targetPlace = placeOf(target);
            const int sourcePlace = placeOf(source);
            const bool targetMissing = isMissing(targetPlace);
            const bool sourceMissing = isMissing(sourcePlace);
            if (!targetMissing)
                --provided[source];
            if (targetMissing == sourceMissing && (!targetMissing || provided[source] == 0))
                continue;
            const int gets = sourceMissing && !targetMissing ? sourcePlace : targetPlace;
            if (gets >= 0) {
                m_rows[static_cast<size_t>(gets)].tied = true;
                m_rows[static_cast<size_t>(gets)].ignored = true;
            }
        }
    }

    void ignore()
    {
        std::vector<std::string> unexpectedExpressions = m_expected.ignoreUnexpected;
        // Buffers of older versions that newer ones compute; the loader ignores them where the model still has such a buffer.
        if (hasBuffer("rotary_emb.inv_freq"))
            unexpectedExpressions.emplace_back(R"(rotary_emb\.inv_freq)");
        if (hasBuffer("position_ids"))
            unexpectedExpressions.emplace_back(R"((^|\.)position_ids$)");
        const auto missingPatterns = compileAll(m_expected.ignoreMissing);
        const auto unexpectedPatterns = compileAll(unexpectedExpressions);
        for (Match& row : m_rows)
            if (row.status == Status::Missing && anyOccursIn(missingPatterns, m_expected.tensors[static_cast<size_t>(row.expected)].name))
                row.ignored = true;
        for (auto& [order, match] : m_unexpected)
            if (anyOccursIn(unexpectedPatterns, match.renamedTo.empty() ? m_found[static_cast<size_t>(match.found)].name : match.renamedTo))
                match.ignored = true;
    }

    [[nodiscard]] bool hasBuffer(std::string_view ending) const
    {
        return std::any_of(m_expected.tensors.begin(), m_expected.tensors.end(), [ending](const ExpectedTensor& tensor) { return tensor.isBuffer && tensor.name.ends_with(ending); })
            || std::any_of(m_expected.nonPersistent.begin(), m_expected.nonPersistent.end(), [ending](const auto& buffer) { return buffer.first.ends_with(ending); });
    }

    /// Counts, and turns `found` from an index into m_found into one of the checkpoint.
    void count(Comparison& out)
    {
        std::unordered_set<std::string_view> targets;
        for (const auto& [target, source] : m_expected.tied)
            targets.insert(target);
        for (Match& row : m_rows) {
            const ExpectedTensor& wanted = m_expected.tensors[static_cast<size_t>(row.expected)];
            if (row.found >= 0)
                row.found = m_found[static_cast<size_t>(row.found)].index;
            for (int& source : row.sources)
                source = m_found[static_cast<size_t>(source)].index;
            if ((row.status == Status::Missing && !row.tied) || row.status == Status::ShapeDiffers)
                continue;
            ++out.matchedTensors;
            if (!targets.contains(wanted.name))
                out.matchedParameters += numel(wanted.shape).value_or(0);
        }
        for (auto& [order, match] : m_unexpected)
            match.found = m_found[static_cast<size_t>(match.found)].index;
    }

    const ExpectedModel& m_expected;
    const std::vector<FoundTensor>& m_found;
    bool m_isReference = false;
    std::vector<std::pair<Renaming, const LoaderRename*>> m_renamings;
    std::vector<std::pair<Renaming, const LoaderConversion*>> m_conversions;
    std::vector<std::vector<Arrival>> m_arrivals; ///< per expected tensor
    std::unordered_map<std::string_view, int> m_places;
    std::vector<Match> m_rows;                           ///< per expected tensor; `found` is an index into m_found until count()
    std::vector<std::pair<int, Match>> m_unexpected;     ///< with the place in m_found
};

} // namespace

std::vector<size_t> Comparison::rows(Status status, bool withIgnored) const
{
    std::vector<size_t> out;
    for (size_t i = 0; i < matches.size(); ++i)
        if (matches[i].status == status && (withIgnored || !matches[i].ignored))
            out.push_back(i);
    return out;
}

std::vector<FoundTensor> foundTensors(const Checkpoint& checkpoint)
{
    std::vector<FoundTensor> out;
    out.reserve(checkpoint.tensors.size());
    for (size_t i = 0; i < checkpoint.tensors.size(); ++i)
        if (!checkpoint.tensors[i].isLost)
            out.push_back({checkpoint.tensors[i].name, checkpoint.tensors[i].shape, checkpoint.tensors[i].dtype, static_cast<int>(i)});
    return out;
}

Comparison compareToExpected(const ExpectedModel& expected, const std::vector<FoundTensor>& found, JobContext& job)
{
    return Matcher(expected, found).run(job);
}

} // namespace weighbridge
