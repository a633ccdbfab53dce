// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/detail/sidecar.h"

#include "core/base/files.h"
#include "core/base/text.h"
#include "core/remote/address.h"
#include "core/remote/ssh_address.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace weighbridge {
namespace {

namespace fs = std::filesystem;

bool isPlainRelative(std::string_view name)
{
    if (name.empty() || name.front() == '/' || name.find('\\') != std::string_view::npos || name.find('\0') != std::string_view::npos
        || name.find(':') != std::string_view::npos)
        return false;
    const auto parts = split(name, '/');
    return std::none_of(parts.begin(), parts.end(), [](std::string_view part) { return part == ".." || part == "." || part.empty(); });
}

bool isInside(const fs::path& path, const fs::path& folder)
{
    const auto [inFolder, inPath] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return inFolder == folder.end() && inPath != path.end();
}

/// The layout of the hub's cache: models--x--y/snapshots/<revision>/ links to models--x--y/blobs/.
fs::path cacheBlobs(const fs::path& folder)
{
    for (fs::path at = folder; at.has_relative_path(); at = at.parent_path())
        if (at.parent_path().filename() == "snapshots")
            return at.parent_path().parent_path() / "blobs";
    return {};
}

Error missing(std::string_view name, const std::string& namedBy)
{
    return Error("missing-shard", fmt::format("The file {} is missing: it does not exist beside the file that names it.", shown(name, 200)))
        .at(namedBy).expecting(shown(name, 200)).fixedBy(fmt::format("Download {} into the same folder.", shown(name, 200)));
}

Error leadsOutside(std::string_view name, const std::string& namedBy, std::string_view why)
{
    return Error("path-traversal", fmt::format("It names the file {}, which {}: files outside the checkpoint's own folder are not opened.", shown(name, 200), why))
        .at(namedBy).finding(shown(name, 200)).fixedBy("Do not trust this file; get the checkpoint from its source again.");
}

} // namespace

Result<std::string> sidecarPath(const std::string& folder, std::string_view name, const std::string& namedBy)
{
    if (!isPlainRelative(name))
        return failure(leadsOutside(name, namedBy, name.find("://") != std::string_view::npos ? "is an address (URL), not a file" : "is absolute or leads outside (..)"));
    std::string wanted = isAddress(folder) ? addressBeside(folder, name) : (fs::path(folder) / name).string();
    const bool canHaveLinks = !isAddress(folder) || isSshAddress(folder);
    if (!canHaveLinks)
        return isFile(wanted) ? Result<std::string>(std::move(wanted)) : failure(missing(name, namedBy));
    const fs::path target = targetOf(wanted);
    if (target.empty())
        return failure(missing(name, namedBy));
    const fs::path base = targetOf(folder.empty() ? "." : folder);
    const fs::path blobs = cacheBlobs(base);
    if (!isInside(target, base) && (blobs.empty() || !isInside(target, blobs)))
        return failure(leadsOutside(name, namedBy, "is a link that leads outside"));
    return wanted;
}

Result<SourcePtr> openSidecar(const std::string& folder, std::string_view name, const std::string& namedBy)
{
    return sidecarPath(folder, name, namedBy).and_then([](const std::string& path) { return openFile(path); });
}

} // namespace weighbridge
