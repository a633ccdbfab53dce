// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/base/blosc.h"

#include "core/base/text.h"

#include <fmt/format.h>

#include <blosc.h>

namespace weighbridge {

Result<std::vector<std::byte>> unpackBlosc(std::span<const std::byte> packed, uint64_t maximum)
{
    size_t nbytes = 0;
    size_t packedNbytes = 0;
    size_t blockNbytes = 0;
    if (packed.size() < BLOSC_MIN_HEADER_LENGTH)
        return failure("truncated", fmt::format("The Blosc data end after {} bytes, inside their header.", packed.size()));
    blosc_cbuffer_sizes(packed.data(), &nbytes, &packedNbytes, &blockNbytes);
    if (packedNbytes > packed.size())
        return failure("truncated", fmt::format("The Blosc data have {} bytes of {}: they are cut.", packed.size(), packedNbytes));
    if (blosc_cbuffer_validate(packed.data(), packedNbytes, &nbytes) != 0)
        return failure("corrupt", "The Blosc data are damaged: their header does not fit them.");
    if (nbytes > maximum)
        return failure("resource-bomb",
                       fmt::format("The Blosc data unpack to {}, more than the limit of {} here.", formatNbytes(nbytes), formatNbytes(maximum)));
    std::vector<std::byte> out(nbytes);
    const int written = nbytes == 0 ? 0 : blosc_decompress_ctx(packed.data(), out.data(), out.size(), 1);
    if (written < 0 || static_cast<size_t>(written) != nbytes)
        return failure("corrupt", "The Blosc data are damaged: they do not unpack to what their header says.");
    return out;
}

} // namespace weighbridge
