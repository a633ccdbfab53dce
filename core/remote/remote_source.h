// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"

namespace weighbridge {

/// The file at an address of cleanAddress(), read by ranges: what was read once is kept, in memory and (up to 1 MiB at a time) on the disk.
/// Waits of this thread end with the job of InterruptibleReads. Errors as fetchRange(); reads have Error `changed` once the server's file
/// is another than the one that was opened.
Result<SourcePtr> openRemote(const std::string& address);

} // namespace weighbridge
