// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Specification: https://github.com/huggingface/safetensors#format
#include "core/format/format.h"

#include "core/base/byte_reader.h"
#include "core/base/json.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/partial.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <unordered_set>

namespace weighbridge {
namespace {

constexpr uint64_t lengthNbytes = 8;

/// The names are ours, but the format does not have all of them (its F4 counts single elements, so shapes need no change).
DType dtypeOf(std::string_view writer)
{
    using enum DType;
    constexpr std::array others{C32, C128, I4, U4, String};
    if (writer == "F8_E4M3FN")
        return F8_E4M3;
    const auto known = dtypeByName(writer);
    const bool isIn = known && info(*known).kind != DTypeKind::Block && info(*known).kind != DTypeKind::Quantized &&
                      std::find(others.begin(), others.end(), *known) == others.end();
    return isIn ? *known : Unknown;
}

class Header {
public:
    Header(const Candidate& candidate, JobContext& job) : m_candidate(candidate), m_job(job) {}

    Result<Checkpoint> read()
    {
        return readLength()
            .and_then([this] { return readText(); })
            .and_then([this] { return readEntries(); })
            .and_then([this] { return checkCoverage(); })
            .map([this] { return std::move(m_checkpoint); });
    }

private:
    using Object = simdjson::dom::object;

    [[nodiscard]] Error error(std::string rule, std::string message) const
    {
        return Error(std::move(rule), std::move(message)).at(m_candidate.path);
    }
    [[nodiscard]] Error entryError(std::string rule, std::string_view name, const std::string& what) const
    {
        return error(std::move(rule), fmt::format("The header entry of {} {}.", shown(name, 120), what)).atByte(lengthNbytes);
    }

    Result<void> readLength()
    {
        const uint64_t size = m_candidate.nbytes;
        if (size < lengthNbytes)
            return failure(error("truncated", fmt::format("The file stops at byte {}, inside the 8 bytes that give the header's length.", size))
                               .atByte(size).expecting("at least 8 bytes").finding(fmt::format("{} bytes", size)).fixedBy("Download it again."));
        m_length = *ByteReader(m_candidate.head).little<uint64_t>();
        if (m_length > limits::headerNbytes)
            return failure(error("corrupt", fmt::format("The header's length is given as {} bytes, beyond the limit of {}: the first bytes are damaged, or this is not safetensors.",
                                                        m_length, formatNbytes(limits::headerNbytes))).atByte(0).fixedBy("Download it again."));
        if (!fits(lengthNbytes, m_length, size))
            return failure(error("truncated", fmt::format("The file stops at byte {} of at least {}: the header itself is cut.", size, m_length + lengthNbytes))
                               .atByte(size).expecting(fmt::format("{} bytes", m_length + lengthNbytes)).finding(fmt::format("{} bytes", size)).fixedBy("Download it again."));
        return {};
    }

    Result<void> readText()
    {
        m_text.resize(static_cast<size_t>(m_length) + simdjson::SIMDJSON_PADDING);
        constexpr uint64_t step = 8 * limits::MiB;
        for (uint64_t done = 0; done < m_length; done += step) {
            if (m_job.cancelled())
                return failure(cancelledError());
            m_job.report({"header", done, m_length});
            const auto count = static_cast<size_t>(std::min(step, m_length - done));
            if (auto read = m_candidate.source->readAt(lengthNbytes + done, std::span(reinterpret_cast<std::byte*>(m_text.data()) + done, count)); !read)
                return read;
        }
        return {};
    }

    Result<void> readEntries()
    {
        simdjson::dom::parser parser(limits::headerNbytes + 64);
        simdjson::dom::element root;
        Object entries;
        if (parser.parse(m_text.data(), static_cast<size_t>(m_length), false).get(root) != simdjson::SUCCESS)
            return failure(whyNotJson());
        if (m_text[0] != '{' || root.get(entries) != simdjson::SUCCESS)
            return failure(error("corrupt", "The header is not a JSON object that begins with {.").atByte(lengthNbytes));
        m_checkpoint.shards.push_back({m_candidate.path, "safetensors", m_candidate.source});
        m_checkpoint.metadata = Value::Map{};
        std::unordered_set<std::string_view> names;
        const size_t expected = std::min<size_t>(entries.size(), limits::tensors); // 0xFFFFFF is simdjson's "or more"
        names.reserve(expected);
        m_checkpoint.tensors.reserve(expected);
        for (const auto& [name, entry] : entries) {
            if (!names.insert(name).second)
                return failure(entryError("duplicate-key", name, "is there twice"));
            if (auto read = name == "__metadata__" ? readMetadata(entry) : readTensorEntry(name, entry); !read)
                return read;
            if (m_checkpoint.tensors.size() > limits::tensors)
                return failure(error("resource-bomb", fmt::format("The header names more than {} tensors.", limits::tensors)));
            if (m_checkpoint.tensors.size() % 4096 == 0 && m_job.cancelled())
                return failure(cancelledError());
        }
        noteHeader();
        return {};
    }

    [[nodiscard]] Error whyNotJson() const
    {
        auto parsed = parseJson(std::string_view(m_text.data(), static_cast<size_t>(m_length)), m_candidate.path);
        if (parsed)
            return error("corrupt", "The header is not a JSON object.").atByte(lengthNbytes);
        Error why = parsed.error();
        if (why.rule == "truncated") // the length is intact, so the text was damaged, not cut
            why.rule = "corrupt";
        why.message = "The header is damaged. " + why.message;
        why.offset = why.offset.value_or(0) + lengthNbytes;
        why.fix = "Download it again.";
        return why;
    }

    Result<void> readMetadata(simdjson::dom::element entry)
    {
        Object fields;
        if (entry.get(fields) != simdjson::SUCCESS)
            return failure(entryError("corrupt", "__metadata__", "is not an object: metadata must be texts by name"));
        Value metadata = Value::Map{};
        size_t others = 0;
        for (const auto& [key, value] : fields) {
            std::string_view text;
            if (value.get(text) == simdjson::SUCCESS)
                metadata.set(std::string(key), text);
            else {
                metadata.set(std::string(key), simdjson::minify(value));
                ++others;
            }
        }
        if (others > 0) {
            m_checkpoint.findings.push_back(warning("corrupt", "The metadata holds values that are not texts",
                                                    fmt::format("{} of the fields of __metadata__ are not texts. The official reader refuses the file for that.", others),
                                                    "Save the file again with texts as metadata.", {{"fields", static_cast<uint64_t>(others)}}));
        }
        m_checkpoint.metadata.set("__metadata__", std::move(metadata));
        return {};
    }

    /// An entry has three fields, which are compared with each other; what has many is sorted, so that it is never quadratic.
    static std::optional<std::string_view> duplicateField(Object fields)
    {
        std::array<std::string_view, 8> few;
        size_t count = 0;
        for (const auto& [key, value] : fields) {
            if (count == few.size())
                return duplicateOfMany(fields);
            if (std::find(few.begin(), few.begin() + static_cast<ptrdiff_t>(count), key) != few.begin() + static_cast<ptrdiff_t>(count))
                return key;
            few[count++] = key;
        }
        return std::nullopt;
    }

    static std::optional<std::string_view> duplicateOfMany(Object fields)
    {
        std::vector<std::string_view> keys;
        for (const auto& [key, value] : fields)
            keys.push_back(key);
        std::sort(keys.begin(), keys.end());
        const auto twice = std::adjacent_find(keys.begin(), keys.end());
        return twice == keys.end() ? std::nullopt : std::optional(*twice);
    }

    Result<void> readTensorEntry(std::string_view name, simdjson::dom::element entry)
    {
        Object fields;
        if (entry.get(fields) != simdjson::SUCCESS)
            return failure(entryError("corrupt", name, "is not an object"));
        if (const auto twice = duplicateField(fields))
            return failure(entryError("duplicate-key", name, fmt::format("has a duplicate field {}", shown(*twice, 60))));
        TensorInfo tensor;
        tensor.name = name;
        std::string_view dtype;
        if (fields["dtype"].get(dtype) != simdjson::SUCCESS)
            return failure(entryError("bad-dtype", name, "has no dtype that is a text"));
        tensor.dtype = dtypeOf(dtype);
        if (tensor.dtype == DType::Unknown)
            return failure(entryError("bad-dtype", name, fmt::format("has the unknown dtype {}", shown(dtype, 40))).finding(shown(dtype, 40)));
        return readShape(tensor, fields).and_then([&] { return readOffsets(tensor, fields); }).map([&] { m_checkpoint.tensors.push_back(std::move(tensor)); });
    }

    Result<void> readShape(TensorInfo& tensor, Object fields) const
    {
        simdjson::dom::array sizes;
        if (fields["shape"].get(sizes) != simdjson::SUCCESS)
            return failure(entryError("bad-shape", tensor.name, "has no shape that is a list"));
        if (sizes.size() > limits::dimensions)
            return failure(entryError("bad-shape", tensor.name, fmt::format("has a shape with {} dimensions", sizes.size())));
        for (const auto size : sizes) {
            int64_t number = 0;
            if (size.get(number) != simdjson::SUCCESS || number < 0)
                return failure(entryError("bad-shape", tensor.name, fmt::format("has a shape with the size {}", shown(simdjson::minify(size), 40))));
            tensor.shape.push_back(number);
        }
        if (!numel(tensor.shape))
            return failure(entryError("bad-shape", tensor.name, fmt::format("has the shape {}, whose element count overflows", formatShape(tensor.shape))));
        return {};
    }

    Result<void> readOffsets(TensorInfo& tensor, Object fields)
    {
        simdjson::dom::array pair;
        uint64_t begin = 0;
        uint64_t end = 0;
        if (fields["data_offsets"].get(pair) != simdjson::SUCCESS || pair.size() != 2 || pair.at(0).get(begin) != simdjson::SUCCESS
            || pair.at(1).get(end) != simdjson::SUCCESS)
            return failure(entryError("inconsistent-index", tensor.name, "has no data_offsets of two numbers"));
        if (end < begin)
            return failure(entryError("inconsistent-index", tensor.name, fmt::format("has data_offsets that do not fit together: {} to {}", begin, end)));
        const auto wanted = nbytesOf(tensor.dtype, *numel(tensor.shape));
        if (!wanted || *wanted != end - begin)
            return failure(entryError("bad-shape", tensor.name,
                                      fmt::format("says {} of {} ({} bytes), but its data_offsets hold {} bytes", formatShape(tensor.shape), tensor.dtypeName(),
                                                  wanted ? groupDigits(*wanted) : "no whole number of", groupDigits(end - begin))));
        const uint64_t dataStart = lengthNbytes + m_length;
        const auto offset = checkedAdd(dataStart, begin);
        if (!offset || !checkedAdd(dataStart, end))
            return failure(entryError("inconsistent-index", tensor.name, "has data_offsets that overflow"));
        tensor.storage = {StorageKind::Raw, 0, *offset, end - begin, 0, false, {}};
        return {};
    }

    /// The format wants every byte of the data to belong to exactly one tensor.
    Result<void> checkCoverage()
    {
        std::vector<const TensorInfo*> order;
        order.reserve(m_checkpoint.tensors.size());
        for (const TensorInfo& tensor : m_checkpoint.tensors)
            order.push_back(&tensor);
        std::sort(order.begin(), order.end(), [](const TensorInfo* a, const TensorInfo* b) {
            return std::pair(a->storage.offset, a->storage.nbytes) < std::pair(b->storage.offset, b->storage.nbytes);
        });
        uint64_t end = lengthNbytes + m_length;
        for (const TensorInfo* tensor : order) {
            if (tensor->storage.offset < end && tensor->storage.nbytes > 0)
                return failure(entryError("overlapping-tensors", tensor->name,
                                          fmt::format("claims bytes from {} on that belong to another tensor: the tensors overlap", tensor->storage.offset)));
            if (tensor->storage.offset > end && tensor->storage.offset <= m_candidate.nbytes)
                noteHole(end, tensor->storage.offset - end, tensor->name);
            end = std::max(end, tensor->storage.offset + tensor->storage.nbytes);
        }
        if (end > m_candidate.nbytes)
            return failure(withPartial(truncated(end, order), std::move(m_checkpoint)));
        if (end < m_candidate.nbytes)
            noteTrailing(end);
        return {};
    }

    [[nodiscard]] Error truncated(uint64_t end, const std::vector<const TensorInfo*>& order) const
    {
        const uint64_t size = m_candidate.nbytes;
        const auto whole = std::count_if(order.begin(), order.end(), [size](const TensorInfo* t) { return t->storage.offset + t->storage.nbytes <= size; });
        const auto cut = std::find_if(order.begin(), order.end(), [size](const TensorInfo* t) { return t->storage.offset + t->storage.nbytes > size; });
        return error("truncated", fmt::format("The file stops at byte {} of {} ({}): {} of {} tensors are complete, the first that is cut is {}.", size, end,
                                              formatPercent(size, end), whole, order.size(), shown((*cut)->name, 120)))
            .atByte(size).expecting(fmt::format("{} bytes", end)).finding(fmt::format("{} bytes", size))
            .stillReadable(fmt::format("{} of {} tensors", whole, order.size())).fixedBy("Download it again.");
    }

    void noteHole(uint64_t from, uint64_t nbytes, const std::string& name)
    {
        m_checkpoint.findings.push_back(warning("inconsistent-index", fmt::format("{} bytes belong to no tensor", groupDigits(nbytes)),
                                                fmt::format("Between byte {} and the tensor {} the header leaves a hole. The official reader refuses the file for that.", from, shown(name, 120)),
                                                "Save the file again; bytes that no tensor needs may hide something else.", {{"offset", from}, {"nbytes", nbytes}}));
    }
    void noteTrailing(uint64_t end)
    {
        m_checkpoint.findings.push_back(warning("inconsistent-index", fmt::format("{} bytes follow the last tensor", groupDigits(m_candidate.nbytes - end)),
                                                fmt::format("The tensors end at byte {}, the file at byte {}. The official reader refuses the file for that.", end, m_candidate.nbytes),
                                                "Save or download the file again.", {{"offset", end}, {"nbytes", m_candidate.nbytes - end}}));
    }
    void noteHeader()
    {
        if (m_length > limits::officialHeaderNbytes) {
            m_checkpoint.findings.push_back(warning("resource-bomb", fmt::format("The header has {}, more than other readers accept", formatNbytes(m_length)),
                                                    "The official reader stops at a header of 100 000 000 bytes with \"header too large\".", {}, {{"nbytes", m_length}}));
        }
        const auto longest = std::max_element(m_checkpoint.tensors.begin(), m_checkpoint.tensors.end(),
                                              [](const TensorInfo& a, const TensorInfo& b) { return a.name.size() < b.name.size(); });
        if (longest != m_checkpoint.tensors.end() && longest->name.size() > limits::nameNbytes) {
            m_checkpoint.findings.push_back(warning("corrupt", fmt::format("A tensor's name has {} bytes", groupDigits(longest->name.size())),
                                                    "No model has such names. It is shown cut."));
        }
        if (m_checkpoint.tensors.empty()) {
            m_checkpoint.findings.push_back(newFinding(Severity::Note, "empty", "The file holds no tensors", "The header is well formed, but names no tensor."));
        }
    }

    const Candidate& m_candidate;
    JobContext& m_job;
    uint64_t m_length = 0;
    std::string m_text;
    Checkpoint m_checkpoint;
};

class Safetensors final : public Format {
public:
    FormatInfo info() const override { return {"safetensors", "safetensors", {".safetensors"}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || candidate.nbytes == 0)
            return false;
        if (candidate.head.size() <= lengthNbytes)
            return lowered(candidate.path).ends_with(".safetensors");
        const uint64_t length = *ByteReader(candidate.head).little<uint64_t>();
        const bool begins = candidate.head[lengthNbytes] == std::byte{'{'};
        if (begins && length <= limits::headerNbytes)
            return true;
        // a damaged length still names itself by what follows it: {"
        const bool looks = candidate.head.size() > lengthNbytes + 1 && begins && candidate.head[lengthNbytes + 1] == std::byte{'"'};
        return looks || (lowered(candidate.path).ends_with(".safetensors") && length <= candidate.nbytes);
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override { return Header(candidate, job).read(); }
};

} // namespace

const Format& safetensorsFormat()
{
    static const Safetensors format;
    return format;
}

} // namespace weighbridge
