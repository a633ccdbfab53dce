// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/format/format.h"

#include <algorithm>

namespace weighbridge {

Result<void> Format::readStorage(const Checkpoint& checkpoint, const TensorInfo& tensor, JobContext&, const BlockSink&) const
{
    return failure(Error("unreadable", "The values of " + tensor.name + " cannot be read from this format.").at(checkpoint.path));
}

Result<uint64_t> Format::verify(const Checkpoint&, JobContext&) const
{
    return 0;
}

const Format* formatById(std::string_view id)
{
    const auto formats = allFormats();
    const auto found = std::find_if(formats.begin(), formats.end(), [id](const Format* format) { return format->info().id == id; });
    return found == formats.end() ? nullptr : *found;
}

} // namespace weighbridge
