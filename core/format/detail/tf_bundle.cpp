// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// BundleHeaderProto and BundleEntryProto: tensorflow/core/protobuf/tensor_bundle.proto; how they are used and their strings' layout:
// https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/util/tensor_bundle/tensor_bundle.cc
#include "core/format/detail/tf_bundle.h"

#include "core/base/checked.h"
#include "core/base/crc32c.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/checkpoint/sniff.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/sidecar.h"
#include "core/format/detail/sstable.h"
#include "core/format/detail/tf_proto.h"
#include "core/format/detail/tf_strings.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_map>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t newestConsumer = 1; // kTensorBundleVersion
constexpr uint64_t shownStringsNbytes = 1 * limits::MiB;

struct BundleHeader {
    int64_t shards = 0;
    bool isBigEndian = false;
    uint64_t producer = 0;
    uint64_t minimumConsumer = 0;
};

/// An entry as it stands in the index, its tensor judged but for its place.
struct BundleEntry {
    TensorInfo tensor;
    int64_t shard = 0;
    uint64_t offset = 0;
    uint64_t nbytes = 0;
    std::optional<uint32_t> crc;
    std::vector<TfSlice> slices;
    uint64_t place = 0;            ///< of the entry in the index, for messages
    [[nodiscard]] bool isSlice() const { return tensor.name.starts_with('\0'); }
};

class BundleReader {
public:
    BundleReader(const SourcePtr& index, const std::string& prefix, JobContext& job) : m_index(index), m_prefix(prefix), m_job(job) {}

    Result<Checkpoint> open()
    {
        return readIndex()
            .and_then([this] { return openShards(); })
            .and_then([this] { return placeAll(); })
            .and_then([this] { return verifyIfSmall(); })
            .and_then([this] { return readStrings(); })
            .map([this] {
                describe();
                return std::move(m_checkpoint);
            });
    }

    Result<uint64_t> verify()
    {
        uint64_t nbytes = 0;
        return readIndex()
            .and_then([this] { return openShards(); })
            .and_then([&] { return m_table->verify(m_job); })
            .and_then([&](uint64_t compared) -> Result<uint64_t> {
                nbytes = compared;
                for (const BundleEntry& entry : m_entries) {
                    const auto same = hasItsChecksum(entry);
                    if (!same)
                        return tl::unexpected(same.error());
                    if (!*same)
                        return failure(error("checksum", fmt::format("The checksum (CRC-32C) of {} does not fit: its values were changed.", nameOf(entry)), entry.offset).at(shardPath(entry.shard)));
                    nbytes += entry.nbytes;
                }
                return nbytes;
            });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message, uint64_t offset) const { return Error(std::move(rule), std::move(message)).at(m_index->path()).atByte(offset); }
    [[nodiscard]] std::string shardName(int64_t shard) const { return fmt::format("{}.data-{:05}-of-{:05}", fs::path(m_prefix).filename().string(), shard, m_header.shards); }
    [[nodiscard]] std::string shardPath(int64_t shard) const { return (fs::path(m_prefix).parent_path() / shardName(shard)).string(); }
    static std::string nameOf(const BundleEntry& entry) { return entry.isSlice() ? "a slice of a tensor" : shown(entry.tensor.name, 120); }

    Result<void> readIndex()
    {
        auto table = SortedTable::open(m_index);
        if (!table)
            return tl::unexpected(table.error());
        m_table = std::move(*table);
        bool hasHeader = false;
        auto read = m_table->eachEntry(m_job, [&](const TableEntry& entry) -> Result<void> {
            if (entry.key.empty() && !hasHeader) {
                hasHeader = true;
                return readHeader(entry);
            }
            if (!hasHeader)
                return failure(error("corrupt", "The index has no header: its first entry is that of a tensor.", entry.isUnpacked ? 0 : entry.offset));
            return readEntry(entry);
        });
        if (read && !hasHeader)
            return failure(error("corrupt", "The index is empty: it has no header.", 0));
        return read;
    }

    Result<void> readHeader(const TableEntry& entry)
    {
        const uint64_t place = entry.isUnpacked ? 0 : entry.offset;
        return eachField(WireMessage(entry.values, entry.offset, entry.nbytes), [&](WireMessage&, const WireField& field) -> Result<void> {
                   if (field.isNumber(1))
                       m_header.shards = static_cast<int64_t>(field.value);
                   else if (field.isNumber(2))
                       m_header.isBigEndian = field.value == 1;
                   else if (field.isMessage(3))
                       return eachField(WireMessage(entry.values, field), [&](WireMessage&, const WireField& version) -> Result<void> {
                           if (version.isNumber(1))
                               m_header.producer = version.value;
                           else if (version.isNumber(2))
                               m_header.minimumConsumer = version.value;
                           return {};
                       });
                   return {};
               })
            .and_then([&]() -> Result<void> {
                constexpr int64_t mostShards = 99'999; // five digits in the files' names
                if (m_header.minimumConsumer > newestConsumer)
                    return failure(error("unsupported-version", fmt::format("The checkpoint asks for a reader of version {}; the newest known is {}.", m_header.minimumConsumer, newestConsumer), place));
                if (m_header.shards < 1 || m_header.shards > mostShards)
                    return failure(error("corrupt", fmt::format("The index says that it has {} data files.", m_header.shards), place).expecting("1 or more").finding(fmt::format("{}", m_header.shards)));
                return {};
            });
    }

    Result<void> readEntry(const TableEntry& place)
    {
        BundleEntry entry;
        entry.tensor.name = place.key;
        entry.place = place.isUnpacked ? 0 : place.offset;
        uint64_t type = 0;
        Shape shape;
        auto read = eachField(WireMessage(place.values, place.offset, place.nbytes), [&](WireMessage&, const WireField& field) -> Result<void> {
            if (field.isNumber(1))
                type = field.value;
            else if (field.isMessage(2))
                return readTfShape(place.values, field).map([&](Shape dimensions) { shape = std::move(dimensions); });
            else if (field.isNumber(3))
                entry.shard = static_cast<int64_t>(field.value);
            else if (field.isNumber(4))
                entry.offset = field.value;
            else if (field.isNumber(5))
                entry.nbytes = field.value;
            else if (field.number == 6 && field.type == 5)
                entry.crc = static_cast<uint32_t>(field.value);
            else if (field.isMessage(7))
                return readTfSlice(place.values, field).map([&](TfSlice slice) { entry.slices.push_back(std::move(slice)); });
            return {};
        });
        if (!read) {
            Error why = read.error();
            why.rule = why.rule == "truncated" ? "corrupt" : why.rule;
            why.message = fmt::format("The entry of {} in the index is damaged: {}", nameOf(entry), why.message);
            return failure(std::move(why).at(m_index->path()));
        }
        return setTfType(entry.tensor, type, std::move(shape), entry.place).and_then([&] { return judge(entry); }).and_then([&]() -> Result<void> {
            if (m_entries.size() == limits::tensors)
                return failure(error("resource-bomb", fmt::format("The index names more than {} tensors.", limits::tensors), entry.place));
            m_entries.push_back(std::move(entry));
            return {};
        });
    }

    Result<void> judge(const BundleEntry& entry)
    {
        if (!entry.slices.empty())
            return {};
        if (entry.shard < 0 || entry.shard >= m_header.shards)
            return failure(error("inconsistent-index", fmt::format("{} is in the data file {} of {}: the index does not fit together.", nameOf(entry), entry.shard, m_header.shards), entry.place));
        const uint64_t elements = entry.tensor.elements();
        const auto nbytes = nbytesOf(entry.tensor.dtype, elements);
        if (nbytes && *nbytes != entry.nbytes)
            return failure(error("bad-shape", fmt::format("{} has the shape {} of {} ({} bytes), but the index gives it a size of {} bytes.", nameOf(entry), formatShape(entry.tensor.shape),
                                                          name(entry.tensor.dtype), *nbytes, entry.nbytes), entry.place));
        // a string takes at least the byte of its length
        if (entry.tensor.dtype == DType::String && elements > entry.nbytes)
            return failure(error("bad-shape", fmt::format("{} has the shape {} of strings, but the index gives it a size of {} bytes.", nameOf(entry), formatShape(entry.tensor.shape), entry.nbytes), entry.place));
        return {};
    }

    Result<void> openShards()
    {
        std::map<int64_t, size_t> tensorsOf;
        for (const BundleEntry& entry : m_entries)
            if (entry.slices.empty())
                ++tensorsOf[entry.shard];
        std::vector<std::string> absent;
        size_t lost = 0;
        for (const auto& [shard, tensors] : tensorsOf) {
            auto source = openSidecar(fs::path(m_prefix).parent_path().string(), shardName(shard), m_index->path());
            if (!source && source.error().rule != "missing-shard")
                return tl::unexpected(source.error());
            if (!source) {
                absent.push_back(shown(shardName(shard), 200));
                lost += tensors;
                continue;
            }
            m_shardIndex[shard] = static_cast<uint32_t>(m_checkpoint.shards.size());
            m_checkpoint.files.push_back({(*source)->path(), (*source)->nbytes(), "tf-checkpoint"});
            m_checkpoint.shards.push_back({(*source)->path(), "tf-checkpoint", std::move(*source)});
        }
        if (absent.empty())
            return {};
        return failure(Error("missing-shard", fmt::format("The values are missing: {} {} not there. The index alone holds only the names and shapes of its {} tensors.", fmt::join(absent, ", "),
                                                          absent.size() == 1 ? "is" : "are", m_entries.size()))
                           .at(m_index->path()).expecting(fmt::format("{} data files", tensorsOf.size())).finding(fmt::format("{} data files", m_checkpoint.shards.size()))
                           .stillReadable(fmt::format("{} of {} tensors", m_entries.size() - lost, m_entries.size()))
                           .fixedBy(fmt::format("Copy {} into the same folder as the index.", fmt::join(absent, ", "))));
    }

    Result<Storage> storageOf(const BundleEntry& entry) const
    {
        const uint32_t index = m_shardIndex.at(entry.shard);
        const SourcePtr& source = m_checkpoint.shards[index].source;
        if (!fits(entry.offset, entry.nbytes, source->nbytes())) {
            if (auto usable = sniffUnusable(*source); !usable && usable.error().rule == "git-lfs-pointer")
                return tl::unexpected(usable.error());
            return failure(Error("truncated", fmt::format("The data file is too short: {} needs {} bytes from byte {} on, the file ends at byte {}.", nameOf(entry), entry.nbytes, entry.offset, source->nbytes()))
                               .at(source->path()).atByte(source->nbytes()).finding(fmt::format("{} bytes", source->nbytes()))
                               .fixedBy("Copy or download the data file again."));
        }
        const bool hasValues = nbytesOf(entry.tensor.dtype, 1).has_value();
        return Storage{hasValues ? StorageKind::Raw : StorageKind::Absent, index, entry.offset, entry.nbytes, 0, m_header.isBigEndian, {}};
    }

    Result<void> placeAll()
    {
        std::unordered_map<std::string_view, const BundleEntry*> slices;
        for (const BundleEntry& entry : m_entries)
            if (entry.isSlice())
                slices.emplace(entry.tensor.name, &entry);
        for (const BundleEntry& entry : m_entries) {
            if (entry.isSlice())
                continue;
            TensorInfo tensor = entry.tensor;
            if (entry.slices.empty()) {
                auto storage = storageOf(entry);
                if (!storage)
                    return tl::unexpected(storage.error());
                tensor.storage = std::move(*storage);
            } else if (auto placed = placeSlices(entry, tensor, slices); !placed) {
                return placed;
            }
            m_checkpoint.tensors.push_back(std::move(tensor));
        }
        return {};
    }

    /// A partitioned variable: its own entry has no values, its slices are entries under keys that no name can have.
    Result<void> placeSlices(const BundleEntry& entry, TensorInfo& tensor, const std::unordered_map<std::string_view, const BundleEntry*>& slices)
    {
        Assembly assembly{tensor.shape, {}};
        for (const TfSlice& slice : entry.slices) {
            auto piece = pieceOf(slice, tensor.shape);
            const auto found = slices.find(tfSliceKey(tensor.name, slice));
            if (!piece || found == slices.end() || found->second->tensor.dtype != tensor.dtype || found->second->tensor.shape != piece->shape)
                return failure(error("inconsistent-index", fmt::format("{} is made of {} slices, but one of them is missing from the index or does not fit its shape {}.", nameOf(entry), entry.slices.size(),
                                                                       formatShape(tensor.shape)), entry.place));
            auto storage = storageOf(*found->second);
            if (!storage)
                return tl::unexpected(storage.error());
            piece->storage = std::move(*storage);
            assembly.pieces.push_back(std::move(*piece));
        }
        if (tensor.dtype == DType::Unknown || tensor.dtype == DType::String) {
            tensor.storage.kind = StorageKind::Absent;
            return {};
        }
        if (!isWhole(assembly, tensor.dtype))
            return failure(error("inconsistent-index", fmt::format("The {} slices of {} do not make up its shape {}.", entry.slices.size(), nameOf(entry), formatShape(tensor.shape)), entry.place));
        tensor.storage = {StorageKind::Pieces, assembly.pieces[0].storage.shard, m_checkpoint.assemblies.size(), tensor.nbytes(), 0, m_header.isBigEndian, {}};
        m_checkpoint.assemblies.push_back(std::move(assembly));
        return {};
    }

    /// True too for what has no checksum, or none of a kind that is compared.
    Result<bool> hasItsChecksum(const BundleEntry& entry)
    {
        const bool isText = entry.tensor.dtype == DType::String && !m_header.isBigEndian;
        if (!entry.crc || !entry.slices.empty() || (!isText && !nbytesOf(entry.tensor.dtype, 1)))
            return true;
        const auto storage = storageOf(entry);
        if (!storage)
            return tl::unexpected(storage.error());
        const ByteSource& source = *m_checkpoint.shards[storage->shard].source;
        if (!isText)
            return crc32cOf(source, entry.offset, entry.nbytes, m_job).map([&](uint32_t crc) {
                return !checksumsCount || maskedCrc32c(crc) == *entry.crc;
            });
        return TfStrings::read(source, placeOf(entry), m_job).and_then([&](const std::optional<TfStrings>& strings) -> Result<bool> {
            if (!strings)
                return false;
            return strings->checksum(source, m_job).map([&](uint32_t crc) { return !checksumsCount || crc == *entry.crc; });
        });
    }
    static TfStringsPlace placeOf(const BundleEntry& entry) { return {entry.offset, entry.nbytes, entry.tensor.elements()}; }

    Result<void> verifyIfSmall()
    {
        uint64_t all = 0;
        for (const BundleEntry& entry : m_entries)
            all += std::min(entry.nbytes, limits::verifiedAtOnceNbytes + 1); // many entries may share one place
        if (all > limits::verifiedAtOnceNbytes)
            return {};
        std::vector<std::string> changed;
        for (const BundleEntry& entry : m_entries) {
            const auto same = hasItsChecksum(entry);
            if (!same)
                return tl::unexpected(same.error());
            if (!*same)
                changed.push_back(nameOf(entry));
        }
        if (changed.empty())
            return {};
        Finding finding = newFinding(Severity::Error, "checksum", fmt::format("The values of {} were changed", changed.size() == 1 ? changed[0] : fmt::format("{} tensors", changed.size())),
                                     "The checksum (CRC-32C) that the index holds for each tensor does not fit the bytes in the data file: either was damaged, or they come from two different saves.",
                                     "Copy the index and its data files again, from one save.",
                                     {{"tensors", static_cast<uint64_t>(changed.size())}, {"of", static_cast<uint64_t>(m_entries.size())}});
        finding.tensors = std::move(changed);
        m_checkpoint.findings.push_back(std::move(finding));
        return {};
    }

    /// Texts have no numbers to be shown as values: short ones stand in the metadata.
    Result<void> readStrings()
    {
        uint64_t left = shownStringsNbytes;
        for (const BundleEntry& entry : m_entries) {
            if (entry.tensor.dtype != DType::String || !entry.slices.empty() || entry.isSlice() || entry.nbytes > left ||
                entry.tensor.elements() == 0)
                continue;
            left -= entry.nbytes;
            const auto storage = storageOf(entry);
            if (!storage)
                return tl::unexpected(storage.error());
            const ByteSource& source = *m_checkpoint.shards[storage->shard].source;
            const auto strings = TfStrings::read(source, placeOf(entry), m_job);
            if (!strings)
                return tl::unexpected(strings.error());
            if (!*strings)
                continue; // verifyIfSmall() said so
            auto values = (*strings)->shownValues(source);
            if (!values)
                return tl::unexpected(values.error());
            m_strings.emplace_back(entry.tensor.name, std::move(*values));
        }
        return {};
    }

    void describe()
    {
        m_checkpoint.files.insert(m_checkpoint.files.begin(), {m_index->path(), m_index->nbytes(), "tf-checkpoint"});
        m_checkpoint.metadata = Value::Map{{"version", "V2"},
                                           {"data_files", m_header.shards},
                                           {"producer", m_header.producer},
                                           {"byteorder", m_header.isBigEndian ? "big" : "little"}};
        if (!m_strings.empty())
            m_checkpoint.metadata.set("strings", std::move(m_strings));
        if (!m_header.isBigEndian)
            return;
        m_checkpoint.findings.push_back(newFinding(Severity::Note, "byte-order", "The values are big-endian",
                                                   "The checkpoint was written on a big-endian machine. It is read right here; older versions of TensorFlow refuse it on little-endian machines."));
    }

    SourcePtr m_index;
    std::string m_prefix;
    JobContext& m_job;
    std::optional<SortedTable> m_table;
    BundleHeader m_header;
    std::vector<BundleEntry> m_entries;
    std::map<int64_t, uint32_t> m_shardIndex; ///< of a data file's number in the checkpoint's shards
    Value::Map m_strings;                     ///< of tensors of texts, by name
    Checkpoint m_checkpoint;
};

} // namespace

Result<Checkpoint> openTfBundle(const SourcePtr& index, const std::string& prefix, JobContext& job)
{
    return BundleReader(index, prefix, job).open();
}

Result<uint64_t> verifyTfBundle(const SourcePtr& index, const std::string& prefix, JobContext& job)
{
    return BundleReader(index, prefix, job).verify();
}

bool isTfDataFile(const std::string& path)
{
    constexpr std::string_view pattern = ".data-00000-of-00000"; // 0: any digit
    if (path.size() <= pattern.size())
        return false;
    return std::equal(pattern.begin(), pattern.end(), path.end() - static_cast<ptrdiff_t>(pattern.size()), [](char wanted, char c) { return wanted == '0' ? c >= '0' && c <= '9' : c == wanted; });
}

std::string tfPrefixOf(const std::string& path)
{
    if (isTfDataFile(path))
        return path.substr(0, path.rfind(".data-"));
    for (const std::string_view ending : {".index", ".meta"})
        if (path.ends_with(ending))
            return path.substr(0, path.size() - ending.size());
    return {};
}

} // namespace weighbridge
