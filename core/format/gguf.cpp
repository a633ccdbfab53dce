// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Specification: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#include "core/format/format.h"

#include "core/base/checked.h"
#include "core/base/limits.h"
#include "core/base/source_reader.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/partial.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <unordered_set>

namespace weighbridge {
namespace {

using enum DType;

/// ggml_type; Unknown where the number was given up (Q4_2, Q4_3, the repacked Q4_0 forms).
constexpr std::array types{F32, F16, Q4_0, Q4_1, Unknown, Unknown, Q5_0, Q5_1, Q8_0, Q8_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, Q8_K, IQ2_XXS, IQ2_XS, IQ3_XXS, IQ1_S,
                           IQ4_NL, IQ3_S, IQ2_S, IQ4_XS, I8, I16, I32, I64, F64, IQ1_M, BF16, Unknown, Unknown, Unknown, TQ1_0, TQ2_0, Unknown, Unknown, Unknown, MXFP4,
                           NVFP4, Q1_0, Q2_0};

enum class ValueType : uint32_t { U8, I8, U16, I16, U32, I32, F32, Bool, String, Array, U64, I64, F64 };

constexpr uint64_t maximumElements = 8'000'000; ///< of all metadata arrays together
constexpr size_t maximumNesting = 8;

class GgufReader {
public:
    explicit GgufReader(const Candidate& candidate) : m_candidate(candidate), m_reader(*candidate.source) {}

    Result<Checkpoint> read()
    {
        return readStart()
            .and_then([this] { return readMetadata(); })
            .and_then([this] { return readTensors(); })
            .and_then([this] { return placeTensors(); })
            .map([this] { return std::move(m_checkpoint); });
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const
    {
        return Error(std::move(rule), std::move(message)).at(m_candidate.path).atByte(m_reader.position());
    }
    template <typename T>
    Result<T> number() { return m_reader.number<T>(m_bigEndian); }
    /// A count or length: 32 bits wide in version 1, 64 since.
    Result<uint64_t> count()
    {
        if (m_version == 1)
            return number<uint32_t>().map([](uint32_t value) { return uint64_t(value); });
        return number<uint64_t>();
    }
    Result<std::string> text()
    {
        return count().and_then([this](uint64_t length) -> Result<std::string> {
            if (length > limits::GiB)
                return failure(error("corrupt", fmt::format("A text is announced with {} bytes, which cannot be.", length)));
            return m_reader.takeText(length);
        });
    }

    Result<void> readStart()
    {
        auto start = m_reader.skip(4).and_then([this] { return number<uint32_t>(); });
        if (!start)
            return tl::unexpected(start.error());
        m_version = *start;
        if ((m_version & 0xFFFF) == 0 && m_version != 0) { // the magic is the same in big-endian files, the version shows the order
            m_bigEndian = true;
            m_version = __builtin_bswap32(m_version);
            note("unsupported-version", Severity::Warning, "The file is big-endian", "Its numbers are stored for big-endian machines (s390x). llama.cpp on this machine does not load it; it is read here.");
        }
        if (m_version == 0 || m_version > 3)
            return failure(error("unsupported-version", fmt::format("This is GGUF version {}; versions 1 to 3 are known.", m_version)).expecting("version 1 to 3").finding(fmt::format("version {}", m_version)).fixedBy("Convert the model again with a current converter, or update Weighbridge."));
        if (m_version == 1)
            note("unsupported-version", Severity::Warning, "The file is GGUF version 1", "llama.cpp dropped it in October 2023. Convert the model again.");
        auto counts = count().and_then([this](uint64_t tensors) {
            m_tensorCount = tensors;
            return count();
        });
        if (!counts)
            return tl::unexpected(counts.error());
        m_keyCount = *counts;
        const uint64_t left = m_reader.remaining();
        if (m_tensorCount > limits::tensors || m_tensorCount > left / 16 || m_keyCount > left / 8)
            return failure(error("corrupt", fmt::format("{} tensors and {} metadata keys are announced, more than {} remaining bytes can hold.", m_tensorCount, m_keyCount, left)));
        return {};
    }

    Result<void> readMetadata()
    {
        Value::Map metadata;
        std::unordered_set<std::string> keys;
        for (uint64_t i = 0; i < m_keyCount; ++i) {
            auto key = text();
            if (!key)
                return tl::unexpected(key.error());
            if (key->empty() || !isValidUtf8(*key))
                note("corrupt", Severity::Warning, key->empty() ? "A metadata key is empty" : "A metadata key is not UTF-8", fmt::format("Key {} of {}: {}", i + 1, m_keyCount, shown(*key, 80)));
            if (!keys.insert(*key).second)
                return failure(error("duplicate-key", fmt::format("The metadata key {} is there twice (duplicate).", shown(*key, 120))));
            auto value = number<uint32_t>().and_then([&](uint32_t type) { return readValue(type, *key, 0); });
            if (!value)
                return tl::unexpected(value.error());
            metadata.emplace_back(std::move(*key), std::move(*value));
        }
        m_checkpoint.metadata = Value::Map{{"gguf_version", static_cast<int64_t>(m_version)}, {"gguf", std::move(metadata)}};
        return readAlignment();
    }

    Result<void> readAlignment()
    {
        const Value* alignment = m_checkpoint.metadata.find("gguf")->find("general.alignment");
        const int64_t* given = alignment ? alignment->integer() : nullptr;
        if (!given)
            return {};
        if (*given <= 0 || (*given & (*given - 1)) != 0 || *given > 1 << 20)
            return failure(error("corrupt", fmt::format("The alignment of the data is given as {}, which is no power of two.", *given)).finding(fmt::format("{}", *given)));
        m_alignment = static_cast<uint64_t>(*given);
        return {};
    }

    template <typename T>
    Result<Value> scalar()
    {
        return number<T>().map([](T value) {
            if constexpr (std::is_floating_point_v<T>)
                return Value(static_cast<double>(value));
            else if constexpr (std::is_signed_v<T>)
                return Value(static_cast<int64_t>(value));
            else
                return Value(static_cast<uint64_t>(value));
        });
    }

    Result<Value> readValue(uint32_t type, const std::string& key, size_t depth)
    {
        switch (static_cast<ValueType>(type)) {
        case ValueType::U8: return scalar<uint8_t>();
        case ValueType::I8: return scalar<int8_t>();
        case ValueType::U16: return scalar<uint16_t>();
        case ValueType::I16: return scalar<int16_t>();
        case ValueType::U32: return scalar<uint32_t>();
        case ValueType::I32: return scalar<int32_t>();
        case ValueType::F32: return scalar<float>();
        case ValueType::U64: return scalar<uint64_t>();
        case ValueType::I64: return scalar<int64_t>();
        case ValueType::F64: return scalar<double>();
        case ValueType::String: return text().map([](std::string value) { return Value(std::move(value)); });
        case ValueType::Array: return readArray(key, depth);
        case ValueType::Bool:
            return number<uint8_t>().map([&](uint8_t value) {
                if (value > 1)
                    note("corrupt", Severity::Warning, "A truth value is neither 0 nor 1", fmt::format("{} is {}.", shown(key, 120), value));
                return Value(value != 0);
            });
        }
        return failure(error("bad-dtype", fmt::format("The metadata key {} has the unknown value type {}.", shown(key, 120), type)));
    }

    Result<Value> readArray(const std::string& key, size_t depth)
    {
        if (depth >= maximumNesting)
            return failure(error("resource-bomb", fmt::format("The metadata key {} nests arrays more than {} deep.", shown(key, 120), maximumNesting)));
        const auto type = number<uint32_t>();
        if (!type)
            return tl::unexpected(type.error());
        const auto length = count();
        if (!length)
            return tl::unexpected(length.error());
        m_elements += std::min(*length, maximumElements + 1);
        if (*length > m_reader.remaining())
            return failure(error("corrupt", fmt::format("The metadata key {} announces {} elements, more than the file's remaining {} bytes.", shown(key, 120), *length, m_reader.remaining())));
        if (m_elements > maximumElements)
            return failure(error("resource-bomb", fmt::format("The metadata arrays hold more than {} elements.", maximumElements)));
        Value::List list;
        for (uint64_t i = 0; i < *length; ++i) {
            auto value = readValue(*type, key, depth + 1);
            if (!value)
                return value;
            list.push_back(std::move(*value));
        }
        return Value(std::move(list));
    }

    Result<void> readTensors()
    {
        std::unordered_set<std::string> names;
        m_checkpoint.shards.push_back({m_candidate.path, "gguf", m_candidate.source});
        for (uint64_t i = 0; i < m_tensorCount; ++i) {
            TensorInfo tensor;
            auto name = text();
            if (!name)
                return tl::unexpected(name.error());
            if (!isValidUtf8(*name))
                note("corrupt", Severity::Warning, "A tensor's name is not UTF-8", fmt::format("Tensor {} of {}: {}", i + 1, m_tensorCount, shown(*name, 80)));
            if (!names.insert(*name).second)
                return failure(error("duplicate-key", fmt::format("The tensor {} is there twice (duplicate).", shown(*name, 120))));
            tensor.name = std::move(*name);
            if (auto rest = readShape(tensor).and_then([&] { return readTypeAndOffset(tensor); }); !rest)
                return rest;
            m_checkpoint.tensors.push_back(std::move(tensor));
        }
        return {};
    }

    Result<void> readShape(TensorInfo& tensor)
    {
        const auto dimensions = number<uint32_t>();
        if (!dimensions)
            return tl::unexpected(dimensions.error());
        if (*dimensions > 4)
            return failure(error("bad-shape", fmt::format("The tensor {} has {} dimensions; the format allows 4.", shown(tensor.name, 120), *dimensions)));
        for (uint32_t d = 0; d < *dimensions; ++d) {
            const auto size = count();
            if (!size)
                return tl::unexpected(size.error());
            if (*size > static_cast<uint64_t>(INT64_MAX))
                return failure(error("bad-shape", fmt::format("The tensor {} has a dimension of {}, a negative size.", shown(tensor.name, 120), static_cast<int64_t>(*size))));
            tensor.shape.insert(tensor.shape.begin(), static_cast<int64_t>(*size)); // stored innermost first
        }
        if (!numel(tensor.shape))
            return failure(error("bad-shape", fmt::format("The shape {} of the tensor {} overflows.", formatShape(tensor.shape), shown(tensor.name, 120))));
        if (std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end())
            note("bad-shape", Severity::Warning, "A tensor has no elements", fmt::format("The shape of {} is {}: a dimension is 0.", shown(tensor.name, 120), formatShape(tensor.shape)));
        return {};
    }

    Result<void> readTypeAndOffset(TensorInfo& tensor)
    {
        const auto type = number<uint32_t>();
        if (!type)
            return tl::unexpected(type.error());
        if (*type >= types.size() || types[*type] == Unknown)
            return failure(
                error("bad-dtype", fmt::format("The tensor {} has the unknown data type {}.", shown(tensor.name, 120), static_cast<int32_t>(*type))));
        tensor.dtype = types[*type];
        const auto offset = number<uint64_t>();
        if (!offset)
            return tl::unexpected(offset.error());
        const uint32_t block = info(tensor.dtype).blockElements;
        const int64_t row = tensor.shape.empty() ? 1 : tensor.shape.back();
        if (row % block != 0)
            return failure(error("bad-shape", fmt::format("The rows of {} have {} elements, which are no whole blocks of {} ({}).",
                                                          shown(tensor.name, 120), row, block, tensor.dtypeName())));
        const uint64_t elements = *numel(tensor.shape);
        const auto nbytes = nbytesOf(tensor.dtype, elements);
        if (!nbytes)
            return failure(error("bad-shape", fmt::format("The size of the tensor {} overflows.", shown(tensor.name, 120))));
        if (*offset % m_alignment != 0)
            return failure(error("inconsistent-index", fmt::format("The offset {} of the tensor {} is no multiple of the alignment {}.", *offset,
                                                                   shown(tensor.name, 120), m_alignment)));
        tensor.storage = {StorageKind::Raw, 0, *offset, *nbytes, 0, m_bigEndian, {}};
        return {};
    }

    /// Offsets count from the first aligned byte behind the header. Every tensor must lie in the file and none on another.
    Result<void> placeTensors()
    {
        const uint64_t start = (m_reader.position() + m_alignment - 1) / m_alignment * m_alignment;
        std::vector<const TensorInfo*> order;
        for (TensorInfo& tensor : m_checkpoint.tensors) {
            const auto offset = checkedAdd(start, tensor.storage.offset);
            const auto end = offset ? checkedAdd(*offset, tensor.storage.nbytes) : std::nullopt;
            if (!end)
                return failure(error("inconsistent-index", fmt::format("The offset {} of the tensor {} overflows.", tensor.storage.offset, shown(tensor.name, 120))));
            tensor.storage.offset = *offset;
            order.push_back(&tensor);
        }
        std::sort(order.begin(), order.end(), [](const TensorInfo* a, const TensorInfo* b) { return a->storage.offset < b->storage.offset; });
        for (size_t i = 0; i + 1 < order.size(); ++i)
            if (order[i]->storage.offset + order[i]->storage.nbytes > order[i + 1]->storage.offset)
                return failure(error("overlapping-tensors", fmt::format("The tensors {} and {} overlap at byte {}.", shown(order[i]->name, 120), shown(order[i + 1]->name, 120), order[i + 1]->storage.offset)));
        return checkEnd(order);
    }

    Result<void> checkEnd(const std::vector<const TensorInfo*>& order)
    {
        const uint64_t size = m_candidate.nbytes;
        const auto ends = [](const TensorInfo* tensor) { return tensor->storage.offset + tensor->storage.nbytes; };
        const auto cut = std::find_if(order.begin(), order.end(), [&](const TensorInfo* tensor) { return tensor->storage.nbytes > 0 && ends(tensor) > size; });
        if (cut == order.end()) {
            const uint64_t end = order.empty() ? size : (ends(order.back()) + m_alignment - 1) / m_alignment * m_alignment;
            if (end < size)
                note("corrupt", Severity::Warning, fmt::format("{} bytes follow the last tensor", groupDigits(size - end)),
                     fmt::format("The last tensor and its padding end at byte {} of {}; what follows belongs to nothing that the file says.", end, size));
            if (end > size)
                note("truncated", Severity::Note, "The padding behind the last tensor is not there", fmt::format("All tensors are complete, but the file stops at byte {}, before the end of the last one's padding. Some writers leave it out.", size));
            return {};
        }
        return failure(withPartial(error("truncated", fmt::format("The file stops at byte {} of {} ({}): {} of {} tensors are complete, the first that is cut is {}.", size, ends(order.back()), formatPercent(size, ends(order.back())), cut - order.begin(), order.size(), shown((*cut)->name, 120)))
                           .atByte(size).expecting(fmt::format("{} bytes", ends(order.back()))).finding(fmt::format("{} bytes", size))
                           .stillReadable(fmt::format("{} of {} tensors", cut - order.begin(), order.size())).fixedBy("Download it again."), std::move(m_checkpoint)));
    }

    void note(std::string rule, Severity severity, std::string title, std::string explanation)
    {
        m_checkpoint.findings.push_back(newFinding(severity, std::move(rule), std::move(title), std::move(explanation)));
    }

    const Candidate& m_candidate;
    SourceReader m_reader;
    Checkpoint m_checkpoint;
    bool m_bigEndian = false;
    uint32_t m_version = 0;
    uint64_t m_tensorCount = 0;
    uint64_t m_keyCount = 0;
    uint64_t m_elements = 0;
    uint64_t m_alignment = 32;
};

constexpr const char* splitCount = "split.count";
constexpr const char* splitTensors = "split.tensors.count";

/// x-00001-of-00003.gguf: the other parts of a split file, by the writer's naming; empty if the name is no part's.
std::vector<std::string> partsOf(const std::string& path)
{
    constexpr std::string_view pattern = "-00001-of-00003.gguf";
    const std::string file = std::filesystem::path(path).filename().string();
    if (file.size() <= pattern.size())
        return {};
    const std::string tail = file.substr(file.size() - pattern.size());
    const auto digits = [&tail](size_t from) { return std::all_of(tail.begin() + static_cast<ptrdiff_t>(from), tail.begin() + static_cast<ptrdiff_t>(from) + 5, [](char c) { return c >= '0' && c <= '9'; }); };
    if (tail[0] != '-' || !digits(1) || tail.substr(6, 4) != "-of-" || !digits(10) || tail.substr(15) != ".gguf")
        return {};
    const int count = std::stoi(tail.substr(10, 5));
    const int own = std::stoi(tail.substr(1, 5));
    if (own < 1 || own > count)
        return {};
    std::vector<std::string> parts;
    for (int i = 1; i <= std::min(count, 1000); ++i)
        parts.push_back((std::filesystem::path(path).parent_path() / fmt::format("{}-{:05}-of-{:05}.gguf", file.substr(0, file.size() - pattern.size()), i, count)).string());
    return parts;
}

/// Appends the tensors of another part; they keep their own shard.
void append(Checkpoint& whole, Checkpoint part)
{
    const auto shard = static_cast<uint32_t>(whole.shards.size());
    for (TensorInfo& tensor : part.tensors) {
        tensor.storage.shard = shard;
        whole.tensors.push_back(std::move(tensor));
    }
    std::move(part.shards.begin(), part.shards.end(), std::back_inserter(whole.shards));
    std::move(part.findings.begin(), part.findings.end(), std::back_inserter(whole.findings));
}

class Gguf final : public Format {
public:
    FormatInfo info() const override { return {"gguf", "GGUF", {".gguf"}}; }

    bool probe(const Candidate& candidate) const override
    {
        const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
        return head.substr(0, 4) == "GGUF" || (head.size() < 4 && !head.empty() && std::string_view("GGUF").starts_with(head));
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        auto first = GgufReader(candidate).read();
        const auto parts = partsOf(candidate.path);
        if (first && parts.size() < 2)
            noteMisnamed(*first);
        if (!first || parts.size() < 2)
            return first;
        Checkpoint whole = std::move(*first);
        std::vector<TensorInfo> own = std::move(whole.tensors);
        whole.tensors.clear();
        std::vector<std::string> absent;
        for (const std::string& path : parts) {
            if (job.cancelled())
                return failure(cancelledError());
            if (std::filesystem::path(path).filename() == std::filesystem::path(candidate.path).filename()) {
                std::copy(own.begin(), own.end(), std::back_inserter(whole.tensors));
                whole.files.push_back({candidate.path, candidate.nbytes, "gguf"});
                continue;
            }
            const auto source = openFile(path);
            if (!source) {
                absent.push_back(std::filesystem::path(path).filename().string());
                continue;
            }
            auto part = GgufReader({path, false, {}, (*source)->nbytes(), *source}).read();
            if (!part)
                return part;
            whole.files.push_back({path, (*source)->nbytes(), "gguf"});
            append(whole, std::move(*part));
        }
        if (!absent.empty())
            noteAbsent(whole, absent, parts.size());
        else
            checkParts(whole, parts.size());
        return whole;
    }

private:
    /// A number of the metadata of the file that was opened; 0 if it has none.
    static int64_t numberIn(const Checkpoint& checkpoint, std::string_view key)
    {
        const Value* keys = checkpoint.metadata.find("gguf");
        const Value* value = keys ? keys->find(key) : nullptr;
        return value && value->integer() ? *value->integer() : 0;
    }

    /// A part that was renamed: nothing tells which files the others are.
    static void noteMisnamed(Checkpoint& checkpoint)
    {
        const int64_t count = numberIn(checkpoint, splitCount);
        if (count < 2)
            return;
        checkpoint.findings.push_back(
            warning("missing-shard",
                    fmt::format("This is part {} of {}, and its name does not lead to the others", numberIn(checkpoint, "split.no") + 1, count),
                    fmt::format("Of {} tensors in all parts only the {} of this file are listed. Parts are found by their names, which end in "
                                "-00001-of-{:05}.gguf and so on.",
                                numberIn(checkpoint, splitTensors), checkpoint.tensors.size(), count),
                    "Give the parts the names that they were written with, or join them with llama-gguf-split --merge.",
                    {{"parts", count}, {"tensors", numberIn(checkpoint, splitTensors)}}));
    }

    /// All parts are there: they must be those of one file.
    static void checkParts(Checkpoint& checkpoint, size_t parts)
    {
        std::unordered_set<std::string_view> names;
        for (const TensorInfo& tensor : checkpoint.tensors)
            if (!names.insert(tensor.name).second) {
                checkpoint.findings.push_back(
                    warning("duplicate-key", fmt::format("The tensor {} is in two parts (duplicate)", shown(tensor.name, 120)),
                            "Parts of one model share no tensor: they come from different files.", "Download all parts again, from one place."));
                return;
            }
        const int64_t count = numberIn(checkpoint, splitCount);
        const int64_t tensors = numberIn(checkpoint, splitTensors);
        const bool isOther =
            (count > 0 && count != static_cast<int64_t>(parts)) || (tensors > 0 && tensors != static_cast<int64_t>(checkpoint.tensors.size()));
        if (isOther)
            checkpoint.findings.push_back(warning("inconsistent-index", "The parts do not fit together",
                                                  fmt::format("The metadata speak of {} tensors in {} parts; there are {} tensors in {}.", tensors,
                                                              count, checkpoint.tensors.size(), parts),
                                                  "Download all parts again, from one place."));
    }

    static void noteAbsent(Checkpoint& checkpoint, const std::vector<std::string>& absent, size_t count)
    {
        checkpoint.findings.push_back(warning("missing-shard", fmt::format("{} of {} parts are missing", absent.size(), count),
                                              fmt::format("Not found beside this file: {}. Only the tensors of the parts that are there are listed.", shown(fmt::format("{}", fmt::join(absent, ", ")), 600)),
                                              "Download the missing parts into the same folder.",
                                              {{"missing", static_cast<uint64_t>(absent.size())}, {"parts", static_cast<uint64_t>(count)}}));
    }
};

} // namespace

const Format& ggufFormat()
{
    static const Gguf format;
    return format;
}

} // namespace weighbridge
