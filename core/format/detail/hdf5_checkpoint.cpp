// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/hdf5_checkpoint.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/hdf5_superblock.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace weighbridge {
namespace {

/// More unpacked bytes than any real model packs into so few.
bool isBomb(uint64_t declared, uint64_t stored)
{
    return declared >= limits::bombNbytes && declared / limits::bombRatio >= stored;
}

class Builder {
public:
    Builder(const SourcePtr& source, const Hdf5Listing& listing, const std::string& shardPath, const std::string& shardFormat)
        : m_source(source), m_listing(listing)
    {
        m_checkpoint.metadata = Value::Map{};
        m_checkpoint.shards.push_back({shardPath, shardFormat, source});
    }

    Result<Checkpoint> build()
    {
        for (const Hdf5Dataset& dataset : m_listing.datasets)
            if (auto added = addDataset(dataset); !added)
                return tl::unexpected(added.error());
        if (auto readable = checkBroken(); !readable)
            return tl::unexpected(readable.error());
        addMetadata();
        noteStop();
        noteBroken();
        noteOutside();
        noteLinks();
        noteBombs();
        noteMissingFilters();
        noteOverlaps();
        noteEmpty();
        return std::move(m_checkpoint);
    }

private:
    static std::string placeText(const std::string& path) { return path.empty() ? "the root group" : shown(path); }

    static std::string asSentence(const std::string& text) { return shown(text) + (text.ends_with('.') ? "" : "."); }

    [[nodiscard]] Error datasetError(std::string rule, const Hdf5Dataset& dataset, const std::string& what) const
    {
        return Error(std::move(rule), fmt::format("The dataset {} {}.", shown(dataset.path, 120), what))
            .at(m_source->path())
            .stillReadable(m_checkpoint.tensors.empty() ? "" : fmt::format("{} datasets before it", m_checkpoint.tensors.size()))
            .fixedBy("Download or copy the file again.");
    }

    Result<void> addDataset(const Hdf5Dataset& dataset)
    {
        if (dataset.empty || !dataset.selfContained) {
            m_others.push_back(Value::Map{{"name", dataset.path}, {"dtype", dataset.writerDtype}, {"shape", Value::List(dataset.shape.begin(), dataset.shape.end())}});
            return {};
        }
        const auto elements = numel(dataset.shape);
        if (!elements)
            return failure(datasetError("bad-shape", dataset, fmt::format("has the shape {}, whose element count overflows", formatShape(dataset.shape))));
        const auto nbytes = dataset.dtype == DType::Unknown ? std::optional<uint64_t>(0) : nbytesOf(dataset.dtype, *elements);
        if (!nbytes)
            return failure(datasetError("bad-shape", dataset, fmt::format("has the shape {}, whose size in bytes overflows", formatShape(dataset.shape))));
        if (auto fitting = checkRange(dataset, *nbytes); !fitting)
            return fitting;
        TensorInfo tensor;
        tensor.name = dataset.path;
        tensor.dtype = dataset.dtype;
        tensor.writerDtype = dataset.writerDtype;
        tensor.shape = dataset.shape;
        tensor.storage = storageOf(dataset, *nbytes);
        m_checkpoint.tensors.push_back(std::move(tensor));
        return {};
    }

    Result<void> checkRange(const Hdf5Dataset& dataset, uint64_t nbytes) const
    {
        if (!dataset.offset || dataset.dtype == DType::Unknown)
            return {};
        if (dataset.storedNbytes != nbytes)
            return failure(datasetError("bad-shape", dataset, fmt::format("has the shape {} of {} ({} bytes), but {} bytes are stored for it", formatShape(dataset.shape),
                                                                          name(dataset.dtype), nbytes, dataset.storedNbytes)));
        if (!fits(*dataset.offset, nbytes, m_source->nbytes()))
            return failure(datasetError("truncated", dataset, fmt::format("lies at bytes {} to {}, but the file stops at byte {}", *dataset.offset, *dataset.offset + nbytes,
                                                                          m_source->nbytes()))
                               .atByte(m_source->nbytes()));
        return {};
    }

    static Storage storageOf(const Hdf5Dataset& dataset, uint64_t nbytes)
    {
        Storage out;
        out.key = dataset.path;
        out.nbytes = nbytes;
        if (!dataset.outside.empty()) {
            out.kind = StorageKind::Absent;
        } else if (dataset.offset) {
            out.kind = StorageKind::Raw;
            out.offset = *dataset.offset;
            out.bigEndian = dataset.bigEndian;
        } else {
            // the worker gives little-endian elements; the object's address is the key
            out.kind = StorageKind::Format;
            out.offset = dataset.address;
            out.packedNbytes = dataset.storedNbytes;
        }
        return out;
    }

    [[nodiscard]] Result<void> checkBroken() const
    {
        if (!m_checkpoint.tensors.empty() || m_listing.broken.empty() || m_listing.broken[0].rule != "corrupt")
            return {};
        const Hdf5Broken& first = m_listing.broken[0];
        return failure(Error(first.rule, fmt::format("Nothing in this file can be read. At {}: {}", placeText(first.path), asSentence(first.why)))
                           .at(m_source->path()).fixedBy("Download or copy the file again."));
    }

    void addMetadata()
    {
        Value::Map attributes;
        for (const Hdf5Group& group : m_listing.groups)
            if (group.attributes.map() && !group.attributes.map()->empty())
                attributes.emplace_back("/" + group.path, group.attributes);
        if (!attributes.empty())
            m_checkpoint.metadata.set("attributes", std::move(attributes));
        Value::List links;
        for (const Hdf5Link& link : m_listing.links) {
            Value::Map entry{{"name", link.path}, {"kind", link.kind}, {"target", link.target}};
            if (!link.file.empty())
                entry.emplace_back("file", link.file);
            links.push_back(std::move(entry));
        }
        if (!links.empty())
            m_checkpoint.metadata.set("links", std::move(links));
        if (!m_others.empty())
            m_checkpoint.metadata.set("other_datasets", m_others);
    }

    void noteStop()
    {
        if (!m_listing.stopped)
            return;
        Finding finding = warning(m_listing.stopped->rule, fmt::format("Only the first {} datasets could be listed", m_listing.datasets.size()), m_listing.stopped->message);
        finding.severity = Severity::Error;
        finding.fix.text = m_listing.stopped->fix;
        m_checkpoint.findings.push_back(std::move(finding));
    }

    /// A file of the newer layouts (superblock 2 and 3) that uses a version of a message which the library does not know.
    [[nodiscard]] bool isNewer(const Hdf5Broken& broken) const
    {
        const auto superblock =
            broken.why.find("bad version number for datatype") == std::string::npos ? failure("unreadable", "") : readHdf5Superblock(*m_source);
        return superblock && superblock->version >= 2;
    }

    void noteBroken()
    {
        for (const Hdf5Broken& broken : m_listing.broken) {
            if (m_checkpoint.findings.size() >= shownFindings)
                return;
            if (isNewer(broken)) {
                m_checkpoint.findings.push_back(
                    warning("unsupported-version", fmt::format("{} has a data type that only newer versions of HDF5 read", placeText(broken.path)),
                            "The reason given is: " + asSentence(broken.why) +
                                " HDF5 2.0 writes such types where it is asked for the latest version of the format.",
                            "Save the file again for older readers: h5py.File(path, 'w', libver=('earliest', 'v110'))."));
                continue;
            }
            Finding finding =
                warning(broken.rule, fmt::format("{} cannot be read", placeText(broken.path)), "The reason given is: " + asSentence(broken.why));
            const bool isDamage = broken.rule == "corrupt" || broken.rule == "checksum";
            finding.severity = isDamage ? Severity::Error : Severity::Warning;
            finding.fix.text = isDamage ? "Download or copy the file again." : "Ask for a file that holds its values itself, in a plain structure.";
            m_checkpoint.findings.push_back(std::move(finding));
        }
    }

    void noteOutside()
    {
        for (const Hdf5Dataset& dataset : m_listing.datasets) {
            if (dataset.outside.empty() || m_checkpoint.findings.size() >= shownFindings)
                continue;
            const bool isVirtual = dataset.layout == "virtual";
            Finding finding = warning("path-traversal",
                                      isVirtual ? fmt::format("The virtual dataset {} takes its values from other files", shown(dataset.path))
                                                : fmt::format("The values of {} lie in an external file", shown(dataset.path)),
                                      fmt::format("It names the {} {}. Other readers open that file and take its bytes for values; here it was not opened.",
                                                  isVirtual ? "source" : "external file", shown(dataset.outside)));
            finding.tensors = {dataset.path};
            finding.evidence = {{"file", dataset.outside}};
            finding.fix.text = "Ask for a file that holds its values itself; do not load this one with other readers.";
            m_checkpoint.findings.push_back(std::move(finding));
        }
    }

    void noteLinks()
    {
        for (const Hdf5Link& link : m_listing.links) {
            if (link.resolves || m_checkpoint.findings.size() >= shownFindings)
                continue;
            const bool isExternal = link.kind == "external";
            Finding finding = isExternal ? warning("path-traversal", fmt::format("{} is an external link to another file", shown(link.path)),
                                                   fmt::format("It points to {} in {}. That file was not opened.", shown(link.target), shown(link.file)))
                                         : warning("corrupt", fmt::format("The soft link {} leads nowhere", shown(link.path)),
                                                   fmt::format("It points to {}, which is not there, or leads back to itself.", shown(link.target)));
            finding.evidence = {{"target", link.target}};
            finding.fix.text = isExternal ? "If values are missing, ask for a file that holds them itself." : "Save the file again if something is missing.";
            m_checkpoint.findings.push_back(std::move(finding));
        }
    }

    void noteBombs()
    {
        uint64_t declared = 0;
        std::vector<std::string> names;
        for (const TensorInfo& tensor : m_checkpoint.tensors) {
            if (tensor.storage.kind != StorageKind::Format)
                continue;
            declared = checkedAdd(declared, tensor.storage.nbytes).value_or(UINT64_MAX);
            if (isBomb(tensor.storage.nbytes, tensor.storage.packedNbytes))
                names.push_back(tensor.name);
        }
        if (names.empty() && !isBomb(declared, m_source->nbytes()))
            return;
        Finding finding = warning("resource-bomb", fmt::format("The file of {} declares {} of values, too much to be real", formatNbytes(m_source->nbytes()), formatNbytes(declared)),
                                  fmt::format("More than {} times what is stored is beyond the limit: loading it would fill the memory with values that are not there.", limits::bombRatio));
        finding.tensors = std::move(names);
        finding.evidence = {{"declared_nbytes", declared}, {"file_nbytes", m_source->nbytes()}};
        finding.fix.text = "Do not load this file with other readers.";
        m_checkpoint.findings.push_back(std::move(finding));
    }

    void noteMissingFilters()
    {
        const auto first = std::find_if(m_listing.datasets.begin(), m_listing.datasets.end(), [](const Hdf5Dataset& dataset) { return !dataset.missingFilter.empty(); });
        if (first == m_listing.datasets.end())
            return;
        Finding finding = warning("unreadable", fmt::format("Values are packed with a filter that is not available: {}", shown(first->missingFilter)),
                                  "Their names and shapes are listed; their values cannot be read here.");
        for (const Hdf5Dataset& dataset : m_listing.datasets)
            if (!dataset.missingFilter.empty())
                finding.tensors.push_back(dataset.path);
        finding.fix.text = "Save the file again with gzip or without compression.";
        m_checkpoint.findings.push_back(std::move(finding));
    }

    /// Two datasets never share bytes in a file that a library wrote.
    void noteOverlaps()
    {
        std::vector<const TensorInfo*> order;
        for (const TensorInfo& tensor : m_checkpoint.tensors)
            if (tensor.storage.kind == StorageKind::Raw && tensor.storage.nbytes > 0)
                order.push_back(&tensor);
        std::sort(order.begin(), order.end(), [](const TensorInfo* a, const TensorInfo* b) { return a->storage.offset < b->storage.offset; });
        for (size_t i = 1; i < order.size(); ++i) {
            const Storage& before = order[i - 1]->storage;
            if (before.offset + before.nbytes <= order[i]->storage.offset)
                continue;
            Finding finding = warning("overlapping-tensors", fmt::format("{} and {} overlap in the file", shown(order[i - 1]->name), shown(order[i]->name)),
                                      fmt::format("From byte {} on the bytes belong to both.", order[i]->storage.offset));
            finding.tensors = {order[i - 1]->name, order[i]->name};
            m_checkpoint.findings.push_back(std::move(finding));
            return;
        }
    }

    void noteEmpty()
    {
        if (m_checkpoint.tensors.empty())
            m_checkpoint.findings.push_back(warning("empty", "The file holds no tensors", "It is a well-formed HDF5 file, but has no dataset of numbers."));
    }

    static constexpr size_t shownFindings = 100;

    const SourcePtr& m_source;
    const Hdf5Listing& m_listing;
    Checkpoint m_checkpoint;
    Value::List m_others;
};

} // namespace

Result<Checkpoint> checkpointFromHdf5(const SourcePtr& source, const Hdf5Listing& listing, const std::string& shardPath, const std::string& shardFormat)
{
    auto checkpoint = Builder(source, listing, shardPath, shardFormat).build();
    const auto superblock = readHdf5Superblock(*source);
    if (!superblock)
        return tl::unexpected(superblock.error());
    if (checkpoint && superblock->endOfFile < source->nbytes())
        checkpoint->findings.push_back(warning("corrupt", fmt::format("{} bytes follow the end of the HDF5 file", groupDigits(source->nbytes() - superblock->endOfFile)),
                                               fmt::format("Its first block says that it ends at byte {} of {}; what follows belongs to nothing in it.", superblock->endOfFile, source->nbytes()),
                                               "Copy or download the file again."));
    return checkpoint;
}

Result<void> readHdf5Storage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink)
{
    const Shard& shard = checkpoint.shards.at(tensor.storage.shard);
    const auto named = [&](Error error) {
        error.path = shard.path;
        error.message = fmt::format("{}: {}", shown(tensor.name, 120), error.message);
        return error;
    };
    if (isBomb(tensor.storage.nbytes, tensor.storage.packedNbytes))
        return failure(named(Error("resource-bomb", fmt::format("{} of values are declared, {} are stored: beyond the limit.", formatNbytes(tensor.storage.nbytes),
                                                                formatNbytes(tensor.storage.packedNbytes)))));
    return readHdf5(shard.source, tensor.storage.offset, tensor.storage.nbytes, job, sink).map_error(named);
}

} // namespace weighbridge
