// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/host_protocol.h"

#include "core/base/text.h"
#include "core/remote/percent.h"

#include <algorithm>
#include <array>

namespace weighbridge::host {
namespace {

constexpr size_t longestTag = 300;
constexpr size_t longestPath = 65536;
constexpr std::array<std::string_view, 4> kindNames{"absent", "file", "folder", "other"};

std::optional<EntryKind> kindFrom(const Value& value)
{
    const auto found = std::find(kindNames.begin(), kindNames.end(), textIn(value, "kind"));
    return found == kindNames.end() ? std::nullopt : std::optional(static_cast<EntryKind>(found - kindNames.begin()));
}

bool isName(const std::string& name)
{
    return !name.empty() && name.size() <= longestPath && name != "." && name != ".." && name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
}

Value kindValue(EntryKind kind)
{
    return kindNames[static_cast<size_t>(kind)];
}

} // namespace

std::string encodedPath(std::string_view path)
{
    return percentEncoded(path, "/");
}

std::optional<uint64_t> numberIn(const Value& value, std::string_view key)
{
    const Value* number = value.find(key);
    return number && number->integer() && *number->integer() >= 0 ? std::optional(static_cast<uint64_t>(*number->integer())) : std::nullopt;
}

std::string textIn(const Value& value, std::string_view key)
{
    const Value* text = value.find(key);
    return text ? text->stringOr("") : "";
}

Value toValue(const RemoteState& state)
{
    return Value::Map{{"nbytes", state.nbytes}, {"etag", state.etag}};
}

RemoteState stateFrom(const Value& value)
{
    RemoteState state;
    state.nbytes = numberIn(value, "nbytes").value_or(0);
    state.etag = shown(textIn(value, "etag").substr(0, longestTag));
    return state;
}

Value toValue(const std::string& path, const Entry& entry)
{
    Value::Map map{{"path", encodedPath(path)}, {"kind", kindValue(entry.kind)}};
    if (entry.kind == EntryKind::File)
        map.emplace_back("state", toValue(entry.state));
    if (!entry.target.empty())
        map.emplace_back("target", encodedPath(entry.target));
    return map;
}

Value toValue(const Name& name)
{
    Value::Map map{{"name", encodedPath(name.name)}, {"kind", kindValue(name.kind)}, {"nbytes", name.nbytes}, {"changed", name.changed}};
    if (name.leadsToFolder)
        map.emplace_back("folder", true);
    return map;
}

std::optional<Entry> entryFrom(const Value& value)
{
    const auto kind = kindFrom(value);
    const Value* state = value.find("state");
    const std::string target = percentDecoded(textIn(value, "target"));
    if (!kind || (*kind == EntryKind::File && (!state || !numberIn(*state, "nbytes"))) || target.size() > longestPath)
        return std::nullopt;
    return Entry{*kind, state ? stateFrom(*state) : RemoteState{}, target};
}

std::optional<std::vector<Name>> namesFrom(const Value& value)
{
    const Value* list = value.find("names");
    if (!list || !list->list())
        return std::nullopt;
    std::vector<Name> out;
    for (const Value& entry : *list->list()) {
        const auto kind = kindFrom(entry);
        const Value* changed = entry.find("changed");
        Name name{percentDecoded(textIn(entry, "name")), kind.value_or(EntryKind::Other), numberIn(entry, "nbytes").value_or(0),
                  changed && changed->integer() ? *changed->integer() : 0, kind == EntryKind::Other && entry.find("folder") != nullptr};
        if (!kind || !isName(name.name))
            return std::nullopt;
        out.push_back(std::move(name));
    }
    return out;
}

} // namespace weighbridge::host
