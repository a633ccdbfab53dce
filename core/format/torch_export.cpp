// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// torch.export.save. Since PyTorch 2.9 an archive with one entry per weight and a JSON file that says what they are; in 2.7 and 2.8 the same
// with one torch.save archive inside instead; before, a plain ZIP archive with such ones. The numbers of its dtypes and the layout:
// https://github.com/pytorch/pytorch/blob/main/torch/_export/serde/schema.py and torch/export/pt2_archive/_package.py
#include "core/format/format.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/pickle_state.h"
#include "core/format/detail/torch_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace weighbridge {
namespace {

using enum DType;

constexpr std::string_view archiveFormat = "archive_format";
constexpr std::string_view oldProgram = "serialized_exported_program.json";
constexpr uint64_t programNbytes = 64 * limits::MiB; ///< of a graph that is read for what it says of buffers

/// ScalarType of the schema
constexpr std::array types{Unknown, U8, I8, I16, I32, I64, F16, F32, F64, C32, C64, C128, Bool, BF16, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, Unknown,
                           Unknown, Unknown, Unknown, Unknown, Unknown, Unknown, U16, F8_E4M3, F8_E5M2, F8_E4M3FNUZ, F8_E5M2FNUZ, F8_E8M0, U32, U64};

std::optional<int64_t> asInteger(const Value& value)
{
    const Value* number = value.find("as_int");
    return number && number->isInt() ? std::optional(*number->integer()) : std::nullopt;
}

/// Sizes or strides: a list of {"as_int": n}. Nothing if it is none, or a size is symbolic.
std::optional<std::vector<int64_t>> integersOf(const Value* list)
{
    if (!list || !list->isList())
        return std::nullopt;
    std::vector<int64_t> out;
    for (const Value& value : *list->list())
        if (const auto number = asInteger(value))
            out.push_back(*number);
        else
            return std::nullopt;
    return out;
}

/// The names that a program's signature gives to its buffers.
std::set<std::string> buffersOf(const Value& program)
{
    std::set<std::string> out;
    const Value* graph = program.find("graph_module");
    const Value* signature = graph ? graph->find("signature") : nullptr;
    const Value* inputs = signature ? signature->find("input_specs") : nullptr;
    for (const Value& input : inputs && inputs->list() ? *inputs->list() : Value::List()) {
        const Value* buffer = input.find("buffer");
        const Value* name = buffer ? buffer->find("buffer_name") : nullptr;
        if (name && name->isString())
            out.insert(*name->string());
    }
    return out;
}

class ExportReader {
public:
    ExportReader(const std::string& path, const ZipArchive& archive, std::string root, bool isBigEndian, JobContext& job, Checkpoint& checkpoint)
        : m_path(path)
        , m_archive(archive)
        , m_root(std::move(root))
        , m_isBigEndian(isBigEndian)
        , m_job(job)
        , m_checkpoint(checkpoint)
    {
    }

    /// Whatever of weights and constants there is, in the layout of any version.
    Result<void> read()
    {
        for (const std::string_view folder : {"data/weights/", "data/constants/"}) {
            for (const ZipEntry* entry : entriesIn(folder)) {
                const bool isConfig = entry->name.ends_with("s_config.json");
                if (auto read = isConfig                       ? readConfig(*entry, folder)
                                : entry->name.ends_with(".pt") ? readPickled(*entry, "")
                                                               : Result<void>();
                    !read)
                    return read;
            }
        }
        for (const std::string_view name : {"serialized_state_dict", "serialized_constants"})
            for (const std::string_view ending : {".pt", ".json"}) // .json by mistake: 2.1 and 2.2 pickled into it too
                if (const ZipEntry* entry = find(fmt::format("{}{}", name, ending)))
                    if (auto read = readPickled(*entry, ""); !read)
                        return read;
        markBuffers();
        return {};
    }

private:
    [[nodiscard]] const ZipEntry* find(std::string_view name) const
    {
        return m_archive.find(m_root.empty() ? std::string(name) : fmt::format("{}/{}", m_root, name));
    }

    [[nodiscard]] std::vector<const ZipEntry*> entriesIn(std::string_view folder) const
    {
        const std::string start = m_root.empty() ? std::string(folder) : fmt::format("{}/{}", m_root, folder);
        std::vector<const ZipEntry*> out;
        for (const ZipEntry& entry : m_archive.entries())
            if (entry.name.starts_with(start) && entry.name.find('/', start.size()) == std::string::npos)
                out.push_back(&entry);
        return out;
    }

    /// The tensors of one JSON file, whose entries lie beside it.
    Result<void> readConfig(const ZipEntry& entry, std::string_view folder)
    {
        const auto bytes = m_archive.read(entry, m_job, limits::jsonNbytes);
        if (!bytes)
            return tl::unexpected(bytes.error());
        const auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, m_path);
        if (!document)
            return tl::unexpected(document.error());
        const Value* tensors = document->value.find("config");
        if (!tensors || !tensors->isMap())
            return failure(Error("corrupt", fmt::format("{} holds no map of tensors.", shown(entry.name, 120)))
                               .at(m_path)
                               .atByte(entry.dataOffset)
                               .fixedBy("Export or download the file again."));
        for (const auto& [name, description] : *tensors->map()) {
            if (auto read = readPayload(name, description, folder); !read)
                return read;
            if (m_checkpoint.tensors.size() > limits::tensors)
                return failure(Error("resource-bomb", fmt::format("The file names more than {} tensors.", limits::tensors)).at(m_path));
        }
        return {};
    }

    /// A tensor's bytes, or what torch.save made of an object: a tensor of a subclass, or of a custom class, which is no tensor.
    Result<void> readPayload(const std::string& name, const Value& description, std::string_view folder)
    {
        const Value* isPickled = description.find("use_pickle");
        const Value* file = description.find("path_name");
        if (!isPickled || !isPickled->boolean() || !*isPickled->boolean() || !file || !file->isString())
            return readTensor(name, description, folder).map([this](TensorInfo&& tensor) { m_checkpoint.tensors.push_back(std::move(tensor)); });
        const ZipEntry* entry = find(fmt::format("{}{}", folder, *file->string()));
        return entry ? readPickled(*entry, name) : Result<void>(broken("corrupt", name, "is in an entry that the archive does not hold"));
    }

    /// An entry that is an archive of torch.save by itself, and so a shard: a state dict, or a tensor that is called `name`.
    Result<void> readPickled(const ZipEntry& entry, const std::string& name)
    {
        const auto source = m_archive.entrySource(entry, m_job);
        const auto head = source ? (*source)->readUpTo(0, 4) : tl::unexpected(source.error());
        if (!head)
            return tl::unexpected(head.error());
        if (!looksLikeZip(*head)) // a custom object has a pickle of its own
            return {};
        const auto archive = TorchArchive::open(*source, m_job);
        const auto range = archive ? archive->pickleRange("data.pkl", m_job) : tl::unexpected(archive.error());
        if (!range)
            return tl::unexpected(range.error());
        const auto pickle = parseJudged(range->source, range->offset, range->source->nbytes(), PickleOrigin::TorchSave, m_job, m_checkpoint.findings);
        if (!pickle)
            return tl::unexpected(pickle.error());
        const Value metadata = m_checkpoint.metadata;
        const size_t first = m_checkpoint.tensors.size();
        const auto shard = static_cast<uint32_t>(m_checkpoint.shards.size());
        m_checkpoint.shards.push_back({(*source)->path(), "torch-export", *source});
        const ArchiveStorages storages(*archive, "data", archive->find("data.pkl"));
        return readPickledState(*pickle, storages, name, m_job, m_checkpoint).map([&] {
            m_checkpoint.metadata = metadata; // that of a state dict says nothing
            for (size_t i = first; i < m_checkpoint.tensors.size(); ++i)
                m_checkpoint.tensors[i].storage.shard = shard;
        });
    }

    /// Before 2.9 only the graph tells buffers from parameters.
    void markBuffers()
    {
        const ZipEntry* entry = find(oldProgram) ? find(oldProgram) : find("models/model.json");
        const auto bytes = entry && entry->nbytes <= programNbytes ? m_archive.read(*entry, m_job) : failure("unreadable", "");
        const auto program = bytes ? parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}) : tl::unexpected(bytes.error());
        if (!program)
            return;
        const auto buffers = buffersOf(program->value);
        for (TensorInfo& tensor : m_checkpoint.tensors)
            tensor.isBuffer = tensor.isBuffer || buffers.contains(tensor.name);
    }

    [[nodiscard]] tl::unexpected<Error> broken(std::string rule, const std::string& name, std::string_view why) const
    {
        return failure(Error(std::move(rule), fmt::format("The tensor {} {}.", shown(name, 120), why)).at(m_path).fixedBy("Export or download the file again."));
    }

    Result<TensorInfo> readTensor(const std::string& name, const Value& description, std::string_view folder)
    {
        const Value* meta = description.find("tensor_meta");
        const Value* file = description.find("path_name");
        const Value* type = meta ? meta->find("dtype") : nullptr;
        const auto sizes = integersOf(meta ? meta->find("sizes") : nullptr);
        if (!file || !file->isString() || !type || !type->isInt() || !sizes)
            return broken("corrupt", name, "is not described: its file, dtype or sizes are missing");
        TensorInfo tensor;
        tensor.name = name;
        tensor.shape = *sizes;
        const int64_t number = *type->integer();
        tensor.dtype = number > 0 && static_cast<uint64_t>(number) < types.size() ? types[static_cast<size_t>(number)] : Unknown;
        const Value* isParameter = description.find("is_param");
        tensor.isBuffer = isParameter && isParameter->isBool() && !*isParameter->boolean();
        if (tensor.dtype == Unknown)
            return broken("bad-dtype", name, fmt::format("has the unknown dtype {}", number));
        const std::string where = fmt::format("{}{}", folder, *file->string());
        const ZipEntry* entry = find(where);
        if (!entry)
            return broken("corrupt", name, fmt::format("is in the entry {}, which the archive does not hold", shown(where, 120)));
        return place(std::move(tensor), *meta, *entry);
    }

    Result<TensorInfo> place(TensorInfo tensor, const Value& meta, const ZipEntry& entry)
    {
        auto storage = m_archive.storage(entry, 0);
        if (!storage)
            return tl::unexpected(storage.error());
        const auto strides = integersOf(meta.find("strides"));
        const Value* offset = meta.find("storage_offset");
        const int64_t first = offset ? asInteger(*offset).value_or(0) : 0;
        if (!strides || strides->size() != tensor.shape.size() || first < 0)
            return broken("bad-shape", tensor.name, "has strides that do not fit its shape, or a negative offset");
        tensor.strides = *strides;
        tensor.elementOffset = static_cast<uint64_t>(first);
        tensor.storage = std::move(*storage);
        tensor.storage.bigEndian = m_isBigEndian;
        if (auto problem = reachProblem(tensor, info(tensor.dtype).bitsPerElement / 8))
            return failure(Error(problem->rule, fmt::format("The tensor {}: {}", shown(tensor.name, 120), problem->message)).at(m_path));
        return tensor;
    }

    const std::string& m_path;
    const ZipArchive& m_archive;
    const std::string m_root;
    const bool m_isBigEndian;
    JobContext& m_job;
    Checkpoint& m_checkpoint;
};

class TorchExport final : public Format {
public:
    FormatInfo info() const override { return {"torch-export", "torch.export program", {".pt2"}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || !candidate.source || !looksLikeZip(candidate.head))
            return false;
        const auto names = zipNames(candidate.source);
        return std::any_of(names.begin(), names.end(), [](std::string_view name) {
            return name == oldProgram || name.ends_with("data/weights/model_weights_config.json") ||
                   (name.ends_with(archiveFormat) && std::count(name.begin(), name.end(), '/') <= 1);
        });
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        const auto zip = ZipArchive::open(candidate.source, job);
        if (!zip)
            return tl::unexpected(zip.error());
        if (zip->find(oldProgram))
            return openOld(candidate, *zip, job);
        const auto archive = TorchArchive::open(candidate.source, job);
        if (!archive)
            return tl::unexpected(archive.error());
        Checkpoint checkpoint = started(candidate, archive->zip(), archive->verifyIfSmall(job));
        checkpoint.metadata = Value::Map{
            {"archive_root", archive->root()}, {"archive_version", archive->version()}, {"byteorder", archive->isBigEndian() ? "big" : "little"}};
        ExportReader reader(candidate.path, archive->zip(), archive->root(), archive->isBigEndian(), job, checkpoint);
        return reader.read().map([&] {
            noteEmpty(checkpoint);
            return std::move(checkpoint);
        });
    }

    Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const override { return verifyArchives(checkpoint, info().id, job); }

private:
    static Checkpoint started(const Candidate& candidate, const ZipArchive& zip, std::optional<Finding> damage)
    {
        Checkpoint checkpoint;
        checkpoint.findings = zip.findings();
        if (damage)
            checkpoint.findings.push_back(std::move(*damage));
        checkpoint.shards.push_back({candidate.path, "torch-export", candidate.source});
        return checkpoint;
    }

    /// Of PyTorch 2.1 to 2.7: the version is that of the schema, as "8.2".
    static Result<Checkpoint> openOld(const Candidate& candidate, const ZipArchive& zip, JobContext& job)
    {
        Checkpoint checkpoint = started(candidate, zip, damageIfSmall(zip, job));
        const ZipEntry* version = zip.find("version");
        const auto text = version ? zip.read(*version, job, limits::MiB) : failure("unreadable", "");
        checkpoint.metadata = Value::Map{{"schema_version", text ? shown({reinterpret_cast<const char*>(text->data()), text->size()}, 40) : ""}};
        ExportReader reader(candidate.path, zip, "", false, job, checkpoint);
        return reader.read().map([&] { return std::move(checkpoint); });
    }

    static void noteEmpty(Checkpoint& checkpoint)
    {
        if (checkpoint.tensors.empty())
            checkpoint.findings.push_back(warning(
                "empty", "The package holds no weights that can be listed",
                "It is a package of PyTorch, but without entries for weights: those of a compiled program (AOTInductor) are inside its library.",
                "Open the checkpoint that the program was compiled from."));
    }
};

} // namespace

const Format& torchExportFormat()
{
    static const TorchExport format;
    return format;
}

} // namespace weighbridge
