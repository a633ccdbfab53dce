// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/statistics_part.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/checkpoint_key.h"
#include "core/statistics/shared_analyses.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace weighbridge {
namespace {

constexpr int64_t version = 1;

Error notAPart(const std::string& path)
{
    return Error("corrupt", "This is no part of statistics: weighbridge-cli stats --part writes one.").at(path).fixedBy("Compute this part again.");
}

uint64_t numberIn(const Value& map, std::string_view key)
{
    const Value* value = map.find(key);
    return value && value->integer() && *value->integer() >= 0 ? static_cast<uint64_t>(*value->integer()) : 0;
}

std::string textIn(const Value& map, std::string_view key)
{
    const Value* value = map.find(key);
    return value ? value->stringOr("") : "";
}

constexpr std::string_view mark = "weighbridge_part"; ///< the first key of a part

/// What all parts must say alike.
struct Division {
    StatisticsSubject subject;
    uint64_t parts = 0;
    uint64_t tensors = 0;
};

class Merger {
public:
    Result<void> add(const std::string& path)
    {
        const auto document = readDocument(path);
        if (!document)
            return tl::unexpected(document.error());
        const Value* config = document->find("config");
        const Division division{{textIn(*document, "checkpoint"), textIn(*document, "sample"), textIn(*document, "path"), config ? *config : Value()},
                                numberIn(*document, "parts"),
                                numberIn(*document, "of_tensors")};
        const uint64_t number = numberIn(*document, "part");
        if (division.parts == 0 || division.parts > mostParts || number == 0 || number > division.parts || division.tensors > limits::tensors)
            return failure(notAPart(path));
        if (m_files.empty())
            begin(division);
        else if (auto same = compare(division, path); !same)
            return same;
        if (std::string& file = m_files[number - 1]; !file.empty())
            return failure(Error("inconsistent-parts", fmt::format("Part {} is there twice: {} has it too.", number, shown(file, 200))).at(path).fixedBy("Name each part once."));
        else
            file = path;
        return addTensors(*document, path);
    }

    Result<MergedStatistics> finish()
    {
        std::vector<size_t> absent;
        for (size_t i = 0; i < m_files.size(); ++i)
            if (m_files[i].empty())
                absent.push_back(i + 1);
        if (!absent.empty())
            return failure(Error("missing-part", fmt::format("{} of {} parts {} missing: {}.", absent.size(), m_files.size(), absent.size() == 1 ? "is" : "are",
                                                             fmt::join(std::span(absent).first(std::min<size_t>(absent.size(), 20)), ", ")))
                               .fixedBy(fmt::format("Compute it with --part {}/{}.", absent[0], m_files.size())));
        if (std::find(m_isKnown.begin(), m_isKnown.end(), false) != m_isKnown.end())
            return failure(Error("corrupt", "The parts do not cover all tensors.").fixedBy("Compute the parts again, all with one version."));
        m_out.statistics = judgeCheckpoint(m_out.checkpoint, std::move(m_analyses),
                                           m_division.subject.config.isNull() ? ConfigHints{} : hintsOf(m_division.subject.config));
        m_out.subject = std::move(m_division.subject);
        return std::move(m_out);
    }

private:
    static Result<Value> readDocument(const std::string& path)
    {
        const auto file = openFile(path);
        if (!file)
            return tl::unexpected(file.error());
        if ((*file)->nbytes() > limits::jsonNbytes)
            return failure(Error("resource-bomb", fmt::format("The part has {}, more than the limit of {}.", formatNbytes((*file)->nbytes()), formatNbytes(limits::jsonNbytes))).at(path));
        const auto bytes = (*file)->read(0, (*file)->nbytes());
        if (!bytes)
            return tl::unexpected(bytes.error());
        auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path);
        if (!document)
            return tl::unexpected(document.error());
        if (!document->value.find(mark))
            return failure(notAPart(path));
        if (numberIn(document->value, mark) != version)
            return failure(Error("unsupported-version", "The part was written by another version of Weighbridge.")
                               .at(path)
                               .fixedBy("Compute all parts and merge them with one version."));
        return std::move(document->value);
    }

    void begin(const Division& division)
    {
        m_division = division;
        m_files.resize(division.parts);
        m_out.checkpoint.path = division.subject.path;
        m_out.checkpoint.tensors.resize(division.tensors);
        m_analyses.assign(division.tensors, failure("missing-part", ""));
        m_isKnown.assign(division.tensors, false);
    }

    [[nodiscard]] Result<void> compare(const Division& division, const std::string& path) const
    {
        const StatisticsSubject &one = division.subject, &first = m_division.subject;
        if (one.key != first.key || one.sample != first.sample || division.tensors != m_division.tensors || one.config != first.config)
            return failure(Error("inconsistent-parts", fmt::format("This part is of another checkpoint than {}.", shown(m_firstPath, 200)))
                               .at(path)
                               .fixedBy("Merge the parts of one checkpoint."));
        if (division.parts != m_division.parts)
            return failure(Error("inconsistent-parts", fmt::format("This is one of {} parts, {} is one of {}.", division.parts, shown(m_firstPath, 200), m_division.parts)).at(path)
                               .fixedBy("Merge the parts of one division."));
        return {};
    }

    Result<void> addTensors(const Value& document, const std::string& path)
    {
        if (m_firstPath.empty())
            m_firstPath = path;
        auto analyses = analysesFromValue(document, m_division.subject.key);
        if (!analyses)
            return failure(notAPart(path));
        for (SharedAnalysis& one : *analyses) {
            if (one.index >= m_isKnown.size() || m_isKnown[one.index])
                return failure(notAPart(path));
            m_isKnown[one.index] = true;
            m_out.checkpoint.tensors[one.index] = std::move(one.tensor);
            m_analyses[one.index] = std::move(one.analysis);
        }
        return {};
    }

    Division m_division;
    std::string m_firstPath;
    std::vector<std::string> m_files; ///< that hold the parts; empty: not there yet
    std::vector<bool> m_isKnown;      ///< of the tensors
    std::vector<Result<TensorAnalysis>> m_analyses;
    MergedStatistics m_out;
};

} // namespace

Result<PartNumber> parsePartNumber(const std::string& text)
{
    PartNumber part;
    const char* const end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, part.number);
    const bool hasSlash = first.ec == std::errc() && first.ptr != end && *first.ptr == '/';
    const auto second = hasSlash ? std::from_chars(first.ptr + 1, end, part.of) : first;
    if (!hasSlash || second.ec != std::errc() || second.ptr != end || part.number == 0 || part.number > part.of || part.of > mostParts)
        return failure("usage", fmt::format("--part needs K/N with K from 1 to N, not {}.", shown(text, 40)));
    return part;
}

std::vector<size_t> tensorsOfPart(const Checkpoint& checkpoint, PartNumber part)
{
    std::vector<size_t> order(checkpoint.tensors.size());
    std::iota(order.begin(), order.end(), size_t(0));
    std::stable_sort(order.begin(), order.end(), [&checkpoint](size_t a, size_t b) { return checkpoint.tensors[a].nbytes() > checkpoint.tensors[b].nbytes(); });
    // a heap of (bytes so far, part), the least on top
    std::vector<std::pair<uint64_t, size_t>> loads;
    for (size_t i = 0; i < part.of; ++i)
        loads.emplace_back(0, i);
    const auto isHeavier = std::greater<>();
    std::vector<size_t> out;
    for (const size_t index : order) {
        std::pop_heap(loads.begin(), loads.end(), isHeavier);
        if (loads.back().second == part.number - 1)
            out.push_back(index);
        loads.back().first += checkpoint.tensors[index].nbytes() + 1; // one, so that tensors without bytes are spread too
        std::push_heap(loads.begin(), loads.end(), isHeavier);
    }
    std::sort(out.begin(), out.end());
    return out;
}

StatisticsSubject subjectOf(const Checkpoint& checkpoint, const Value& config)
{
    return {checkpointKey(checkpoint), sampledSha256(checkpoint), checkpoint.path, config};
}

Value partDocument(const StatisticsSubject& subject, const Checkpoint& checkpoint, PartNumber part, std::span<const size_t> tensors,
                   const std::vector<Result<TensorAnalysis>>& analyses)
{
    Value::Map out{{std::string(mark), version},
                   {"part", static_cast<uint64_t>(part.number)},
                   {"parts", static_cast<uint64_t>(part.of)},
                   {"checkpoint", subject.key},
                   {"sample", subject.sample},
                   {"path", subject.path},
                   {"of_tensors", static_cast<uint64_t>(checkpoint.tensors.size())},
                   {"config", subject.config}};
    for (auto& field : analysesToValue(checkpoint, subject.key, tensors, analyses))
        out.push_back(std::move(field));
    return out;
}

bool isPartDocument(const std::string& path)
{
    const auto file = openFile(path);
    const auto start = file ? (*file)->readUpTo(0, 100) : failure("not-found", "");
    if (!start)
        return false;
    const std::string_view text(reinterpret_cast<const char*>(start->data()), start->size());
    const size_t first = text.find_first_not_of(" \t\r\n{");
    return text.starts_with('{') && first != std::string_view::npos && text.substr(first).starts_with("\"" + std::string(mark) + "\"");
}

Result<MergedStatistics> mergeParts(std::span<const std::string> paths, JobContext& job)
{
    Merger merger;
    for (size_t i = 0; i < paths.size(); ++i) {
        job.report({"parts", i, paths.size()});
        if (job.cancelled())
            return failure(cancelledError());
        if (auto added = merger.add(paths[i]); !added)
            return tl::unexpected(added.error());
    }
    return merger.finish();
}

Value mergedDocument(const MergedStatistics& merged)
{
    std::vector<size_t> all(merged.checkpoint.tensors.size());
    std::iota(all.begin(), all.end(), size_t(0));
    return partDocument(merged.subject, merged.checkpoint, {1, 1}, all, merged.statistics.tensors);
}

Result<MergedStatistics> statisticsFor(const Checkpoint& checkpoint, std::span<const std::string> paths, JobContext& job)
{
    auto merged = mergeParts(paths, job);
    if (!merged)
        return merged;
    const auto ofAnother = [&](const char* how) {
        return failure(
            Error("other-checkpoint", fmt::format("These statistics are of another checkpoint, {}: {}.", shown(merged->subject.path, 200), how))
                .at(paths.front())
                .fixedBy("Open that one, or compute the statistics of this one."));
    };
    if (merged->subject.key != checkpointKey(checkpoint))
        return ofAnother("its tensors have other names, shapes, places or sizes");
    const std::string sample = merged->subject.sample.empty() ? std::string() : sampledSha256(checkpoint);
    if (!sample.empty() && sample != merged->subject.sample)
        return ofAnother("its tensors are laid out alike, but hold other values");
    return merged;
}

std::string statisticsPathBeside(const std::string& checkpointPath)
{
    return checkpointPath + ".statistics.json";
}

} // namespace weighbridge
