// SPDX-FileCopyrightText: The Weighbridge authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "core/architecture/config.h"
#include "core/format/detail/text_head.h"
#include "core/format/format.h"

#include <algorithm>
#include <array>

namespace weighbridge {
namespace {

/// Fields that say that a map is a model's config.
constexpr std::array<std::string_view, 6> tellingFields{"model_type", "architectures", "hidden_size", "num_hidden_layers", "vocab_size", "auto_map"};

/// A model's config opened by itself: its fields as metadata, and no tensors.
class ConfigFileFormat : public Format {
public:
    [[nodiscard]] FormatInfo info() const override { return {"config", "model config", {}}; }

    [[nodiscard]] bool probe(const Candidate& candidate) const override
    {
        const std::string_view head = textHead(candidate);
        if (head.empty())
            return false;
        const std::string name = lowerFileName(candidate.path);
        const bool isJson = name.ends_with(".json");
        const bool isYaml = name.ends_with(".yaml") || name.ends_with(".yml");
        if (!isJson && !isYaml)
            return false;
        if (name.find("config") != std::string::npos)
            return true;
        return std::any_of(tellingFields.begin(), tellingFields.end(), [&](std::string_view field) {
            const size_t found = head.find(field);
            return found != std::string_view::npos && (!isJson || (found > 0 && head[found - 1] == '"'));
        });
    }

    Result<Checkpoint> open(const Candidate& candidate, JobContext&) const override
    {
        auto config = loadConfig(*candidate.source);
        if (!config) {
            // Asked for as a file, not as what belongs to a model: the words for files.
            Error error = config.error();
            error.rule = error.rule == "config-syntax" ? "corrupt" : error.rule == "config-format" ? "not-a-checkpoint" : error.rule;
            return failure(std::move(error));
        }
        Checkpoint out;
        out.metadata = std::move(config->root);
        out.findings = std::move(config->findings);
        out.configPath = candidate.path;
        return out;
    }
};

} // namespace

const Format& configFileFormat()
{
    static const ConfigFileFormat format;
    return format;
}

} // namespace weighbridge
