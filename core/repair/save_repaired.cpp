// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/repair/save_repaired.h"

#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/new_file.h"
#include "core/base/text.h"
#include "core/base/unfinished_folder.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/checkpoint/tensor_reader.h"
#include "core/format/format.h"
#include "core/repair/safetensors_writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_map>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t maximumTransposedNbytes = 16 * limits::GiB;

const TensorInfo& tensorOf(const RepairPlan& plan, const KeptTensor& kept)
{
    return plan.checkpoint->tensors[static_cast<size_t>(kept.index)];
}

std::vector<TensorToWrite> tensorsOf(const RepairPlan& plan)
{
    std::vector<TensorToWrite> out;
    for (const KeptTensor& kept : plan.keeps) {
        const TensorInfo& tensor = tensorOf(plan, kept);
        Shape shape = tensor.shape;
        if (kept.transposed)
            std::reverse(shape.begin(), shape.end());
        out.push_back({kept.name, tensor.dtype, std::move(shape)});
    }
    return out;
}

/// The matrix [rows, columns] of elements of so many bytes, column by column.
std::vector<std::byte> transposed(std::span<const std::byte> matrix, size_t rows, size_t columns, size_t elementNbytes)
{
    std::vector<std::byte> out(matrix.size());
    for (size_t row = 0; row < rows; ++row)
        for (size_t column = 0; column < columns; ++column)
            std::copy_n(matrix.data() + (row * columns + column) * elementNbytes, elementNbytes, out.data() + (column * rows + row) * elementNbytes);
    return out;
}

Result<void> readKept(const RepairPlan& plan, const KeptTensor& kept, JobContext& job, const BlockSink& sink)
{
    const TensorInfo& tensor = tensorOf(plan, kept);
    if (!kept.transposed || tensor.shape.size() != 2)
        return readTensor(*plan.checkpoint, tensor, job, sink);
    const auto whole = readWhole(*plan.checkpoint, tensor, job, maximumTransposedNbytes);
    if (!whole)
        return tl::unexpected(whole.error());
    if (whole->size() == tensor.nbytes())
        sink(transposed(*whole, static_cast<size_t>(tensor.shape[0]), static_cast<size_t>(tensor.shape[1]), info(tensor.dtype).bitsPerElement / 8));
    return {};
}

/// The texts that a safetensors file carries about itself, and what readers of older versions insist on.
Value::Map metadataOf(const Checkpoint& checkpoint)
{
    const Value* weights = checkpoint.metadata.find("weights");
    const Value* inner = weights ? weights->find("metadata") : &checkpoint.metadata;
    const Value* texts = inner ? inner->find("__metadata__") : nullptr;
    Value out = Value::Map{};
    if (texts && texts->map())
        for (const auto& [key, value] : *texts->map())
            if (value.isString())
                out.set(key, value);
    out.set("format", "pt");
    return *out.map();
}

Result<void> expectRoom(const RepairPlan& plan, const std::string& folder)
{
    std::error_code failed;
    const fs::space_info space = fs::space(folder, failed);
    if (failed || space.available >= plan.nbytes())
        return {};
    return failure(Error("disk-full", fmt::format("The copy needs {}, and {} are free there.", formatNbytes(plan.nbytes()), formatNbytes(space.available))).at(folder)
                       .expecting(fmt::format("{} bytes", plan.nbytes())).finding(fmt::format("{} bytes", static_cast<uint64_t>(space.available)))
                       .fixedBy("Make room, or choose another folder."));
}

Result<void> copyFile(const std::string& from, const std::string& to, JobContext& job)
{
    const auto source = openFile(from);
    if (!source)
        return tl::unexpected(source.error());
    auto file = NewFile::create(to);
    if (!file)
        return tl::unexpected(file.error());
    for (uint64_t done = 0; done < (*source)->nbytes(); done += limits::blockNbytes) {
        if (job.cancelled())
            return failure(cancelledError());
        const auto block = (*source)->readUpTo(done, limits::blockNbytes);
        if (!block)
            return tl::unexpected(block.error());
        if (auto written = file->write(*block); !written)
            return written;
    }
    return file->finish();
}

/// Reads the copy and compares it with what was meant: names, types, shapes, every element, and what loads of it.
class Verification {
public:
    Verification(const RepairPlan& plan, const std::vector<TensorToWrite>& tensors, const WrittenModel& written) : m_plan(plan), m_tensors(tensors), m_written(written) {}

    Result<void> run(const std::string& folder, JobContext& job) const
    {
        const std::string path = folder + "/" + m_written.files.front();
        const auto copy = openCheckpoint(path, job);
        if (!copy)
            return tl::unexpected(copy.error());
        std::unordered_map<std::string_view, const TensorInfo*> found;
        for (const TensorInfo& tensor : (*copy)->tensors)
            found.emplace(tensor.name, &tensor);
        if (found.size() != m_tensors.size())
            return failure(differs(path, fmt::format("it holds {} tensors instead of {}", found.size(), m_tensors.size())));
        uint64_t done = 0;
        for (size_t i = 0; i < m_tensors.size(); ++i) {
            const TensorToWrite& wanted = m_tensors[i];
            const auto entry = found.find(wanted.name);
            if (entry == found.end() || entry->second->dtype != wanted.dtype || entry->second->shape != wanted.shape)
                return failure(differs(path, fmt::format("{} is not as it was written", shown(wanted.name, 120))));
            const auto sha256 = sha256OfTensor(**copy, *entry->second, job);
            if (!sha256)
                return tl::unexpected(sha256.error());
            if (*sha256 != m_written.sha256[i])
                return failure(differs(path, fmt::format("the values of {} are not those that were written", shown(wanted.name, 120))));
            job.report({"verifying", done += wanted.nbytes(), m_plan.nbytes()});
        }
        return fits(path, **copy, job);
    }

private:
    [[nodiscard]] static Error differs(const std::string& path, const std::string& what)
    {
        return Error("checksum", fmt::format("The copy was read back, and {}: it was removed.", what)).at(path).fixedBy("Try another disk.");
    }
    Result<void> fits(const std::string& path, const Checkpoint& copy, JobContext& job) const
    {
        if (!m_plan.expected)
            return {};
        const Comparison comparison = compareToExpected(*m_plan.expected, foundTensors(copy), job);
        if (comparison.matchedTensors == m_plan.after->matched)
            return {};
        return failure(differs(path, fmt::format("{} of its tensors match instead of {}", comparison.matchedTensors, m_plan.after->matched)));
    }

    const RepairPlan& m_plan;
    const std::vector<TensorToWrite>& m_tensors;
    const WrittenModel& m_written;
};

Result<void> writeOtherFiles(const RepairPlan& plan, const std::string& folder, std::vector<std::string>& files, JobContext& job)
{
    if (plan.config) {
        auto file = NewFile::create(folder + "/config.json");
        if (!file)
            return tl::unexpected(file.error());
        if (auto written = file->write(toJson(*plan.config, 2) + "\n").and_then([&file] { return file->finish(); }); !written)
            return written;
        files.emplace_back("config.json");
    }
    for (const std::string& path : plan.copied) {
        const std::string name = fs::path(path).filename().string();
        if (auto copied = copyFile(path, folder + "/" + name, job); !copied)
            return copied;
        files.push_back(name);
    }
    return {};
}

/// What was written, under the names that it has after it was published.
SavedCopy describe(const UnfinishedFolder& folder, const std::string& out, bool isFile, const std::vector<std::string>& files, size_t tensors)
{
    SavedCopy copy{out, {}, tensors, 0};
    for (const std::string& name : files) {
        std::error_code ignored;
        const fs::path written = fs::path(folder.path()) / name;
        copy.files.push_back({isFile ? out : (fs::path(out) / name).string(), fs::file_size(written, ignored), name.ends_with(".safetensors") ? "safetensors" : "other"});
        copy.nbytes += copy.files.back().nbytes;
    }
    return copy;
}

} // namespace

Result<SavedCopy> saveRepaired(const RepairPlan& plan, const std::string& out, const SaveOptions& options, JobContext& job)
{
    if (plan.steps.empty())
        return failure(Error("no-repair", "There is nothing to repair, so no copy is written.").at(plan.checkpoint->path));
    const bool isFile = lowered(out).ends_with(".safetensors");
    auto folder = UnfinishedFolder::besides(out);
    if (!folder)
        return tl::unexpected(folder.error());
    if (auto room = expectRoom(plan, folder->path()); !room)
        return tl::unexpected(room.error());
    if (auto sound = verifyChecksums(*plan.checkpoint, job); !sound)
        return tl::unexpected(sound.error());
    const std::vector<TensorToWrite> tensors = tensorsOf(plan);
    const auto source = [&plan](size_t index, JobContext& inner, const BlockSink& sink) { return readKept(plan, plan.keeps[index], inner, sink); };
    const auto written = writeSafetensors(folder->path(), tensors, metadataOf(*plan.checkpoint), isFile ? UINT64_MAX : options.maximumShardNbytes, source, job);
    if (!written)
        return tl::unexpected(written.error());
    std::vector<std::string> files = written->files;
    if (!isFile)
        if (auto others = writeOtherFiles(plan, folder->path(), files, job); !others)
            return tl::unexpected(others.error());
    if (auto verified = Verification(plan, tensors, *written).run(folder->path(), job); !verified)
        return tl::unexpected(verified.error());
    SavedCopy copy = describe(*folder, out, isFile, files, tensors.size());
    auto published = isFile ? folder->publishFile(files.front()) : folder->publish();
    return published.map([&copy] { return std::move(copy); });
}

} // namespace weighbridge
