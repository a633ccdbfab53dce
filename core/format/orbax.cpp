// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// A checkpoint of Orbax, or zarr arrays without one: https://orbax.readthedocs.io/en/latest/guides/checkpoint/checkpoint_format.html.
// Each array is cut into chunks, which only readStorage() opens.
#include "core/format/format.h"

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/sidecar.h"
#include "core/format/detail/zarr_array.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr size_t maximumFiles = 100'000;
constexpr int deepestFolder = 64;

bool isThere(const fs::path& path)
{
    return isFile(path.string());
}

std::vector<std::string> sortedFoldersIn(const std::string& folder)
{
    std::vector<std::string> out = foldersIn(folder);
    std::sort(out.begin(), out.end());
    return out;
}

/// The folders that hold arrays: the one that was opened, or those of a step's items ("default", "params").
std::vector<std::string> itemsOf(const std::string& folder)
{
    if (isZarrStore(folder))
        return {""};
    std::vector<std::string> out;
    if (isThere(fs::path(folder) / "_CHECKPOINT_METADATA"))
        for (const std::string& name : sortedFoldersIn(folder))
            if (isZarrStore((fs::path(folder) / name).string()))
                out.push_back(name);
    return out;
}

/// The number that a folder's name ends in; nothing if it has none that can be a step's.
std::optional<uint64_t> stepOf(std::string_view name)
{
    const size_t start = name.find_last_not_of("0123456789") + 1; // of npos: 0
    uint64_t step = 0;
    const auto [end, failed] = std::from_chars(name.data() + std::min(start, name.size()), name.data() + name.size(), step);
    return start < name.size() && failed == std::errc() ? std::optional(step) : std::nullopt;
}

/// Of a folder of steps, which a CheckpointManager names by their numbers, the newest; empty if it is none.
std::string newestStepIn(const std::string& folder)
{
    std::string newest;
    for (const std::string& name : foldersIn(folder))
        if (const auto step = stepOf(name); step && isThere(fs::path(folder) / name / "_CHECKPOINT_METADATA") && (newest.empty() || *step > *stepOf(newest)))
            newest = name;
    return newest;
}

/// The tree of an item, as _METADATA describes it: what its arrays are called, and which of them have values.
struct Tree {
    Value document;
    std::map<std::string, std::string> names; ///< of arrays in the store (keys joined with '.') and in the tree (with '/')
};

class OrbaxReader {
public:
    OrbaxReader(std::string folder, JobContext& job) : m_folder(std::move(folder)), m_job(job) {}

    Result<Checkpoint> read(const std::vector<std::string>& items)
    {
        m_checkpoint.metadata = Value::Map{};
        if (const auto document = readJson("_CHECKPOINT_METADATA"))
            m_checkpoint.metadata.set("checkpoint", *document);
        for (const std::string& item : items)
            if (auto read = readItem(item, items.size() > 1 ? item + "/" : ""); !read)
                return tl::unexpected(read.error());
        if (m_checkpoint.tensors.empty())
            return failure(Error("not-a-checkpoint", "The folder holds no arrays.").at(m_folder).fixedBy("Copy the whole folder of the checkpoint."));
        listFiles();
        return std::move(m_checkpoint);
    }

private:
    Result<Value> readJson(const std::string& name) const
    {
        const auto source = openSidecar(m_folder, name, m_folder);
        if (!source)
            return tl::unexpected(source.error());
        const auto bytes = (*source)->readUpTo(0, std::min((*source)->nbytes(), limits::jsonNbytes));
        if (!bytes)
            return tl::unexpected(bytes.error());
        return parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, (*source)->path()).map([](JsonDocument&& document) { return std::move(document.value); });
    }

    Result<void> readItem(const std::string& item, const std::string& prefix)
    {
        const std::string folder = item.empty() ? m_folder : (fs::path(m_folder) / item).string();
        const auto store = openZarrStore(folder);
        if (!store)
            return tl::unexpected(store.error());
        const auto read = readTree(item, prefix);
        if (!read)
            return tl::unexpected(read.error());
        const Tree& tree = *read;
        const auto shard = static_cast<uint32_t>(m_checkpoint.shards.size());
        m_checkpoint.shards.push_back({folder, "orbax", nullptr});
        std::set<std::string> found;
        auto listed = (*store)->eachArray(m_job, [&](const std::string& name, const SourcePtr& description) -> Result<void> {
            const auto named = tree.names.find(name);
            found.insert(name);
            return readZarrArray(*description).and_then([&](const std::optional<ZarrArray>& array) {
                return array ? addArray(*array, prefix + (named == tree.names.end() ? name : named->second), {StorageKind::Format, shard, 0, 0, 0, false, name}) : Result<void>();
            });
        });
        if (listed)
            noteAbsent(tree, found);
        return listed;
    }

    /// An item without a tree, or with a damaged one, has the store's names.
    Result<Tree> readTree(const std::string& item, const std::string& prefix)
    {
        Tree tree;
        auto document = readJson((fs::path(item) / "_METADATA").generic_string());
        if (!document && document.error().rule == "unreadable")
            return tl::unexpected(document.error());
        if (!document && document.error().rule != "missing-shard")
            m_checkpoint.findings.push_back(warning("corrupt", "The names of the arrays are those of the store", fmt::format("_METADATA, which holds those of the tree, cannot be read. {}", document.error().message),
                                                    "Copy _METADATA again."));
        if (!document)
            return tree;
        tree.document = std::move(*document);
        const Value* entries = tree.document.find("tree_metadata");
        for (const auto& [key, entry] : entries && entries->map() ? *entries->map() : Value::Map()) {
            std::string inStore;
            std::string inTree;
            const Value* parts = entry.find("key_metadata");
            for (const Value& part : parts && parts->list() ? *parts->list() : Value::List()) {
                const Value* text = part.find("key");
                const std::string word = text ? text->integer() ? std::to_string(*text->integer()) : text->stringOr("") : "";
                inStore += (inStore.empty() ? "" : ".") + word;
                inTree += (inTree.empty() ? "" : "/") + word;
            }
            tree.names.emplace(std::move(inStore), std::move(inTree));
        }
        const Value* custom = tree.document.find("custom_metadata");
        if (custom && !custom->isNull())
            m_checkpoint.metadata.set(prefix + "custom_metadata", *custom);
        for (const char* key : {"use_ocdbt", "use_zarr3"})
            if (const Value* flag = tree.document.find(key))
                m_checkpoint.metadata.set(prefix + key, *flag);
        return tree;
    }

    Result<void> addArray(const ZarrArray& array, std::string name, Storage storage)
    {
        if (m_checkpoint.tensors.size() >= limits::tensors)
            return failure(Error("resource-bomb", fmt::format("The checkpoint has more than {} arrays.", limits::tensors)).at(m_folder));
        TensorInfo tensor;
        tensor.name = std::move(name);
        tensor.dtype = array.dtype;
        tensor.writerDtype = array.writerDtype;
        tensor.shape = array.shape;
        if (array.dtype != DType::Unknown && !nbytesOf(array.dtype, *numel(array.shape)))
            return failure(Error("bad-shape", fmt::format("The array {} has more bytes than can be counted.", shown(tensor.name, 120))).at(m_folder));
        tensor.storage = std::move(storage);
        tensor.storage.nbytes = tensor.nbytes();
        if (array.dtype == DType::Unknown)
            tensor.storage.kind = StorageKind::Absent;
        m_checkpoint.tensors.push_back(std::move(tensor));
        return {};
    }

    /// What the tree says has values, but is not in the store.
    void noteAbsent(const Tree& tree, const std::set<std::string>& found)
    {
        std::vector<std::string> absent;
        for (const auto& [inStore, inTree] : tree.names)
            if (!found.contains(inStore))
                absent.push_back(inTree);
        if (absent.empty())
            return;
        Finding finding = warning("inconsistent-index", fmt::format("{} of {} entries of the tree have no array", absent.size(), tree.names.size()),
                                  fmt::format("_METADATA lists {}, which the store does not hold: empty nodes and strings, or arrays that were not written.", shown(absent[0], 120)),
                                  "If it should have values, copy the whole folder again.", {{"entries", static_cast<uint64_t>(absent.size())}});
        finding.tensors = std::move(absent);
        m_checkpoint.findings.push_back(std::move(finding));
    }

    void listFiles()
    {
        eachFileBelow(m_folder, deepestFolder, [this](const FoundFile& file) {
            m_checkpoint.files.push_back({file.path, file.nbytes, "orbax"});
            return m_checkpoint.files.size() < maximumFiles && !m_job.cancelled();
        });
        std::sort(m_checkpoint.files.begin(), m_checkpoint.files.end(), [](const FileEntry& a, const FileEntry& b) { return a.path < b.path; });
    }

    std::string m_folder;
    JobContext& m_job;
    Checkpoint m_checkpoint;
};

class Orbax final : public Format {
public:
    FormatInfo info() const override { return {"orbax", "Orbax or zarr", {}}; }

    bool probe(const Candidate& candidate) const override
    {
        return candidate.isFolder && (!itemsOf(candidate.path).empty() || isThere(fs::path(candidate.path) / "_CHECKPOINT_METADATA") || !newestStepIn(candidate.path).empty());
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        const std::string step = itemsOf(candidate.path).empty() ? newestStepIn(candidate.path) : "";
        const std::string folder = step.empty() ? candidate.path : (fs::path(candidate.path) / step).string();
        const auto items = itemsOf(folder);
        if (items.empty())
            return failure(Error("missing-shard", "The checkpoint of Orbax holds no arrays: neither manifest.ocdbt nor folders of zarr arrays are there.").at(folder).fixedBy("Copy the whole folder of the checkpoint."));
        return OrbaxReader(folder, job).read(items);
    }

    Result<void> readStorage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext& job, const BlockSink& sink) const override
    {
        const Shard& shard = checkpoint.shards[tensor.storage.shard];
        const auto store = openZarrStore(shard.path);
        const auto values = store ? (*store)->valuesOf(tensor.storage.key, job) : tl::unexpected(store.error());
        if (!values)
            return tl::unexpected(values.error());
        const auto array = descriptionOf(**values);
        if (!array)
            return tl::unexpected(array.error());
        if (array->dtype != tensor.dtype || array->shape != tensor.shape)
            return failure(Error("corrupt", fmt::format("The description of {} has changed since it was opened.", shown(tensor.name, 120))).at(shard.path).fixedBy("Reload the checkpoint."));
        return readZarrValues(*array, **values, job, sink).map_error([&](Error error) {
            error.message = fmt::format("{}: {}", shown(tensor.name, 120), error.message);
            return error.path.empty() ? std::move(error).at(shard.path) : error;
        });
    }

private:
    static Result<ZarrArray> descriptionOf(const ZarrValues& values)
    {
        for (const char* name : {".zarray", "zarr.json"}) {
            const auto source = values.value(name);
            if (!source)
                return tl::unexpected(source.error());
            if (!*source)
                continue;
            const auto array = readZarrArray(**source);
            if (!array || *array)
                return array ? Result<ZarrArray>(**array) : tl::unexpected(array.error());
        }
        return failure("missing-shard", "The description of the array is not there any more.");
    }
};

} // namespace

const Format& orbaxFormat()
{
    static const Orbax format;
    return format;
}

} // namespace weighbridge
