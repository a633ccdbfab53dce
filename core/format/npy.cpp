// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#include "core/format/format.h"

#include "core/format/detail/npy_header.h"

#include <algorithm>
#include <filesystem>

namespace weighbridge {
namespace {

class Npy final : public Format {
public:
    FormatInfo info() const override { return {"npy", "NumPy array", {".npy"}}; }

    bool probe(const Candidate& candidate) const override
    {
        return !candidate.head.empty() && std::string_view(npyMagic).starts_with(std::string_view(reinterpret_cast<const char*>(candidate.head.data()), std::min<size_t>(candidate.head.size(), npyMagic.size())));
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext&) const override
    {
        Checkpoint checkpoint;
        auto array = readNpyHeader(*candidate.source, candidate.nbytes, checkpoint.findings);
        if (!array)
            return tl::unexpected(array.error());
        checkpoint.shards.push_back({candidate.path, "npy", candidate.source});
        array->tensor.name = std::filesystem::path(candidate.path).stem().string();
        checkpoint.tensors.push_back(std::move(array->tensor));
        checkpoint.metadata = Value::Map{{"npy_version", array->version}, {"fortran_order", array->fortranOrder}};
        return checkpoint;
    }
};

} // namespace

const Format& npyFormat()
{
    static const Npy format;
    return format;
}

} // namespace weighbridge
