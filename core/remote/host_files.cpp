// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/remote/host_files.h"

#include "core/base/text.h"
#include "core/remote/ahead_reader.h"
#include "core/remote/host_connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

namespace weighbridge {
namespace {

/// Ends the connection; askHost()'s Error has the words.
auto noSense()
{
    return failure("worker", "");
}

Value::Map request(const char* command, const SshAddress& address)
{
    return {{"command", command}, {"path", host::encodedPath(address.path)}};
}

} // namespace

Result<host::Entry> hostEntry(const SshAddress& address, const JobContext& job)
{
    std::optional<host::Entry> out;
    const auto asked = askHost(address, [&] { return request("stat", address); }, job, [&out](const HostFrame& frame) -> Result<void> {
        out = frame.document ? host::entryFrom(*frame.document) : std::nullopt;
        return out ? Result<void>() : noSense();
    });
    if (!asked)
        return tl::unexpected(asked.error());
    return out ? Result<host::Entry>(*out) : failure(Error("worker", fmt::format("{} does not say what is at this path.", shown(address.host))).at(address.text()));
}

Result<std::vector<host::Name>> hostNames(const SshAddress& folder, const JobContext& job)
{
    std::vector<host::Name> out;
    const auto asked = askHost(folder, [&] { return request("list", folder); }, job, [&](const HostFrame& frame) -> Result<void> {
        if (frame.document && frame.document->find("begins")) // sent again after a cut
            out.clear();
        auto names = frame.document ? host::namesFrom(*frame.document) : std::nullopt;
        if (!names || names->size() > host::namesMaximum - out.size())
            return noSense();
        out.insert(out.end(), std::make_move_iterator(names->begin()), std::make_move_iterator(names->end()));
        return {};
    });
    return asked ? Result<std::vector<host::Name>>(std::move(out)) : tl::unexpected(asked.error());
}

Result<HostFolder> hostFolder(const SshAddress& address, const JobContext& job)
{
    const auto entry = hostEntry(address, job);
    if (!entry)
        return tl::unexpected(entry.error());
    if (entry->kind == host::EntryKind::Absent)
        return failure(Error("not-found", fmt::format("There is nothing at this path on {}.", shown(address.host)))
                           .at(address.text())
                           .fixedBy("Check the path, or begin in the home folder."));
    const bool isInHome = address.path == "/~" || address.path.starts_with("/~/");
    HostFolder out{isInHome && entry->target.starts_with('/') ? entry->target : address.path, {}, {}};
    if (entry->kind != host::EntryKind::Folder) {
        const size_t slash = out.path.rfind('/');
        out.file = out.path.substr(slash + 1);
        out.path.resize(std::max<size_t>(slash, 1));
    }
    SshAddress folder = address;
    folder.path = out.path;
    auto names = hostNames(folder, job);
    if (!names)
        return tl::unexpected(names.error());
    out.names = std::move(*names);
    return out;
}

Result<FetchedRange> hostRange(const SshAddress& file, uint64_t offset, uint64_t count, const JobContext& job)
{
    FetchedRange out;
    Value::Map wanted = request("read", file);
    wanted.emplace_back("offset", offset);
    wanted.emplace_back("count", count);
    const auto asked = askHost(file, [&wanted] { return wanted; }, job, [&](const HostFrame& frame) -> Result<void> {
        if (frame.document) { // the state comes first: a request that is sent again begins anew
            const auto entry = host::entryFrom(*frame.document);
            if (!entry || entry->kind != host::EntryKind::File)
                return noSense();
            out = {entry->state, {}};
            return {};
        }
        if (frame.bytes.size() > count - out.bytes.size())
            return noSense();
        out.bytes.insert(out.bytes.end(), frame.bytes.begin(), frame.bytes.end());
        return {};
    });
    if (!asked)
        return tl::unexpected(asked.error());
    const uint64_t left = offset < out.state.nbytes ? out.state.nbytes - offset : 0;
    if (out.bytes.size() != std::min(count, left))
        return failure(Error("worker", fmt::format("{} sends another number of bytes than was asked for.", shown(file.host))).at(file.text()));
    return out;
}

Result<std::string> openOnHost(const SshAddress& address, const JobContext& job, const SentAhead& sent)
{
    std::optional<AheadReader> reader;
    const auto asked = askHost(address, [&] { return request("open", address); }, job, [&](HostFrame frame) -> Result<void> {
        const bool isAgain = reader && frame.document && frame.document->find("begins");
        if (isAgain)
            sent.beginsAgain();
        if (isAgain || !reader)
            reader.emplace(sent);
        return reader->take(std::move(frame));
    });
    if (!asked)
        return tl::unexpected(asked.error());
    return reader && !reader->opened().empty() ? reader->opened() : address.path;
}

} // namespace weighbridge
