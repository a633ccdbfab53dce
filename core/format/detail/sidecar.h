// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"

#include <string>
#include <string_view>

namespace weighbridge {

/// Full path of a file that another file names (a shard, external data). It must be relative and stay inside `folder`, links followed;
/// links into the blobs/ of a Hugging Face cache are allowed, since its snapshots consist of them.
/// Errors: path-traversal (absolute, .., URL, a link that leads out), missing-shard (not there). `namedBy` is for the message.
Result<std::string> sidecarPath(const std::string& folder, std::string_view name, const std::string& namedBy);

/// Opens it too.
Result<SourcePtr> openSidecar(const std::string& folder, std::string_view name, const std::string& namedBy);

} // namespace weighbridge
