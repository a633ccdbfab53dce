// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#pragma once

#include "core/format/format.h"

#include <optional>

namespace weighbridge {

/// What a file or folder is that no format reads, if it is one of those that people have beside checkpoints: an Error that names it and says what to
/// do. To add one, add a row to the table in other_formats.cpp.
std::optional<Error> otherFormat(const Candidate& candidate);

} // namespace weighbridge
