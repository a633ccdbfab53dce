// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/zstandard.h"

#include "core/base/limits.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <memory>

namespace weighbridge {

Result<std::vector<std::byte>> unpackZstandard(std::span<const std::byte> packed, uint64_t maximum)
{
    const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(), ZSTD_freeDStream);
    if (!stream)
        return failure("memory", "There is not enough memory to unpack Zstandard data.");
    std::vector<std::byte> out;
    ZSTD_inBuffer input{packed.data(), packed.size(), 0};
    size_t wanted = 1; // 0: a frame has ended
    while (input.pos < input.size || wanted != 0) {
        const size_t done = out.size();
        if (done > maximum)
            return failure("resource-bomb", fmt::format("The Zstandard data unpack to more than {}, the limit here.", formatNbytes(maximum)));
        out.resize(done + static_cast<size_t>(std::min(limits::blockNbytes, maximum + 1 - done)));
        ZSTD_outBuffer output{out.data() + done, out.size() - done, 0};
        const size_t before = input.pos;
        wanted = ZSTD_decompressStream(stream.get(), &output, &input);
        out.resize(done + output.pos);
        if (ZSTD_isError(wanted))
            return failure("corrupt", fmt::format("The Zstandard data are damaged: {}.", ZSTD_getErrorName(wanted)));
        if (wanted != 0 && output.pos == 0 && input.pos == before)
            return failure("truncated", fmt::format("The Zstandard data end after {} unpacked bytes, inside a frame.", out.size()));
    }
    return out;
}

} // namespace weighbridge
