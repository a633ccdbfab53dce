// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The parameters of an exported Paddle model (.pdiparams): one dense tensor after the other, sorted by name; the names are in the program beside it,
// .json (since Paddle 3) or .pdmodel. Layout of a tensor: SerializeToStream() of
// https://github.com/PaddlePaddle/Paddle/blob/develop/paddle/fluid/framework/lod_tensor.cc; of a program: framework.proto there.
#include "core/format/format.h"

#include "core/base/files.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/source_reader.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/wire.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

namespace weighbridge {
namespace {

using enum DType;

/// VarType.Type
constexpr std::array<std::pair<uint64_t, DType>, 14> types{{{0, Bool},
                                                            {1, I16},
                                                            {2, I32},
                                                            {3, I64},
                                                            {4, F16},
                                                            {5, F32},
                                                            {6, F64},
                                                            {20, U8},
                                                            {21, I8},
                                                            {22, BF16},
                                                            {23, C64},
                                                            {24, C128},
                                                            {32, F8_E4M3},
                                                            {33, F8_E5M2}}};
constexpr uint64_t headNbytes = 20; ///< before the description of a tensor without levels
constexpr uint64_t descriptionNbytes = 4096;
constexpr uint64_t programNbytes = 256 * limits::MiB;
constexpr uint64_t windowNbytes = 4096; ///< most of the file is values, which are skipped

SourcePtr besideWith(const std::string& path, const char* ending)
{
    const std::string beside = std::filesystem::path(path).replace_extension(ending).string();
    const auto source = isFile(beside) ? openFile(beside) : failure("not-found", "");
    return source && (*source)->nbytes() <= programNbytes ? *source : nullptr;
}

/// The parameters of a program in JSON: operators "p", whose fourth attribute is the name. None of one that is damaged.
Result<std::vector<std::string>> namesInJson(const ByteSource& source)
{
    std::vector<std::string> out;
    const auto bytes = source.read(0, source.nbytes());
    if (!bytes)
        return tl::unexpected(bytes.error());
    const auto document = parseJson({reinterpret_cast<const char*>(bytes->data()), bytes->size()});
    const Value* program = document ? document->value.find("program") : nullptr;
    const auto listIn = [](const Value* value, std::string_view key) -> Value::List {
        const Value* found = value ? value->find(key) : nullptr;
        return found && found->list() ? *found->list() : Value::List{};
    };
    for (const Value& region : listIn(program, "regions"))
        for (const Value& block : listIn(&region, "blocks"))
            for (const Value& op : listIn(&block, "ops")) {
                const Value* kind = op.find("#");
                const Value::List attributes = listIn(&op, "A");
                if (kind && kind->stringOr("") == "p" && attributes.size() > 3 && attributes[3].string())
                    out.push_back(*attributes[3].string());
            }
    return out;
}

/// The persistable variables of a ProgramDesc, but for the ends that data go through. None of one that is damaged.
Result<std::vector<std::string>> namesInProgram(const ByteSource& source)
{
    std::vector<std::string> out;
    const auto read = eachField(WireMessage(source, 0, source.nbytes()), [&](WireMessage&, const WireField& block) -> Result<void> {
        if (!block.isMessage(1))
            return {};
        return eachField(WireMessage(source, block), [&](WireMessage&, const WireField& variable) -> Result<void> {
            std::string name;
            bool isPersistable = false;
            if (!variable.isMessage(3))
                return {};
            return eachField(WireMessage(source, variable),
                             [&](WireMessage& message, const WireField& field) -> Result<void> {
                                 if (field.isMessage(1))
                                     return message.text(field).map([&name](std::string text) { name = std::move(text); });
                                 isPersistable = isPersistable || (field.isNumber(3) && field.value == 1);
                                 return {};
                             })
                .map([&] {
                    if (isPersistable && name != "feed" && name != "fetch")
                        out.push_back(std::move(name));
                });
        });
    });
    if (!read && read.error().rule == "unreadable")
        return tl::unexpected(read.error());
    return read ? std::move(out) : std::vector<std::string>{};
}

class ParametersReader {
public:
    ParametersReader(const Candidate& candidate, JobContext& job)
        : m_candidate(candidate)
        , m_job(job)
        , m_reader(*candidate.source, 0, windowNbytes)
    {
    }

    Result<Checkpoint> read()
    {
        m_checkpoint.shards.push_back({m_candidate.path, "paddle-inference", m_candidate.source});
        m_checkpoint.metadata = Value::Map{};
        while (m_reader.remaining() > 0) {
            if (m_job.cancelled())
                return failure(cancelledError());
            if (m_checkpoint.tensors.size() == limits::tensors)
                return failure(error("resource-bomb", fmt::format("The file holds more than {} tensors.", limits::tensors)));
            if (auto added = readTensor(); !added)
                return failure(Error(added.error()).stillReadable(fmt::format("{} tensors before it", m_checkpoint.tensors.size())));
        }
        return names().map([this](std::vector<std::string> names) {
            nameAll(std::move(names));
            return std::move(m_checkpoint);
        });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const
    {
        return Error(std::move(rule), std::move(message)).at(m_candidate.path).atByte(m_reader.position());
    }

    Result<void> readTensor()
    {
        const auto version = m_reader.number<uint32_t>(false);
        const auto levels = version.and_then([this](uint32_t) { return m_reader.number<uint64_t>(false); });
        if (!levels)
            return tl::unexpected(levels.error());
        for (uint64_t i = 0; i < *levels; ++i)
            if (auto skipped = m_reader.number<uint64_t>(false).and_then([this](uint64_t nbytes) { return m_reader.skip(nbytes); }); !skipped)
                return skipped;
        const auto tensorVersion = m_reader.number<uint32_t>(false);
        const auto length = tensorVersion.and_then([this](uint32_t) { return m_reader.number<int32_t>(false); });
        if (!length)
            return tl::unexpected(length.error());
        if (*version != 0 || *tensorVersion != 0 || *length < 0 || static_cast<uint64_t>(*length) > descriptionNbytes)
            return failure(error("corrupt", fmt::format("Tensor {} does not begin as one of Paddle does.", m_checkpoint.tensors.size())));
        const uint64_t place = m_reader.position();
        return m_reader.skip(static_cast<uint64_t>(*length)).and_then([&] { return readDescription(place, static_cast<uint64_t>(*length)); });
    }

    Result<void> readDescription(uint64_t place, uint64_t length)
    {
        TensorInfo tensor;
        uint64_t type = UINT64_MAX;
        auto read = eachField(WireMessage(*m_candidate.source, place, length), [&](WireMessage& message, const WireField& field) -> Result<void> {
            if (field.isNumber(1))
                type = field.value;
            return field.number == 2 ? message.integers(field, tensor.shape, limits::dimensions) : Result<void>();
        });
        if (!read)
            return read;
        tensor.name = fmt::format("{}", m_checkpoint.tensors.size());
        const auto known = std::find_if(types.begin(), types.end(), [type](const auto& row) { return row.first == type; });
        if (known == types.end())
            return failure(error("bad-dtype", fmt::format("Tensor {} has the unknown data type {}.", tensor.name, type)));
        tensor.dtype = known->second;
        const auto elements = numel(tensor.shape);
        const auto nbytes = elements ? nbytesOf(tensor.dtype, *elements) : std::nullopt;
        if (!nbytes)
            return failure(error("bad-shape",
                                 fmt::format("The shape {} of tensor {} has a negative size or overflows.", formatShape(tensor.shape), tensor.name)));
        tensor.storage = {StorageKind::Raw, 0, m_reader.position(), *nbytes, 0, false, {}};
        m_checkpoint.tensors.push_back(std::move(tensor));
        return m_reader.skip(*nbytes);
    }

    /// Of the program beside the file, of either kind.
    [[nodiscard]] Result<std::vector<std::string>> names() const
    {
        if (const SourcePtr program = besideWith(m_candidate.path, ".json"))
            if (auto names = namesInJson(*program); !names || !names->empty())
                return names;
        const SourcePtr program = besideWith(m_candidate.path, ".pdmodel");
        return program ? namesInProgram(*program) : std::vector<std::string>{};
    }

    void nameAll(std::vector<std::string> names)
    {
        std::sort(names.begin(), names.end());
        const size_t count = m_checkpoint.tensors.size();
        if (names.size() > count)
            m_checkpoint.findings.push_back(
                warning("truncated", fmt::format("{} of {} parameters are there", count, names.size()),
                        "The program beside this file has more parameters: the file is cut behind one of them, or belongs to another export.",
                        "Copy both files of the same export again."));
        if (names.size() >= count && count > 0) {
            for (size_t i = 0; i < count; ++i)
                m_checkpoint.tensors[i].name = std::move(names[i]);
            return;
        }
        m_checkpoint.findings.push_back(
            warning("missing-index", "The tensors have no names: they are numbered",
                    names.empty() ? "Their names are in the program (.json or .pdmodel) that belongs beside this file."
                                  : fmt::format("The program beside this file has {} parameters, the file {}: they do not belong together.",
                                                names.size(), m_checkpoint.tensors.size()),
                    "Copy the program of the same export into the same folder."));
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    SourceReader m_reader;
    Checkpoint m_checkpoint;
};

class PaddleInference final : public Format {
public:
    FormatInfo info() const override { return {"paddle-inference", "PaddlePaddle inference parameters", {".pdiparams"}}; }

    /// Version, levels and version of the first tensor (zeros), the length of its description, the number of its data type.
    bool probe(const Candidate& candidate) const override
    {
        constexpr size_t zeros = 16;
        if (candidate.isFolder || candidate.head.size() < headNbytes + 4 ||
            std::any_of(candidate.head.begin(), candidate.head.begin() + zeros, [](std::byte byte) { return byte != std::byte{0}; }))
            return false;
        const auto length = std::to_integer<uint8_t>(candidate.head[zeros]);
        const bool isShort =
            candidate.head[zeros + 1] == std::byte{0} && candidate.head[zeros + 2] == std::byte{0} && candidate.head[zeros + 3] == std::byte{0};
        const auto type = std::to_integer<uint64_t>(candidate.head[headNbytes + 1]);
        return isShort && length >= 2 && candidate.head[headNbytes] == std::byte{0x08} &&
               std::any_of(types.begin(), types.end(), [type](const auto& row) { return row.first == type; });
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return ParametersReader(candidate, job).read(); }
};

} // namespace

const Format& paddleInferenceFormat()
{
    static const PaddleInference format;
    return format;
}

} // namespace weighbridge
