// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The .keras file of Keras 3: a zip archive of config.json, metadata.json and model.weights.h5, stored uncompressed; or a folder of these (zipped=False).
// https://github.com/keras-team/keras/blob/master/keras/src/saving/saving_lib.py
#include "core/format/format.h"

#include "core/base/byte_reader.h"
#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/keras_config.h"
#include "core/format/detail/keras_model.h"
#include "core/format/detail/zip.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

namespace weighbridge {
namespace {

constexpr std::string_view weightsName = "model.weights.h5";
constexpr std::string_view configName = "config.json";
constexpr std::string_view metadataName = "metadata.json";
constexpr uint64_t configNbytes = 64 * limits::MiB;
constexpr uint64_t verifiedNbytes = 64 * limits::MiB;     ///< the checksum of smaller weights is compared when the file is opened
constexpr uint64_t verifiedElsewhereNbytes = limits::MiB; ///< the same where they move over a network

/// The name in the local header with which an archive begins (APPNOTE.TXT 4.3.7).
std::string_view firstName(std::span<const std::byte> head)
{
    ByteReader reader(head);
    if (!reader.skip(26))
        return {};
    const auto length = reader.little<uint16_t>();
    if (!length || !reader.skip(2))
        return {};
    return reader.takeText(*length).value_or(std::string_view());
}

/// The parts of a saved model: entries of an archive, or files of a folder (zipped=False).
class KerasParts {
public:
    virtual ~KerasParts() = default;
    /// Of a small part; nothing if it is not there.
    virtual Result<std::optional<std::vector<std::byte>>> read(std::string_view name) = 0;
    /// The weights, whose checksum is compared as far as there is one; null if they are not there.
    virtual Result<SourcePtr> weights() = 0;
    [[nodiscard]] virtual std::string_view word() const = 0; ///< for people
    [[nodiscard]] virtual std::string weightsPath() const = 0;
    [[nodiscard]] virtual std::vector<Finding> findings() const { return {}; }
};

class KerasArchive final : public KerasParts {
public:
    KerasArchive(const Candidate& candidate, JobContext& job, ZipArchive archive) : m_candidate(candidate), m_job(job), m_archive(std::move(archive)) {}

    Result<std::optional<std::vector<std::byte>>> read(std::string_view name) override
    {
        const ZipEntry* entry = m_archive.find(name);
        if (!entry)
            return std::nullopt;
        return m_archive.read(*entry, m_job, configNbytes).map([](std::vector<std::byte> bytes) { return std::optional(std::move(bytes)); });
    }
    Result<SourcePtr> weights() override
    {
        const ZipEntry* entry = m_archive.find(weightsName);
        if (!entry)
            return SourcePtr();
        if (entry->isStored() && entry->nbytes <= (movesOverNetwork(m_candidate.path) ? verifiedElsewhereNbytes : verifiedNbytes))
            if (auto verified = m_archive.verify(*entry, m_job); !verified)
                return tl::unexpected(verified.error());
        return m_archive.entrySource(*entry, m_job);
    }
    std::string_view word() const override { return "archive"; }
    std::string weightsPath() const override { return m_candidate.path; }
    std::vector<Finding> findings() const override { return m_archive.findings(); }

private:
    const Candidate& m_candidate;
    JobContext& m_job;
    ZipArchive m_archive;
};

class KerasFolder final : public KerasParts {
public:
    explicit KerasFolder(std::string folder) : m_folder(std::move(folder)) {}

    Result<std::optional<std::vector<std::byte>>> read(std::string_view name) override
    {
        const std::string path = pathOf(name);
        if (!isFile(path))
            return std::nullopt;
        return openFile(path).and_then([](const SourcePtr& source) { return source->readUpTo(0, configNbytes); }).map([](std::vector<std::byte> bytes) { return std::optional(std::move(bytes)); });
    }
    Result<SourcePtr> weights() override { return isFile(weightsPath()) ? openFile(weightsPath()) : Result<SourcePtr>(SourcePtr()); }
    std::string_view word() const override { return "folder"; }
    std::string weightsPath() const override { return pathOf(weightsName); }

private:
    [[nodiscard]] std::string pathOf(std::string_view name) const { return (std::filesystem::path(m_folder) / name).string(); }

    std::string m_folder;
};

class KerasReader {
public:
    KerasReader(const Candidate& candidate, JobContext& job, KerasParts& parts) : m_candidate(candidate), m_job(job), m_parts(parts) {}

    Result<Checkpoint> read()
    {
        return readJson(configName, m_config)
            .and_then([this] { return readJson(metadataName, m_metadata); })
            .and_then([this] { return readWeights(); })
            .map([this] {
                finish();
                return std::move(m_checkpoint);
            });
    }

private:
    [[nodiscard]] Error inPart(std::string_view part, Error error) const
    {
        error.message = fmt::format("{} in the {}: {}", part, m_parts.word(), error.message);
        error.path = m_candidate.path;
        return error;
    }

    Result<void> readJson(std::string_view name, Value& out)
    {
        const auto bytes = m_parts.read(name);
        if (!bytes)
            return failure(bytes.error());
        if (!*bytes)
            return {};
        auto document = parseJson({reinterpret_cast<const char*>((*bytes)->data()), (*bytes)->size()}, m_candidate.path);
        if (document) {
            out = std::move(document->value);
            return {};
        }
        // the part itself is whole: what ends too early was written so
        Error error = inPart(name, document.error());
        if (error.rule == "truncated")
            error.rule = "corrupt";
        return failure(std::move(error));
    }

    Result<void> readWeights()
    {
        const auto source = m_parts.weights();
        if (!source)
            return tl::unexpected(source.error());
        if (!*source)
            return failure(Error("missing-shard", fmt::format("The {} holds no {}: the model's weights are missing.", m_parts.word(), weightsName))
                               .at(m_candidate.path).expecting(std::string(weightsName)).fixedBy("Save or download the model again."));
        const auto listing = listHdf5(*source, m_job);
        if (!listing)
            return failure(inPart(weightsName, listing.error()));
        auto checkpoint = checkpointFromHdf5(*source, *listing, m_parts.weightsPath(), "keras-v3");
        if (!checkpoint)
            return failure(inPart(weightsName, checkpoint.error()));
        m_checkpoint = std::move(*checkpoint);
        addKeras(m_checkpoint, *listing);
        return {};
    }

    void finish()
    {
        std::vector<Finding> findings = m_parts.findings();
        if (m_config.isNull())
            findings.push_back(missingConfig());
        checkKerasConfig(m_config, findings);
        std::move(m_checkpoint.findings.begin(), m_checkpoint.findings.end(), std::back_inserter(findings));
        m_checkpoint.findings = std::move(findings);
        if (const Value* version = m_metadata.find("keras_version"))
            m_checkpoint.metadata.set("keras_version", *version);
        if (!m_metadata.isNull())
            m_checkpoint.metadata.set("metadata", std::move(m_metadata));
        if (!m_config.isNull())
            m_checkpoint.metadata.set("model_config", std::move(m_config));
    }

    [[nodiscard]] Finding missingConfig() const
    {
        return warning("config-missing", fmt::format("The {} holds no {}", m_parts.word(), configName), "Keras builds the model from it; without it only the weights can be used.",
                       "Build the model from its code and load model.weights.h5 into it, or save the model again.");
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    KerasParts& m_parts;
    Value m_config;
    Value m_metadata;
    Checkpoint m_checkpoint;
};

class KerasV3 final : public Format {
public:
    FormatInfo info() const override { return {"keras-v3", "Keras 3", {".keras"}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder)
            return isFile((std::filesystem::path(candidate.path) / metadataName).string()) && isFile((std::filesystem::path(candidate.path) / weightsName).string());
        if (!looksLikeZip(candidate.head))
            return false;
        const std::string_view first = firstName(candidate.head);
        return first == metadataName || first == configName || first == weightsName || lowered(candidate.path).ends_with(".keras");
    }
    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        if (candidate.isFolder)
            return openFolder(candidate, job);
        return ZipArchive::open(candidate.source, job).and_then([&](ZipArchive&& archive) {
            KerasArchive parts(candidate, job, std::move(archive));
            return KerasReader(candidate, job, parts).read();
        });
    }
    /// The shard is an entry of the archive; the archive itself is the file that was opened.
    Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const override
    {
        if (isFolder(checkpoint.path))
            return 0;
        const auto archive = checkpoint.shards.empty() ? failure("not-found", "") : openFile(checkpoint.shards[0].path);
        return archive ? verifyArchive(*archive, job) : Result<uint64_t>(0);
    }

    Result<void> readStorage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink) const override
    {
        return readHdf5Storage(checkpoint, tensor, job, sink);
    }

private:
    static Result<Checkpoint> openFolder(const Candidate& candidate, JobContext& job)
    {
        KerasFolder parts(candidate.path);
        return KerasReader(candidate, job, parts).read().map([&candidate](Checkpoint checkpoint) {
            for (const FoundFile& file : filesIn(candidate.path, std::array{configName, metadataName, weightsName}))
                checkpoint.files.push_back({file.path, file.nbytes, file.path.ends_with(weightsName) ? "keras-v3" : file.path.ends_with(configName) ? "config" : "other"});
            return checkpoint;
        });
    }
};

} // namespace

const Format& kerasV3Format()
{
    static const KerasV3 format;
    return format;
}

} // namespace weighbridge
