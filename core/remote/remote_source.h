// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/remote/remote_state.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace weighbridge {

/// The file at an address of cleanAddress(), read by ranges: what was read once is kept, in memory and (up to 1 MiB at a time) on the disk.
/// Waits of this thread end with the job of InterruptibleReads. Errors as fetchRange(); reads have Error `changed` once the server's file
/// is another than the one that was opened.
Result<SourcePtr> openRemote(const std::string& address);

/// The same for a file of which is known what its server says. Of a file at an ssh address nothing is kept on the disk. Asks nobody.
[[nodiscard]] SourcePtr remoteSource(const std::string& address, const RemoteState& state);

/// Keeps bytes that came before they were asked for. False if they are no whole blocks of the file.
[[nodiscard]] bool keepSentAhead(const ByteSource& file, uint64_t offset, std::span<const std::byte> bytes);

} // namespace weighbridge
