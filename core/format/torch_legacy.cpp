// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// torch.save before PyTorch 1.6 (and with _use_new_zipfile_serialization=False): torch/serialization.py, _legacy_save(); the tar
// files of torch before 0.1.10: legacy_load() there; and plain pickles of arrays.
#include "core/format/format.h"

#include "core/base/byte_reader.h"
#include "core/base/text.h"
#include "core/diagnosis/new_finding.h"
#include "core/format/detail/legacy_storages.h"
#include "core/format/detail/pickle_state.h"
#include "core/format/detail/tar_checkpoint.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr std::string_view magicBytes("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10); // 0x1950a86a20f9469cfc6c
constexpr std::string_view magicDigits = "119547037146038801333356";
constexpr int64_t knownProtocol = 1001;

bool isMagic(const Pickle& pickle)
{
    const PickleNode& node = pickle[pickle.root()];
    const std::string_view text = node.text && (node.kind == PickleKind::BigInt || node.kind == PickleKind::BigDecimal) ? std::string_view(node.text, static_cast<size_t>(node.length)) : std::string_view();
    return (node.kind == PickleKind::BigInt && text == magicBytes) || (node.kind == PickleKind::BigDecimal && text == magicDigits);
}

/// joblib.dump() puts a stand-in for each array into the pickle, and the array's bytes behind it.
bool isJoblib(std::span<const std::byte> head)
{
    return std::string_view(reinterpret_cast<const char*>(head.data()), head.size()).find("joblib.numpy_pickle") != std::string_view::npos;
}

bool usesPickleExtension(const std::string& path)
{
    const std::string lower = lowered(path);
    for (const std::string_view extension : {".pt", ".pth", ".bin", ".ckpt", ".tar", ".th", ".pkl", ".pickle", ".p"})
        if (lower.ends_with(extension))
            return true;
    return false;
}

/// A stream of pickles: magic, protocol, system, the object, the storages' keys; then the storages.
class LegacyFile {
public:
    LegacyFile(const Candidate& candidate, JobContext& job) : m_candidate(candidate), m_source(candidate.source), m_job(job) {}

    Result<Checkpoint> read()
    {
        m_checkpoint.shards.push_back({m_candidate.path, "torch-legacy", m_source});
        auto first = Pickle::parse(m_source, 0, m_job);
        if (first && isMagic(*first))
            return readStream(*first).map([this] { return std::move(m_checkpoint); });
        const PickleKind kind = first ? first->kind(first->root()) : PickleKind::None;
        if (first && (kind == PickleKind::BigInt || kind == PickleKind::BigDecimal || kind == PickleKind::Int))
            return failure(Error("corrupt", "The file begins with a number as PyTorch files do, but it is not PyTorch's magic number: the first bytes are damaged, or it is no checkpoint.")
                               .at(m_candidate.path).atByte(0).fixedBy("Download it again."));
        return readPlain().map([this] { return std::move(m_checkpoint); });
    }

private:
    /// A pickle that torch never wrapped: a dict of numpy arrays, most often.
    Result<void> readPlain()
    {
        auto pickle = parseJudged(m_source, 0, m_source->nbytes(), PickleOrigin::Plain, m_job, m_checkpoint.findings);
        if (!pickle)
            return pickle.error().rule != "unsafe-pickle" && isJoblib(m_candidate.head) ? failure(joblibFile()) : tl::unexpected(pickle.error());
        m_checkpoint.metadata = Value::Map{{"pickle_protocol", pickle->protocol()}, {"plain_pickle", true}};
        const std::string lower = lowered(m_candidate.path);
        if (!lower.ends_with(".pkl") && !lower.ends_with(".pickle") && !lower.ends_with(".p"))
            notePlain();
        return readPickledState(*pickle, LegacyStorages(), "", m_job, m_checkpoint);
    }

    [[nodiscard]] Error joblibFile() const
    {
        return Error("not-a-checkpoint", "This is a file of joblib (scikit-learn), which is not read here: the values of arrays lie between the operations of its pickle.")
            .at(m_candidate.path).fixedBy("Load it with joblib where you trust its author, and save its arrays with numpy.savez.");
    }

    void notePlain()
    {
        m_checkpoint.findings.push_back(warning("wrong-format", "This is a plain pickle, not a file that torch.save wrote",
                                                "torch.load refuses it with \"Invalid magic number\"; only pickle.load reads it, and that runs whatever the file says.",
                                                "Load it with pickle where you trust its author, and save it with torch.save or as safetensors."));
    }

    Result<void> readStream(const Pickle& magic)
    {
        const auto protocol = Pickle::parse(m_source, magic.end(), m_job);
        if (!protocol)
            return tl::unexpected(protocol.error());
        const auto version = protocol->integer(protocol->root());
        if (version != knownProtocol)
            return failure(Error("unsupported-version", fmt::format("The file says PyTorch protocol version {}; only {} is known.", version ? std::to_string(*version) : "nothing", knownProtocol))
                               .at(m_candidate.path).atByte(magic.end()));
        const auto system = Pickle::parse(m_source, protocol->end(), m_job);
        if (!system)
            return tl::unexpected(system.error());
        // what follows its STOP are keys and data, so nothing there is judged as a second pickle
        const auto object = parseJudged(m_source, system->end(), 0, PickleOrigin::TorchSave, m_job, m_checkpoint.findings);
        if (!object)
            return tl::unexpected(object.error());
        m_checkpoint.metadata = Value::Map{{"pickle_protocol", object->protocol()}, {"protocol_version", *version}};
        return readStorages(*object).and_then([&] { return readPickledState(*object, m_storages, "", m_job, m_checkpoint); });
    }

    Result<void> readStorages(const Pickle& object)
    {
        const auto keys = Pickle::parse(m_source, object.end(), m_job);
        if (!keys)
            return tl::unexpected(keys.error());
        if (keys->kind(keys->root()) != PickleKind::List)
            return failure(Error("corrupt", "The list of storages behind the pickle is not a list.").at(m_candidate.path).atByte(object.end()));
        const auto types = storageTypes(object);
        const auto names = keys->children(keys->root());
        uint64_t at = keys->end();
        for (size_t i = 0; i < names.size(); ++i) {
            const auto key = pickledKey(*keys, names[i]);
            const auto type = key ? types.find(*key) : types.end();
            if (type == types.end())
                return failure(Error("corrupt", fmt::format("The file holds a storage {} that no tensor's pickle names.", key ? shown(*key, 60) : "without a name")).at(m_candidate.path).atByte(at));
            const auto end = readBlock(*key, type->second, at, i, names.size());
            if (!end)
                return tl::unexpected(end.error());
            at = *end;
        }
        if (at < m_source->nbytes())
            noteRest(at);
        return {};
    }

    /// An element count of 8 bytes, then the elements. Gives the byte after them.
    Result<uint64_t> readBlock(const std::string& key, const TorchDType& type, uint64_t at, size_t index, size_t count)
    {
        const auto cut = [&](uint64_t needed) {
            return failure(Error("truncated", fmt::format("The file stops at byte {} of at least {}: it is cut inside storage {} of {}.", m_source->nbytes(), needed, index + 1, count))
                               .at(m_candidate.path).atByte(m_source->nbytes()).expecting(fmt::format("{} bytes or more", needed)).finding(fmt::format("{} bytes", m_source->nbytes()))
                               .stillReadable(fmt::format("{} of {} storages are whole.", index, count)).fixedBy("Download or copy the file again."));
        };
        if (!fits(at, 8, m_source->nbytes()))
            return cut(at + 8);
        const auto bytes = m_source->read(at, 8);
        if (!bytes)
            return tl::unexpected(bytes.error());
        const auto elements = *ByteReader(*bytes).little<int64_t>();
        const auto nbytes = elements >= 0 ? checkedMul(static_cast<uint64_t>(elements), type.nbytes) : std::nullopt;
        const auto end = nbytes ? checkedAdd(at + 8, *nbytes) : std::nullopt;
        if (!end || (*end > m_source->nbytes() && *nbytes != m_expected.at(key)))
            return failure(Error("corrupt", fmt::format("Storage {} of {} says that it has {} elements, but the pickle needs {} bytes of it.", index + 1, count, elements, m_expected.at(key)))
                               .at(m_candidate.path).atByte(at).fixedBy("Download or copy the file again."));
        if (*end > m_source->nbytes())
            return cut(*end);
        m_storages.add(key, {at + 8, *nbytes, type});
        return *end;
    }

    /// Types by key, from the persistent ids of the pickle.
    std::unordered_map<std::string, TorchDType> storageTypes(const Pickle& object)
    {
        std::unordered_map<std::string, TorchDType> types;
        for (PickleId id = 0; id < object.size(); ++id) {
            if (object.kind(id) != PickleKind::Persistent)
                continue;
            if (const auto storage = storageIdOf(object, id)) { // others are refused when a tensor needs them
                types.emplace(storage->key, storage->type);
                m_expected.emplace(storage->key, storage->nbytes);
            }
        }
        return types;
    }

    void noteRest(uint64_t at)
    {
        m_checkpoint.findings.push_back(warning("corrupt", fmt::format("{} bytes follow the last storage", groupDigits(m_source->nbytes() - at)),
                                                "They belong to nothing that the file says.", {}, {{"offset", at}}));
    }

    const Candidate& m_candidate;
    SourcePtr m_source;
    JobContext& m_job;
    Checkpoint m_checkpoint;
    LegacyStorages m_storages;
    std::unordered_map<std::string, uint64_t> m_expected;
};

class TorchLegacy final : public Format {
public:
    FormatInfo info() const override { return {"torch-legacy", "PyTorch (legacy)", {".pt", ".pth", ".bin", ".ckpt", ".tar", ".th", ".pkl", ".pickle"}}; }

    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || candidate.head.empty())
            return false;
        if (looksLikeTar(candidate.head))
            return true;
        const auto first = static_cast<uint8_t>(candidate.head[0]);
        if (first == 0x80)
            return candidate.head.size() == 1 || static_cast<uint8_t>(candidate.head[1]) <= 5 || usesPickleExtension(candidate.path);
        // protocols 0 and 1 begin with any value's opcode; text files do so too, hence the name must agree
        return std::string_view("(c]})ILVSFNl").find(static_cast<char>(first)) != std::string_view::npos && usesPickleExtension(candidate.path);
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        if (looksLikeTar(candidate.head))
            return readTarCheckpoint(candidate.source, job);
        return LegacyFile(candidate, job).read();
    }
};

} // namespace

const Format& torchLegacyFormat()
{
    static const TorchLegacy format;
    return format;
}

} // namespace weighbridge
