// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Specification: https://github.com/huggingface/safetensors#format. The index is that of transformers: {"metadata": {"total_size"}, "weight_map": {tensor: file}}.
#include "core/repair/safetensors_writer.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/new_file.h"
#include "core/base/sha256.h"
#include "core/base/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr uint64_t headerAlignment = 8;

/// Those that safetensors and PyTorch's reader of it both know.
constexpr std::array writable{DType::F64, DType::F32, DType::F16, DType::BF16, DType::F8_E4M3, DType::F8_E5M2, DType::F8_E4M3FNUZ, DType::F8_E5M2FNUZ, DType::I64,
                              DType::I32, DType::I16, DType::I8,  DType::U64,  DType::U32,     DType::U16,     DType::U8,          DType::Bool,        DType::C64};

using Indices = std::vector<size_t>;

/// Tensors of one shard each, in their order; a tensor that is larger than a shard has one of its own.
std::vector<Indices> distribute(const std::vector<TensorToWrite>& tensors, uint64_t maximumNbytes)
{
    std::vector<Indices> shards(1);
    uint64_t nbytes = 0;
    for (size_t i = 0; i < tensors.size(); ++i) {
        if (!shards.back().empty() && tensors[i].nbytes() > maximumNbytes - std::min(nbytes, maximumNbytes)) {
            shards.emplace_back();
            nbytes = 0;
        }
        shards.back().push_back(i);
        nbytes += tensors[i].nbytes();
    }
    return shards;
}

Result<void> expectWritable(const std::vector<TensorToWrite>& tensors)
{
    std::unordered_set<std::string_view> names;
    for (const TensorToWrite& tensor : tensors) {
        if (!isSafetensorsDType(tensor.dtype))
            return failure(Error("bad-dtype", fmt::format("{} is {}, and safetensors has no such type.", shown(tensor.name, 120), name(tensor.dtype)))
                               .fixedBy("Convert it with the tools of its own format first."));
        if (!names.insert(tensor.name).second || tensor.name == "__metadata__")
            return failure(Error("duplicate-key", fmt::format("Two tensors would be called {}.", shown(tensor.name, 120))).fixedBy("Rename or remove one of them."));
    }
    return {};
}

uint64_t totalNbytesOf(const std::vector<TensorToWrite>& tensors)
{
    return std::accumulate(tensors.begin(), tensors.end(), uint64_t(0), [](uint64_t sum, const TensorToWrite& tensor) { return sum + tensor.nbytes(); });
}

class ShardWriter {
public:
    ShardWriter(const std::vector<TensorToWrite>& tensors, const ElementSource& source, uint64_t totalNbytes, JobContext& job)
        : m_tensors(tensors), m_source(source), m_totalNbytes(totalNbytes), m_job(job), m_sha256(tensors.size())
    {
    }

    Result<void> write(const std::string& path, const Indices& shard, const Value::Map& metadata)
    {
        auto file = NewFile::create(path);
        if (!file)
            return tl::unexpected(file.error());
        Indices placed = shard;
        std::stable_sort(placed.begin(), placed.end(), [this](size_t a, size_t b) { return info(m_tensors[a].dtype).bitsPerElement > info(m_tensors[b].dtype).bitsPerElement; });
        if (auto written = writeHeader(*file, shard, placed, metadata); !written)
            return tl::unexpected(written.error());
        for (const size_t index : placed)
            if (auto written = writeValues(*file, index); !written)
                return tl::unexpected(written.error());
        return file->finish();
    }
    std::vector<std::string> takeSha256() { return std::move(m_sha256); }

private:
    Result<void> writeHeader(NewFile& file, const Indices& shard, const Indices& placed, const Value::Map& metadata) const
    {
        std::vector<std::pair<uint64_t, uint64_t>> ranges(m_tensors.size());
        uint64_t end = 0;
        for (const size_t index : placed) {
            const uint64_t begin = end;
            end += m_tensors[index].nbytes();
            ranges[index] = {begin, end};
        }
        Value::Map header{{"__metadata__", metadata}};
        for (const size_t index : shard) {
            const TensorToWrite& tensor = m_tensors[index];
            header.emplace_back(tensor.name, Value::Map{{"dtype", name(tensor.dtype)},
                                                        {"shape", Value::List(tensor.shape.begin(), tensor.shape.end())},
                                                        {"data_offsets", Value::List{ranges[index].first, ranges[index].second}}});
        }
        std::string text = toJson(header);
        text.append((headerAlignment - text.size() % headerAlignment) % headerAlignment, ' ');
        if (text.size() > limits::officialHeaderNbytes)
            return failure(Error("resource-bomb", fmt::format("The header would have {}, more than readers accept.", formatNbytes(text.size()))).fixedBy("Write smaller shards."));
        std::string length;
        for (uint64_t i = 0; i < 8; ++i)
            length += static_cast<char>(text.size() >> (8 * i) & 0xFF);
        return file.write(length + text);
    }

    Result<void> writeValues(NewFile& file, size_t index)
    {
        Sha256 hash;
        Result<void> written;
        uint64_t nbytes = 0;
        auto read = m_source(index, m_job, [&](std::span<const std::byte> block) {
            hash.update(block);
            nbytes += block.size();
            written = file.write(block);
            m_job.report({"writing", m_doneNbytes += block.size(), m_totalNbytes});
            return written.has_value() && !m_job.cancelled();
        });
        if (m_job.cancelled())
            return failure(cancelledError());
        if (!read || !written)
            return read ? written : read;
        const TensorToWrite& tensor = m_tensors[index];
        if (nbytes != tensor.nbytes())
            return failure(Error("truncated", fmt::format("{} gave {} of its {} bytes.", shown(tensor.name, 120), nbytes, tensor.nbytes())).fixedBy("Download the file again."));
        m_sha256[index] = hash.finish();
        return {};
    }

    const std::vector<TensorToWrite>& m_tensors;
    const ElementSource& m_source;
    uint64_t m_totalNbytes;
    uint64_t m_doneNbytes = 0;
    JobContext& m_job;
    std::vector<std::string> m_sha256;
};

Result<void> writeIndex(const std::string& path, const std::vector<TensorToWrite>& tensors, const std::vector<Indices>& shards, const std::vector<std::string>& files, uint64_t totalNbytes)
{
    Value::Map map;
    for (size_t i = 0; i < shards.size(); ++i)
        for (const size_t index : shards[i])
            map.emplace_back(tensors[index].name, files[i]);
    const Value index = Value::Map{{"metadata", Value::Map{{"total_size", totalNbytes}}}, {"weight_map", std::move(map)}};
    auto file = NewFile::create(path);
    if (!file)
        return tl::unexpected(file.error());
    return file->write(toJson(index, 2) + "\n").and_then([&file] { return file->finish(); });
}

} // namespace

bool isSafetensorsDType(DType dtype)
{
    return std::find(writable.begin(), writable.end(), dtype) != writable.end();
}

Result<std::vector<std::string>> writeSafetensorsFile(const std::string& path, const std::vector<TensorToWrite>& tensors, const Value::Map& metadata, const ElementSource& source, JobContext& job)
{
    if (auto fine = expectWritable(tensors); !fine)
        return tl::unexpected(fine.error());
    ShardWriter writer(tensors, source, totalNbytesOf(tensors), job);
    return writer.write(path, distribute(tensors, UINT64_MAX)[0], metadata).map([&writer] { return writer.takeSha256(); });
}

Result<WrittenModel> writeSafetensors(const std::string& folder, const std::vector<TensorToWrite>& tensors, const Value::Map& metadata, uint64_t maximumShardNbytes,
                                      const ElementSource& source, JobContext& job)
{
    if (auto fine = expectWritable(tensors); !fine)
        return tl::unexpected(fine.error());
    const uint64_t totalNbytes = totalNbytesOf(tensors);
    const std::vector<Indices> shards = distribute(tensors, maximumShardNbytes);
    ShardWriter writer(tensors, source, totalNbytes, job);
    WrittenModel out;
    for (size_t i = 0; i < shards.size(); ++i) {
        out.files.push_back(shards.size() == 1 ? "model.safetensors" : fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size()));
        if (auto written = writer.write(folder + "/" + out.files.back(), shards[i], metadata); !written)
            return tl::unexpected(written.error());
    }
    out.sha256 = writer.takeSha256();
    if (shards.size() == 1)
        return out;
    const std::string index = "model.safetensors.index.json";
    if (auto written = writeIndex(folder + "/" + index, tensors, shards, out.files, totalNbytes); !written)
        return tl::unexpected(written.error());
    out.files.insert(out.files.begin(), index);
    return out;
}

} // namespace weighbridge
