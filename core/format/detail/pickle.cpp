// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/pickle.h"

#include "core/base/limits.h"
#include "core/base/text.h"
#include "core/format/detail/pickle_machine.h"

#include <fmt/format.h>

namespace weighbridge {

Result<Pickle> Pickle::parse(SourcePtr source, uint64_t offset, JobContext& job)
{
    std::optional<Error> error;
    Pickle pickle = parsePart(std::move(source), offset, job, error);
    if (error)
        return failure(std::move(*error));
    return pickle;
}

Pickle Pickle::parsePart(SourcePtr source, uint64_t offset, JobContext& job, std::optional<Error>& error)
{
    Pickle pickle;
    pickle.m_source = std::move(source);
    error = PickleMachine(pickle, offset, job).run();
    return pickle;
}

std::span<const PickleId> Pickle::children(PickleId id) const
{
    const PickleNode& node = m_nodes[id];
    const bool isObject = node.kind == PickleKind::Object || node.kind == PickleKind::Global;
    if (isObject || node.extra >= m_lists.size())
        return {};
    return m_lists[node.extra];
}

const PickleGlobal* Pickle::global(PickleId id) const
{
    return kind(id) == PickleKind::Global ? &m_globals[m_nodes[id].extra] : nullptr;
}

const PickleGlobal* Pickle::calleeOf(PickleId id) const
{
    if (kind(id) != PickleKind::Object)
        return nullptr;
    const PickleId callee = object(id).callee;
    if (kind(callee) != PickleKind::Persistent)
        return global(callee);
    // torch.save before 1.6 wraps the class of a module: ('module', class, source file, source).
    const auto wrapper = children(callee);
    const auto parts = wrapper.empty() || kind(wrapper[0]) != PickleKind::Tuple ? std::span<const PickleId>{} : children(wrapper[0]);
    return parts.size() == 4 && text(parts[0]) == "module" ? global(parts[1]) : nullptr;
}

std::optional<int64_t> Pickle::integer(PickleId id) const
{
    if (kind(id) == PickleKind::Int || kind(id) == PickleKind::Bool)
        return m_nodes[id].integer;
    return std::nullopt;
}

std::optional<std::string_view> Pickle::text(PickleId id) const
{
    const PickleNode& node = m_nodes[id];
    if ((node.kind != PickleKind::Text && node.kind != PickleKind::Bytes) || !node.text)
        return std::nullopt;
    return std::string_view(node.text, static_cast<size_t>(node.length));
}

Result<std::vector<std::byte>> Pickle::content(PickleId id, uint64_t maximum) const
{
    const PickleNode& node = m_nodes[id];
    if (node.kind != PickleKind::Text && node.kind != PickleKind::Bytes)
        return failure(Error("corrupt", "A value of the pickle is not the text or the bytes that it should be.").at(m_source->path()).atByte(node.offset));
    if (node.length > maximum)
        return failure(Error("resource-bomb", fmt::format("A value of the pickle has {}, beyond the limit of {}.", formatNbytes(node.length), formatNbytes(maximum)))
                           .at(m_source->path()).atByte(node.offset));
    if (!node.text)
        return m_source->read(node.offset, node.length);
    const auto* bytes = reinterpret_cast<const std::byte*>(node.text);
    return std::vector<std::byte>(bytes, bytes + node.length);
}

} // namespace weighbridge
