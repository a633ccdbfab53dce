// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/file_architecture.h"
#include "core/architecture/gguf_config.h"

namespace weighbridge {
namespace {

/// A GGUF file's keys say what llama.cpp will ask for.
class GgufKeys final : public FileArchitecture {
public:
    std::optional<ExpectedModel> expected(const OwnFile& file, JobContext& job) const override
    {
        const auto keys = ggufConfig(file.checkpoint);
        auto expected = keys ? expectedByGguf(*keys, job) : failure("", "");
        return expected ? std::optional(std::move(*expected)) : std::nullopt;
    }
};

} // namespace

const FileArchitecture& ggufKeysFileArchitecture()
{
    static const GgufKeys architecture;
    return architecture;
}

} // namespace weighbridge
