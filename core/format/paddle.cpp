// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

// paddle.save(): a pickle of a dict of NumPy arrays (.pdparams), or of an optimizer's state (.pdopt).
// https://github.com/PaddlePaddle/Paddle/blob/develop/python/paddle/framework/io.py
#include "core/format/format.h"

#include "core/base/text.h"
#include "core/format/detail/legacy_storages.h"
#include "core/format/detail/pickle_state.h"

namespace weighbridge {
namespace {

constexpr std::string_view namesKey = "StructuredToParameterName@@";

class Paddle final : public Format {
public:
    FormatInfo info() const override { return {"paddle", "PaddlePaddle", {".pdparams", ".pdopt"}}; }

    /// A pickle of protocol 2 or newer by the name that Paddle gives, or with the map that paddle.save adds to a state dict.
    bool probe(const Candidate& candidate) const override
    {
        if (candidate.isFolder || candidate.head.size() < 4 || candidate.head[0] != std::byte{0x80} || candidate.head[1] < std::byte{2} ||
            candidate.head[1] > std::byte{5})
            return false;
        const std::string path = lowered(candidate.path);
        const std::string_view head(reinterpret_cast<const char*>(candidate.head.data()), candidate.head.size());
        return path.ends_with(".pdparams") || path.ends_with(".pdopt") || head.find(namesKey) != std::string_view::npos;
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext& job) const override
    {
        Checkpoint checkpoint;
        checkpoint.shards.push_back({candidate.path, "paddle", candidate.source});
        const auto pickle = parseJudged(candidate.source, 0, candidate.nbytes, PickleOrigin::Plain, job, checkpoint.findings);
        if (!pickle)
            return tl::unexpected(pickle.error());
        // what is known to be data is no news: Paddle's own loader allows it
        std::erase_if(checkpoint.findings, [](const Finding& finding) { return finding.severity == Severity::Note; });
        checkpoint.metadata = Value::Map{{"pickle_protocol", pickle->protocol()}};
        return readPickledState(*pickle, LegacyStorages(), "", job, checkpoint).map([&checkpoint] {
            // NumPy has no bfloat16, and Paddle no unsigned 16-bit integers
            for (TensorInfo& tensor : checkpoint.tensors)
                if (tensor.dtype == DType::U16)
                    tensor.dtype = DType::BF16;
            return std::move(checkpoint);
        });
    }
};

} // namespace

const Format& paddleFormat()
{
    static const Paddle format;
    return format;
}

} // namespace weighbridge
