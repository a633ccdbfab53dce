// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/checkpoint/host_digests.h"

#include "core/base/text.h"
#include "core/checkpoint/checkpoint_key.h"
#include "core/remote/host_connection.h"
#include "core/remote/host_protocol.h"

#include <fmt/format.h>

#include <algorithm>

namespace weighbridge {
namespace {

bool isDigest(const std::string& text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// The last document of an answer; nothing where that machine cannot do it, or not for this checkpoint.
std::optional<Result<Value>> ask(const char* command, const std::string& path, const std::string& key, JobContext& job, const HostFrameSink& sink)
{
    const auto address = parseSshAddress(path);
    if (!address)
        return Result<Value>(tl::unexpected(address.error()));
    const auto version = hostVersion(*address, job);
    if (!version)
        return Result<Value>(tl::unexpected(version.error()));
    if (!version->can(command))
        return std::nullopt;
    const Value request = Value::Map{{"command", command}, {"path", host::encodedPath(address->path)}, {"checkpoint", key}};
    return askHostAbout(*address, [&request] { return request; }, job, sink);
}

Error noSense(const std::string& path)
{
    return Error("worker", "The other machine answers something that is no sum.").at(path);
}

} // namespace

std::optional<Result<std::vector<std::string>>> sha256OfTensorsThere(const Checkpoint& checkpoint, JobContext& job)
{
    std::vector<std::string> out;
    const auto take = [&](const HostFrame& frame) -> Result<void> {
        const Value* list = frame.document ? frame.document->find("sha256") : nullptr;
        if (frame.document && frame.document->find("begins"))
            out.clear();
        for (const Value& entry : list && list->list() ? *list->list() : Value::List{}) {
            out.push_back(entry.stringOr(""));
            if (out.size() > checkpoint.tensors.size() || (!out.back().empty() && !isDigest(out.back())))
                return failure("worker", "");
        }
        return {};
    };
    const auto asked = ask("sha256", checkpoint.path, checkpointKey(checkpoint), job, take);
    if (!asked)
        return std::nullopt;
    if (!*asked)
        return Result<std::vector<std::string>>(tl::unexpected(asked->error()));
    return out.size() == checkpoint.tensors.size() ? Result<std::vector<std::string>>(std::move(out)) : failure(noSense(checkpoint.path));
}

std::optional<Result<uint64_t>> compareChecksumsThere(const Checkpoint& checkpoint, JobContext& job)
{
    const auto asked = ask("checksums", checkpoint.path, checkpointKey(checkpoint), job, &noFrames);
    if (!asked)
        return std::nullopt;
    return asked->and_then([&checkpoint](const Value& last) -> Result<uint64_t> {
        const auto nbytes = host::numberIn(last, "nbytes");
        return nbytes ? Result<uint64_t>(*nbytes) : failure(noSense(checkpoint.path));
    });
}

std::optional<Result<std::string>> sha256OfFileThere(const std::string& address, JobContext& job)
{
    const auto asked = ask("file-sha256", address, "", job, &noFrames);
    if (!asked)
        return std::nullopt;
    return asked->and_then([&address](const Value& last) -> Result<std::string> {
        const std::string digest = host::textIn(last, "sha256");
        return isDigest(digest) ? Result<std::string>(digest) : failure(noSense(address));
    });
}

} // namespace weighbridge
