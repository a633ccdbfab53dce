// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "app/cli/host_session.h"

#include "core/checkpoint/checkpoint_key.h"
#include "core/checkpoint/open_checkpoint.h"
#include "core/remote/host_protocol.h"
#include "core/remote/percent.h"

#include <algorithm>
#include <cstdlib>

namespace weighbridge::cli {
namespace {

/// Of a file that is cut, what can be read.
Result<CheckpointPtr> openWholeOrPartial(const std::string& path, JobContext& job)
{
    auto opened = openCheckpoint(path, job);
    return !opened && opened.error().partial ? Result<CheckpointPtr>(opened.error().partial) : opened;
}

} // namespace

Result<std::string> pathIn(const Value& request)
{
    std::string path = percentDecoded(host::textIn(request, "path"));
    if (path == "/~" || path.starts_with("/~/")) {
        const char* home = std::getenv("HOME");
        path = (home && *home ? home : "/") + path.substr(2);
    }
    if (!path.starts_with('/') || path.find('\0') != std::string::npos)
        return failure("not-found", "The request names no path from the root.");
    return path;
}

void KeptCheckpoint::keep(CheckpointPtr checkpoint)
{
    m_key.clear();
    m_checkpoint = std::move(checkpoint);
}

bool KeptCheckpoint::isAsItWas() const
{
    return std::all_of(m_checkpoint->shards.begin(), m_checkpoint->shards.end(), [](const Shard& shard) {
        const auto now = shard.source ? openFile(shard.path) : failure("not-found", "");
        return now && (*now)->identity() == shard.source->identity();
    });
}

Result<CheckpointPtr> KeptCheckpoint::get(const std::string& path, const std::string& key, JobContext& job)
{
    if (!m_checkpoint || m_checkpoint->path != path || !isAsItWas()) {
        auto opened = openWholeOrPartial(path, job);
        if (!opened)
            return opened;
        keep(std::move(*opened));
    }
    if (m_key.empty())
        m_key = checkpointKey(*m_checkpoint);
    return m_key == key ? Result<CheckpointPtr>(m_checkpoint) : failure(std::string(host::otherCheckpoint), "There is another checkpoint at this path.");
}

} // namespace weighbridge::cli
