// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/ocdbt.h"

#include "core/base/byte_reader.h"
#include "core/base/crc32c.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/base/zstandard.h"
#include "core/format/detail/sidecar.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

constexpr std::string_view manifestName = "manifest.ocdbt";
constexpr uint32_t manifestMagic = 0x0cdb3a2a;
constexpr uint32_t nodeMagic = 0x0cdb20de;
constexpr uint64_t blockNbytes = 256 * limits::MiB;  ///< of a manifest or node, packed and unpacked
constexpr uint64_t treeNbytes = 1 * limits::GiB;     ///< of all nodes of a walk, unpacked
constexpr uint64_t pathsNbytes = 64 * limits::MiB;   ///< of the names that share their starts, in one block
constexpr size_t keyNbytes = 65535;
constexpr unsigned deepest = 64;

Error corruptBlock(std::string rule, std::string message)
{
    return Error(std::move(rule), std::move(message)).fixedBy("Copy the whole folder again.");
}

Error unreadableNode()
{
    return corruptBlock("corrupt", "A node of the OCDBT database cannot be read to its end.");
}

/// A block's head (magic, length, version, compression), its body and its checksum: the body, unpacked.
Result<std::vector<std::byte>> bodyOf(std::span<const std::byte> block, uint32_t magic)
{
    ByteReader reader(block);
    const auto found = reader.big<uint32_t>();
    const auto length = found ? reader.little<uint64_t>() : tl::unexpected(found.error());
    const auto format = length ? reader.take(2) : tl::unexpected(length.error());
    if (!format || reader.remaining() < sizeof(uint32_t) || *length > block.size())
        return failure(corruptBlock("truncated", fmt::format("A block of the OCDBT database ends after {} bytes.", block.size())));
    if (*found != magic || *length != block.size())
        return failure(corruptBlock("corrupt", "A block of the OCDBT database does not begin as it should."));
    if ((*format)[0] != std::byte{0} || (*format)[1] > std::byte{1})
        return failure("unsupported-version", "The OCDBT database is of a newer version than 0, or packed in a way that is not known here.");
    const auto body = block.subspan(reader.position(), reader.remaining() - sizeof(uint32_t));
    const auto stored = *ByteReader(block.last(sizeof(uint32_t))).little<uint32_t>();
    const uint32_t crc = crc32c(block.first(block.size() - sizeof(uint32_t)));
    if (checksumsCount && crc != stored)
        return failure(corruptBlock("checksum", "The checksum (CRC-32C) of a block of the OCDBT database does not fit: its bytes were changed.")
                           .expecting(fmt::format("{:08x}", stored)).finding(fmt::format("{:08x}", crc)));
    if ((*format)[1] == std::byte{1})
        return unpackZstandard(body, blockNbytes);
    return std::vector<std::byte>(body.begin(), body.end());
}

} // namespace

/// The fields of one block. The first that cannot be read is remembered; all after it are zero or empty.
class Ocdbt::Reader {
public:
    explicit Reader(std::span<const std::byte> body) : m_reader(body) {}

    [[nodiscard]] bool failed() const { return m_failed; }
    [[nodiscard]] size_t remaining() const { return m_reader.remaining(); }

    uint8_t byte()
    {
        const auto value = m_reader.little<uint8_t>();
        m_failed = m_failed || !value;
        return value.value_or(0);
    }
    uint64_t varint()
    {
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !m_failed; shift += 7) {
            const uint8_t part = byte();
            value |= uint64_t(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
        m_failed = true;
        return 0;
    }
    std::string_view text(uint64_t count)
    {
        const auto value = m_reader.takeText(m_failed ? 0 : count);
        m_failed = m_failed || !value;
        return value.value_or(std::string_view());
    }
    /// How many of something that takes at least a byte each.
    size_t count()
    {
        const uint64_t number = varint();
        m_failed = m_failed || number > remaining();
        return m_failed ? 0 : static_cast<size_t>(number);
    }
    std::vector<uint64_t> varints(size_t count)
    {
        std::vector<uint64_t> out(m_failed ? 0 : count);
        for (uint64_t& value : out)
            value = varint();
        return m_failed ? std::vector<uint64_t>(count) : out;
    }
    /// Texts of which each begins with a part of the one before; `between` reads what stands between the lengths and the bytes.
    std::vector<std::string> texts(size_t count, const std::function<void()>& between)
    {
        const auto shared = varints(count > 0 ? count - 1 : 0);
        const auto rest = varints(count);
        between();
        std::vector<std::string> out;
        uint64_t all = 0;
        for (size_t i = 0; i < count && !m_failed; ++i) {
            const uint64_t start = i == 0 ? 0 : shared[i - 1];
            all += start + rest[i];
            m_failed = m_failed || (i > 0 && start > out[i - 1].size()) || start + rest[i] > keyNbytes || all > pathsNbytes;
            if (!m_failed)
                out.push_back((i == 0 ? std::string() : out[i - 1].substr(0, static_cast<size_t>(start))).append(text(rest[i])));
        }
        out.resize(count);
        return out;
    }

    struct File {
        std::string path;
        std::string base;
    };
    /// The table of data files; `base` is that of the block itself.
    std::vector<File> files(const std::string& base)
    {
        const size_t number = count();
        std::vector<uint64_t> bases;
        auto paths = texts(number, [&] { bases = varints(number); });
        std::vector<File> out;
        for (size_t i = 0; i < paths.size() && !m_failed; ++i) {
            m_failed = m_failed || bases[i] > paths[i].size() || base.size() + paths[i].size() > keyNbytes;
            if (!m_failed)
                out.push_back({base + paths[i], base + paths[i].substr(0, static_cast<size_t>(bases[i]))});
        }
        return out;
    }
    /// Places in those files, column by column.
    std::vector<Place> places(size_t count, const std::vector<File>& files)
    {
        std::vector<Place> out(count);
        const auto ids = varints(count);
        const auto offsets = varints(count);
        const auto lengths = varints(count);
        for (size_t i = 0; i < count && !m_failed; ++i)
            if (lengths[i] > 0 && lengths[i] != UINT64_MAX) {
                m_failed = m_failed || ids[i] >= files.size();
                if (!m_failed)
                    out[i] = {files[ids[i]].path, files[ids[i]].base, offsets[i], lengths[i]};
            }
        return out;
    }

private:
    ByteReader m_reader;
    bool m_failed = false;
};

struct Ocdbt::Walk {
    std::string_view prefix;
    const Take& take;
    std::vector<Node> open;  ///< the next one last
    uint64_t nbytes = 0;     ///< of the nodes so far
};

Result<Ocdbt> Ocdbt::open(const std::string& folder)
{
    Ocdbt database(folder);
    return database.readManifest().map([&database] { return std::move(database); });
}

Result<void> Ocdbt::readManifest()
{
    const auto source = openSidecar(m_folder, manifestName, m_folder);
    if (!source)
        return tl::unexpected(source.error());
    const auto named = [&source](Error error) { return error.path.empty() ? std::move(error).at((*source)->path()) : error; };
    const auto block = (*source)->readUpTo(0, blockNbytes);
    const auto body = block ? bodyOf(*block, manifestMagic).map_error(named) : tl::unexpected(block.error());
    if (!body)
        return tl::unexpected(body.error());
    Reader reader(*body);
    reader.text(16); // uuid
    if (reader.varint() != 0)
        return failure(named(Error("unsupported-version", "The OCDBT database keeps its versions in numbered manifests, which are not read here.").fixedBy("Copy the database with TensorStore, which writes one manifest.")));
    reader.varint(); // what may stand in the tree itself
    reader.varint(); // how large nodes may become
    reader.byte();   // arity of the tree of versions
    if (reader.varint() == 1)
        reader.text(sizeof(int32_t)); // the level of compression
    const auto files = reader.files("");
    // the newest versions stand in the manifest itself; the last one is the newest of all
    const size_t versions = reader.count();
    const auto generations = reader.varints(versions);
    const auto heights = reader.text(versions);
    const auto roots = reader.places(versions, files);
    if (reader.failed())
        return failure(named(corruptBlock("corrupt", "The manifest of the OCDBT database cannot be read to its end.")));
    if (versions == 0)
        return {};
    m_generation = generations.back();
    m_root = {roots.back(), static_cast<uint8_t>(heights.back()), ""};
    return {};
}

Result<void> Ocdbt::eachEntry(std::string_view prefix, JobContext& job, const Take& take) const
{
    Walk walk{prefix, take, {}, 0};
    if (!m_root.place.file.empty())
        walk.open.push_back(m_root);
    while (!walk.open.empty()) {
        if (job.cancelled())
            return failure(cancelledError());
        const Node node = std::move(walk.open.back());
        walk.open.pop_back();
        if (auto visited = visit(node, walk); !visited)
            return visited;
    }
    return {};
}

/// Passes the entries of a leaf on, or puts the children that may hold such keys on the stack.
Result<void> Ocdbt::visit(const Node& node, Walk& walk) const
{
    const auto source = openSidecar(m_folder, node.place.file, m_folder);
    if (!source)
        return tl::unexpected(source.error());
    const auto named = [&](Error error) { return error.path.empty() ? std::move(error).at((*source)->path()).atByte(node.place.offset) : error; };
    if (node.place.nbytes > blockNbytes || node.height > deepest)
        return failure(named(corruptBlock("resource-bomb", "A node of the OCDBT database is larger or deeper than the limits.")));
    const auto block = (*source)->read(node.place.offset, node.place.nbytes);
    const auto body = block ? bodyOf(*block, nodeMagic).map_error(named) : tl::unexpected(block.error());
    if (!body)
        return tl::unexpected(body.error());
    walk.nbytes += body->size();
    if (walk.nbytes > treeNbytes)
        return failure(named(corruptBlock("resource-bomb", fmt::format("The tree of the OCDBT database has more than {}, the limit.", formatNbytes(treeNbytes)))));
    Reader reader(*body);
    if (reader.byte() != node.height)
        return failure(named(unreadableNode()));
    return (node.height > 0 ? visitChildren(node, reader, walk) : visitEntries(node, reader, walk)).map_error(named);
}

Result<void> Ocdbt::visitChildren(const Node& node, Reader& reader, Walk& walk) const
{
    const auto files = reader.files(node.place.base);
    const size_t count = reader.count();
    std::vector<uint64_t> common; // of each child's key: how much all its keys begin with
    const auto keys = reader.texts(count, [&] { common = reader.varints(count); });
    const auto places = reader.places(count, files);
    if (reader.failed())
        return failure(unreadableNode());
    for (size_t i = count; i-- > 0;) {
        if (common[i] > keys[i].size() || places[i].file.empty() || node.prefix.size() + common[i] > keyNbytes)
            return failure(unreadableNode());
        // a child holds the keys from its own to that of the next child
        const std::string first = node.prefix + keys[i];
        const bool isBehind = first > walk.prefix && !first.starts_with(walk.prefix);
        const bool isBefore = i + 1 < count && node.prefix + keys[i + 1] <= walk.prefix;
        if (!isBehind && !isBefore)
            walk.open.push_back({places[i], node.height - 1, node.prefix + keys[i].substr(0, static_cast<size_t>(common[i]))});
    }
    return {};
}

Result<void> Ocdbt::visitEntries(const Node& node, Reader& reader, Walk& walk) const
{
    const auto files = reader.files(node.place.base);
    const size_t count = reader.count();
    const auto keys = reader.texts(count, [] {});
    const auto lengths = reader.varints(count);
    const auto kinds = reader.varints(count);
    const auto outside = static_cast<size_t>(std::count_if(kinds.begin(), kinds.end(), [](uint64_t kind) { return kind != 0; }));
    const auto ids = reader.varints(outside);
    const auto offsets = reader.varints(outside);
    for (size_t i = 0, next = 0; i < count; ++i) {
        OcdbtValue value{{}, 0, lengths[i], {}};
        if (kinds[i] == 0) {
            const auto bytes = std::as_bytes(std::span(reader.text(lengths[i])));
            value.inlined.assign(bytes.begin(), bytes.end());
        } else {
            if (reader.failed() || ids[next] >= files.size())
                return failure(unreadableNode());
            value.file = files[static_cast<size_t>(ids[next])].path;
            value.offset = offsets[next++];
        }
        if (reader.failed())
            return failure(unreadableNode());
        if (std::string key = node.prefix + keys[i]; key.starts_with(walk.prefix))
            if (auto taken = walk.take(std::move(key), std::move(value)); !taken)
                return taken;
    }
    return {};
}

} // namespace weighbridge
