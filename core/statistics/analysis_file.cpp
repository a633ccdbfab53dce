// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/statistics/analysis_file.h"

#include "core/base/byte_reader.h"
#include "core/base/crc32c.h"

#include <array>
#include <type_traits>

namespace weighbridge {
namespace {

/// Raise the number when a field below, or what any of them means, changes.
constexpr std::string_view mark = "weighbridge analyses 3\n";
constexpr size_t mostBins = 4096, mostDimensions = 64, mostText = 256;

template <typename T>
concept Number = std::is_arithmetic_v<T> || std::is_enum_v<T>;

class Writer {
public:
    static constexpr bool reads = false;

    template <Number T>
    void operator()(const T& value)
    {
        const auto* bytes = reinterpret_cast<const std::byte*>(&value);
        out.insert(out.end(), bytes, bytes + sizeof(T));
    }
    template <Number T, size_t size>
    void operator()(const std::array<T, size>& values)
    {
        for (const T& value : values)
            (*this)(value);
    }
    template <Number T>
    void operator()(const std::vector<T>& values, size_t)
    {
        (*this)(uint64_t{values.size()});
        for (const T& value : values)
            (*this)(value);
    }
    void text(std::string_view text, size_t)
    {
        (*this)(uint64_t{text.size()});
        raw(text);
    }
    void raw(std::string_view text)
    {
        const auto bytes = std::as_bytes(std::span(text));
        out.insert(out.end(), bytes.begin(), bytes.end());
    }

    std::vector<std::byte> out;
};

/// After the first thing that is not there, everything is left as it was.
class Reader {
public:
    static constexpr bool reads = true;

    explicit Reader(std::span<const std::byte> bytes) : m_bytes(bytes) {}

    template <Number T>
    void operator()(T& value)
    {
        const auto bytes = m_bytes.take(sizeof(T));
        isWhole = isWhole && bytes;
        if (isWhole)
            std::memcpy(&value, bytes->data(), sizeof(T));
    }
    void operator()(bool& value)
    {
        uint8_t byte = 0;
        (*this)(byte);
        isWhole = isWhole && byte <= 1;
        value = byte == 1;
    }
    template <Number T, size_t size>
    void operator()(std::array<T, size>& values)
    {
        for (T& value : values)
            (*this)(value);
    }
    template <Number T>
    void operator()(std::vector<T>& values, size_t most)
    {
        uint64_t count = 0;
        (*this)(count);
        isWhole = isWhole && count <= most && count <= m_bytes.remaining() / sizeof(T);
        values.assign(isWhole ? static_cast<size_t>(count) : 0, T{});
        for (T& value : values)
            (*this)(value);
    }
    void text(std::string& text, size_t most)
    {
        uint64_t count = 0;
        (*this)(count);
        const auto bytes = count <= most ? m_bytes.takeText(count) : Result<std::string_view>(std::string_view());
        isWhole = isWhole && count <= most && bytes;
        if (isWhole)
            text = *bytes;
    }
    [[nodiscard]] bool atEnd() const { return isWhole && m_bytes.atEnd(); }

    bool isWhole = true;

private:
    ByteReader m_bytes;
};

/// The fields, in one order for writing and reading.
template <typename Archive, typename Statistics>
void statisticsFields(Archive& archive, Statistics& s)
{
    for (auto* count : {&s.count, &s.finite, &s.nan, &s.inf, &s.zeros, &s.denormals})
        archive(*count);
    for (auto* number : {&s.mean, &s.std, &s.min, &s.max, &s.absmax, &s.skewness, &s.kurtosis, &s.ulp, &s.histogram.low, &s.histogram.high})
        archive(*number);
    archive(s.quantiles);
    archive(s.quantilesExact);
    archive(s.histogram.counts, mostBins);
    archive(s.histogram.below);
    archive(s.histogram.above);
}

template <typename Archive, typename Features>
void featureFields(Archive& archive, Features& f)
{
    archive(f.shape, mostDimensions);
    archive(f.dtype);
    for (auto* flag : {&f.isFloat, &f.isFinite, &f.isConstant, &f.isTested, &f.isMatrix, &f.rowsAreEqual})
        archive(*flag);
    for (auto* count : {&f.elements, &f.rows, &f.columns, &f.zeroRows, &f.latticeTested, &f.pairsTested, &f.spectrumRows, &f.spectrumColumns})
        archive(*count);
    for (auto* number : {&f.constant, &f.min, &f.max, &f.mean, &f.sd, &f.rms, &f.skewness, &f.kurtosis, &f.largestEigenvalue, &f.edge, &f.ksNormal, &f.ksUniform, &f.ksCut2,
                         &f.ksCut3, &f.distinct, &f.levels, &f.orthogonality, &f.normSpread, &f.latticeHits, &f.latticeBound, &f.pairHits, &f.pairSd})
        archive(*number);
    archive(f.z);
    archive(f.tail.rows);
    archive(f.tail.isMean);
    archive(f.tail.rms);
    archive(f.tail.isUniform);
    archive.text(f.tail.scale, mostText);
    bool hasInteger = f.integer.has_value();
    int64_t integer = f.integer.value_or(0);
    archive(hasInteger);
    archive(integer);
    if constexpr (Archive::reads)
        f.integer = hasInteger ? std::optional(integer) : std::nullopt;
}

uint32_t checksumOf(std::span<const std::byte> bytes)
{
    return crc32c(bytes);
}

} // namespace

std::vector<std::byte> encodeAnalyses(const std::string& key, const StoredAnalyses& analyses)
{
    Writer writer;
    writer.raw(mark);
    writer.raw(key);
    for (const auto& analysis : analyses) {
        writer(analysis.has_value());
        if (!analysis)
            continue;
        statisticsFields(writer, analysis->statistics);
        featureFields(writer, analysis->features);
    }
    writer(checksumOf(writer.out));
    return std::move(writer.out);
}

std::optional<StoredAnalyses> decodeAnalyses(std::span<const std::byte> bytes, const std::string& key, size_t tensors)
{
    const std::string start = std::string(mark) + key;
    if (bytes.size() < start.size() + sizeof(uint32_t) || std::memcmp(bytes.data(), start.data(), start.size()) != 0)
        return std::nullopt;
    const auto content = bytes.first(bytes.size() - sizeof(uint32_t));
    uint32_t checksum = 0;
    std::memcpy(&checksum, bytes.data() + content.size(), sizeof(checksum));
    Reader reader(content.subspan(start.size()));
    if (checksum != checksumOf(content))
        return std::nullopt;
    StoredAnalyses out;
    while (out.size() < tensors && reader.isWhole) {
        bool isKnown = false;
        reader(isKnown);
        out.emplace_back();
        if (!isKnown)
            continue;
        statisticsFields(reader, out.back().emplace().statistics);
        featureFields(reader, out.back()->features);
    }
    return reader.atEnd() && out.size() == tensors ? std::optional(std::move(out)) : std::nullopt;
}

} // namespace weighbridge
