// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// torch/storage.py, __reduce__() and _load_from_bytes(); the legacy file: torch/serialization.py, _legacy_save().
#include "core/format/detail/pickled_storage.h"

#include "core/base/byte_reader.h"
#include "core/base/checked.h"
#include "core/base/text.h"
#include "core/format/detail/numpy_objects.h"
#include "core/format/detail/torch_tensors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

/// The pickles of a legacy file: magic number, protocol, system, object, keys.
enum Part : size_t { Magic, Protocol, System, Object, Keys, partCount };

class StorageFile {
public:
    StorageFile(PickledStorage& out, const std::string& path, uint64_t offset, JobContext& job)
        : m_out(out)
        , m_path(path)
        , m_offset(offset)
        , m_job(job)
    {
    }

    Result<void> read()
    {
        uint64_t at = 0;
        for (size_t part = Magic; part < partCount; ++part) {
            auto pickle = Pickle::parse(m_out.source, at, m_job);
            if (!pickle)
                return tl::unexpected(pickle.error());
            if (!holdsStoragesAlone(*pickle))
                return failure(error("unsafe-pickle", "A storage is pickled together with code that loading it would run."));
            at = pickle->end();
            if (part == Object)
                if (auto named = readId(*pickle); !named)
                    return named;
        }
        return readValues(at);
    }

private:
    [[nodiscard]] Error error(std::string rule, std::string message) const
    {
        return Error(std::move(rule), std::move(message)).at(m_path).atByte(m_offset).fixedBy("Copy or save the file again.");
    }

    static bool holdsStoragesAlone(const Pickle& pickle)
    {
        return std::all_of(pickle.globals().begin(), pickle.globals().end(), [](const PickleGlobal& global) {
            return !global.isCalled && global.module.starts_with("torch") && torchStorageType(global.name);
        });
    }

    Result<void> readId(const Pickle& object)
    {
        const auto id = storageIdOf(object, object.root());
        if (!id)
            return tl::unexpected(id.error());
        m_out.type = id->type;
        m_out.nbytes = id->nbytes;
        return {};
    }

    /// An element count of 8 bytes, then the elements.
    Result<void> readValues(uint64_t at)
    {
        const auto bytes = m_out.source->read(at, 8);
        if (!bytes)
            return tl::unexpected(bytes.error());
        const auto elements = *ByteReader(*bytes).little<int64_t>();
        const auto nbytes = elements >= 0 ? checkedMul<uint64_t>(static_cast<uint64_t>(elements), m_out.type.nbytes) : std::nullopt;
        if (nbytes != m_out.nbytes || !fits(at + 8, m_out.nbytes, m_out.source->nbytes()))
            return failure(error("bad-shape",
                                 fmt::format("A pickled storage says that it has {} elements, which is not the size that its file has.", elements)));
        m_out.offset = at + 8;
        return {};
    }

    PickledStorage& m_out;
    const std::string& m_path;
    uint64_t m_offset;
    JobContext& m_job;
};

} // namespace

bool isPickledStorage(const Pickle& pickle, PickleId id)
{
    const PickleGlobal* callee = pickle.calleeOf(id);
    return callee && callee->module == "torch.storage" && callee->name == "_load_from_bytes";
}

Result<PickledStorage> readPickledStorage(const Pickle& pickle, PickleId id, JobContext& job)
{
    const std::string& path = pickle.source()->path();
    const auto arguments = argumentsOf(pickle, id);
    if (arguments.size() != 1)
        return failure(Error("corrupt", "A pickled storage has no bytes.").at(path).atByte(pickle[id].offset));
    PickledStorage out;
    const PickleNode& node = pickle[arguments[0]];
    if (node.kind == PickleKind::Bytes) {
        out.pickleOffset = node.offset;
        out.source = subSource(pickle.source(), node.offset, node.length, path);
    } else { // protocols before 3 encode bytes as a text
        auto bytes = pickledBytes(pickle, arguments[0]);
        if (!bytes)
            return tl::unexpected(bytes.error());
        out.source = memorySource(std::move(*bytes), path);
    }
    return StorageFile(out, path, node.offset, job).read().map([&] { return std::move(out); });
}

bool loadsOtherObjects(const Pickle& pickle, JobContext& job)
{
    for (PickleId id = 0; id < pickle.size(); ++id)
        if (pickle.kind(id) == PickleKind::Object && isPickledStorage(pickle, id) && !readPickledStorage(pickle, id, job))
            return true;
    return false;
}

} // namespace weighbridge
