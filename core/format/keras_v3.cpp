// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The .keras file of Keras 3: a zip archive of config.json, metadata.json and model.weights.h5, stored uncompressed.
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

class KerasArchive {
public:
    KerasArchive(const Candidate& candidate, JobContext& job, ZipArchive archive) : m_candidate(candidate), m_job(job), m_archive(std::move(archive)) {}

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
    [[nodiscard]] Error inEntry(std::string_view entry, Error error) const
    {
        error.message = fmt::format("{} in the archive: {}", entry, error.message);
        error.path = m_candidate.path;
        return error;
    }

    Result<void> readJson(std::string_view name, Value& out)
    {
        const ZipEntry* entry = m_archive.find(name);
        if (!entry)
            return {};
        const auto bytes = m_archive.read(*entry, m_job, configNbytes);
        if (!bytes)
            return failure(bytes.error());
        auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, m_candidate.path);
        if (document) {
            out = std::move(document->value);
            return {};
        }
        // the entry itself is whole: what ends too early was written so
        Error error = inEntry(name, document.error());
        if (error.rule == "truncated")
            error.rule = "corrupt";
        return failure(std::move(error));
    }

    Result<void> readWeights()
    {
        const ZipEntry* entry = m_archive.find(weightsName);
        if (!entry)
            return failure(Error("missing-shard", fmt::format("The archive holds no {}: the model's weights are missing.", weightsName))
                               .at(m_candidate.path).expecting(std::string(weightsName)).fixedBy("Save or download the model again."));
        if (entry->isStored() && entry->nbytes <= (movesOverNetwork(m_candidate.path) ? verifiedElsewhereNbytes : verifiedNbytes))
            if (auto verified = m_archive.verify(*entry, m_job); !verified)
                return verified;
        const auto source = m_archive.entrySource(*entry, m_job);
        if (!source)
            return tl::unexpected(source.error());
        const auto listing = listHdf5(*source, m_job);
        if (!listing)
            return failure(inEntry(weightsName, listing.error()));
        auto checkpoint = checkpointFromHdf5(*source, *listing, m_candidate.path, "keras-v3");
        if (!checkpoint)
            return failure(inEntry(weightsName, checkpoint.error()));
        m_checkpoint = std::move(*checkpoint);
        addKeras(m_checkpoint, *listing);
        return {};
    }

    void finish()
    {
        std::vector<Finding> findings = m_archive.findings();
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

    static Finding missingConfig()
    {
        return warning("config-missing", fmt::format("The archive holds no {}", configName), "Keras builds the model from it; without it only the weights can be used.",
                       "Build the model from its code and load model.weights.h5 into it, or save the model again.");
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    ZipArchive m_archive;
    Value m_config;
    Value m_metadata;
    Checkpoint m_checkpoint;
};

class KerasV3 final : public Format {
public:
    FormatInfo info() const override { return {"keras-v3", "Keras 3", {".keras"}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || !looksLikeZip(candidate.head))
            return false;
        const std::string_view first = firstName(candidate.head);
        return first == metadataName || first == configName || first == weightsName || lowered(candidate.path).ends_with(".keras");
    }
    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        return ZipArchive::open(candidate.source, job).and_then([&](ZipArchive&& archive) { return KerasArchive(candidate, job, std::move(archive)).read(); });
    }
    /// The shard is an entry of the archive; the archive itself is the file that was opened.
    Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const override
    {
        const auto archive = checkpoint.shards.empty() ? failure("not-found", "") : openFile(checkpoint.shards[0].path);
        return archive ? verifyArchive(*archive, job) : Result<uint64_t>(0);
    }

    Result<void> readStorage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink) const override
    {
        return readHdf5Storage(checkpoint, tensor, job, sink);
    }
};

} // namespace

const Format& kerasV3Format()
{
    static const KerasV3 format;
    return format;
}

} // namespace weighbridge
