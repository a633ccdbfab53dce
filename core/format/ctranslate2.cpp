// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// model.bin of CTranslate2: a version, the model's kind, its variables with their values, and other names of some.
// https://github.com/OpenNMT/CTranslate2/blob/master/src/models/model.cc
#include "core/format/format.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/source_reader.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

namespace weighbridge {
namespace {

using enum DType;

constexpr std::array types{F32, I8, I16, I32, F16, BF16};
constexpr uint32_t newestVersion = 6;
constexpr uint32_t versionWithKind = 2, versionWithAliases = 3, versionWithTypes = 4;
constexpr uint64_t windowNbytes = 4096; ///< most of the file is values, which are skipped

class Ctranslate2Reader {
public:
    Ctranslate2Reader(const Candidate& candidate, JobContext& job)
        : m_candidate(candidate)
        , m_job(job)
        , m_reader(*candidate.source, 0, windowNbytes)
    {
    }

    Result<Checkpoint> read()
    {
        m_checkpoint.shards.push_back({m_candidate.path, "ctranslate2", m_candidate.source});
        m_checkpoint.metadata = Value::Map{};
        return readHead()
            .and_then([this] { return readVariables(); })
            .and_then([this] { return m_version >= versionWithAliases ? readAliases() : Result<void>(); })
            .map([this] {
                if (m_reader.remaining() > 0)
                    m_checkpoint.findings.push_back(warning("corrupt", fmt::format("{} bytes follow the end of the model", m_reader.remaining()),
                                                            fmt::format("The model ends at byte {} of {}.", m_reader.position(), m_candidate.nbytes),
                                                            "Copy or convert the model again."));
                return std::move(m_checkpoint);
            });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const
    {
        return Error(std::move(rule), std::move(message)).at(m_candidate.path).atByte(m_reader.position());
    }

    /// A length with the zero at the end counted, the text, the zero.
    Result<std::string> text()
    {
        return m_reader.number<uint16_t>(false).and_then([this](uint16_t length) { return m_reader.takeText(length); }).map([](std::string text) {
            if (!text.empty() && text.back() == '\0')
                text.pop_back();
            return text;
        });
    }

    Result<void> readHead()
    {
        const auto version = m_reader.number<uint32_t>(false);
        if (!version)
            return tl::unexpected(version.error());
        m_version = *version;
        m_checkpoint.metadata.set("version", m_version);
        if (m_version > newestVersion)
            m_checkpoint.findings.push_back(warning("unsupported-version", "The file says that it is newer than any known CTranslate2 model",
                                                    fmt::format("Its version is {}; the newest known is {}.", m_version, newestVersion), ""));
        if (m_version < versionWithKind)
            return {};
        const auto kind = text();
        const auto revision = kind.and_then([this](const std::string&) { return m_reader.number<uint32_t>(false); });
        if (!revision)
            return tl::unexpected(revision.error());
        m_checkpoint.metadata.set("spec", shown(*kind)).set("spec_revision", *revision);
        return {};
    }

    Result<void> readVariables()
    {
        const auto count = m_reader.number<uint32_t>(false);
        if (!count)
            return tl::unexpected(count.error());
        for (uint32_t i = 0; i < *count; ++i) {
            if (m_job.cancelled())
                return failure(cancelledError());
            if (m_checkpoint.tensors.size() == limits::tensors)
                return failure(error("resource-bomb", fmt::format("The file holds more than {} variables.", limits::tensors)));
            if (auto read = readVariable(); !read)
                return failure(read.error().rule == "truncated" ? Error(read.error()).stillReadable(fmt::format("{} of {} variables", i, *count))
                                                                : read.error());
        }
        return {};
    }

    Result<void> readVariable()
    {
        TensorInfo tensor;
        auto name = text();
        const auto rank = name.and_then([this](const std::string&) { return m_reader.number<uint8_t>(false); });
        if (!rank)
            return tl::unexpected(rank.error());
        tensor.name = std::move(*name);
        if (*rank > limits::dimensions)
            return failure(error("bad-shape", fmt::format("{} has {} dimensions.", shown(tensor.name, 120), *rank)));
        for (unsigned d = 0; d < *rank; ++d) {
            const auto size = m_reader.number<uint32_t>(false);
            if (!size)
                return tl::unexpected(size.error());
            tensor.shape.push_back(*size);
        }
        const auto nbytes = readType(tensor);
        if (!nbytes)
            return tl::unexpected(nbytes.error());
        const auto elements = numel(tensor.shape);
        if (!elements || nbytesOf(tensor.dtype, *elements) != *nbytes)
            return failure(error("bad-shape", fmt::format("{} says {} of {}, but {} bytes.", shown(tensor.name, 120), formatShape(tensor.shape),
                                                          weighbridge::name(tensor.dtype), *nbytes)));
        tensor.storage = {StorageKind::Raw, 0, m_reader.position(), *nbytes, 0, false, {}};
        m_checkpoint.tensors.push_back(std::move(tensor));
        return m_reader.skip(*nbytes);
    }

    /// Sets the dtype; gives the bytes of the values. Before version 4 the file knows the width of an element only.
    Result<uint64_t> readType(TensorInfo& tensor)
    {
        const auto code = m_reader.number<uint8_t>(false);
        const auto count = code.and_then([this](uint8_t) { return m_reader.number<uint32_t>(false); });
        if (!count)
            return tl::unexpected(count.error());
        if (m_version >= versionWithTypes) {
            if (*code >= types.size())
                return failure(error("bad-dtype", fmt::format("{} has the unknown data type {}.", shown(tensor.name, 120), *code)));
            tensor.dtype = types[*code];
            return *count;
        }
        if (*code != 1 && *code != 2 && *code != 4)
            return failure(
                error("bad-dtype", fmt::format("The elements of {} have {} bytes, which no data type has.", shown(tensor.name, 120), *code)));
        tensor.dtype = *code == 4 ? F32 : *code == 2 ? I16 : I8;
        return uint64_t{*count} * *code;
    }

    /// Other names of variables: tied weights.
    Result<void> readAliases()
    {
        const auto count = m_reader.number<uint32_t>(false);
        if (!count)
            return tl::unexpected(count.error());
        std::unordered_map<std::string, size_t> byName;
        for (size_t i = 0; i < m_checkpoint.tensors.size() && *count > 0; ++i)
            byName.emplace(m_checkpoint.tensors[i].name, i);
        for (uint32_t i = 0; i < *count; ++i) {
            const auto alias = text();
            const auto name = alias.and_then([this](const std::string&) { return text(); });
            if (!name)
                return tl::unexpected(name.error());
            const auto found = byName.find(*name);
            if (found == byName.end())
                return failure(error("inconsistent-index",
                                     fmt::format("{} is said to be another name of {}, which is not there.", shown(*alias, 120), shown(*name, 120))));
            if (m_checkpoint.tensors.size() == limits::tensors)
                return failure(error("resource-bomb", fmt::format("The file holds more than {} variables.", limits::tensors)));
            TensorInfo tied = m_checkpoint.tensors[found->second];
            tied.name = *alias;
            m_checkpoint.tensors.push_back(std::move(tied));
        }
        return {};
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    SourceReader m_reader;
    uint32_t m_version = 0;
    Checkpoint m_checkpoint;
};

class Ctranslate2 final : public Format {
public:
    FormatInfo info() const override { return {"ctranslate2", "CTranslate2", {".bin"}}; }

    /// A small version, then the length and name of a spec ("TransformerSpec") with a zero behind it.
    bool probe(const Candidate& candidate) const override
    {
        constexpr size_t nameAt = 6;
        const auto byte = [&candidate](size_t i) { return std::to_integer<uint8_t>(candidate.head[i]); };
        if (candidate.isFolder || candidate.head.size() < 16 || byte(0) < versionWithKind || byte(0) > 20 || byte(1) != 0 || byte(2) != 0 ||
            byte(3) != 0)
            return false;
        const size_t length = byte(4);
        if (byte(5) != 0 || length < 6 || length > 128 || nameAt + length > candidate.head.size())
            return false;
        const std::string_view name(reinterpret_cast<const char*>(candidate.head.data()) + nameAt, length - 1);
        return byte(nameAt + length - 1) == 0 && name.ends_with("Spec") && std::all_of(name.begin(), name.end(), [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
               });
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return Ctranslate2Reader(candidate, job).read(); }
};

} // namespace

const Format& ctranslate2Format()
{
    static const Ctranslate2 format;
    return format;
}

} // namespace weighbridge
