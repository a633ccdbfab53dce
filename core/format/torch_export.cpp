// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// torch.export.save: an archive with one entry per weight and a JSON file that says what they are. The numbers of its dtypes and the
// layout: https://github.com/pytorch/pytorch/blob/main/torch/_export/serde/schema.py and torch/export/pt2_archive/constants.py
#include "core/format/format.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/torch_archive.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

using enum DType;

constexpr std::string_view weightsConfig = "data/weights/model_weights_config.json";
constexpr std::string_view constantsConfig = "data/constants/model_constants_config.json";

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

class ExportReader {
public:
    ExportReader(const Candidate& candidate, const TorchArchive& archive, JobContext& job, Checkpoint& checkpoint)
        : m_path(candidate.path), m_archive(archive), m_job(job), m_checkpoint(checkpoint)
    {
    }

    /// The tensors of one JSON file, whose entries lie beside it.
    Result<void> read(std::string_view config)
    {
        const ZipEntry* entry = m_archive.find(config);
        if (!entry)
            return {};
        const auto bytes = m_archive.zip().read(*entry, m_job, limits::jsonNbytes);
        if (!bytes)
            return tl::unexpected(bytes.error());
        const auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, m_path);
        if (!document)
            return tl::unexpected(document.error());
        const Value* tensors = document->value.find("config");
        if (!tensors || !tensors->isMap())
            return failure(Error("corrupt", fmt::format("{} holds no map of tensors.", config)).at(m_path));
        const std::string folder(config.substr(0, config.rfind('/') + 1));
        for (const auto& [name, description] : *tensors->map()) {
            auto tensor = readTensor(name, description, folder);
            if (!tensor)
                return tl::unexpected(tensor.error());
            m_checkpoint.tensors.push_back(std::move(*tensor));
        }
        return {};
    }

private:
    [[nodiscard]] tl::unexpected<Error> broken(std::string rule, const std::string& name, std::string_view why) const
    {
        return failure(Error(std::move(rule), fmt::format("The tensor {} {}.", shown(name, 120), why)).at(m_path).fixedBy("Export or download the file again."));
    }

    Result<TensorInfo> readTensor(const std::string& name, const Value& description, const std::string& folder)
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
        const ZipEntry* entry = m_archive.find(folder + *file->string());
        if (!entry)
            return broken("corrupt", name, fmt::format("is in the entry {}, which the archive does not hold", shown(folder + *file->string(), 120)));
        return place(std::move(tensor), *meta, *entry);
    }

    Result<TensorInfo> place(TensorInfo tensor, const Value& meta, const ZipEntry& entry)
    {
        auto storage = m_archive.zip().storage(entry, 0);
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
        tensor.storage.bigEndian = m_archive.isBigEndian();
        if (auto problem = reachProblem(tensor, info(tensor.dtype).bitsPerElement / 8))
            return failure(Error(problem->rule, fmt::format("The tensor {}: {}", shown(tensor.name, 120), problem->message)).at(m_path));
        return tensor;
    }

    const std::string& m_path;
    const TorchArchive& m_archive;
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
        return std::any_of(names.begin(), names.end(), [](std::string_view name) { return name.ends_with(weightsConfig); });
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        const auto archive = TorchArchive::open(candidate.source, job);
        if (!archive)
            return tl::unexpected(archive.error());
        Checkpoint checkpoint;
        checkpoint.findings = archive->zip().findings();
        if (auto damage = archive->verifyIfSmall(job))
            checkpoint.findings.push_back(std::move(*damage));
        checkpoint.shards.push_back({candidate.path, "torch-export", candidate.source});
        checkpoint.metadata = Value::Map{{"archive_root", archive->root()}, {"archive_version", archive->version()}, {"byteorder", archive->isBigEndian() ? "big" : "little"}};
        ExportReader reader(candidate, *archive, job, checkpoint);
        return reader.read(weightsConfig).and_then([&] { return reader.read(constantsConfig); }).map([&] { return std::move(checkpoint); });
    }

    Result<uint64_t> verify(const Checkpoint& checkpoint, JobContext& job) const override { return verifyArchives(checkpoint, info().id, job); }
};

} // namespace

const Format& torchExportFormat()
{
    static const TorchExport format;
    return format;
}

} // namespace weighbridge
