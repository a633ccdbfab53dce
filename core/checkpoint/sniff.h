// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/base/byte_source.h"
#include "core/base/result.h"

namespace weighbridge {

/// Names what is certainly no checkpoint, by the first 4 KiB and the last 64 KiB: empty, git-lfs pointer (with oid and size),
/// HTML or XML page (with its title), zeros only, gzip, 7z, rar, age, a Windows or ELF program. Nothing else: returns without Error.
Result<void> sniffUnusable(const ByteSource& source);

} // namespace weighbridge
